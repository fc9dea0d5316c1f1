"""The contract that every kernel keeps, and what dice add to it."""

import verso_dice

from verso import open_session
from verso.api.notebook import Cell, Notebook
from verso.engine.plugins import Plugins
from verso.testing.kernel_contract import KernelContract


class TestDiceContract(KernelContract):
    kernelspec = verso_dice.verso_kernels()[0]
    result = ("3d1", "3 = 3")


async def test_the_sum_is_there_in_the_next_python_cell():
    plugins = Plugins.load(blocked=["dice"], extra={"dice": verso_dice})
    cells = (Cell(language="dice", source="3d1\n2d1+2"), Cell(language="python", source="assert total == 7"))
    async with open_session(Notebook(cells=cells), plugins=plugins) as session:
        assert (await session.run()).ok


async def test_a_bad_roll_says_where():
    plugins = Plugins.load(blocked=["dice"], extra={"dice": verso_dice})
    async with open_session(Notebook(cells=(Cell(language="dice", source="1d6\nluck"),)), plugins=plugins) as session:
        (cell,) = (await session.run()).cells
    assert (cell.status, cell.cell.outputs[-1].line) == ("error", 2)

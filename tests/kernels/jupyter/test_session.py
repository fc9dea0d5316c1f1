"""Jupyter kernels in a session: variables to and from the other languages, `#!connect`, what is missing."""

from __future__ import annotations

import asyncio

import pytest

from verso import open_session
from verso.api.errors import MissingComponentError
from verso.api.messages import UpdateDisplayData
from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import DisplayData, Error, Output, Stream


def notebook(*cells: tuple[str, str]) -> Notebook:
    return Notebook(cells=tuple(Cell(language=language, source=source) for language, source in cells))


def shown(outputs: tuple[Output, ...]) -> str:
    return "".join(
        output.text if isinstance(output, Stream) else str(getattr(output, "data", {}).get("text/plain", output))
        for output in outputs
    )


async def test_variables_go_both_ways():
    document = notebook(
        (
            "python",
            "import pandas, datetime\nx, when = 5, datetime.date(2024, 2, 29)\ndf = pandas.DataFrame({'a': [1, 2]})",
        ),
        ("jupyter:python3", "total = int(df.a.sum()) + x\nframe = df * 2\nwhen.year"),
        ("python", "(total, frame.a.tolist())"),
        ("jupyter:python3", "#!share --from python total --as again\nagain"),
    )
    async with open_session(document) as session:
        result = await session.run()
        assert result.ok, [done.cell.outputs for done in result.cells]
        assert [shown(done.cell.outputs) for done in result.cells] == ["", "2024", "(8, [2, 4])", "8"]
        assert await session.variables["total"] == 8


async def test_connect_makes_a_language():
    document = notebook(
        (
            "python",
            "#!connect jupyter --kernel-name second --kernel-spec python3\n#!second\nimport os; mine = os.getpid()",
        ),
        ("second", "os.getpid() == mine"),
        ("python", "#!connect jupyter --kernel-name second --kernel-spec python3"),
        ("python", "#!connect jupyter --kernel-name third --spec python3"),
    )
    async with open_session(document) as session:
        result = await session.run()
        assert [done.status for done in result.cells] == [CellStatus.OK, CellStatus.OK, *[CellStatus.ERROR] * 2]
        wrong = result.cells[3].cell.outputs[0]
        assert isinstance(wrong, Error) and (wrong.line, wrong.column) == (1, 39)
        assert shown(result.cells[1].cell.outputs) == "True"
        assert "there is a kernel named 'second' already" in shown(result.cells[2].cell.outputs)


async def test_a_missing_kernelspec_is_told_before_anything_runs():
    async with open_session(notebook(("python", "x = 1"), ("jupyter:julia-1.11", "1"))) as session:
        with pytest.raises(MissingComponentError, match=r"no Jupyter kernelspec 'julia-1.11' is installed"):
            await session.run()


async def test_a_display_of_an_earlier_cell_is_updated():
    document = notebook(
        ("jupyter:python3", "shown = display('first', display_id='d')"),
        ("jupyter:python3", "shown.update('second')"),
    )
    async with open_session(document) as session:
        await session.run()
        (output,) = session.notebook.cells[0].outputs
        assert isinstance(output, DisplayData) and output.data["text/plain"] == "'second'"
        assert not any(isinstance(each, UpdateDisplayData) for each in session.notebook.cells[1].outputs)


async def test_after_a_death_the_notebook_goes_on():
    document = notebook(
        ("jupyter:python3", "import os; os._exit(3)"),
        ("jupyter:python3", "print('again')"),
        ("python", "print('other')"),
    )
    async with open_session(document) as session:
        result = await session.run()
        assert [done.status for done in result.cells] == [CellStatus.ERROR, CellStatus.OK, CellStatus.OK]
        assert result.cells[0].kernel_died and "exit code 3" in shown(result.cells[0].cell.outputs)
        assert "started anew" in shown(result.cells[1].cell.outputs)


async def test_a_time_limit_keeps_the_state():
    document = notebook(("jupyter:python3", "kept = 1\nwhile True: pass"), ("jupyter:python3", "kept"))
    async with open_session(document) as session:
        await session.kernel("jupyter:python3")
        first = await session.execute(0, timeout=1)
        assert first.status is CellStatus.TIMED_OUT
        assert shown((await session.execute(1)).cell.outputs) == "1"


async def test_two_kernels_run_at_once():
    wait = "import time; time.sleep(0.5)"
    document = notebook(("jupyter:python3", wait), ("python", wait))
    async with open_session(document) as session:
        for name in ("jupyter:python3", "python"):
            await session.kernel(name)
        done = await asyncio.gather(session.execute(0), session.execute(1))
        assert all(each.status is CellStatus.OK for each in done)

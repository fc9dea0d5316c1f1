"""Cells that their kernel has before its turn comes: none is lost, run twice, or run where it should not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from pathlib import Path

import pytest

from tests.engine.kernels import ScriptedKernel, ScriptedPlugin
from verso import open_session
from verso.api.events import CellFinished, CellOutput, CellStarted
from verso.api.kernel import Sink
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.notebook import Cell, CellId, CellStatus, Notebook
from verso.api.outputs import DisplayData
from verso.engine.plugins import Plugins
from verso.engine.session import Session

OK, ERROR, CANCELLED, SKIPPED = CellStatus.OK, CellStatus.ERROR, CellStatus.CANCELLED, CellStatus.SKIPPED


def notebook(*sources: str | Cell) -> Notebook:
    cells = (
        source if isinstance(source, Cell) else Cell(id=CellId(f"c{place}"), source=source)
        for place, source in enumerate(sources)
    )
    return Notebook(cells=tuple(cells), default_kernel="python")


def logged(number: int) -> str:
    """A cell that leaves a trace outside its kernel."""
    return f"with open('log', 'a') as log: print({number}, file=log)"


def lines(folder: Path) -> list[int]:
    log = folder / "log"
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def printed(cell: Cell) -> str:
    return "".join(getattr(output, "text", "") for output in cell.outputs)


async def test_what_cells_print_stays_theirs(tmp_path: Path) -> None:
    """Text of one cell and of the next come on the same pipes, and no pause is between them."""
    sources = [
        f"import os\nprint('a{n}', flush=True); os.write(1, b'b{n} '); os.system('echo c{n}')" for n in range(60)
    ]
    async with open_session(notebook(*sources), directory=tmp_path) as session:
        result = await session.run(ahead=True)
    assert [printed(done.cell) for done in result.cells] == [f"a{n}\nb{n} c{n}\n" for n in range(60)]


async def test_events_come_cell_by_cell(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    def listen(event: object) -> None:
        if isinstance(event, (CellStarted, CellOutput, CellFinished)):
            seen.append((type(event).__name__, event.index))

    async with open_session(notebook(*(f"print({n})" for n in range(20))), directory=tmp_path) as session:
        session.subscribe(listen)
        await session.run(ahead=True)
    assert seen == [(name, n) for n in range(20) for name in ("CellStarted", "CellOutput", "CellFinished")]


async def test_nothing_runs_behind_a_failure_when_it_is_to_stop(tmp_path: Path) -> None:
    sources = [logged(0), logged(1) + "\n1 / 0", logged(2), logged(3)]
    async with open_session(notebook(*sources), directory=tmp_path) as session:
        result = await session.run(stop_on_error=True, ahead=True)
    assert [done.status for done in result.cells] == [OK, ERROR, SKIPPED, SKIPPED]
    assert lines(tmp_path) == [0, 1]


async def test_a_display_of_a_cell_that_was_handed_over_and_never_began_is_updated_still(tmp_path: Path) -> None:
    made = "shown = display('before', display_id=True)"
    failing = "import time; time.sleep(0.1); 'shown' in vars() and (shown.update('after'), 1 / 0)"
    async with open_session(notebook(failing, made), directory=tmp_path) as session:
        await session.run(ahead=True)
        result = await session.run(stop_on_error=True, ahead=True)
        assert [done.status for done in result.cells] == [ERROR, SKIPPED]
        [shown] = session.notebook.cells[1].outputs
    assert isinstance(shown, DisplayData) and shown.data["text/plain"] == "'after'"


async def test_after_a_failure_each_cell_runs_once(tmp_path: Path) -> None:
    sources = [logged(n) + ("\n1 / 0" if n % 3 == 1 else "") for n in range(12)]
    async with open_session(notebook(*sources), directory=tmp_path) as session:
        result = await session.run(ahead=True)
    assert [done.status for done in result.cells] == [ERROR if n % 3 == 1 else OK for n in range(12)]
    assert lines(tmp_path) == list(range(12))


async def test_when_a_kernel_dies_the_next_cell_runs_once_in_a_new_one(tmp_path: Path) -> None:
    sources = [logged(0), logged(1) + "\nimport os; os._exit(3)", logged(2), logged(3)]
    async with open_session(notebook(*sources), directory=tmp_path) as session:
        result = await session.run(ahead=True)
    assert [done.status for done in result.cells] == [OK, ERROR, OK, OK]
    assert result.cells[1].kernel_died and not result.cells[2].kernel_died
    assert lines(tmp_path) == [0, 1, 2, 3]


async def test_a_cell_twice_in_a_row_and_other_languages_between(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    shown = Cell(id=CellId("sql"), language="sql", source="--no-display\nselect count(*) as many from rows")
    other = (shown, Cell(id=CellId("md"), type="markdown", source="**@many**"))
    book = notebook("rows = [{'a': 1}]", logged(1), *other, logged(4), "rows = rows * 2; rows")
    async with open_session(book, directory=tmp_path) as session:
        result = await session.run(["c0", "c1", "c1", "c1", "sql", "md", "c4", "c5", "c5", "sql"], ahead=True)
        assert result.ok
    assert lines(tmp_path) == [1, 1, 1, 4]


@pytest.mark.parametrize("between", ["#!markdown\nhello\n#!python", "#!set --name given --value 1", "#!time"])
async def test_a_cell_of_several_parts_comes_to_its_end_before_the_next_begins(between: str, tmp_path: Path) -> None:
    book = notebook(f"{logged(0)}\n{between}\n{logged(1)}", logged(2), f"{between}\n{logged(3)}", logged(4))
    async with open_session(book, directory=tmp_path) as session:
        assert (await session.run(ahead=True)).ok
    assert lines(tmp_path) == [0, 1, 2, 3, 4]


async def test_answers_reach_the_cell_that_asks(tmp_path: Path) -> None:
    async def answer(request: object) -> str:
        await asyncio.sleep(0.05)
        return "yes"

    book = notebook(*(f"print(input('{n}? '), {n})" for n in range(5)))
    async with open_session(book, directory=tmp_path, answer=answer) as session:
        result = await session.run(ahead=True)
    assert [printed(done.cell) for done in result.cells] == [f"yes {n}\n" for n in range(5)]


async def interrupted(session: Session, after: float) -> list[CellStatus]:
    running = asyncio.ensure_future(session.run(ahead=True))
    await asyncio.sleep(after)
    await session.interrupt()
    return [done.status for done in (await running).cells]


async def test_an_interrupt_at_any_moment(tmp_path: Path) -> None:
    """What is told to have run did, once; what is told to be skipped did not; and the kernel's state stays."""
    count = 300
    chance = random.Random(7)
    async with open_session(notebook(*map(logged, range(count))), directory=tmp_path) as session:
        assert (await session.run(["c0"])).ok
        for _ in range(40):
            (tmp_path / "log").unlink(missing_ok=True)
            statuses = await interrupted(session, chance.uniform(0.0, 0.04))
            ran = statuses.count(OK)
            stopped = statuses.count(CANCELLED)
            assert statuses == [OK] * ran + [CANCELLED] * stopped + [SKIPPED] * (count - ran - stopped)
            assert stopped <= 1
            assert lines(tmp_path) in (list(range(ran)), list(range(ran + stopped)))
        assert (await session.execute("c5")).status is OK


async def test_a_long_cell_behind_a_short_one_is_interrupted(tmp_path: Path) -> None:
    book = notebook("1", "import time\nkept = 1\nprint('awake')\ntime.sleep(60)", logged(2))
    async with open_session(book, directory=tmp_path) as session:
        awake = asyncio.Event()
        session.subscribe(lambda event: awake.set() if isinstance(event, CellOutput) and event.index == 1 else None)
        running = asyncio.ensure_future(session.run(ahead=True))
        await awake.wait()
        await session.interrupt()
        assert [done.status for done in (await running).cells] == [OK, CANCELLED, SKIPPED]
        assert lines(tmp_path) == []
        assert await session.variables["kept"].value() == 1


async def test_a_cell_that_runs_while_another_has_its_turn_is_interrupted(tmp_path: Path) -> None:
    book = notebook("import time; kept = 1", "time.sleep(0.5)", "time.sleep(60)")
    async with open_session(book, directory=tmp_path) as session:
        await session.run(["c0"])
        began = [asyncio.Event() for _ in book.cells]
        session.subscribe(lambda event: began[event.index].set() if isinstance(event, CellStarted) else None)
        running = asyncio.ensure_future(session.run(["c1", "c2"], ahead=True))
        await began[1].wait()
        value = asyncio.ensure_future(session.variables["kept"].value())  # takes the turn behind the first cell
        await began[2].wait()
        await session.interrupt()
        assert [done.status for done in (await running).cells] == [OK, CANCELLED]
        assert await asyncio.wait_for(value, 10) == 1
        assert (await session.execute("c0")).status is OK


class _Withdrawing(ScriptedKernel):
    """Takes each cell ahead, and says that it did not begin it when it is interrupted."""

    def execute_next(self, request: ExecuteRequest, sink: Sink) -> Awaitable[ExecuteReply | None]:
        return self._withdrawn()

    async def _withdrawn(self) -> None:
        self.stop.clear()
        await self.stop.wait()


async def test_a_cell_that_is_interrupted_before_it_is_given_back_does_not_run(
    scripted: ScriptedPlugin, plugins: Plugins
) -> None:
    scripted.kernel_class = _Withdrawing
    book = notebook("sleep 0.01\nfail here", "print ran").replace(default_kernel="one")
    async with open_session(book, plugins=plugins) as session:

        def listen(event: object) -> None:
            if isinstance(event, CellStarted) and event.index == 1:
                interrupts.append(asyncio.get_running_loop().call_later(0.05, interrupt))

        def interrupt() -> None:
            interrupts.append(asyncio.ensure_future(session.interrupt()))

        interrupts: list[object] = []
        session.subscribe(listen)
        result = await session.run(ahead=True)
    assert [done.status for done in result.cells] == [ERROR, CANCELLED]
    assert printed(result.cells[1].cell) == ""


async def test_a_cell_that_will_not_stop_is_killed_also_when_it_was_handed_over(tmp_path: Path) -> None:
    stubborn = "while True:\n    try: print('awake'); time.sleep(60)\n    except KeyboardInterrupt: pass"
    async with open_session(notebook("import time; time.sleep(0.2)", stubborn), directory=tmp_path) as session:
        began = asyncio.Event()
        session.subscribe(lambda event: began.set() if isinstance(event, CellOutput) else None)
        running = asyncio.ensure_future(session.run(ahead=True))
        await began.wait()
        await session.interrupt()
        result = await running
    assert [done.status for done in result.cells] == [OK, CANCELLED]
    assert result.cells[1].kernel_died

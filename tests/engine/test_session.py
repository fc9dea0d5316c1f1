"""Running notebooks: order, outputs, limits, failures, stopping."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from verso.api.edits import ChangeCell, ClearOutputs, InsertCell, MoveCell, RemoveCell
from verso.api.errors import MissingComponentError, ParameterError, UnknownNameError, VersoError
from verso.api.events import (
    CellFinished,
    CellOutput,
    CellQueued,
    CellStarted,
    KernelStateChanged,
    RunFinished,
    RunStarted,
)
from verso.api.messages import InputRequest
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import DisplayData, Error, Stream
from verso.api.parameters import Parameter
from verso.engine.outputs import Limits
from verso.engine.session import open_session
from verso.engine.synchronous import run

OK, ERROR, CANCELLED, TIMED_OUT, SKIPPED = (
    CellStatus.OK,
    CellStatus.ERROR,
    CellStatus.CANCELLED,
    CellStatus.TIMED_OUT,
    CellStatus.SKIPPED,
)


def texts(cell: Cell) -> str:
    return "".join(output.text for output in cell.outputs if isinstance(output, Stream))


def errors(cell: Cell) -> list[str]:
    return [output.ename for output in cell.outputs if isinstance(output, Error)]


async def test_cells_run_in_order_and_events_tell_the_story(notebook, plugins):
    seen = []
    async with open_session(notebook("print a", "print b"), plugins=plugins) as session:
        session.subscribe(seen.append)
        result = await session.run()
        assert [cell.status for cell in result.cells] == [OK, OK]
        assert result.ok
        assert [texts(cell) for cell in session.notebook.cells] == ["a\n", "b\n"]
    kinds = [type(event) for event in seen if not isinstance(event, KernelStateChanged)]
    assert kinds == [
        RunStarted,
        CellQueued,
        CellQueued,
        CellStarted,
        CellOutput,
        CellFinished,
        CellStarted,
        CellOutput,
        CellFinished,
        RunFinished,
    ]


async def test_a_failed_cell_is_an_error_and_the_rest_runs(notebook, plugins):
    async with open_session(notebook("print before\nfail no\nprint after", "print b"), plugins=plugins) as session:
        result = await session.run()
    assert [cell.status for cell in result.cells] == [ERROR, OK]
    assert not result.ok
    assert texts(result.cells[0].cell) == "before\n"
    assert errors(result.cells[0].cell) == ["Failure"]


async def test_stop_on_error_skips_the_rest(notebook, plugins):
    async with open_session(notebook("fail no", "print b"), plugins=plugins) as session:
        result = await session.run(stop_on_error=True)
    assert [cell.status for cell in result.cells] == [ERROR, SKIPPED]
    assert result.reason == "failed"
    assert result.cells[1].reason == "failed"


async def test_selection_by_id_index_tag_and_start(notebook, plugins):
    tagged = Cell(id=CellId("t"), source="print tagged", metadata={"tags": ["x"]})
    async with open_session(notebook("print a", tagged, "print c"), plugins=plugins) as session:

        async def ran(**how):  # type: ignore[no-untyped-def]
            return [cell.index for cell in (await session.run(**how)).cells]

        assert await ran(cells=["c2", 0]) == [2, 0]
        assert await ran(tags=["x"]) == await ran(tags="x") == await ran(cells="t") == await ran(cells=1) == [1]
        assert await ran(start="t") == [1, 2]
        with pytest.raises(UnknownNameError, match="known: c0, c2, t"):
            await session.run(cells=["nope"])
        with pytest.raises(UnknownNameError, match="known: x"):
            await session.run(tags=["y"])
        with pytest.raises(UnknownNameError, match="0 to 2"):
            await session.run(cells=[3])


async def test_a_cell_that_runs_into_its_limit_says_so_and_the_rest_runs(notebook, plugins):
    async with open_session(notebook("print a\nsleep 30", "print b"), plugins=plugins) as session:
        result = await session.run(cell_timeout=0.05)
    assert [cell.status for cell in result.cells] == [TIMED_OUT, OK]
    assert texts(result.cells[0].cell) == "a\n"
    assert errors(result.cells[0].cell) == ["TimedOut"]
    assert "0.05 s" in result.cells[0].cell.outputs[-1].evalue


async def test_the_limit_of_the_whole_run_skips_the_rest(notebook, plugins):
    async with open_session(notebook("sleep 30", "print b"), plugins=plugins) as session:
        result = await session.run(timeout=0.05)
    assert [cell.status for cell in result.cells] == [TIMED_OUT, SKIPPED]
    assert result.reason == "timed_out"


async def test_interrupt_stops_the_cell_keeps_state_and_skips_the_rest(notebook, plugins, scripted):
    async with open_session(notebook("let x 1\nsleep 30", "print b"), plugins=plugins) as session:
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        await session.interrupt()
        result = await running
        assert [cell.status for cell in result.cells] == [CANCELLED, SKIPPED]
        assert result.reason == "cancelled"
        assert errors(result.cells[0].cell) == ["Interrupted"]
        again = await session.run(cells=["c1"])
        assert again.ok
        assert scripted.kernels["one"].values == {"x": "1"}
        assert scripted.kernels["one"].started == 1


async def test_cancelling_the_awaiting_task_finishes_the_cell_first(notebook, plugins):
    seen = []
    async with open_session(notebook("print a\nsleep 30"), plugins=plugins) as session:
        session.subscribe(seen.append)
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert texts(session.notebook.cells[0]) == "a\n"
    assert [event.status for event in seen if isinstance(event, CellFinished)] == [CANCELLED]


async def test_a_dead_kernel_is_reported_and_the_notebook_goes_on_with_a_new_one(notebook, plugins, scripted):
    async with open_session(notebook("let x 1\ndie", "print b", "print c"), plugins=plugins) as session:
        result = await session.run()
    first, second, third = result.cells
    assert (first.status, first.kernel_died, errors(first.cell)) == (ERROR, True, ["KernelDied"])
    assert "exit code 9" in first.cell.outputs[-1].evalue
    assert (second.status, third.status) == (OK, OK)
    assert "was started anew" in texts(second.cell)
    assert texts(third.cell) == "c\n"


async def test_a_fault_of_a_plugin_is_blamed_on_its_kernel(notebook, plugins):
    async with open_session(notebook("fault", "print b"), plugins=plugins) as session:
        result = await session.run()
    assert [cell.status for cell in result.cells] == [ERROR, OK]
    assert "'one'" in result.cells[0].cell.outputs[-1].evalue


async def test_what_is_missing_is_said_before_anything_runs(notebook, plugins, scripted):
    cells = (
        Cell(id=CellId("a"), source="print a"),
        Cell(id=CellId("b"), language="absent", source="x"),
        Cell(id=CellId("c"), language="cobol", source="x"),
        Cell(id=CellId("d"), type="hologram", source="x"),
    )
    async with open_session(notebook(*cells, required_extensions=("verso.nope",)), plugins=plugins) as session:
        with pytest.raises(MissingComponentError) as caught:
            await session.run()
    for part in ("get absent", "'cobol'", "one, three, two, uno", "'hologram'", "'verso.nope'"):
        assert part in str(caught.value)
    assert not scripted.kernels


async def test_markdown_raw_and_parameter_cells_need_no_kernel_of_their_own(notebook, plugins):
    cells = [Cell(id=CellId(kind), type=kind, source="x") for kind in ("raw", "parameters")]
    async with open_session(notebook(*cells), plugins=plugins) as session:
        result = await session.run()
    assert result.ok


async def test_input_is_answered_or_said_to_be_unavailable(notebook, plugins):
    async def answer(request: InputRequest) -> str | None:
        return f"<{request.prompt}>"

    async with open_session(notebook("ask name"), plugins=plugins, answer=answer) as session:
        assert texts((await session.run()).cells[0].cell) == "<name>\n"
    async with open_session(notebook("ask name"), plugins=plugins) as session:
        result = await session.run()
    assert errors(result.cells[0].cell) == ["InputNotAvailableError"]


async def test_what_answers_questions_is_blamed_for_its_own_faults(notebook, plugins):
    async def answer(request: InputRequest) -> str | None:
        raise ValueError("no dialog")

    async with open_session(notebook("ask name", "print on"), plugins=plugins, answer=answer) as session:
        result = await session.run()
    fault, _ = result.cells[0].cell.outputs
    assert isinstance(fault, Error) and (fault.ename, fault.fatal) == ("AnswerFault", False)
    assert "ValueError: no dialog" in fault.evalue and "kernel" not in fault.evalue
    assert result.cells[1].status is CellStatus.OK


async def test_updates_reach_displays_of_earlier_cells(notebook, plugins):
    async with open_session(notebook("display d old", "update d new"), plugins=plugins) as session:
        result = await session.run()
    for cell in (session.notebook.cells[0], result.cells[0].cell):
        (shown,) = cell.outputs
        assert isinstance(shown, DisplayData)
        assert shown.data == {"text/plain": "new"}


async def test_what_runs_twice_has_the_outputs_of_each_time(notebook, plugins):
    async with open_session(notebook("display d old", "update d new"), plugins=plugins) as session:
        result = await session.run([0, 1, 0])
    assert [output.data["text/plain"] for cell in result.cells for output in cell.cell.outputs] == ["old", "old"]


async def test_progress_bars_and_clear_output_leave_what_a_terminal_would(notebook, plugins):
    sources = (
        "raw 10%\\r20%\\r",
        "raw 100%\\ndone\\n",
        "print a\nclear\nprint b",
        "print a\nclearwait\nprint b",
        "print a\nclearwait",
    )
    async with open_session(notebook("raw 10%\\r\nraw 20%\\r\nraw done\\n", *sources[2:]), plugins=plugins) as session:
        result = await session.run()
    assert [texts(cell.cell) for cell in result.cells] == ["done\n"[:4] + "\n", "b\n", "b\n", "a\n"]


async def test_long_streams_are_cut_with_a_marker_and_kept_on_disk(notebook, plugins, tmp_path: Path):
    source = "\n".join(f"print {number:06d}" for number in range(2000))
    limits = Limits(stream=1000, full_output=tmp_path)
    async with open_session(notebook(source), plugins=plugins, limits=limits) as session:
        kept = texts((await session.run()).cells[0].cell)
    assert len(kept) < 1400
    assert kept.startswith("000000\n")
    assert kept.endswith("001999\n")
    assert "characters left out" in kept
    full = (tmp_path / "c0.stdout.txt").read_text()
    assert full == "".join(f"{number:06d}\n" for number in range(2000))
    assert str(tmp_path) in kept


async def test_parameters_are_typed_checked_and_shared(notebook, plugins):
    parameters = (Parameter(name="n", type="int", default=3), Parameter(name="who", required=True))
    book = notebook("show n", parameters=parameters)
    with pytest.raises(ParameterError, match="who"):
        async with open_session(book, plugins=plugins):
            pass
    async with open_session(book, plugins=plugins, parameters={"n": "5", "who": "ann"}) as session:
        result = await session.run()
        assert texts(result.cells[0].cell) == "5\n"
        assert await session.variables["n"] == 5
    async with open_session(book, plugins=plugins, parameters={"n": None, "who": "ann"}) as session:
        assert session.parameters == {"n": 3, "who": "ann"}
    with pytest.raises(ParameterError, match=r"'n'.*int.*'five'"):
        async with open_session(book, plugins=plugins, parameters={"n": "five", "who": "ann"}):
            pass


async def test_the_call_for_scripts_says_what_to_use_where_a_loop_runs(notebook):
    with pytest.raises(VersoError, match=r"event loop(.|\n)*open_session"):
        run(notebook("print a"))


async def test_edits_are_values_and_the_next_run_uses_them(notebook, plugins):
    async with open_session(notebook("print a", "print b"), plugins=plugins) as session:
        session.edit(InsertCell(cell=Cell(id=CellId("new"), source="print new"), index=1))
        session.edit(ChangeCell(cell_id=CellId("c0"), changes={"source": "print changed"}))
        session.edit(MoveCell(cell_id=CellId("c1"), index=0))
        result = await session.run()
        assert [texts(cell.cell) for cell in result.cells] == ["b\n", "changed\n", "new\n"]
        session.edit(RemoveCell(cell_id=CellId("c0")))
        assert [cell.id for cell in session.notebook.cells] == ["c1", "new"]
        with pytest.raises(VersoError):
            session.edit(ChangeCell(cell_id=CellId("c1"), changes={"id": "other"}))
        session.edit(ClearOutputs(cell_ids=("c1",)))
        assert [(len(cell.outputs), len(cell.metadata)) for cell in session.notebook.cells] == [(0, 0), (1, 1)]


async def test_cells_of_different_kernels_run_at_once_and_of_one_kernel_in_turn(notebook, plugins):
    cells = [
        Cell(id=CellId("a"), source="sleep 0.2\nprint a"),
        Cell(id=CellId("b"), source="print b"),
        Cell(id=CellId("c"), language="two", source="print c"),
    ]
    order = []
    async with open_session(notebook(*cells), plugins=plugins) as session:
        session.subscribe(lambda event: order.append(event.cell_id) if isinstance(event, CellFinished) else None)
        await asyncio.gather(*(session.execute(name) for name in ("a", "b", "c")))
    assert order == ["c", "a", "b"]


async def test_a_listener_that_raises_is_dropped_and_the_run_goes_on(notebook, plugins):
    def broken(event: object) -> None:
        raise RuntimeError("listener")

    seen = []
    async with open_session(notebook("print a"), plugins=plugins) as session:
        session.subscribe(broken)
        session.subscribe(seen.append)
        assert (await session.run()).ok
    assert any("a listener failed" in getattr(event, "message", "") for event in seen)


async def test_events_can_be_iterated(notebook, plugins):
    async with open_session(notebook("print a"), plugins=plugins) as session:
        stream = session.events()
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await session.run()
        assert isinstance(await first, RunStarted)


async def test_what_is_kept_on_disk_is_that_of_the_last_execution(notebook, plugins, tmp_path: Path):
    async with open_session(notebook("print a"), plugins=plugins, limits=Limits(full_output=tmp_path)) as session:
        await session.run()
        await session.run()
    assert (tmp_path / "c0.stdout.txt").read_text() == "a\n"


async def test_cells_with_odd_ids_keep_their_full_output_apart(notebook, plugins, tmp_path: Path):
    cells = [Cell(id=CellId(name), source=f"print {place}") for place, name in enumerate(("a/b", "a-b", "../x" * 90))]
    async with open_session(notebook(*cells), plugins=plugins, limits=Limits(full_output=tmp_path)) as session:
        assert (await session.run()).ok
    assert sorted(file.read_text() for file in tmp_path.iterdir()) == ["0\n", "1\n", "2\n"]


async def test_full_output_that_cannot_be_kept_is_told_and_the_cell_goes_on(notebook, plugins, tmp_path: Path):
    gone = tmp_path / "gone"
    async with open_session(notebook("print a"), plugins=plugins, limits=Limits(full_output=gone)) as session:
        result = await session.run()
    assert result.ok
    assert texts(result.cells[0].cell).startswith("a\n")
    assert "not kept any more" in texts(result.cells[0].cell)
    assert str(gone) in texts(result.cells[0].cell)


async def test_errors_and_updates_are_within_the_limits_as_well(notebook, plugins):
    limits = Limits(stream=100, display=100)
    sources = (f"fail {'x' * 5000}", "display d old", f"update d {'y' * 5000}")
    async with open_session(notebook(*sources), plugins=plugins, limits=limits) as session:
        await session.run()
        failed, shown, _ = session.notebook.cells
    error, display = failed.outputs[0], shown.outputs[0]
    assert isinstance(error, Error)
    assert isinstance(display, DisplayData)
    assert len(error.evalue) < 300
    assert "4,900 characters left out" in error.evalue
    assert "text/plain of 5,000 characters left out" in display.data["text/plain"]


async def test_an_unknown_default_kernel_is_told_though_every_cell_names_its_own(notebook, plugins):
    cell = Cell(id=CellId("a"), language="one", source="print a")
    async with open_session(notebook(cell), plugins=plugins, default_kernel="nope") as session:
        with pytest.raises(MissingComponentError, match="'nope'"):
            await session.run()


async def test_two_cells_with_one_id_are_refused(notebook, plugins):
    twins = (Cell(id=CellId("a"), source="print 1"), Cell(id=CellId("a"), source="print 2"))
    with pytest.raises(VersoError, match="2 cells have the id 'a'"):
        async with open_session(notebook(*twins), plugins=plugins):
            pass

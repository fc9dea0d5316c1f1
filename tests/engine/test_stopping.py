"""Stopping at odd moments: twice, while waiting, while a kernel starts, one cell and not its neighbours."""

from __future__ import annotations

import asyncio

import pytest

from verso.api.edits import ChangeCell
from verso.api.errors import KernelStartError
from verso.api.events import CellFinished, CellStarted
from verso.api.kernel import KernelInfo
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import Error, Stream
from verso.engine.session import open_session

OK, ERROR, CANCELLED, TIMED_OUT, SKIPPED = (
    CellStatus.OK,
    CellStatus.ERROR,
    CellStatus.CANCELLED,
    CellStatus.TIMED_OUT,
    CellStatus.SKIPPED,
)


def two_kernels() -> list[Cell]:
    return [
        Cell(id=CellId("a"), source="sleep 30"),
        Cell(id=CellId("b"), language="two", source="sleep 0.2\nprint b"),
    ]


def slow_start(scripted, seconds: float) -> asyncio.Event:  # type: ignore[no-untyped-def]
    """Makes the next kernels start slowly; the event is set when one begins to."""
    began = asyncio.Event()
    make = scripted.kernel_class

    class Slow(make):  # type: ignore[misc, valid-type]
        async def start(self) -> KernelInfo:
            began.set()
            await asyncio.sleep(seconds)
            return await super().start()

    scripted.kernel_class = Slow
    return began


async def test_giving_up_on_one_cell_leaves_the_others_running(notebook, plugins):
    async with open_session(notebook(*two_kernels()), plugins=plugins) as session:
        first, second = (asyncio.ensure_future(session.execute(name)) for name in ("a", "b"))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).status is OK


async def test_a_run_that_is_cancelled_twice_still_keeps_its_outputs(notebook, plugins):
    seen = []
    async with open_session(notebook("print a\nsleep 30"), plugins=plugins) as session:
        session.subscribe(seen.append)
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert [event.status for event in seen if isinstance(event, CellFinished)] == [CANCELLED]
        assert session.notebook.cells[0].outputs[0] == Stream(name="stdout", text="a\n")


async def test_an_interrupt_ends_the_runs_under_way_and_no_later_one(notebook, plugins):
    async with open_session(notebook("sleep 30", "print b"), plugins=plugins) as session:
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        stopping = asyncio.ensure_future(session.interrupt())
        await asyncio.sleep(0)
        later = await session.run(cells=[1])
        assert [cell.status for cell in later.cells] == [OK]
        assert [cell.status for cell in (await running).cells] == [CANCELLED, SKIPPED]
        await stopping


async def test_an_interrupt_reaches_a_cell_that_was_asked_for_a_moment_ago(notebook, plugins):
    async with open_session(notebook("sleep 30"), plugins=plugins) as session:
        running = asyncio.ensure_future(session.execute(0))
        await asyncio.sleep(0)
        await session.interrupt()
        assert (await asyncio.wait_for(running, 5)).status in (CANCELLED, SKIPPED)


async def test_cells_of_one_kernel_start_when_their_turn_comes(notebook, plugins):
    story = []
    async with open_session(notebook("sleep 0.1", "print b"), plugins=plugins) as session:
        session.subscribe(lambda event: story.append(event) if isinstance(event, (CellStarted, CellFinished)) else None)
        await asyncio.gather(session.execute(0), session.execute(1))
    assert [(type(event), event.cell_id) for event in story] == [
        (CellStarted, "c0"),
        (CellFinished, "c0"),
        (CellStarted, "c1"),
        (CellFinished, "c1"),
    ]


async def test_waiting_for_the_turn_does_not_count_against_a_cells_limit(notebook, plugins):
    async with open_session(notebook("sleep 0.3", "print b"), plugins=plugins) as session:
        _, second = await asyncio.gather(session.execute(0), session.execute(1, timeout=0.1))
    assert second.status is OK
    assert second.elapsed < 0.1


async def test_cells_of_one_kernel_keep_their_order_though_the_first_waits_for_a_value(notebook, plugins):
    cells = [
        Cell(id=CellId("make"), language="two", source="let x 1"),
        Cell(id=CellId("hold"), language="two", source="sleep 0.2"),
        Cell(id=CellId("needs"), source="show x"),
        Cell(id=CellId("other"), source="print other"),
    ]
    order = []
    async with open_session(notebook(*cells), plugins=plugins) as session:
        await session.execute("make")
        session.subscribe(lambda event: order.append(event.cell_id) if isinstance(event, CellFinished) else None)
        await asyncio.gather(*(session.execute(name) for name in ("hold", "needs", "other")))
    assert order == ["hold", "needs", "other"]


async def test_a_cell_that_waits_can_be_stopped(notebook, plugins):
    async with open_session(notebook("sleep 30", "print b"), plugins=plugins) as session:
        first, second = (asyncio.ensure_future(session.execute(place)) for place in (0, 1))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert not first.done()
        await session.interrupt()
        assert (await first).status is CANCELLED


async def test_a_limit_passes_while_the_kernel_starts(notebook, plugins, scripted):
    slow_start(scripted, 30)
    async with open_session(notebook("print a", "print b"), plugins=plugins) as session:
        result = await session.run(timeout=0.05)
    assert [cell.status for cell in result.cells] == [TIMED_OUT, SKIPPED]


async def test_a_kernel_that_is_still_starting_when_the_session_closes_does_not_stay(notebook, plugins, scripted):
    began = slow_start(scripted, 0.1)
    async with open_session(notebook("print a"), plugins=plugins) as session:
        starting = asyncio.ensure_future(session.kernel("one"))
        await began.wait()
    with pytest.raises(KernelStartError, match="closed"):
        await starting
    assert scripted.kernels["one"].shutdowns == 1


async def test_events_of_a_closed_session_end(notebook, plugins):
    async with open_session(notebook("print a"), plugins=plugins) as session:
        pass
    assert [event async for event in session.events()] == []


async def test_a_cell_that_becomes_unrunnable_during_the_run_is_an_error_of_its_own(notebook, plugins):
    async with open_session(notebook("sleep 0.1", "print b", "print c"), plugins=plugins) as session:
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        session.edit(ChangeCell(cell_id=CellId("c1"), changes={"type": "hologram"}))
        result = await running
    assert [cell.status for cell in result.cells] == [OK, ERROR, OK]
    assert isinstance(result.cells[1].cell.outputs[0], Error)
    assert "hologram" in result.cells[1].cell.outputs[0].evalue


async def test_a_kernel_that_says_itself_that_it_was_stopped_is_not_repeated(notebook, plugins):
    async with open_session(notebook("moan 30"), plugins=plugins) as session:
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.05)
        await session.interrupt()
        (done,) = (await running).cells
        assert [error.ename for error in done.cell.outputs] == ["Stopped"]
        (done,) = (await session.run(cell_timeout=0.05)).cells
        assert [error.ename for error in done.cell.outputs] == ["Stopped", "TimedOut"]

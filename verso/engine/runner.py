"""Runs the cells of a session, one after the other or at once, and tells what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from verso.api.errors import MissingComponentError
from verso.api.events import CellFinished, CellQueued, CellStale, RunFinished, RunStarted
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import Error
from verso.api.record import Record
from verso.api.secrets import Secrets
from verso.engine.deadline import Deadline
from verso.engine.document import Document
from verso.engine.events import Events
from verso.engine.execution import Execution
from verso.engine.kernels import KernelPool, RunningKernel
from verso.engine.magics import MagicRunner
from verso.engine.requirements import Languages
from verso.engine.sharing import Sharing
from verso.engine.sink import Answer, CellSink
from verso.engine.variables import SharedSpace

T = TypeVar("T")


class RunResult(Record):
    """How a run ended. `cells`: one for each cell of the run, in order, with the outputs that it has when the run ends.
    `reason`: `timed_out`, `cancelled` or `failed` when it ended early, else empty. `elapsed` is in seconds."""

    cells: tuple[CellFinished, ...]
    elapsed: float
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether every cell of the run ended ok."""
        return not self.reason and all(cell.status is CellStatus.OK for cell in self.cells)


class _Work:
    """What one call of `Runner.run` or `Runner.execute` does. `stop_reason`: why it is to end early, or empty.
    `following`: the execution of the next cell, when its kernel has it already."""

    __slots__ = ("ahead", "executions", "following", "stop_reason")

    def __init__(self, ahead: bool = False) -> None:
        self.ahead = ahead
        self.executions: set[Execution] = set()
        self.following: Execution | None = None
        self.stop_reason = ""

    async def stop(self) -> None:
        """No further cell begins; returns when those that run ended."""
        self.stop_reason = "cancelled"
        stopping = (execution.stop(CellStatus.CANCELLED, "it was interrupted") for execution in tuple(self.executions))
        await asyncio.gather(*stopping)


class Runner:
    """Runs cells of one document. `interrupt` stops what runs, from any task of the loop."""

    def __init__(
        self,
        document: Document,
        *,
        languages: Languages,
        pool: KernelPool,
        space: SharedSpace,
        sharing: Sharing,
        magics: MagicRunner,
        events: Events,
        answer: Answer | None,
        secrets: Secrets,
    ) -> None:
        self._document = document
        self._languages = languages
        self._pool = pool
        self._space = space
        self._sharing = sharing
        self._magics = magics
        self._events = events
        self._answer = answer
        self._secrets = secrets
        self._works: set[_Work] = set()

    async def run(
        self,
        places: Sequence[int],
        *,
        stop_on_error: bool,
        timeout: float | None,
        cell_timeout: float | None,
        ahead: bool = False,
    ) -> RunResult:
        """Runs cells one after the other; the one that runs comes to its end whatever becomes of the awaiting task.
        `ahead`: cells may be handed to a kernel that is still at work on the one before; not with time limits, which
        could not tell whom they stop."""
        work = _Work(ahead and timeout is None and cell_timeout is None)
        return await self._to_its_end(work, self._run_cells(work, places, stop_on_error, timeout, cell_timeout))

    async def execute(self, place: int, timeout: float | None) -> CellFinished:
        """Runs one cell; it waits for its kernel's turn."""
        cell_id = self._document.cell(place).id
        self._events.emit(CellQueued(cell_id=cell_id, index=place))
        work = _Work()
        return await self._to_its_end(work, self._run_cell(work, cell_id, Deadline(timeout, None)))

    def cancel(self) -> None:
        """No further cell of what is under way begins."""
        for work in self._works:
            work.stop_reason = "cancelled"

    async def interrupt(self) -> None:
        """Stops the cells that run and the runs they belong to; returns when they ended."""
        await asyncio.gather(*(work.stop() for work in tuple(self._works)))

    # -- inside

    async def _to_its_end(self, work: _Work, doing: Coroutine[Any, Any, T]) -> T:
        """What `doing` returns. Cancelling the awaiting task interrupts the cells that run (its own, not those of
        others) and lets them come to their end, outputs kept and events told, before the cancellation goes on."""
        self._works.add(work)
        task = asyncio.ensure_future(doing)
        task.add_done_callback(lambda done: self._works.discard(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            stopping = asyncio.ensure_future(work.stop())
            while not (task.done() and stopping.done()):
                with contextlib.suppress(asyncio.CancelledError):  # cancelled twice: it is being stopped already
                    await asyncio.wait((task, stopping))
            raise

    async def _run_cells(
        self,
        work: _Work,
        places: Sequence[int],
        stop_on_error: bool,
        timeout: float | None,
        cell_timeout: float | None,
    ) -> RunResult:
        began = time.monotonic()
        ends_at = None if timeout is None else began + timeout
        cells = self._document.cells()
        ids = [cells[place].id for place in places]
        self._events.emit(RunStarted(cells=tuple(ids)))
        for place, cell_id in zip(places, ids, strict=True):
            self._events.emit(CellQueued(cell_id=cell_id, index=place))
        finished: list[CellFinished] = []
        reason = ""
        try:
            for number, cell_id in enumerate(ids):
                reason = reason or work.stop_reason
                if not reason and ends_at is not None and time.monotonic() >= ends_at:
                    reason = "timed_out"
                next_id = ids[number + 1] if work.ahead and number + 1 < len(ids) else None
                handed, work.following = work.following, None
                if handed is not None and (not reason or finished[-1].status is CellStatus.OK):
                    if reason:  # it has begun, and is stopped as if that had been seen
                        handed.stop_status, handed.reason = CellStatus.CANCELLED, "it was interrupted"
                    done = await self._perform(work, handed, next_id)
                elif reason or self._document.find(cell_id) is None:
                    finished.append(self._skip(cell_id, reason or "it was removed"))
                    continue
                else:
                    done = await self._run_cell(work, cell_id, Deadline(cell_timeout, ends_at), next_id)
                finished.append(done)
                reason = reason or self._early_end(done, ends_at, stop_on_error) or work.stop_reason
        finally:
            elapsed = time.monotonic() - began
            self._events.emit(RunFinished(elapsed=elapsed, reason=reason))
        return RunResult(cells=self._as_they_are_now(finished), elapsed=elapsed, reason=reason)

    def _as_they_are_now(self, finished: list[CellFinished]) -> tuple[CellFinished, ...]:
        """With the outputs that came after a cell had finished: updates of its displays, text of its threads."""
        latest = {event.cell_id: event for event in finished if event.status is not CellStatus.SKIPPED}
        current: list[CellFinished] = []
        for event in finished:
            place = self._document.find(event.cell_id)
            if place is not None and latest.get(event.cell_id) is event:
                outputs = self._document.cell(place).outputs
                if outputs is not event.cell.outputs:
                    event = event.replace(cell=event.cell.replace(outputs=outputs))
            current.append(event)
        return tuple(current)

    async def _run_cell(
        self, work: _Work, cell_id: CellId, deadline: Deadline, next_id: CellId | None = None
    ) -> CellFinished:
        if work.stop_reason:
            return self._skip(cell_id, work.stop_reason)
        cell = self._document.cell(cell_id)
        place = self._document.place(cell_id)
        try:
            language = self._languages.language(cell, self._document.head)
        except MissingComponentError as error:  # edited while the run was under way
            return self._refuse(cell, place, error)
        if language is None:
            return self._tell_finished(cell, place, CellStatus.OK)
        return await self._perform(work, self._execution(cell, place, language, deadline), next_id)

    def _execution(self, cell: Cell, place: int, language: str, deadline: Deadline) -> Execution:
        outputs = self._document.empty_outputs(cell)
        sink = CellSink(cell, place, outputs, self._events.emit, self._answer, self._document.refresh, self._secrets)
        return Execution(
            cell,
            sink,
            deadline,
            pool=self._pool,
            space=self._space,
            sharing=self._sharing,
            emit=self._events.emit,
            run_magic=self._magics.run,
            magic_takes_body=self._magics.takes_body,
            language=language,
            allow_input=self._answer is not None,
        )

    async def _perform(self, work: _Work, execution: Execution, next_id: CellId | None) -> CellFinished:
        if next_id is not None:
            execution.look_ahead = partial(self._send_ahead, work, next_id)
        self._document.begin(execution.sink.outputs)
        work.executions.add(execution)
        try:
            status = await execution.run()
        finally:
            work.executions.discard(execution)
        sink = execution.sink
        sink.flush()
        done = self._document.finish(
            execution.cell, sink.outputs, execution.execution_count, status, execution.elapsed, execution.reason
        )
        sink.finished = True
        event = self._tell_finished(done, sink.index, status, execution)
        for stale, name in execution.stale:
            found = self._document.find(stale)
            if found is not None:
                self._events.emit(CellStale(cell_id=stale, index=found, variable=name))
        return event

    def _send_ahead(self, work: _Work, cell_id: CellId, running: RunningKernel) -> None:
        """Hands the next cell of a run to the kernel that is at work on the one before it, if it is for that kernel."""
        place = self._document.find(cell_id)
        if place is None or work.stop_reason:
            return
        cell = self._document.cell(place)
        language = self._languages.quick(cell, self._document.head)
        if language is not None:
            execution = self._execution(cell, place, language, Deadline(None, None))
            if execution.send_ahead(running):
                work.following = execution

    def _tell_finished(
        self,
        cell: Cell,
        place: int,
        status: CellStatus,
        execution: Execution | None = None,
        reason: str = "",
    ) -> CellFinished:
        found = self._document.find(cell.id)
        event = CellFinished(
            cell_id=cell.id,
            index=place if found is None else found,
            status=status,
            elapsed=execution.elapsed if execution else 0.0,
            cell=cell,
            kernel=execution.kernel if execution else "",
            kernel_died=execution.kernel_died if execution else False,
            reason=execution.reason if execution else reason,
        )
        self._events.emit(event)
        return event

    def _skip(self, cell_id: CellId, reason: str) -> CellFinished:
        place = self._document.find(cell_id)
        cell = Cell(id=cell_id) if place is None else self._document.cell(place)
        return self._tell_finished(cell, -1, CellStatus.SKIPPED, reason=reason)

    def _refuse(self, cell: Cell, place: int, error: MissingComponentError) -> CellFinished:
        outputs = self._document.empty_outputs(cell)
        self._document.begin(outputs)
        outputs.add(Error(ename="MissingComponent", evalue=str(error)))
        done = self._document.finish(cell, outputs, None, CellStatus.ERROR, 0.0, "")
        return self._tell_finished(done, place, CellStatus.ERROR)

    def _early_end(self, done: CellFinished, ends_at: float | None, stop_on_error: bool) -> str:
        if done.status is CellStatus.CANCELLED:
            return "cancelled"
        if done.status is CellStatus.TIMED_OUT and ends_at is not None and time.monotonic() >= ends_at:
            return "timed_out"
        if stop_on_error and done.status is not CellStatus.OK:
            return "failed"
        return ""

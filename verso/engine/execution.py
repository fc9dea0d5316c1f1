"""Runs one cell: its parts in their kernels, its magics, its limits; and says how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from verso.api.errors import (
    AlreadyToldError,
    KernelDiedError,
    KernelUnresponsiveError,
    VersoError,
)
from verso.api.events import CellStarted, Event
from verso.api.kernel import Kernelspec
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import Error, Stream
from verso.engine.deadline import Deadline
from verso.engine.kernels import KernelPool, RunningKernel
from verso.engine.segments import CodePart, MagicPart, SwitchPart, has_magics, split_cell
from verso.engine.sharing import Sharing
from verso.engine.sink import CellSink
from verso.engine.variables import SharedSpace

GIVE_UP_AFTER: Final = 15.0
"""Seconds that a kernel has, after it was told to stop, before the engine goes on without it. Workers are killed
well before by their own policy; this is for kernels in the engine's process."""


class Execution:
    """One execution of one cell. `stop` may be called from outside while `run` is awaited.

    `elapsed`: seconds since its turn came, once it ended. `importing`: the files whose cells run as part of it.
    `look_ahead`: called while the kernel is at work, when nothing but its reply is waited for.
    """

    def __init__(
        self,
        cell: Cell,
        sink: CellSink,
        deadline: Deadline,
        *,
        pool: KernelPool,
        space: SharedSpace,
        sharing: Sharing,
        emit: Callable[[Event], None],
        run_magic: Callable[[MagicPart, Kernelspec, Execution], Awaitable[None]],
        magic_takes_body: Callable[[str], bool | None],
        language: str,
        allow_input: bool,
    ) -> None:
        self.cell = cell
        self.kernel = ""
        self.sink = sink
        self.after: list[Callable[[float], None]] = []
        self.kernel_died = False
        self.elapsed = 0.0
        self.execution_count: int | None = None
        self.importing: list[Path] = []
        self.look_ahead: Callable[[RunningKernel], object] | None = None
        self.reason = ""
        self.stop_status: CellStatus | None = None
        self._errors_before = 0
        self.stale: list[tuple[CellId, str]] = []
        self._deadline = deadline
        self._pool = pool
        self._space = space
        self._sharing = sharing
        self._emit = emit
        self._run_magic = run_magic
        self._magic_takes_body = magic_takes_body
        self._language = language
        self._allow_input = allow_input
        self._task: asyncio.Task[Any] | None = None
        self._ended = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._at_work: RunningKernel | None = None
        self._ahead: tuple[RunningKernel, Awaitable[ExecuteReply | None]] | None = None

    def send_ahead(self, running: RunningKernel) -> bool:
        """Hands the cell to a kernel that is still at work on the one before it, where that makes no difference: it has
        code for this kernel alone, and needs no variable of others."""
        source, spec = self.cell.source, self._pool.find(self._language)
        if spec is None or (spec.runs_in or spec.name) != running.spec.name or has_magics(source):
            return False
        if self._sharing.automatic and spec.shares_variables:
            names = self._space.named_in(source, spec.mentions, ignores_case=spec.ignores_case)
            if self._space.wanted(running.spec.name, names):
                return False
        reply = running.kernel.execute_next(self._request(source, self._language), self.sink)
        if reply is not None:
            self._ahead = running, reply
        return reply is not None

    async def run(self) -> CellStatus:
        """Waits for the kernel's turn and runs the cell to its end; every way it can end is a status, outputs say why.
        To be awaited in a task that nobody else cancels: stopping goes through `stop`."""
        self._task = asyncio.current_task()
        began: float | None = None
        spec = self._pool.find(self._language)
        self.kernel = spec.name if spec is not None else self._language
        try:
            self._set_timer()
            async with self._pool.lane(spec or self._pool.spec(self._language)):
                began = time.perf_counter()
                self._deadline.begin()
                self._set_timer()
                self._space.begin(self.cell.id)
                self._emit(CellStarted(cell_id=self.cell.id, index=self.sink.index, kernel=self.kernel))
                self.sink.begin()
                status = await self._run_parts(self.cell.source, self._pool.spec(self._language), self._language)
        except VersoError as error:
            status = self.fail(type(error).__name__.removesuffix("Error"), str(error))
        except asyncio.CancelledError:
            if self.stop_status is None or self._task is None:
                raise
            self._task.uncancel()  # it was `stop` that gave up waiting
            status = CellStatus.CANCELLED
        except Exception as error:
            status = self.fail("EngineFault", f"the engine failed on its own account: {type(error).__name__}: {error}")
        finally:
            self.sink.begin()
            self._ended.set()
            if self._timer is not None:
                self._timer.cancel()
        self.elapsed = 0.0 if began is None else time.perf_counter() - began
        if self.stop_status is not None:
            status = self._stopped(status)
        return self._call_back(status)

    async def run_source(self, source: str, spec: Kernelspec, language: str) -> CellStatus:
        """Runs a source with its magics as part of this cell."""
        return await self._run_parts(source, spec, language)

    async def run_code(self, spec: Kernelspec, code: str, language: str) -> CellStatus:
        """Runs code in a kernel as part of this cell."""
        if self.stop_status is not None and not self._is_ahead():
            return CellStatus.CANCELLED
        try:
            running = await self._pool.get(spec)
        except VersoError as error:
            return self.fail(type(error).__name__, str(error))
        self._tell_of_death(running)
        names = self._space.named_in(code, spec.mentions, ignores_case=spec.ignores_case)
        if names:
            if self._sharing.automatic and spec.shares_variables:
                for note in await self._sharing.provide(running, names):
                    self.sink.put(note)
        async with running.turn:
            self._at_work = running
            self._pool.set_busy(running, True)
            try:
                reply = await self._reply(running, code, language)
            except (KernelDiedError, KernelUnresponsiveError) as error:
                self._space.note_use(self.cell.id, names)
                self._pool.died(running, str(error))
                self.kernel_died = True
                return self.fail("KernelDied", str(error))
            except VersoError as error:
                return self.fail(type(error).__name__, str(error))
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
                return self.fail("KernelFault", f"kernel {running.spec.name!r} failed on its own account: {text}")
            finally:
                self._at_work = None
                self._pool.set_busy(running, False)
        return self._take_reply(running, reply, names)

    async def stop(self, status: CellStatus, reason: str) -> None:
        """Stops the cell: interrupts what its kernel runs, and waits until it ended. `status` and `reason` are how
        it then ends. Doing it twice is harmless."""
        if self._task is None or self._ended.is_set():
            return
        if self.stop_status is None:
            self.stop_status, self.reason = status, reason
            self._errors_before = self.sink.errors
        running = self._at_work
        if running is None and self._ahead is not None and self._is_ahead():
            running = self._ahead[0]  # it waits for its turn, and may run already
        if running is None:
            self._task.cancel()
            await self._ended.wait()
            return
        try:
            async with asyncio.timeout(GIVE_UP_AFTER):
                await running.kernel.interrupt()
                await self._ended.wait()
        except VersoError:
            await self._ended.wait()  # the execution itself reports what became of the kernel
        except TimeoutError:
            self._pool.died(running, f"kernel {running.spec.name!r} did not stop within {GIVE_UP_AFTER:g} s")
            self.kernel_died = True
            self._task.cancel()
            await self._ended.wait()
            with contextlib.suppress(Exception):
                async with asyncio.timeout(GIVE_UP_AFTER):
                    await running.kernel.shutdown()

    def fail(self, ename: str, evalue: str, **more: Any) -> CellStatus:
        """Puts out an error of the engine's own (not of the user's code)."""
        self.sink.put(Error(ename=ename, evalue=evalue, traceback=(f"{ename}: {evalue}",), **more))
        return CellStatus.ERROR

    # -- inside

    async def _reply(self, running: RunningKernel, code: str, language: str) -> ExecuteReply:
        if self._ahead is not None and self._is_ahead():
            self._look_ahead(running)
            if self.stop_status is not None:  # stopped between the end of the cell before and now
                await running.kernel.interrupt()
            reply = await self._ahead[1]
            self._ahead = None
            if reply is not None:
                return reply
            if self.stop_status is not None:  # it has not begun, and need not any more
                return ExecuteReply(status="cancelled")
        else:
            asyncio.get_running_loop().call_soon(self._look_ahead, running)  # when the kernel is at it
        return await running.kernel.execute(self._request(code, language), self.sink)

    def _is_ahead(self) -> bool:
        """Whether the cell is with its kernel already, and the kernel lives."""
        return self._ahead is not None and self._ahead[0] in self._pool.running().values()

    def _look_ahead(self, running: RunningKernel) -> None:
        if self.look_ahead is not None and self._at_work is running and self.stop_status is None:
            self.look_ahead(running)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        left = self._deadline.left()
        self._timer = None if left is None else asyncio.get_running_loop().call_later(left, self._expire)

    def _expire(self) -> None:
        self._stopping = asyncio.ensure_future(self.stop(CellStatus.TIMED_OUT, self._deadline.describe()))

    async def _run_parts(self, source: str, spec: Kernelspec, language: str) -> CellStatus:
        if not has_magics(source):
            return await self.run_code(spec, source, language)
        self.look_ahead = None  # the next cell begins behind the last part of this one, not behind the first
        worst = CellStatus.OK
        for part in split_cell(source, self._classify, lambda name: bool(self._magic_takes_body(name))):
            match part:
                case SwitchPart():
                    if part.column:
                        text = f"#!{part.language} switches the language and takes nothing else"
                        next_step = "write the code in the lines below it"
                        return self.fail("Magic", f"{text}\n  {next_step}", line=part.line, column=part.column)
                    language = part.language
                    spec = self._pool.spec(language)
                case CodePart():
                    worst = await self.run_code(spec, part.source, language)
                case MagicPart():
                    try:
                        await self._run_magic(part, spec, self)
                    except AlreadyToldError:
                        return CellStatus.ERROR
                    except VersoError as error:
                        line = getattr(error, "line", 0) or part.line
                        column = getattr(error, "column", 0) or 1
                        self.fail(type(error).__name__.removesuffix("Error"), str(error), line=line, column=column)
                        return CellStatus.ERROR
            if worst is not CellStatus.OK:
                return worst
        return worst

    def _classify(self, name: str) -> Any:
        # A magic may have the name of a kernel family's prefix, never of a kernel: kernels are asked first.
        if self._pool.find(name) is not None:
            return "kernel"
        return "magic" if self._magic_takes_body(name) is not None else "unknown"

    def _request(self, code: str, language: str) -> ExecuteRequest:
        return ExecuteRequest(
            code=code,
            name=f"cell-{self.sink.index + 1}",
            cell_id=self.cell.id,
            language=language,
            allow_input=self._allow_input,
            metadata=self.cell.metadata,
        )

    def _take_reply(self, running: RunningKernel, reply: ExecuteReply, names: list[str]) -> CellStatus:
        if reply.execution_count is not None:
            self.execution_count = reply.execution_count
        if reply.arrow is not None:
            running.info = running.info.replace(arrow=reply.arrow)
        changes = reply.changes
        if names:
            replaced = changes.replaced
            self._space.note_use(self.cell.id, [name for name in names if name not in replaced] if replaced else names)
        if running.spec.shares_variables and (changes.added or changes.changed or changes.removed):
            self.stale += self._space.record(running.spec.name, self.cell.id, changes)
        if reply.status == "cancelled" and self.stop_status is None:
            self.stop_status, self.reason = CellStatus.CANCELLED, "it was interrupted"
        return CellStatus(reply.status)

    def _tell_of_death(self, running: RunningKernel) -> None:
        if running.previous_death:
            text = f"kernel {running.spec.name!r} was started anew, what it held is gone (it had ended: "
            self.sink.put(Stream(name="stderr", text=f"{text}{running.previous_death.splitlines()[0]})\n"))
            running.previous_death = ""

    def _call_back(self, status: CellStatus) -> CellStatus:
        for callback in self.after:
            try:
                callback(self.elapsed)
            except Exception as error:
                text = f"what a magic does after the cell failed on its own account: {type(error).__name__}: {error}"
                failed = self.fail("Plugin", text)
                status = failed if status is CellStatus.OK else status
        return status

    def _stopped(self, status: CellStatus) -> CellStatus:
        assert self.stop_status is not None
        if self.stop_status is CellStatus.CANCELLED and status in (CellStatus.OK, CellStatus.ERROR):
            if not self.kernel_died:
                return status  # it came to its end before the interrupt did
        if self.stop_status is CellStatus.CANCELLED and self.sink.errors > self._errors_before:
            return self.stop_status  # the kernel has said it in its language's own words
        name = "TimedOut" if self.stop_status is CellStatus.TIMED_OUT else "Interrupted"
        self.fail(name, f"the cell was stopped after {self.elapsed:.2f} s: {self.reason}")
        return self.stop_status

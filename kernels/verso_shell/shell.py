"""A running shell: types what it shall do, collects what it prints, and reads its reports."""

from __future__ import annotations

import asyncio
import re
import secrets
import shlex
from pathlib import Path
from typing import Final

from verso.api.errors import KernelStartError, KernelUnresponsiveError
from verso.api.kernel import Sink
from verso.api.outputs import Stream
from verso_shell import processes
from verso_shell.dialects import Dialect
from verso_shell.output import OutputStream
from verso_shell.questions import Questions
from verso_shell.snapshot import Snapshot, read_snapshot
from verso_shell.terminal import Terminal

START_TIMEOUT: Final = 20.0
"""Seconds that a shell has to be ready, its own start-up files included where the notebook asks for them."""

NUDGE_AFTER: Final = 0.5
AGAIN_AFTER: Final = 1.0
KILL_CHILDREN_AFTER: Final = 2.0
KILL_AFTER: Final = 10.0
"""Seconds after an interrupt: a shell that is at its prompt and did not say so is asked to; the interrupt comes
again (a program that was just being started may have missed it); what the shell runs is killed; it is killed itself."""

_OWN_TRACE: Final = re.compile(r"^\++ __verso_at=.*\n", re.MULTILINE)


class Shell:
    """One shell process. One thing at a time: `run` or `call`.

    `busy`: a cell runs. `interrupted`: it was told to stop. `last_error`: the end of what it wrote to stderr. `fate`:
    why the shell had to be killed. `sink` takes what is printed, also later by programs in the background."""

    def __init__(self, dialect: Dialect, terminal: Terminal, folder: Path) -> None:
        self.dialect = dialect
        self.terminal = terminal
        self.sink: Sink | None = None
        self._folder = folder
        self._report = folder / "report"
        token = secrets.token_hex(8)
        self._token = token
        self._marks = 0
        self._runs = 0
        self._told = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self.interrupted = False
        self.busy = False
        self.fate: KernelUnresponsiveError | None = None
        self.last_error = ""
        self._said: list[str] | None = None
        mark = f"\x1e{token}\x1e".encode()
        self._streams = [OutputStream(terminal.output, mark, put=self._put_output, marked=self._marked)]
        if terminal.errors != terminal.output:
            hide = f"{folder}/".encode()
            self._streams.append(
                OutputStream(terminal.errors, mark, put=self._put_error, marked=self._marked, hide=hide)
            )

    # --- life -------------------------------------------------------------------------------------------------

    async def start(self) -> Snapshot:
        """Makes the shell a kernel; its first report. `KernelStartError`."""
        names = {
            "__verso_token": self._token,
            "__verso_report": str(self._report),
            "__verso_out": self.terminal.output_name,
            "__verso_err": self.terminal.errors_name,
        }
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in names.items())
        line = f"{settings}; . {shlex.quote(str(self.dialect.startup))}; __verso_done"
        said = self._said = []
        try:
            async with asyncio.timeout(START_TIMEOUT):
                report = await self._drive(line)
        except TimeoutError:
            raise KernelStartError(
                f"{self.dialect.name} was not ready within {START_TIMEOUT:g} seconds",
                next_step="Look at what its start-up files do, or leave them out (setting startup_files).",
            ) from None
        finally:
            self._said = None
        if report is None:
            raise KernelStartError(
                f"{self.dialect.name} ended at once (exit status {self.terminal.returncode}): {''.join(said).strip()}",
                next_step=f"Try it by hand: {self.dialect.name} {' '.join(self.dialect.arguments)}",
            )
        return report

    async def stop(self) -> None:
        """Ends the shell and all that it started."""
        if self._stopping is not None:
            self._stopping.cancel()
        await self.terminal.kill()
        self.let_go()

    def let_go(self) -> None:
        """Reads what is left and closes the terminals."""
        for stream in self._streams:
            for _ in range(16):
                if not stream.read():
                    break
            stream.close()
        self.terminal.close()

    # --- running ----------------------------------------------------------------------------------------------

    async def run(self, path: Path, sink: Sink) -> tuple[Snapshot | None, Questions]:
        """Runs a file as a cell; None when the shell ended. Questions go to the sink."""
        self.sink, self.interrupted, self.busy, self.last_error = sink, False, True, ""
        self.terminal.reset_modes()
        self.terminal.forget_input()
        questions = Questions(self.terminal, self._streams, sink)
        watching = asyncio.create_task(self._watch(questions))
        try:
            self._runs += 1
            begin = f"{{ set +x; __verso_run={self._runs}; __verso_begin; }} 2>/dev/null"
            line = f"{begin}; . {shlex.quote(str(path))}; {{ __verso_done; }} 2>/dev/null"
            return await self._drive(line), questions
        finally:
            self.busy = False
            watching.cancel()
            if self._stopping is not None:
                self._stopping.cancel()
                self._stopping = None

    async def call(self, command: str) -> tuple[Snapshot | None, str]:
        """Has the shell do something of ours, with its exit status as it was; what it printed to stderr."""
        self.terminal.reset_modes()
        said = self._said = []
        try:
            done = '{ __verso_done "$__verso_status"; } 2>/dev/null'
            line = f"{{ set +x; __verso_open=1; }} 2>/dev/null; {command}; {done}"
            return await self._drive(line), "".join(said)
        finally:
            self._said = None

    async def interrupt(self) -> None:
        """Stops what runs; when it does not stop, its programs are killed, and at last the shell."""
        self.interrupted = True
        self.terminal.interrupt()
        if self._stopping is None or self._stopping.done():
            self._stopping = asyncio.create_task(self._insist())

    async def _insist(self) -> None:
        await asyncio.sleep(NUDGE_AFTER)
        await self._nudge()
        await asyncio.sleep(AGAIN_AFTER - NUDGE_AFTER)
        self.terminal.interrupt()
        await asyncio.sleep(KILL_CHILDREN_AFTER - AGAIN_AFTER)
        await self.terminal.kill_children()
        await asyncio.sleep(NUDGE_AFTER)
        await self._nudge()
        await asyncio.sleep(KILL_AFTER - KILL_CHILDREN_AFTER - NUDGE_AFTER)
        self.fate = KernelUnresponsiveError(
            f"{self.dialect.name} did not stop within {KILL_AFTER:g} seconds of an interrupt and was killed",
            next_step="Restart the kernel and run the cells again whose variables are needed: they are gone.",
        )
        await self.terminal.kill()

    async def _nudge(self) -> None:
        """A shell that waits at its prompt after an interrupt and did not report (the interrupt came before it read our
        line, or a cell changed the prompt) is asked for its report."""
        terminal = self.terminal
        reader = processes.waiting(terminal.pid, terminal.output_name, by_character=False, hidden=False)
        if reader is not None and reader.pid == terminal.pid:
            self._streams[0].drop_newline()
            begun = f'[ "${{__verso_run-}}" = {self._runs} ] || __verso_open=1'
            await terminal.write(f"{{ {begun}; __verso_done 130; }} 2>/dev/null\n".encode())

    async def _watch(self, questions: Questions) -> None:
        await questions.watch()
        await self.interrupt()

    async def _drive(self, line: str) -> Snapshot | None:
        """Types a line and waits for the report that it ends with; None when the shell ended."""
        self._marks = 0
        self._runs = 0
        self._told.clear()
        self._report.unlink(missing_ok=True)
        self._streams[0].drop_newline()
        await self.terminal.write(line.encode() + b"\n")
        told = asyncio.ensure_future(self._told.wait())
        ended = asyncio.ensure_future(self.terminal.ended.wait())
        try:
            await asyncio.wait((told, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            ended.cancel()
        if not self._told.is_set():
            return None
        return read_snapshot(await asyncio.to_thread(self._report.read_bytes))

    def _marked(self) -> None:
        self._marks += 1
        if self._marks >= 2:  # one on each terminal, also when both are the same
            self._told.set()

    # --- showing ----------------------------------------------------------------------------------------------

    def _put_output(self, text: str) -> None:
        if self.sink is not None:
            self.sink.put(Stream(text=text))

    def _put_own(self, text: str) -> None:
        if self._said is not None:
            self._said.append(text)
            return
        self.last_error = (self.last_error + text)[-2_000:]
        if self.sink is not None:
            self.sink.put(Stream(name="stderr", text=text))

    def _put_error(self, text: str) -> None:
        if "__verso_at=" in text:
            text = _OWN_TRACE.sub("", text)
        if self.interrupted and text == "\n":  # the shell's own new line after ^C
            return
        if text:
            self._put_own(text)

"""Any prompt-driven program as a kernel: an entry of the table in `verso_shell.repls`, or `#!connect repl`."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

from verso.api.errors import (
    InputNotAvailableError,
    KernelDiedError,
    KernelStartError,
    KernelUnresponsiveError,
)
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import ExecuteReply, ExecuteRequest, InputRequest
from verso.api.outputs import Error, Stream
from verso_shell.conversation import ANSI, Conversation, Wait
from verso_shell.environment import shell_environment
from verso_shell.repls import Repl
from verso_shell.terminal import Terminal

COLUMNS: Final = 10_000
"""Programs with a line editor show what is typed, and wrap it at the terminal's width: never, with this one."""

AGAIN_AFTER: Final = 1.0
KILL_AFTER: Final = 10.0
"""Seconds after an interrupt: it comes again; the program is killed."""
QUIT_SECONDS: Final = 0.5

_INPUTRC: Final = """\
set disable-completion on
set enable-bracketed-paste off
set bell-style none
"\\t": self-insert
"""
"""For programs that read lines with GNU readline: a tab is a tab."""


class Transcript:
    """What one statement put out: shown as it comes, without the echo of the line that was sent, and from the first
    error message on kept for the error."""

    def __init__(self, repl: Repl, sink: Sink | None, sent: str) -> None:
        self.error: re.Match[str] | None = None
        self.trace: list[str] = []
        self.text = ""
        self._sink = sink
        self._echo = sent.strip()
        self._pattern = re.compile(repl.error) if repl.error else None

    def add(self, text: str) -> None:
        """Takes output: complete lines, or the unfinished last one."""
        if self._echo:
            first, newline, rest = text.partition("\n")
            shown = ANSI.sub("", first).replace("\r", "").strip()
            if shown == self._echo or (newline and not shown):  # the line that was typed, or its end
                text = rest
            self._echo = ""
        lines = text.splitlines(keepends=True) if self._pattern else [text]
        plain = 0
        while self._pattern and self.error is None and plain < len(lines):
            self.error = self._pattern.search(ANSI.sub("", lines[plain]).rstrip("\r\n"))
            plain += self.error is None
        if self.error is None:
            plain = len(lines)
        self._put("".join(lines[:plain]))
        self.trace += (line.rstrip("\r\n") for line in lines[plain:])

    def _put(self, text: str) -> None:
        self.text = (self.text + text)[-2_000:]
        if self._sink is not None and text:
            self._sink.put(Stream(text=text))


class ReplKernel(Kernel):
    """A program that lives on from cell to cell."""

    def __init__(self, repl: Repl, context: KernelContext) -> None:
        self._repl = repl
        self._context = context
        self._info: KernelInfo | None = None
        self._terminal: Terminal | None = None
        self._conversation: Conversation | None = None
        self._folder: Path | None = None
        self._busy = False
        self._interrupted = False
        self._fate: KernelUnresponsiveError | None = None
        self._insisting: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------

    async def start(self) -> KernelInfo:
        if self._info is not None:
            return self._info
        repl = self._repl
        wanted = self._context.options.get("program") or repl.command[0]
        program = shutil.which(wanted)
        if program is None:
            advice = repl.how_to_get or f"Install {wanted}, or give its path."
            raise KernelStartError(f"the program {wanted!r} was not found", next_step=advice)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="verso-repl-"))
        inputrc = self._folder / "inputrc"
        inputrc.write_text(_INPUTRC)
        environ = shell_environment(os.environ) | {"TERM": "dumb", "INPUTRC": str(inputrc)} | dict(repl.environ)
        self._terminal = Terminal(
            (program, *repl.command[1:]),
            directory=self._context.directory,
            environ=environ,
            separate=False,
            columns=COLUMNS,
        )
        self._terminal.take_characters()
        self._conversation = Conversation(repl, self._terminal)
        try:
            await self._first_prompt()
        except BaseException:
            await self.shutdown()
            raise
        self._info = KernelInfo(language=repl.name, program=program)
        return self._info

    async def _first_prompt(self) -> None:
        repl = self._repl
        greeting = Transcript(repl.replace(error=""), None, "")
        try:
            async with asyncio.timeout(repl.start_timeout):
                waits = await self._until_prompt(greeting)
                for line in repl.setup if waits == "prompt" else ():
                    await self._talk.send(line)
                    waits = await self._until_prompt(greeting)
        except TimeoutError:
            raise self._no_prompt(greeting.text, "within its time limit") from None
        if waits == "ended":
            assert self._terminal is not None
            raise self._no_prompt(greeting.text, f"and ended (exit status {self._terminal.returncode})")
        if waits != "prompt":
            raise self._no_prompt(greeting.text, "and waits for something else")

    async def _until_prompt(self, greeting: Transcript) -> Wait:
        waits = await self._talk.listen(greeting.add)
        while waits == "question":  # it waits and shows no prompt: perhaps one that comes late
            greeting.add(self._talk.partial)
            waits = await self._talk.listen(greeting.add)
        return waits

    def _no_prompt(self, said: str, how: str) -> KernelStartError:
        repl = self._repl
        words = f"; it printed: {said.strip()[-500:]!r}" if said.strip() else "; it printed nothing"
        limit = f" ({repl.start_timeout:g} s)" if "limit" in how else ""
        return KernelStartError(
            f"{' '.join(repl.command)} ({repl.name}) showed no prompt like {repl.prompt!r} {how}{limit}{words}",
            next_step="Correct --prompt (a regular expression), have the program show one (an option like -i), "
            "or give it longer with --start-timeout.",
        )

    async def shutdown(self) -> None:
        terminal, self._terminal = self._terminal, None
        conversation, self._conversation = self._conversation, None
        self._info = None
        if self._insisting is not None:
            self._insisting.cancel()
        if terminal is not None:
            if self._repl.quit and not self._busy and not terminal.ended.is_set():
                await terminal.write(self._repl.quit.encode() + b"\n")
                await asyncio.wait((asyncio.ensure_future(terminal.ended.wait()),), timeout=QUIT_SECONDS)
            await terminal.kill()
        if conversation is not None:
            conversation.close()
        if terminal is not None:
            terminal.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @property
    def _talk(self) -> Conversation:
        if self._conversation is None:
            raise KernelDiedError(f"the {self._repl.name} kernel does not run", next_step="Restart the kernel.")
        return self._conversation

    # --- execution --------------------------------------------------------------------------------------------

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        talk = self._talk
        if not request.code.strip():
            return ExecuteReply()
        self._busy, self._interrupted = True, False
        try:
            return await self._run(talk, request, sink)
        finally:
            self._busy = False
            if self._insisting is not None:
                self._insisting.cancel()
                self._insisting = None

    async def _run(self, talk: Conversation, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        waits: Wait = "prompt"
        number = 0
        for number, line in self._lines(request):
            if waits == "prompt" and not line.strip():
                continue
            waits, reply = await self._statement(talk, line, number, sink)
            if reply is not None:
                return reply
        if waits == "continuation" and self._repl.finish:
            waits, reply = await self._statement(talk, self._repl.finish.rstrip("\n"), number, sink)
            if reply is not None:
                return reply
        if waits == "continuation":
            return await self._incomplete(talk, number, sink)
        return ExecuteReply()

    def _lines(self, request: ExecuteRequest) -> list[tuple[int, str]]:
        if not self._repl.load:
            return list(enumerate(request.code.split("\n"), 1))
        assert self._folder is not None
        path = self._folder / (re.sub(r"[^\w.-]+", "-", request.name) or "cell")
        path.write_text(request.code + "\n", encoding="utf-8", errors="replace")
        return [(0, self._repl.load.format(file=path))]

    async def _statement(
        self, talk: Conversation, line: str, number: int, sink: Sink
    ) -> tuple[Wait, ExecuteReply | None]:
        """Sends one line; what the program waits for then, and the reply when the cell ends here."""
        transcript = Transcript(self._repl, sink, line)
        await talk.send(line)
        waits = await talk.listen(transcript.add)
        while waits == "question":
            try:
                answer = await sink.ask(InputRequest(prompt=talk.partial))
            except InputNotAvailableError as error:
                await self.interrupt()
                await talk.listen(transcript.add)
                sink.put(Error(ename="InputNotAvailable", evalue=error.what, traceback=(str(error),)))
                return "prompt", ExecuteReply(status="error")
            if answer is None:
                await self.interrupt()
            else:
                await talk.send(answer)
            waits = await talk.listen(transcript.add)
        if waits == "ended":
            return waits, await self._ended(sink)
        if transcript.error is not None:
            sink.put(_error(transcript.error, transcript.trace, number))
            await self._leave(talk, waits, sink)
            return "prompt", ExecuteReply(status="cancelled" if self._interrupted else "error")
        if self._interrupted:
            await self._leave(talk, waits, sink)
            return "prompt", ExecuteReply(status="cancelled")
        return waits, None

    async def _leave(self, talk: Conversation, waits: Wait, sink: Sink) -> None:
        """Gives up a statement that is not complete."""
        if waits != "continuation":
            return
        self._insist_on_a_prompt()
        await self._press(self._repl.cancel)
        if await talk.listen(lambda text: None) == "ended":
            await self._ended(sink)

    async def _incomplete(self, talk: Conversation, number: int, sink: Sink) -> ExecuteReply:
        await self._leave(talk, "continuation", sink)
        text = f"{self._repl.title} waits for more: the last statement is not complete"
        sink.put(Error(ename="Incomplete", evalue=text, line=number, traceback=(text,)))
        return ExecuteReply(status="error")

    async def _ended(self, sink: Sink) -> ExecuteReply:
        """The program is gone: it was killed, or a cell told it to end and a new one takes its place."""
        assert self._terminal is not None
        code = self._terminal.returncode
        fate, self._fate = self._fate, None
        await self.shutdown()
        if fate is not None:
            raise fate
        if code is None or code < 0:
            cause = signal.Signals(-code).name if code else "an unknown cause"
            raise KernelDiedError(
                f"the {self._repl.name} kernel died: it was ended by {cause}",
                next_step="Restart the kernel and run the cells again that are needed: what it held is gone.",
            )
        await self.start()
        text = f"{self._repl.title} ended with exit status {code}; a new one was started and holds nothing"
        if code == 0:
            sink.put(Stream(name="stderr", text=text + "\n"))
            return ExecuteReply()
        sink.put(Error(ename="ProgramEnded", evalue=text, traceback=(text,)))
        return ExecuteReply(status="error")

    # --- interrupts -------------------------------------------------------------------------------------------

    async def interrupt(self) -> None:
        if not self._busy or self._terminal is None:
            return
        self._interrupted = True
        self._insist_on_a_prompt()
        if not self._talk.at_rest:  # else it is between two lines: a program at its prompt may end of a signal
            await self._press(self._repl.interrupt)

    async def _press(self, how: str) -> None:
        if self._terminal is None:
            return
        if how == "sigint":
            self._terminal.interrupt()
        else:
            await self._terminal.write(how.encode())

    def _insist_on_a_prompt(self) -> None:
        if self._insisting is None:
            self._insisting = asyncio.create_task(self._insist())

    async def _insist(self) -> None:
        await asyncio.sleep(AGAIN_AFTER)
        if self._interrupted and self._conversation is not None and not self._conversation.at_rest:
            await self._press(self._repl.interrupt)
        await asyncio.sleep(KILL_AFTER - AGAIN_AFTER)
        self._fate = KernelUnresponsiveError(
            f"{self._repl.title} showed no prompt like {self._repl.prompt!r} within {KILL_AFTER:g} seconds of an"
            " interrupt and was killed",
            next_step="Run the cells again that are needed: what it held is gone. If it did stop, correct its prompt.",
        )
        if self._terminal is not None:
            await self._terminal.kill()


def _error(found: re.Match[str], trace: list[str], number: int) -> Error:
    groups = found.groupdict()
    line = int(groups["line"]) if groups.get("line") and not number else number
    message = groups.get("message")
    return Error(
        ename=(groups.get("name") or "Error").strip(),
        evalue=(message if message is not None else found.string).strip(),
        line=line,
        traceback=tuple(trace),
    )

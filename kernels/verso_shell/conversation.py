"""Talking to a program by its prompt: sends a line, hands on what comes, and says what the program waits for.

On pexpect: its patterns are searched as output arrives, on the event loop.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, Final, Literal

import pexpect
from pexpect import fdpexpect

from verso_shell import processes
from verso_shell.repls import Repl
from verso_shell.terminal import Terminal

LOOK_SECONDS: Final = 0.05
"""An unfinished line that stands so long is shown, unless it is a prompt."""

SETTLE_SECONDS: Final = 0.5
"""What looks like a prompt is one when the program waits for input; where that can't be seen, when nothing follows it
for so long."""

ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")

Wait = Literal["prompt", "continuation", "question", "ended"]


class Conversation:
    """One program on a terminal. `partial`: what stands on the last line, when it asks a question of its own."""

    def __init__(self, repl: Repl, terminal: Terminal) -> None:
        self.partial = ""
        self._asking = False
        self._terminal = terminal
        self._at_rest: processes.Reader | None = None
        self._suspect: tuple[processes.Reader, str] | None = None
        own = os.dup(terminal.output)  # pexpect closes what it is given
        self._spawn: Any = fdpexpect.fdspawn(own, encoding="utf-8", codec_errors="replace", maxread=65_536)
        never = r"(?!)"
        self._patterns = self._spawn.compile_pattern_list(
            [
                re.compile(r"\A.*\n", re.DOTALL),
                re.compile(rf"(?:{repl.continuation or never})(?:{ANSI.pattern})*\Z"),
                re.compile(rf"(?:{repl.prompt})(?:{ANSI.pattern})*\Z"),
                pexpect.EOF,
                pexpect.TIMEOUT,
            ]
        )
        self._more = self._spawn.compile_pattern_list([re.compile(r".", re.DOTALL), pexpect.EOF, pexpect.TIMEOUT])

    async def send(self, line: str) -> None:
        """Types a line."""
        self.partial = ""
        self._asking = False
        await self._terminal.write(line.encode("utf-8", "replace") + b"\n")

    async def listen(self, show: Callable[[str], None]) -> Wait:
        """Hands on the output, complete lines at once, until the program waits; what for."""
        while True:
            found = await self._expect(self._patterns, LOOK_SECONDS)
            if found == 0:
                self._show(self._spawn.after, show)
            elif found in (1, 2):
                before, prompt = self._spawn.before, self._spawn.after
                if await self._rests():
                    self._show(before, show)
                    return "continuation" if found == 1 else "prompt"
                self._spawn.buffer = before + prompt + self._spawn.buffer
            elif found == 3 or self._terminal.ended.is_set():
                self._show(self._spawn.buffer or "", show)
                await self._terminal.ended.wait()
                return "ended"
            elif (reader := self._reader()) is not None and reader != self._at_rest:
                # Once more, with nothing printed in between: its prompt may still be on its way.
                if self._suspect == (reader, self._spawn.buffer):
                    self._at_rest, self._asking = reader, True
                    self.partial = ANSI.sub("", self._spawn.buffer)
                    self._spawn.buffer = ""
                    return "question"
                self._suspect = (reader, self._spawn.buffer)
            else:
                self._show(self._spawn.buffer, show)
                self._spawn.buffer = ""

    @property
    def at_rest(self) -> bool:
        """Whether the program waits at its prompt and has read all that was sent. Never true while it asks."""
        reader = self._reader()
        return reader is not None and not self._asking

    def close(self) -> None:
        """Lets go of the terminal."""
        waiter = self._spawn.async_pw_transport
        if waiter:
            waiter[1].close()
        else:
            self._spawn.close()

    async def _expect(self, patterns: Any, seconds: float) -> int:
        return int(await self._spawn.expect_list(patterns, timeout=seconds, async_=True))

    async def _rests(self) -> bool:
        """Whether the program waits for input now, with nothing printed behind what looked like a prompt."""
        spent = 0.0
        while spent < SETTLE_SECONDS:
            reader = self._reader()
            found = await self._expect(self._more, 0.005 if spent == 0 else LOOK_SECONDS)
            if found == 0:
                self._spawn.buffer = self._spawn.after + self._spawn.buffer
                return False
            if found == 1:
                return True
            if reader is not None and reader != self._at_rest:
                self._at_rest = reader
                return True
            spent += LOOK_SECONDS
        return True

    def _reader(self) -> processes.Reader | None:
        terminal = self._terminal
        if not processes.HAS_PROC or terminal.ended.is_set() or terminal.unread:
            return None
        return processes.waiting(terminal.pid, terminal.output_name, by_character=True, hidden=False)

    @staticmethod
    def _show(text: str, show: Callable[[str], None]) -> None:
        if text:
            show(text)

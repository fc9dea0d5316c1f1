"""Questions of programs: when one waits for input from the terminal, the person at the notebook is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from verso.api.errors import InputNotAvailableError
from verso.api.kernel import Sink
from verso.api.messages import InputRequest
from verso_shell import processes
from verso_shell.output import OutputStream
from verso_shell.terminal import Terminal

FIRST_LOOK: Final = 0.02
LONGEST_PAUSE: Final = 0.25
"""Seconds between two looks at who waits: short after something was printed, longer and longer when nothing is."""

LONG_LINE: Final = 4_000
"""Bytes; the system holds no more of a line in the mode that terminals are usually in."""

GUESS_AFTER: Final = 0.5
"""Where the system does not tell who waits, a line that ends like a question and stands so long is one. Seconds."""

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_SECRET: Final = re.compile(r"pass(?:word|phrase|code)|\bpin\b|secret|token", re.IGNORECASE)
_QUESTION: Final = re.compile(r"[?:>\])] *\Z")


class Questions:
    """Watches a terminal while code runs, shows unfinished lines, and asks. `unanswered` is why a question had no
    answer, when that was so."""

    def __init__(self, terminal: Terminal, streams: Sequence[OutputStream], sink: Sink) -> None:
        self.unanswered: InputNotAvailableError | None = None
        self._terminal = terminal
        self._streams = streams
        self._sink = sink
        self._suspect: processes.Reader | None = None
        self._answered: processes.Reader | None = None
        self._loop = asyncio.get_running_loop()

    async def watch(self) -> None:
        """Runs until it is cancelled, or a question has no answer."""
        pause = FIRST_LOOK
        seen = 0.0
        while self.unanswered is None:
            await asyncio.sleep(pause)
            for stream in self._streams:
                while stream.read():
                    pass
            reader = self._reader()
            if reader is not None and reader != self._suspect:
                # Once more: it may be the shell itself, done and back at its prompt, whose mark is still on its way.
                self._suspect = reader
                pause = FIRST_LOOK
                continue
            if reader is not None:
                self._answered = reader
                await self._ask()
                pause = FIRST_LOOK
                continue
            for stream in self._streams:
                stream.release()
            newest = max(stream.last_text for stream in self._streams)
            pause = FIRST_LOOK if newest != seen else min(pause * 1.5, LONGEST_PAUSE)
            seen = newest

    def _reader(self) -> processes.Reader | None:
        terminal = self._terminal
        if terminal.unread:
            return None
        if not processes.HAS_PROC:
            return self._guess()
        reader = processes.waiting(
            terminal.pid, terminal.output_name, by_character=not terminal.canonical, hidden=terminal.secret
        )
        return None if reader == self._answered else reader  # equal: it has not woken yet since it was answered

    def _guess(self) -> processes.Reader | None:
        newest = max(self._streams, key=lambda stream: stream.last_text)
        quiet = self._loop.time() - newest.last_text > GUESS_AFTER
        asks = self._terminal.secret or bool(_QUESTION.search(newest.held.decode("utf-8", "replace")))
        return processes.Reader(pid=self._terminal.pid) if quiet and asks else None

    async def _ask(self) -> None:
        newest = max(self._streams, key=lambda stream: (bool(stream.held), stream.last_text))
        for stream in self._streams:
            if stream is not newest:
                stream.release()
        prompt = _ANSI.sub("", newest.take_held())
        hidden = self._terminal.secret or bool(_SECRET.search(prompt))
        try:
            answer = await self._sink.ask(InputRequest(prompt=prompt, kind="secret" if hidden else "line"))
        except InputNotAvailableError as error:
            self.unanswered = error
            return
        await self._answer(answer)

    async def _answer(self, answer: str | None) -> None:
        terminal = self._terminal
        if answer is None:
            await terminal.write(b"\x04")
            return
        data = answer.encode("utf-8", "replace")
        if len(data) > LONG_LINE and terminal.canonical:
            terminal.take_characters()
        elif terminal.canonical and not terminal.secret:
            self._streams[0].drop_newline()
        await terminal.write(data + b"\n")

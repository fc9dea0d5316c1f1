"""What a program prints on a terminal, as text: decoded, without our marks, and with its last line held back while it
may be the prompt of a question."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
from collections.abc import Callable
from typing import Final

READ_BYTES: Final = 65_536
SMALL_READS: Final = 16
PAUSE_SECONDS: Final = 0.002
"""A program that prints line by line would have each line read alone, at several times the cost of printing it. After
so many small reads in a row, the terminal is left to fill for so long."""

SMALL_BYTES: Final = 2_048
LONGEST_PROMPT: Final = 1_000
"""Bytes; what has no newline for longer is output and no prompt."""

_LINE_ENDS: Final = re.compile(rb"[\r\n](?=[^\r\n]*\Z)")


class OutputStream:
    """One terminal's output. `put` gets text in order, as soon as its line is complete or `release` is called; `marked`
    is called for each mark (a text that the shell prints behind a cell's output and that is shown to nobody).

    `held`: bytes of the unfinished last line. `last_text`: when something came last, on the loop's clock.
    """

    def __init__(
        self, descriptor: int, mark: bytes, *, put: Callable[[str], None], marked: Callable[[], None], hide: bytes = b""
    ) -> None:
        self.held = b""
        self.last_text = 0.0
        self._descriptor = descriptor
        self._mark = mark
        self._put = put
        self._marked = marked
        self._hide = hide
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._line = b""
        self._newlines = 0
        self._small_reads = 0
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._readable)

    def drop_newline(self) -> None:
        """The terminal will echo the end of a line that was typed: it is nobody's output."""
        self._newlines += 1

    def forget_newlines(self) -> None:
        """No echo is expected any more."""
        self._newlines = 0

    def release(self) -> None:
        """Gives out the unfinished line (but not what may be the beginning of a mark)."""
        begin = self.held.rfind(self._mark[:1])
        keep = self.held[begin:] if begin >= 0 and self._mark.startswith(self.held[begin:]) else b""
        self._emit(self.held[: len(self.held) - len(keep)])
        self.held = keep

    def take_held(self) -> str:
        """The unfinished line. What was held back of it is nobody's output any more; its beginning may have been shown,
        when the program was slow to ask."""
        line = self._line + self.held
        self._line = self.held = b""
        return line.decode("utf-8", "replace")

    def read(self) -> bool:
        """Handles what the terminal holds now. False when it held nothing or is gone."""
        try:
            data = os.read(self._descriptor, READ_BYTES) if not self._closed else b""
        except BlockingIOError:
            return False
        except OSError:  # EIO: nobody is on the other side
            data = b""
        if not data:
            self.close()
            return False
        now = self._loop.time()
        small = len(data) < SMALL_BYTES and now - self.last_text < PAUSE_SECONDS * 2
        self._small_reads = self._small_reads + 1 if small else 0
        self.last_text = now
        self._feed(data)
        return True

    def close(self) -> None:
        """Stops reading and gives out what is left."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._descriptor)
            self._emit(self.held, final=True)
            self.held = b""

    def _readable(self) -> None:
        self.read()
        if self._small_reads > SMALL_READS and not self._closed:
            self._loop.remove_reader(self._descriptor)
            self._loop.call_later(PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._descriptor, self._readable)
            while self.read() and self._small_reads == 0:
                pass

    def _feed(self, data: bytes) -> None:
        while self._newlines and data:
            self._newlines = self._newlines - 1 if data[:1] == b"\n" else 0
            data = data.removeprefix(b"\n") if data[:1] == b"\n" else data
        data = self.held + data
        while self._mark in data:
            before, _, data = data.partition(self._mark)
            self.held = b""
            self._emit(before, final=True)
            self._line = b""
            self._marked()
        end = _LINE_ENDS.search(data)
        cut = end.end() if end else 0
        if len(data) - cut > LONGEST_PROMPT and self._mark[:1] not in data[cut:]:
            cut = len(data)
        self.held = data[cut:]
        self._emit(data[:cut])

    def _emit(self, data: bytes, *, final: bool = False) -> None:
        if self._hide:
            data = data.replace(self._hide, b"")
        end = _LINE_ENDS.search(data)
        self._line = data[end.end() :] if end else (self._line + data)[-LONGEST_PROMPT:]
        text = self._decode(data, final)
        if text:
            self._put(text)

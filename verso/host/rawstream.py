"""What a worker's process writes to its own stdout and stderr: the user's text, as it comes."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable
from typing import Final

from verso.host.channel import PIPE_BYTES

SMALL_BYTES: Final = 4_096
SMALL_READS: Final = 16
PAUSE_SECONDS: Final = 0.002
"""A program that prints line by line would have each line read alone, at several times the cost of printing it. After
so many reads of less than so many bytes in a row, the pipe is left to fill for so long."""


class RawStream:
    """Reads text from a non-blocking descriptor, which it owns. Bytes that are no UTF-8 become U+FFFD, and a character
    is never cut in two.

    `before` is called before each read that the loop asks for; `on_text` gets the name and the text.
    """

    def __init__(
        self, name: str, descriptor: int, *, before: Callable[[], object], on_text: Callable[[str, str], None]
    ) -> None:
        self.name = name
        self._loop = asyncio.get_running_loop()
        self._descriptor = descriptor
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._before = before
        self._on_text = on_text
        self._small_reads = 0
        self._last_read = 0.0
        self._loop.add_reader(descriptor, self._readable)

    def _readable(self) -> None:
        self._before()
        self.read()
        if self._small_reads > SMALL_READS and self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            self._loop.call_later(PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if self._descriptor >= 0:
            self._loop.add_reader(self._descriptor, self._readable)
            self._readable()

    def read(self) -> bool:
        """Handles what the pipe holds now. False when it held nothing or has ended."""
        if self._descriptor < 0:
            return False
        try:
            chunk = os.read(self._descriptor, PIPE_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        if not chunk:
            self.close()
            return False
        now = self._loop.time()
        small = len(chunk) < SMALL_BYTES and now - self._last_read < PAUSE_SECONDS * 2
        self._small_reads = self._small_reads + 1 if small else 0
        self._last_read = now
        text = self._decode(chunk)
        if text:
            self._on_text(self.name, text)
        return True

    def flush(self) -> None:
        """Gives out a character that was begun and never finished."""
        text = self._decode(b"", True)
        if text:
            self._on_text(self.name, text)

    def close(self) -> None:
        """Ends reading."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
            self.flush()

"""The channel to a worker: messages as lines over two pipes, read and written without ever blocking the loop."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from verso.wire.framing import LineSplitter, line_of, parse

PIPE_BYTES: Final = 65_536
"""What a pipe holds: one read of this size takes all that is there at that moment."""


class Channel:
    """Reads and writes lines of JSON on two non-blocking descriptors, which it owns.

    `on_message` gets each message, `on_stray` each line that is none, `on_end` is called once when the other side
    closed its end. The callbacks must not raise.
    """

    def __init__(
        self,
        incoming: int,
        outgoing: int,
        *,
        on_message: Callable[[dict[str, Any]], None],
        on_stray: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._incoming = incoming
        self._outgoing = outgoing
        self._splitter = LineSplitter()
        self._unsent: deque[memoryview] = deque()
        self._on_message = on_message
        self._on_stray = on_stray
        self._on_end = on_end
        self._loop.add_reader(incoming, self.read)

    def read(self) -> bool:
        """Handles all that the pipe holds now. False when it held nothing or has ended."""
        if self._incoming < 0:
            return False
        try:
            chunk = os.read(self._incoming, PIPE_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        if not chunk:
            self._close_incoming()
            rest = self._splitter.rest()
            if rest.strip():
                self._on_stray(rest)
            self._on_end()
            return False
        lines = self._splitter.feed(chunk)
        lines.reverse()
        while lines:  # each line is let go once parsed: a large message is never held in three forms
            message = parse(lines.pop())
            if isinstance(message, dict):
                self._on_message(message)
            elif message and not message.isspace():
                self._on_stray(message)
        return True

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message, now or as soon as the worker reads; what is sent first arrives first.

        `TypeError` or `ValueError` for a content that JSON can't hold. A message to a closed channel goes nowhere:
        the end of the worker is told by other means.
        """
        line = memoryview(line_of(message))
        if self._outgoing < 0:
            return
        if not self._unsent:
            line = self._write(line)
            if not line:
                return
            self._loop.add_writer(self._outgoing, self._write_on)
        self._unsent.append(line)

    def _write_on(self) -> None:
        while self._unsent:
            rest = self._write(self._unsent[0])
            if rest:
                self._unsent[0] = rest
                return
            if self._unsent:
                self._unsent.popleft()
        if self._outgoing >= 0:
            self._loop.remove_writer(self._outgoing)

    def _write(self, data: memoryview) -> memoryview:
        """What is left of `data` after the pipe took what it could."""
        try:
            return data[os.write(self._outgoing, data) :]
        except (BlockingIOError, InterruptedError):
            return data
        except OSError:  # the worker closed its end
            self.close_outgoing()
            return data[:0]

    def close_outgoing(self) -> None:
        """Closes the direction to the worker: it sees the end of the channel and ends."""
        if self._outgoing >= 0:
            self._loop.remove_writer(self._outgoing)
            os.close(self._outgoing)
            self._outgoing = -1
            self._unsent.clear()

    def _close_incoming(self) -> None:
        if self._incoming >= 0:
            self._loop.remove_reader(self._incoming)
            os.close(self._incoming)
            self._incoming = -1

    def close(self) -> None:
        """Closes both directions."""
        self._close_incoming()
        self.close_outgoing()

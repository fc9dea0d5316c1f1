"""The user's stdout and stderr: real files on descriptors 1 and 2, in order with the channel.

Each line is written when it is complete, so that what C code or a child process writes to the same descriptors comes
where it belongs. Before one stream is written to after the other, and before a message goes out, the reader of
the pipe is given time to take what is in it; then no order is left to chance (docs/adr/0002-user-output.md).
"""

from __future__ import annotations

import _thread
import io
import sys
import time

from .interrupts import Interrupts
from .kinds import Any

PATIENCE = 1.0
"""Longest wait, in seconds, for the reader to empty a pipe."""

HASTE = 0.01
"""The same once a pipe was seen that others keep filling: their text has no order that anybody could know."""

_write = io.FileIO.write


class Pipe(io.FileIO):
    """Descriptor 1 or 2 in the place of a text stream's buffer: what it gets is written at once.

    An interrupt comes before or after a piece of text, never in the middle, and never makes one come twice.
    """

    streams: Streams

    @property
    def raw(self) -> Pipe:
        """Itself: there is no buffer."""
        return self

    def write(self, data: Any) -> int:
        """Writes all of `data`."""
        streams = self.streams
        with streams.interrupts:
            if streams.last is not self:
                streams.change_to(self)
            length = len(data)
            written = _write(self, data)
            if written != length:
                view = memoryview(data).cast("B")
                length = len(view)
                while written < length:
                    written += _write(self, view[written:])
        return length


class ErrorPipe(Pipe):
    """Descriptor 2. Only stdout ever holds an incomplete line, so it is known which text comes first: that one."""

    def write(self, data: Any) -> int:
        """Writes all of `data`, after what stdout holds."""
        out = self.streams.out
        if not out.closed:
            out.flush()
        return Pipe.write(self, data)


class Streams:
    """Both streams of the process and the rule of order between them and the channel."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        self._changing: Any = _thread.RLock()
        self._inside = False
        self._patience = PATIENCE
        self._ioctl: Any = None
        self.last: Pipe | None = None
        self.out_pipe, self.out = self._open(1)
        self.error_pipe, self.error = self._open(2)

    def _open(self, number: int) -> tuple[Pipe, io.TextIOWrapper]:
        pipe = (ErrorPipe if number == 2 else Pipe)(number, "w", closefd=False)
        pipe.streams = self
        text = io.TextIOWrapper(
            pipe, encoding="utf-8", errors="backslashreplace", line_buffering=True, write_through=number == 2
        )
        text.mode = "w"  # type: ignore[misc]
        return pipe, text

    def install(self) -> None:
        """Makes them the process's own."""
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.error  # type: ignore[misc]

    def change_to(self, pipe: Pipe) -> None:
        """The other stream, or the channel, was written to last: lets the reader take what is there."""
        if not self._changing.acquire(timeout=PATIENCE):
            return
        try:
            if self._inside:
                return  # called from the flush below
            self._inside = True
            try:
                other, text = (self.error_pipe, self.error) if pipe is self.out_pipe else (self.out_pipe, self.out)
                if not text.closed:
                    text.flush()
                self._await_empty(other.fileno())
                self.last = pipe
            finally:
                self._inside = False
        finally:
            self._changing.release()

    def flush(self) -> None:
        """Hands on what Python holds of both, incomplete lines too."""
        for text in (self.out, self.error):
            try:
                text.flush()
            except (OSError, ValueError):
                pass  # the user's code closed it

    def flush_idle(self) -> None:
        """The same from another thread, unless the main thread is at it."""
        if self._changing.acquire(False):
            try:
                self.flush()
            finally:
                self._changing.release()

    def settle(self) -> None:
        """Flushes, and waits until all text written so far was read: now a message keeps its place."""
        self.flush()
        self._await_empty(1)
        self._await_empty(2)
        self.last = None

    def begin(self) -> None:
        """A new cell: whoever filled the pipes may have stopped, and a stream that was closed is open again."""
        self._patience = PATIENCE
        if self.out.closed:
            self.out_pipe, self.out = self._open(1)
            sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        if self.error.closed:
            self.error_pipe, self.error = self._open(2)
            sys.stderr = sys.__stderr__ = self.error  # type: ignore[misc]

    def _await_empty(self, number: int) -> None:
        unread = self._unread(number)
        if not unread:
            return
        end = time.monotonic() + self._patience
        pause = 0.00002
        while self._unread(number):
            time.sleep(pause)
            pause = min(pause * 1.5, 0.002)
            if time.monotonic() > end:
                self._patience = HASTE
                return

    def _unread(self, number: int) -> int:
        """Bytes in the pipe that nobody has read; 0 where the descriptor is no pipe."""
        if self._ioctl is None:
            import fcntl

            self._ioctl = fcntl.ioctl
        try:
            return int.from_bytes(self._ioctl(number, _FIONREAD, b"\0\0\0\0"), sys.byteorder)
        except OSError:
            return 0


_FIONREAD = 0x541B if sys.platform == "linux" else 0x4004667F

"""The worker's end of the wire (docs/wire.md): two descriptors that nothing else in the process knows."""

from __future__ import annotations

import _thread
import os

from .interrupts import Interrupts
from .kinds import Iterator, Message
from .lines import decode, encode
from .streams import Streams

PIPE_BYTES = 1 << 16
"""What a pipe holds: room for more would be mapped and unmapped at each read."""


class Channel:
    """Reads requests and sends messages, each whole and in its place among what the user's code prints."""

    def __init__(self, reads: int, writes: int, streams: Streams, interrupts: Interrupts) -> None:
        self.reads = reads
        self._writes = writes
        self._streams = streams
        self._interrupts = interrupts
        self._sending = _thread.allocate_lock()
        self._rest = b""
        self.open = True
        for number in (reads, writes):
            os.set_inheritable(number, False)

    def close(self) -> None:
        """Lets go of both descriptors (in a child that was forked)."""
        self.open = False
        os.close(self.reads)
        os.close(self._writes)

    def send(self, message: Message) -> None:
        """Sends what belongs to the cell that runs, after all that was printed before it."""
        with self._interrupts:
            self._streams.settle()
            self.send_now(message)

    def send_now(self, message: Message) -> None:
        """Sends without regard to the streams. From any thread."""
        if not self.open:
            return
        with self._interrupts, self._sending:
            try:
                for piece in encode(message):
                    self._write(piece)
            except BrokenPipeError:
                pass  # the engine is gone; the inbox sees it too, and ends the process in order

    def receive(self) -> Iterator[Message]:
        """The messages that one read brings. `EOFError` when the engine is gone.

        What is no message is answered with `protocol_error` and skipped.
        """
        data = os.read(self.reads, PIPE_BYTES)
        if not data:
            raise EOFError
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not line.strip():
                continue
            try:
                message = decode(line)
                message["type"] = str(message["type"])
            except (ValueError, KeyError, RecursionError) as error:
                self.send_now({"type": "protocol_error", "message": "unreadable request: %s: %.200r" % (error, line)})
                continue
            yield message

    def _write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self._writes, view) :]

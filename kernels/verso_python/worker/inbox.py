"""Requests on their way from the channel to the main thread, and what can't wait for it."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _thread
import os
import select
import time
from _queue import SimpleQueue

from .channel import Channel
from .interrupts import Interrupts
from .kinds import Any, Callable, Message
from .streams import Streams

TICK = 100
"""Milliseconds after which an incomplete line is shown while a cell runs."""

GRACE = 1.0
"""Seconds that user code has for its `finally` blocks when the engine is gone."""


FAREWELL = 5.0
"""Seconds that `atexit` functions have after `shutdown`, when nobody is there to wait or to kill."""


class Inbox:
    """A thread that always reads: requests are queued in order; interrupts and answers are handled at once.

    It also hands on incomplete lines of text now and then while a cell runs, and ends the process with all its
    children when the channel ends.
    """

    def __init__(self, channel: Channel, streams: Streams, interrupts: Interrupts) -> None:
        self._channel = channel
        self._streams = streams
        self._interrupts = interrupts
        self._requests: Any = SimpleQueue()
        self._answers: Any = SimpleQueue()
        self._waiting = 0
        self._closing = False
        self.running: str | None = None
        """Id of the execute request that the main thread works on."""
        self.wake: Callable[[], object] | None = None
        """Called from the thread when a request came, for a main thread that waits elsewhere than in `take`."""

    def start(self) -> None:
        """Begins to read."""
        _thread.start_new_thread(self._read, ())

    def take(self) -> Message:
        """The next request, when there is one."""
        message: Message = self._requests.get()
        return message

    def empty(self) -> bool:
        """Whether no request waits."""
        return bool(self._requests.empty())

    def done(self) -> None:
        """The request taken last was replied to."""
        self._waiting -= 1
        self.running = None

    def answer(self, input_id: str) -> str | None:
        """Waits for the answer to a question; None when input ended. Interruptible."""
        while True:
            message = self._answers.get()
            if message.get("input_id") == input_id:
                value = message.get("value")
                return None if value is None else str(value)

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self._channel.reads, select.POLLIN | select.POLLHUP | select.POLLERR)
        while True:
            try:
                if not poll.poll(TICK if self._waiting > 0 else None):
                    self._streams.flush_idle()
                    continue
                for message in self._channel.receive():
                    self._sort(message)
            except (EOFError, OSError):
                break
        self._end()

    def _sort(self, message: Message) -> None:
        kind = message["type"]
        if kind == "interrupt":
            wanted = message.get("id")
            if self.running is not None and wanted in (None, self.running):
                self._interrupts.send()
            else:
                self._channel.send_now({"type": "not_running", "id": wanted})
        elif kind == "input_reply":
            self._answers.put(message)
        else:
            self._closing = self._closing or kind == "shutdown"
            self._waiting += 1
            self._requests.put(message)
            if self.wake is not None:
                self.wake()

    def _end(self) -> None:
        """The engine is gone: the user's code may clean up, then the whole process group ends."""
        leader = os.getpgrp() == os.getpid()
        if self._closing:
            time.sleep(FAREWELL)  # the process is about to end by itself, and takes this thread with it
        elif self.running is not None:
            self._interrupts.send()
            end = time.monotonic() + GRACE
            while self.running is not None and time.monotonic() < end:
                time.sleep(0.01)
        if leader:
            os.killpg(os.getpgrp(), _signal.SIGKILL)
        os._exit(1)

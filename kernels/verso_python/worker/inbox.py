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

LINGER = 20
"""Ticks without a request after which the watching thread waits to be called; before, it sees a request by itself."""

GRACE = 1.0
"""Seconds that user code has for its `finally` blocks when the engine is gone."""


FAREWELL = 5.0
"""Seconds that `atexit` functions have after `shutdown`, when nobody is there to wait or to kill."""


class Inbox:
    """Takes requests off the channel, in order; interrupts and answers are handled at once.

    While it waits for a request the main thread reads by itself: to be handed one by another thread would cost a
    tenth of a short cell. A second thread sees the end of the channel, reads while the main thread can't (it waits for
    an answer, or in an event loop, or runs a cell), and hands on incomplete lines of text now and then. When the
    channel ends, so does the process with all its children.
    """

    def __init__(self, channel: Channel, streams: Streams, interrupts: Interrupts) -> None:
        self._channel = channel
        self._streams = streams
        self._interrupts = interrupts
        self._requests: Any = SimpleQueue()
        self._answers: Any = SimpleQueue()
        self._reading = _thread.allocate_lock()
        self._call_reads, self._call_writes = os.pipe()
        self._queued: set[Any] = set()
        self._unwanted: set[Any] = set()
        self._wake: Callable[[], object] | None = None
        self._asking = False
        self._parked = False
        self._waiting = 0
        self._closing = False
        self.running: str | None = None
        """Id of the execute request that the main thread works on."""

    def start(self) -> None:
        """Begins to watch."""
        _thread.start_new_thread(self._watch, ())

    @property
    def wake(self) -> Callable[[], object] | None:
        """Called from the other thread when a request came, for a main thread that waits elsewhere than in `take`."""
        return self._wake

    @wake.setter
    def wake(self, wake: Callable[[], object] | None) -> None:
        with self._reading:  # the other thread calls it only while it holds this: not once more after it is taken back
            self._wake = wake
        self._call()

    def take(self) -> Message:
        """The next request, when there is one. For the main thread."""
        while True:
            with self._reading:
                if not self._requests.empty():
                    message: Message = self._requests.get()
                    self._queued.discard(message.get("id"))
                    return message
                try:
                    self._receive()
                except (EOFError, OSError):
                    self._end()

    def unwanted(self, identity: str) -> bool:
        """Whether a request was interrupted before it was taken. Tells it once."""
        known = identity in self._unwanted
        self._unwanted.discard(identity)
        return known

    def empty(self) -> bool:
        """Whether no request waits."""
        return bool(self._requests.empty())

    def done(self) -> None:
        """The request taken last was replied to."""
        self._waiting -= 1
        self.running = None

    def answer(self, input_id: str) -> str | None:
        """Waits for the answer to a question; None when input ended. Interruptible."""
        self._asking = True
        self._call()
        try:
            while True:
                message = self._answers.get()
                if message.get("input_id") == input_id:
                    value = message.get("value")
                    return None if value is None else str(value)
        finally:
            self._asking = False

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._call_reads, select.POLLIN)
        idle = 0
        while True:
            reads = self._asking or self._wake is not None
            poll.register(self._channel.reads, select.POLLIN if reads else 0)  # the end is reported in any case
            self._parked = idle >= LINGER and not reads
            if self._parked and self._waiting:
                self._parked = False
            events = dict(poll.poll(None if self._parked else TICK))
            idle = 0 if self._waiting or reads else idle + 1
            if self._call_reads in events:
                os.read(self._call_reads, 64)
            channel = events.get(self._channel.reads, 0)
            try:
                if channel & ~select.POLLIN:
                    with self._reading:
                        while True:
                            self._receive()
                if channel or (self._waiting and not events):
                    self._receive_waiting()
            except (EOFError, OSError):
                break
            if self._waiting and not events:
                self._streams.flush_idle()
        self._end()

    def _receive_waiting(self) -> None:
        """Takes off the channel what is there, unless the main thread reads."""
        if self._reading.acquire(False):
            try:
                if select.select([self._channel.reads], [], [], 0)[0]:
                    self._receive()
            finally:
                self._reading.release()

    def _receive(self) -> None:
        """Sorts the messages of one read; `_reading` is held."""
        for message in self._channel.receive():
            self._sort(message)

    def _call(self) -> None:
        """Has the other thread look anew at what it should do."""
        os.write(self._call_writes, b".")

    def _sort(self, message: Message) -> None:
        kind = message["type"]
        if kind == "interrupt":
            wanted = message.get("id")
            if wanted in self._queued:
                self._unwanted.add(wanted)
            elif self.running is not None and wanted in (None, self.running):
                # The engine's signal is faster, unless it came before the cell had begun.
                if not self._interrupts.delivered:
                    self._interrupts.send()
            else:
                self._channel.send_now({"type": "not_running", "id": wanted})
        elif kind == "input_reply":
            self._answers.put(message)
        else:
            self._closing = self._closing or kind == "shutdown"
            self._waiting += 1
            self._queued.add(message.get("id"))
            self._requests.put(message)
            if self._parked:
                self._call()
            if self._wake is not None:
                self._wake()

    def _end(self) -> None:
        """The engine is gone: the user's code may clean up, then the whole process group ends."""
        leader = os.getpgrp() == os.getpid()
        if self.running is not None:
            self._interrupts.send()
            end = time.monotonic() + GRACE
            while self.running is not None and time.monotonic() < end:
                time.sleep(0.01)
        if self._closing and self.running is None:
            time.sleep(FAREWELL)  # the process is about to end by itself, and takes this thread with it
        if leader:
            os.killpg(os.getpgrp(), _signal.SIGKILL)
        os._exit(1)

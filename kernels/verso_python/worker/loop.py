"""The event loop for top-level `await`: one for all cells, so that tasks started in one go on in the next."""

from __future__ import annotations

import asyncio
import selectors

from .inbox import Inbox
from .interrupts import Interrupts
from .kinds import Any

PATIENCE = 5.0
"""Seconds that an interrupted cell has for its own cleaning up before it is left behind."""

_OWN_FILES = (asyncio.__file__.rpartition("/")[0] + "/", selectors.__file__, __file__)


class Loop:
    """Runs coroutines of cells. Made when the first cell needs it; `asyncio` is not imported before."""

    def __init__(self, inbox: Inbox, interrupts: Interrupts) -> None:
        self._inbox = inbox
        self._loop = asyncio.new_event_loop()
        self._task: Any = None
        interrupts.idle = self._cancel
        asyncio.set_event_loop(self._loop)

    def run(self, coroutine: Any) -> Any:
        """Runs a cell's coroutine to its end. `KeyboardInterrupt` when it was interrupted."""
        asyncio.set_event_loop(self._loop)
        task = self._task = self._loop.create_task(coroutine)
        self._interrupted = False
        try:
            return self._loop.run_until_complete(task)
        except asyncio.CancelledError:
            if self._interrupted:
                raise KeyboardInterrupt from None
            raise
        except KeyboardInterrupt:
            if not task.done():
                self._end(task)
            raise
        finally:
            self._task = None

    def wait(self) -> None:
        """Lets tasks in the background go on until a request is there."""
        if not asyncio.all_tasks(self._loop):
            return
        self._inbox.wake = lambda: self._loop.call_soon_threadsafe(self._loop.stop)
        try:
            if self._inbox.empty():
                self._loop.run_forever()
        finally:
            self._inbox.wake = None
            # A request may have come between the two lines above: the stop that it asked for must not meet the next
            # cell.
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()

    def close(self) -> None:
        """Cancels what still runs."""
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _cancel(self, frame: Any) -> bool:
        """An interrupt while the loop waits: the cell's task is cancelled in the loop's own way.

        Code of the user's on the stack (a busy coroutine) gets the exception instead.
        """
        task = self._task
        if task is None or self._interrupted:
            return False
        while frame is not None and frame.f_code is not Loop.run.__code__:
            if not frame.f_code.co_filename.startswith(_OWN_FILES) and not _frozen(frame):
                return False
            frame = frame.f_back
        if frame is None:
            return False
        self._interrupted = True
        self._loop.call_soon_threadsafe(task.cancel)
        return True

    def _end(self, task: Any) -> None:
        """Cancels a task that the exception did not end, and gives it time for its `finally` blocks."""
        task.cancel()
        try:
            self._loop.run_until_complete(asyncio.wait([task], timeout=PATIENCE))
        except KeyboardInterrupt:
            pass
        if task.done() and not task.cancelled():
            task.exception()


def _frozen(frame: Any) -> bool:
    return bool(frame.f_code.co_filename.startswith("<frozen "))

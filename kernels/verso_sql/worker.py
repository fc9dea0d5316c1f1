"""One thread that makes all blocking calls of a kernel, so that a driver sees one thread and the loop none of it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Worker:
    """Runs functions one after the other in a thread of its own. The thread is a daemon: a driver that never
    comes back does not keep the program from ending."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What `function(*arguments)` returns or raises. When the waiting task is cancelled, the call goes on."""
        return await self.submit(function, *arguments)

    def submit(self, function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """Hands a call over at once; the future has what it returns or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((lambda: function(*arguments), loop, future))
        return future

    def close(self) -> None:
        """Ends the thread when it has done what it was given."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            call, loop, future = job
            try:
                result = call()
            except BaseException as error:
                _tell(loop, _fail, future, error)
            else:
                _tell(loop, _finish, future, result)
            # The frame must not keep the last result (a table, say) while it waits.
            del job, call, future
            result = None


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[..., None], future: asyncio.Future[Any], what: Any) -> None:
    try:
        loop.call_soon_threadsafe(how, future, what)
    except RuntimeError:
        # The loop is closed: nobody waits any more.
        pass


def _finish(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)

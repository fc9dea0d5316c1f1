"""A request on its way to a worker and back."""

from __future__ import annotations

import asyncio
from typing import Any

from verso.api.kernel import Sink


class PendingRequest:
    """A request that a worker was asked, or will be when it is free.

    `reply` is resolved with the reply's message, or with why there is none; who waits for it may give up (cancel it)
    without changing anything for the worker. `over` is resolved when the worker is done with it. `stopping` is
    resolved when the worker says that it is stopping the code, or is done. `sink`: where an execute request's outputs
    go. `violated`: a message that belongs to it broke the protocol. `broken`: what its sink raised.
    """

    __slots__ = ("asking", "broken", "id", "message", "noted", "over", "reply", "sink", "stopping", "violated")

    def __init__(self, request_id: str, message: dict[str, Any], sink: Sink | None) -> None:
        loop = asyncio.get_running_loop()
        self.id = request_id
        self.message = message
        self.sink = sink
        self.reply: asyncio.Future[dict[str, Any]] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self.stopping: asyncio.Future[None] = loop.create_future()
        self.asking: set[asyncio.Task[None]] = set()
        self.noted: set[str] = set()
        self.violated = False
        self.broken: Exception | None = None

    def resolve(self, outcome: dict[str, Any] | Exception) -> None:
        """The worker is done with it. Questions that are still open are withdrawn. Later outcomes are ignored."""
        if self.over.done():
            return
        self.over.set_result(None)
        self.mark_stopping()
        for task in self.asking:
            task.cancel()
        if self.reply.done():
            return
        if isinstance(outcome, dict):
            self.reply.set_result(outcome)
        else:
            self.reply.set_exception(outcome)
            self.reply.exception()  # who asked may be gone: then nobody misses it

    def mark_stopping(self) -> None:
        """The worker is stopping the code."""
        if not self.stopping.done():
            self.stopping.set_result(None)

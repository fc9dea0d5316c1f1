"""Hands events to whoever follows a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from verso.api.events import Event, Notice

Listener = Callable[[Event], None]


class Events:
    """Listeners are called in order of subscription, each with every event, before `emit` returns."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._queues: list[asyncio.Queue[Event | None]] = []
        self._closed = False

    def emit(self, event: Event) -> None:
        """Tells everybody. A listener that raises is dropped, and the others are told why."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:
                self._listeners.remove(listener)
                self.emit(Notice(message=f"a listener failed and is left out: {type(error).__name__}: {error}"))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; returns what removes it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def stream(self) -> AsyncIterator[Event]:
        """Every event from the first `anext` on, until `close`."""
        if self._closed:
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.append(queue)
        unsubscribe = self.subscribe(queue.put_nowait)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            unsubscribe()
            self._queues.remove(queue)

    def close(self) -> None:
        """Ends every stream after what it has not read yet."""
        self._closed = True
        for queue in self._queues:
            queue.put_nowait(None)

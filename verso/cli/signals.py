"""Signals that end a run."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from functools import partial
from typing import Final

from verso.engine.session import Session

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP stop the session; what ran is shown and saved. The first one interrupts the running
    cell, a second one ends the kernels at once. A context manager around the life of the `session`, which is set once
    it is open. `received`: the first one. A SIGHUP that is ignored stays so (nohup(1)).
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.received: signal.Signals | None = None
        self._loop = asyncio.get_running_loop()
        self._caught: list[signal.Signals] = []
        self._stopping: set[asyncio.Task[None]] = set()

    def __enter__(self) -> StopSignals:
        for name in _NAMES:
            number: signal.Signals | None = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the program
                self._loop.add_signal_handler(number, partial(self._receive, number))
                self._caught.append(number)
        return self

    def __exit__(self, *exception: object) -> None:
        for number in self._caught:
            self._loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Interrupts the session, as the first signal does. For any thread."""
        self._loop.call_soon_threadsafe(self._stop, False)

    def _receive(self, number: signal.Signals) -> None:
        again = self.received is not None
        self.received = self.received or number
        self._stop(again)

    def _stop(self, at_once: bool) -> None:
        if self.session is None:
            return
        task = asyncio.ensure_future(self.session.kill() if at_once else self.session.interrupt())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

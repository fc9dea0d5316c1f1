"""Interrupts: SIGINT becomes `KeyboardInterrupt` in the user's code and never anywhere else.

User code runs below `Interrupts.run`; a signal that arrives while that frame is on the stack raises there, unless
the worker is inside a short section of its own (`with interrupts:`), which is left first. At any other moment
the signal is remembered and raised when user code begins, or forgotten when the request ends.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` itself imports `enum`
import _thread
import sys
import time

from .kinds import Any, Callable


class Interrupts:
    """The worker's answer to SIGINT. Entered as a context manager it holds interrupts back for that long."""

    def __init__(self) -> None:
        self._main = _thread.get_ident()
        self._held = 0
        self._pending = False
        self._turn = 0
        self.delivered = False
        """Whether the user's code of this request was interrupted already: once is what one interrupt asks for."""
        self.idle: Callable[[Any], bool] | None = None
        """Asked first with the interrupted frame; True when it took care of the interrupt (a waiting event loop)."""

    def install(self) -> None:
        """Takes SIGINT. Called before each cell, for a cell before may have left another handler of Python's own."""
        if _signal.getsignal(_signal.SIGINT) in (_signal.SIG_DFL, _signal.SIG_IGN, _signal.default_int_handler, None):
            _signal.signal(_signal.SIGINT, self._handle)
            self._unraisable = sys.unraisablehook
            sys.unraisablehook = self._repeat

    def forget(self) -> None:
        """A new request begins, or the last one has ended: what came before does not concern it."""
        self._pending = self.delivered = False
        self._turn += 1

    def hold(self) -> None:
        """Interrupts user code when it begins."""
        self._pending = True

    def send(self) -> None:
        """Interrupts the main thread from any other one, a system call it waits in included."""
        _signal.pthread_kill(self._main, _signal.SIGINT)

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls user code. `KeyboardInterrupt` when a signal comes, or came while the worker prepared the call."""
        if self._pending:
            self._pending = False
            self.delivered = True
            raise KeyboardInterrupt
        return function(*arguments)

    def __enter__(self) -> None:
        if _thread.get_ident() == self._main:
            self._held += 1

    def __exit__(self, *_: object) -> None:
        if _thread.get_ident() == self._main:
            self._held -= 1
            if self._pending and not self._held and self._in_user_code(sys._getframe()):
                self._pending = False
                self.delivered = True
                raise KeyboardInterrupt

    def _handle(self, _number: int, frame: Any) -> None:
        if self._held or not self._in_user_code(frame):
            self._pending = True
            return
        self.delivered = True
        if self.idle is None or not self.idle(frame):
            raise KeyboardInterrupt

    def _repeat(self, unraisable: Any) -> None:
        """The exception came where Python drops it (`__del__`, a callback of C code): once more, a moment later."""
        if unraisable.exc_type is KeyboardInterrupt and _thread.get_ident() == self._main:
            _thread.start_new_thread(self._send_later, (self._turn,))
        else:
            self._unraisable(unraisable)

    def _send_later(self, turn: int) -> None:
        time.sleep(0.001)
        if turn == self._turn:
            self.send()

    def _in_user_code(self, frame: Any) -> bool:
        code = Interrupts.run.__code__
        while frame is not None:
            if frame.f_code is code:
                return True
            frame = frame.f_back
        return False

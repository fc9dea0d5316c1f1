"""When a cell has to end."""

from __future__ import annotations

import time


class Deadline:
    """The nearer of a cell's own limit, which counts from `begin`, and the end of the run it belongs to.

    `cell_limit`: seconds. `run_ends_at`: on the clock of `time.monotonic`. None for no limit.
    """

    __slots__ = ("_cell_limit", "at", "whole_run")

    def __init__(self, cell_limit: float | None, run_ends_at: float | None) -> None:
        self.at = run_ends_at
        self.whole_run = run_ends_at is not None
        self._cell_limit = cell_limit

    def begin(self) -> None:
        """The cell's turn has come: from now on its own limit counts."""
        if self._cell_limit is not None:
            own = time.monotonic() + self._cell_limit
            if self.at is None or own < self.at:
                self.at, self.whole_run = own, False

    def left(self) -> float | None:
        """Seconds until then (not below 0), or None for no limit."""
        return None if self.at is None else max(0.0, self.at - time.monotonic())

    def describe(self) -> str:
        """For the message that a stopped cell shows."""
        return "the time limit of the whole run" if self.whole_run else f"its time limit of {self._cell_limit:g} s"

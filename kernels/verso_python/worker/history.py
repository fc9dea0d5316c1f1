"""What came before, under the names that IPython's users know: `_`, `__`, `___`, `_3`, `Out`, `In`."""

from __future__ import annotations

from .kinds import Any


class History:
    """Keeps the namespace's record of inputs and results. A user's own `_` is left alone."""

    NAMES = frozenset(("In", "Out"))

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._space = namespace
        self._inputs = [""]
        self._results: dict[int, Any] = {}
        self._last: tuple[Any, ...] = ("", "", "")
        namespace.update({"In": self._inputs, "Out": self._results})

    def input(self, text: str) -> None:
        """A cell is about to run."""
        self._inputs.append(text)

    def result(self, value: Any, execution_count: int) -> int:
        """A cell's last expression had this value. Returns how many names the namespace gained by it."""
        before = len(self._space)
        self._results[execution_count] = value
        space = self._space
        space["_%d" % execution_count] = value
        if space.get("_", self._last[0]) is self._last[0]:
            self._last = (value, *self._last[:2])
            space["_"], space["__"], space["___"] = self._last
        return len(self._space) - before

"""The inputs of this kernel's life, for front ends that scroll back through them (`history_request`)."""

from __future__ import annotations

import fnmatch
from collections import deque
from typing import Any, Final

_KEPT: Final = 1_000
_SESSION: Final = 1


class History:
    """The last inputs, each with its execution count."""

    def __init__(self) -> None:
        self._inputs: deque[tuple[int, str]] = deque(maxlen=_KEPT)

    def add(self, execution_count: int, code: str) -> None:
        """Remembers an input."""
        self._inputs.append((execution_count, code))

    def answer(self, content: dict[str, Any]) -> list[list[Any]]:
        """What a `history_request` asks for, as `[session, execution count, input]`; with `output` the input is a pair
        of which the second is null, since outputs are not kept."""
        found = list(self._inputs)
        match content.get("hist_access_type"):
            case "range":
                start, stop = content.get("start") or 0, content.get("stop")
                found = [each for each in found if start <= each[0] and (stop is None or each[0] < stop)]
            case "search":
                pattern = str(content.get("pattern") or "*")
                found = [each for each in found if fnmatch.fnmatchcase(each[1], pattern)]
                if content.get("unique"):
                    found = list({code: (count, code) for count, code in found}.values())
        count = content.get("n")
        if isinstance(count, int):
            found = found[-count:] if count > 0 else []
        both = bool(content.get("output"))
        return [[_SESSION, count, [code, None] if both else code] for count, code in found]

"""Stream text as a terminal would leave it: carriage returns, backspaces, and a limit on its size."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Final

_OVERWRITTEN: Final = re.compile(r"[^\n]*[\r\b][^\n]*")
_COMPACT_AT: Final = 262_144


class StreamText:
    """The text of one run of stream messages, kept within `limit` characters.

    Within the limit it is exact. Beyond, the first and the last half of the limit stay, with a marker between them
    that says how much is missing; `where_full` says where all of it is, or returns an empty text.
    """

    def __init__(self, limit: int, where_full: Callable[[], str] = lambda: "") -> None:
        self._limit = max(limit, 2)
        self._where_full = where_full
        self._head: list[str] = []
        self._head_size = 0
        self._fresh = 0
        self._tail: deque[str] | None = None
        self._tail_size = 0
        self._left_out = 0

    def add(self, text: str) -> None:
        """Appends text."""
        if self._tail is not None:
            self._add_to_tail(text)
            return
        self._head.append(text)
        self._head_size += len(text)
        self._fresh += len(text)
        if self._fresh > _COMPACT_AT or self._head_size > self._limit:
            self._compact()

    def text(self) -> str:
        """The text as it stands now."""
        head = overwrite("".join(self._head))
        if self._tail is None:
            return head
        tail = overwrite("".join(self._tail))
        return f"{head}{self._marker()}{tail}"

    def _compact(self) -> None:
        # Progress bars rewrite one line thousands of times: only what is left of them counts against the limit.
        text = overwrite("".join(self._head), keep_last_line=True)
        self._fresh = 0
        if len(text) <= self._limit:
            self._head, self._head_size = [text], len(text)
            return
        half = self._limit // 2
        self._head, self._head_size = [text[:half]], half
        self._tail = deque()
        self._add_to_tail(text[half:])

    def _add_to_tail(self, text: str) -> None:
        assert self._tail is not None
        half = self._limit - self._limit // 2
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size - len(self._tail[0]) >= half:
            first = self._tail.popleft()
            self._tail_size -= len(first)
            self._left_out += len(first)
        if self._tail_size > half:
            cut = self._tail_size - half
            self._tail[0] = self._tail[0][cut:]
            self._tail_size -= cut
            self._left_out += cut

    def _marker(self) -> str:
        full = self._where_full()
        where = f"all of it is in {full}" if full else f"the limit is {self._limit:,} characters"
        return f"\n… {self._left_out:,} characters left out here; {where} …\n"


def overwrite(text: str, *, keep_last_line: bool = False) -> str:
    """`text` with `\\r` and `\\b` carried out as a terminal does: what follows a carriage return writes over the line.

    `\\r\\n` is a newline. With `keep_last_line` the unfinished last line keeps its control characters, since more
    of it may come.
    """
    if "\r" not in text and "\b" not in text:
        return text
    done, newline, last = text.rpartition("\n") if keep_last_line else (text, "", "")
    if keep_last_line and "\r" in last:
        # Only the part behind the last two returns can still matter to what comes.
        last = _overwritten_line(last[: last.rfind("\r")]) + last[last.rfind("\r") :]
    done = _OVERWRITTEN.sub(lambda match: _overwritten_line(match[0]), done.replace("\r\n", "\n"))
    return done + newline + last


def _overwritten_line(line: str) -> str:
    shown: list[str] = []
    for place, part in enumerate(line.split("\r")):
        if place and not part:
            continue
        written: list[str] = []
        for character in part:
            if character == "\b":
                del written[-1:]
            else:
                written.append(character)
        shown[: len(written)] = written
    return "".join(shown)

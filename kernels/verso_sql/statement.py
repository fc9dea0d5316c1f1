"""One statement of a cell, and what of it stands for variables."""

from __future__ import annotations

from verso.api.record import Record


class Reference(Record):
    """One `@name` in a statement, from `start` to `end` in code points from the statement's start.

    `in_list`: it is the only thing between the parentheses of `IN (…)`, so a list stands for its items. `own`: the
    database has variables or operators that look like this, so a name that nobody shared is left as it is."""

    name: str
    start: int
    end: int
    in_list: bool = False
    own: bool = False


class Statement(Record):
    """One statement: `text` without the semicolon after it; `start` is its offset in the cell's code.

    `verb`: its first word, upper case. `words`: the names in it that could be tables, as they are written."""

    text: str
    start: int
    verb: str
    references: tuple[Reference, ...] = ()
    words: frozenset[str] = frozenset()


class UnfinishedError(Exception):
    """A string, quoted name or comment is not closed. `offset`: where it begins; `what` it is."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"the {what} that begins here is not closed")
        self.what = what
        self.offset = offset


def line_and_column(code: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    offset = max(0, min(offset, len(code)))
    return code.count("\n", 0, offset) + 1, offset - (code.rfind("\n", 0, offset) + 1) + 1

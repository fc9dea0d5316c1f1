"""Where one statement of a cell ends and the next begins, and where `@name` stands for a variable."""

from __future__ import annotations

import importlib
import re

from verso.api.record import Record

_AROUND = "; \t\r\n"
_NEEDS_TOKENS = re.compile(r"[;@#]|--|/\*|//")
_NEEDS_TOKENS_ALWAYS = frozenset({"mysql", "tsql"})


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


def split(code: str, dialect: str) -> tuple[Statement, ...]:
    """The statements of `code` in the `dialect` (sqlglot's name for it), without empty ones. `UnfinishedError`.

    A cell without comments, `@` and semicolons but the last is one statement; the tokenizer (some 50 ms to import)
    is only loaded for the others.
    """
    bare = code.strip(_AROUND)
    if not bare:
        return ()
    if is_plain(code, dialect):
        return (_plain(code, bare),)
    found: tuple[Statement, ...] = importlib.import_module("verso_sql.tokens").split(code, dialect)
    return found


def is_plain(code: str, dialect: str) -> bool:
    """Whether `split` does without the tokenizer."""
    bare = code.strip(_AROUND)
    return not bare or (dialect not in _NEEDS_TOKENS_ALWAYS and not _NEEDS_TOKENS.search(bare))


def _plain(code: str, text: str) -> Statement:
    words = re.findall(r"[^\W\d]\w*", text)
    return Statement(text=text, start=code.index(text), verb=words[0].upper() if words else "", words=frozenset(words))


def line_and_column(code: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    offset = max(0, min(offset, len(code)))
    return code.count("\n", 0, offset) + 1, offset - (code.rfind("\n", 0, offset) + 1) + 1

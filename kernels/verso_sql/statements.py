"""Where one statement of a cell ends and the next begins, and where `@name` stands for a variable."""

from __future__ import annotations

import importlib
import re

from verso_sql.statement import Statement

_AROUND = "; \t\r\n"
_NEEDS_TOKENS = re.compile(r"[;@#]|--|/\*|//")
_NEEDS_TOKENS_ALWAYS = frozenset({"mysql", "tsql"})


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

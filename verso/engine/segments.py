"""Splits a cell's source at its magic lines: which code goes to which kernel, and what speaks to the engine.

`#!name` is a line of its own that starts in the first column. The name of a kernel switches the language for
what follows. The name of a magic calls it. Any other name is an error where only magics and blank lines stand
above it in its part, and code everywhere else (a comment or a shebang in most languages).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from verso.api.record import Record

_MAGIC: Final = re.compile(r"#!([A-Za-z][\w:.+-]*)(?=\s|$)(.*)", re.DOTALL)

Kind = Literal["kernel", "magic", "unknown"]


class CodePart(Record):
    """Code for the current language. `source` has blank lines in place of what stands above it, so that line
    numbers are the cell's."""

    source: str


class SwitchPart(Record):
    """The language is `language` from here on. `column`: of what stands behind the name and is not taken; else 0."""

    language: str
    line: int
    column: int = 0


class MagicPart(Record):
    """A magic line. `arguments_at`: index in `text` behind the name. `body`: all lines below it in the cell, for
    magics that take them."""

    name: str
    text: str
    line: int
    arguments_at: int
    known: bool
    body: str


Part = CodePart | SwitchPart | MagicPart


def has_magics(source: str) -> bool:
    """Whether a source has a line that could be a magic; cheap, since most cells have none."""
    return source.startswith("#!") or "\n#!" in source


def split_cell(source: str, classify: Callable[[str], Kind], takes_body: Callable[[str], bool]) -> Iterator[Part]:
    """The parts of a cell, in order.

    `classify` is asked when a line is reached and not before: what a magic above it connected is known by then.
    """
    lines = source.split("\n")
    code_from = 0
    at_top = True
    for place, text in enumerate(lines):
        match = _MAGIC.match(text)
        kind = classify(match[1]) if match else "unknown"
        if match is None or (kind == "unknown" and not at_top):
            at_top = at_top and not text.strip()
            continue
        if not at_top:
            yield _code(lines, code_from, place)
        at_top = True
        code_from = place + 1
        if kind == "kernel":
            rest = match[2]
            column = match.end() - len(rest.lstrip()) + 1 if rest.strip() else 0
            yield SwitchPart(language=match[1], line=place + 1, column=column)
            continue
        with_body = kind == "magic" and takes_body(match[1])
        body = "\n".join(lines[place + 1 :]) if with_body else ""
        yield MagicPart(
            name=match[1], text=text, line=place + 1, arguments_at=match.end(1), known=kind == "magic", body=body
        )
        if with_body:
            return
    if not at_top:
        yield _code(lines, code_from, len(lines))


def _code(lines: list[str], start: int, end: int) -> CodePart:
    return CodePart(source="\n" * start + "\n".join(lines[start:end]))

"""A cell's text with the shared variables in it, and the way back to the positions of the original."""

from __future__ import annotations

import re
from collections.abc import Mapping

from verso.api.record import Record
from verso.api.substitution import Range, places, value_text
from verso.api.values import TypedValue

_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_COMMENT = re.compile(r"^[ \t]*%%.*$", re.MULTILINE)


class Source(Record):
    """`text` is what is drawn. `pieces`: start and length in `text`, start and length in the original, in order."""

    text: str
    original: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def original_position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of the original for an offset in `text`."""
        shift = 0
        for start, length, was, was_length in self.pieces:
            if offset < start:
                break
            if offset < start + length:
                return line_and_column(self.original, was)
            shift = was + was_length - (start + length)
        return line_and_column(self.original, offset + shift)


def fill(code: str, values: Mapping[str, TypedValue]) -> Source:
    """The cell's text with each `@name` replaced by its value, outside comments. Line breaks in a value become spaces,
    and double quotes and hashes Mermaid's own entities, so that a value stays within its label. Blank lines at its
    beginning are left out: Mermaid wants the `---` of its settings in the first line."""
    parts: list[str] = []
    end, length = len(code) - len(_BLANK_LINES.sub("", code)), 0
    pieces: list[tuple[int, int, int, int]] = [(0, 0, 0, end)]
    for place in places(code, comments(code)):
        if place.name and place.name not in values:
            continue
        shown = _label(value_text(values[place.name])) if place.name else "@"
        kept = code[end : place.start]
        length += len(kept)
        pieces.append((length, len(shown), place.start, place.end - place.start))
        length += len(shown)
        parts += kept, shown
        end = place.end
    return Source(text="".join((*parts, code[end:])), original=code, pieces=tuple(pieces))


def comments(code: str) -> tuple[Range, ...]:
    """The ranges of Mermaid's comments and directives, where `@` means nothing."""
    return tuple(found.span() for found in _COMMENT.finditer(code))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    offset = max(0, min(offset, len(text)))
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _label(text: str) -> str:
    return " ".join(text.split("\n")).replace("#", "#35;").replace('"', "#quot;")

"""Positions in code: PowerShell counts UTF-16 code units, Verso Unicode code points."""

from __future__ import annotations

import re
from typing import Final

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


def units(text: str, position: int) -> int:
    """The UTF-16 position (from 0) of a code point position (from 0)."""
    return position + sum(1 for character in text[:position] if character > "\uffff")


def points(text: str, position: int) -> int:
    """The code point position (from 0) of a UTF-16 position (from 0). One inside of a surrogate pair is that of
    its character; one beyond the end is the end."""
    left = position
    for index, character in enumerate(text):
        left -= 2 if character > "\uffff" else 1
        if left < 0:
            return index
    return min(position, len(text))


def column(text: str, line: int, units_column: int) -> int:
    """The column (from 1) in code points, of a line (from 1) and column (from 1) in UTF-16 units within `text`.
    0 (not known) stays 0, and so does a column on a line that the text does not have."""
    if units_column < 1 or line < 1 or text.isascii():
        return units_column
    lines = _LINE_END.split(text)
    if line > len(lines):
        return units_column
    shown = lines[line - 1]
    beyond = units_column - 1 - units(shown, len(shown))
    if beyond > 0:
        return len(shown) + 1 + beyond
    return points(shown, units_column - 1) + 1

"""Where in a statement a database's error message points."""

from __future__ import annotations

import re
import unicodedata

_NAMED = (
    re.compile(r'near "([^"]+)"'),
    re.compile(r"near '([^'\s]+)"),
    re.compile(r"no such (?:table|column|function|collation sequence): ([\w.]+)"),
    re.compile(r"has no column named (\w+)"),
    re.compile(
        r"(?:[Tt]able|[Vv]iew|[Cc]olumn|[Ff]unction|[Tt]ype|[Ss]chema|[Mm]acro|Catalog) "
        r"(?:with name )?[\"'`]?([\w.]+)[\"'`]? "
    ),
    re.compile(r"[Uu]nknown (?:column|table) '([\w.]+)'"),
    re.compile(r"Invalid (?:object|column) name '([\w.]+)'"),
)
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)


def caret_offset(message: str, text: str) -> int | None:
    """The offset in `text` of a message that shows a line and a caret below it, as DuckDB's do."""
    found = _LINE.search(message)
    if found is None:
        return None
    shown, _, caret_line = message[found.end() :].partition("\n")
    caret = caret_line.find("^") - (found.end() - found.start())
    lines = text.split("\n")
    number = int(found[1]) - 1
    if caret < 0 or number >= len(lines):
        return None
    start = sum(len(line) + 1 for line in lines[:number])
    piece = shown.removeprefix("...").removesuffix("...")
    left_cut = len("...") if shown.startswith("...") else 0
    at = lines[number].find(piece)
    return start + at + _characters(piece, caret - left_cut) if at >= 0 else start


def _characters(text: str, width: int) -> int:
    """How many characters of `text` take up `width` columns of a terminal, which is what a caret counts."""
    for place, character in enumerate(text):
        taken = character_width(character)
        if width <= 0 < taken:
            return place
        width -= taken
    return len(text)


def character_width(character: str) -> int:
    """Columns that a character takes in a terminal: 2 for wide ones, 0 for combining and control characters."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def without_excerpt(message: str) -> str:
    """A message without the line and caret that it shows, since the editor shows the place itself."""
    found = _LINE.search(message)
    return message[: found.start()].rstrip() if found else message.strip()


def named_offset(message: str, text: str) -> int | None:
    """The offset of the word that a message names, where it stands first as a word of its own."""
    for pattern in _NAMED:
        for found in pattern.finditer(message):
            word = found[1].rpartition(".")[2] or found[1]
            place = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
            if place:
                return place.start()
    return None

"""The options that may stand in a cell's first line: `--connection n --name var --no-display --page-size n`."""

from __future__ import annotations

import re
import shlex

from verso.api.errors import MagicError
from verso.api.record import Record

OPTIONS = ("--connection", "--name", "--no-display", "--page-size", "--timeout")
MAX_PAGE_SIZE = 10_000

_FIRST_WORD = re.compile(rf"\s*(?:{'|'.join(OPTIONS)})(?![\w-])")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class CellOptions(Record):
    """What the first line asks for. `connection`: name, empty for the default one. `name`: of the shared variable
    that the (last) result becomes, empty when the cell does not say. `display`: whether results are shown.
    `page_size`: rows shown of each result, None for the kernel's. `timeout`: seconds for the cell, None for no limit.
    """

    connection: str = ""
    name: str = ""
    display: bool = True
    page_size: int | None = None
    timeout: float | None = None


def read_options(code: str) -> tuple[CellOptions, str]:
    """The options of a cell and its code with spaces for the option line, so that every place stays as it is.

    A first line that begins with none of the options is a comment or code. `MagicError` for an unknown option after
    a known one, a missing or a wrong value.
    """
    line, newline, rest = code.partition("\n")
    if not _FIRST_WORD.match(line):
        return CellOptions(), code
    return _parse(line), " " * len(line) + newline + rest


def _parse(line: str) -> CellOptions:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise MagicError(f"the option line can't be read: {error}", line=1, column=1) from None
    found = CellOptions()
    at = 0
    while at < len(words):
        word = words[at]
        if word not in OPTIONS:
            raise MagicError(
                f"{word!r} is no option of a SQL cell",
                line=1,
                column=_column(line, word),
                next_step=f"options: {', '.join(OPTIONS)}; a comment has a space after the dashes",
            )
        if word == "--no-display":
            found = found.replace(display=False)
            at += 1
            continue
        if at + 1 >= len(words) or words[at + 1] in OPTIONS:
            raise MagicError(f"{word} needs a value", line=1, column=_column(line, word))
        found = _with_value(found, word, words[at + 1], _column(line, word))
        at += 2
    return found


def _column(line: str, word: str) -> int:
    found = re.search(rf"(?<!\S){re.escape(word)}(?!\S)", line)
    return (found.start() if found else line.find(word)) + 1


def _with_value(options: CellOptions, option: str, value: str, column: int) -> CellOptions:
    if option == "--connection":
        return options.replace(connection=value)
    if option == "--name":
        if not _IDENTIFIER.fullmatch(value):
            raise MagicError(
                f"{value!r} is no name for a variable",
                line=1,
                column=column,
                next_step="a letter or _, then letters, digits or _",
            )
        return options.replace(name=value)
    number = _number(option, value, column)
    if option == "--timeout":
        return options.replace(timeout=number or None)
    return options.replace(page_size=min(int(number), MAX_PAGE_SIZE))


def _number(option: str, value: str, column: int) -> float:
    try:
        number = float(value) if option == "--timeout" else int(value)
    except ValueError:
        number = -1
    if not 0 <= number < 1e9 or (option == "--page-size" and number < 1):
        kind = "a number of seconds" if option == "--timeout" else "a number of rows, 1 or more"
        raise MagicError(f"{option} takes {kind}, not {value!r}", line=1, column=column)
    return number

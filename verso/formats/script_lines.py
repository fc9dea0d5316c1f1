"""Lines of a percent script: which are markers, and how cell text is written so that it comes back as it was."""

from __future__ import annotations

import re
from typing import Final

_MAGIC: Final = r"%{1,2}[A-Za-z]\w+(?:\s|$)|[!?][A-Za-z./~$]"
"""IPython's magics, as far as they can't be mistaken for the beginning of a sentence in a comment."""

_CELL_MAGIC: Final = re.compile(r"%%[A-Za-z]\w*")
_DOCSTRING: Final = ('"""', "'''")


class ScriptLines:
    """How one language's script is written. `comment`: its line comment. `language`: the kernel's name.

    A line of code that would be taken for a marker, and a magic that the language does not have, get one comment
    sign in front; lines that have one or more are given one more. Reading takes one away from the same lines.
    """

    def __init__(self, comment: str, language: str) -> None:
        self.comment = comment
        self.language = language
        sign = re.escape(comment)
        self._marker = re.compile(rf"{sign} ?(%%(?:\s.*)?)$", re.DOTALL)
        protected = rf"{sign} ?%%(?:\s.*)?$"
        if language == "python":
            protected += rf"|[ \t]*(?:{_MAGIC})"
        if comment != "#":
            protected += "|#!"
        self._bare = re.compile(rf"(?:{sign} )*(?:{protected})", re.DOTALL)
        self._guarded = re.compile(rf"{sign} (?=(?:{sign} )*(?:{protected}))", re.DOTALL)
        self._cell_magics = language == "python"

    def is_marker(self, line: str) -> bool:
        """Whether the line begins a cell."""
        return self._marker.match(line) is not None

    def marker_of(self, line: str) -> str:
        """The text of a marker line, from `%%` on."""
        match = self._marker.match(line)
        return match[1] if match else ""

    def written(self, lines: list[str], *, commented: bool) -> list[str]:
        """A cell's lines as the script has them; all are comments when `commented` or below a cell magic."""
        if commented or self._is_cell_magic(lines):
            lines = [f"{self.comment} {line}" if line else self.comment for line in lines]
            return [f"{self.comment} {line}" if self._looks_like_marker(line) else line for line in lines]
        return [f"{self.comment} {line}" if self._bare.match(line) else line for line in lines]

    def read(self, lines: list[str], *, commented: bool) -> list[str]:
        """A cell's lines from the script; the inverse of `written`. A cell to be commented may also stand as it is,
        or (two lines and more) in a docstring."""
        if commented or self._is_commented_cell_magic(lines):
            return self._uncommented(lines)
        return [self._guarded.sub("", line, count=1) if self._guarded.match(line) else line for line in lines]

    def _looks_like_marker(self, line: str) -> bool:
        sign = f"{self.comment} "
        while line.startswith(sign + self.comment):
            line = line.removeprefix(sign)
        return self.is_marker(line)

    def _is_cell_magic(self, lines: list[str]) -> bool:
        return self._cell_magics and bool(lines) and _CELL_MAGIC.match(lines[0]) is not None

    def _is_commented_cell_magic(self, lines: list[str]) -> bool:
        sign = f"{self.comment} "
        return (
            self._cell_magics
            and bool(lines)
            and _CELL_MAGIC.match(lines[0].removeprefix(sign)) is not None
            and all(line.startswith(self.comment) for line in lines)
        )

    def _uncommented(self, lines: list[str]) -> list[str]:
        while lines and lines[0] == "":
            lines = lines[1:]
        while lines and lines[-1] == "":
            lines = lines[:-1]
        if len(lines) > 1 and lines[0] in _DOCSTRING and lines[-1] == lines[0]:
            return lines[1:-1]
        if not all(line.startswith(self.comment) for line in lines if line):
            return lines
        return [self._one_uncommented(line) for line in lines]

    def _one_uncommented(self, line: str) -> str:
        sign = f"{self.comment} "
        if line.startswith(sign) and self._looks_like_marker(line):
            line = line.removeprefix(sign)
        if line.startswith(sign):
            return line[len(sign) :]
        return line.removeprefix(self.comment)

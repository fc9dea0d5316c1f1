"""Changes to a source text, and the record of them by which positions are led back to the original."""

from __future__ import annotations

from verso.api.record import Record

Move = tuple[int, int, int, int]
"""Start and length in the new text, start and length in the old one, in UTF-16 code units as JavaScript counts."""


class Edited(Record):
    """A text after its edits. `moves`: those edits that changed a length, in order."""

    text: str
    moves: tuple[Move, ...] = ()


class Edits:
    """Collects replacements of byte ranges of a UTF-8 text and applies them together.

    A replacement within the range of another one is dropped: the outer one covers it. What is blanked keeps its
    length and its newlines, so that lines and columns stay where they were.
    """

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._replacements: dict[tuple[int, int], str] = {}

    def replace(self, start: int, end: int, text: str) -> None:
        """Puts `text` in the place of the bytes from `start` to `end`."""
        self._replacements[start, end] = text

    def insert(self, at: int, text: str) -> None:
        """Puts `text` before the byte `at`, after what was inserted there before."""
        self._replacements[at, at] = self._replacements.get((at, at), "") + text

    def blank(self, start: int, end: int, first: str = "") -> None:
        """Puts blanks in the place of the range, `first` in the place of its first character."""
        old = self._source[start:end].decode()
        blanks = "".join(c if c in "\n\r\u2028\u2029" else " " * units(c) for c in old)
        self._replacements[start, end] = first + blanks[len(first) :] if first else blanks

    def apply(self) -> Edited:
        """The text with all edits made."""
        if not self._replacements:
            return Edited(text=self._source.decode())
        pieces: list[str] = []
        moves: list[Move] = []
        done = old_units = new_units = 0
        for (start, end), text in sorted(self._replacements.items(), key=_place):
            if start < done:
                continue
            kept = self._source[done:start].decode()
            old = self._source[start:end].decode()
            old_units += units(kept)
            new_units += units(kept)
            if units(old) != units(text):
                moves.append((new_units, units(text), old_units, units(old)))
            old_units += units(old)
            new_units += units(text)
            pieces += (kept, text)
            done = end
        pieces.append(self._source[done:].decode())
        return Edited(text="".join(pieces), moves=tuple(moves))


def _place(item: tuple[tuple[int, int], str]) -> tuple[int, bool, int]:
    """Insertions first, then the widest range."""
    (start, end), _ = item
    return start, end != start, -end


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

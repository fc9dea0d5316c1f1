"""Everything that a cell puts out, in files: what the notebook itself keeps has limits."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Final

_UNSAFE: Final = re.compile(r"[^\w.-]+")
_LONGEST: Final = 100


class FullOutput:
    """The files of one execution of a cell in a folder: `<cell>.<stream>.txt`, and `<cell>-<number>.<MIME type>` for
    content that was left out of the notebook. Those of an earlier execution are replaced.

    `problem`: why no more is kept (the disk is full, the folder is gone), or empty.
    """

    def __init__(self, folder: Path, cell_id: str) -> None:
        self.problem = ""
        self._folder = folder
        self._stem = _file_stem(cell_id)
        self._begun: set[Path] = set()

    def stream_path(self, name: str) -> Path:
        """Where the text of a stream is."""
        return self._folder / f"{self._stem}.{name}.txt"

    def add(self, name: str, text: str) -> None:
        """Appends to the text of a stream."""
        self._put(self.stream_path(name), text)

    def keep(self, number: int, kind: str, content: str) -> Path | None:
        """Keeps the content of a MIME type of the cell's output with this number; None when that failed."""
        path = self._folder / f"{self._stem}-{number}.{_UNSAFE.sub('-', kind)}"
        self._put(path, content)
        return None if self.problem else path

    def _put(self, path: Path, text: str) -> None:
        if self.problem:
            return
        mode = "a" if path in self._begun else "w"
        try:
            with path.open(mode, encoding="utf-8", errors="surrogatepass") as file:
                self._begun.add(path)
                file.write(text)
        except OSError as error:
            self.problem = f"{path}: {(error.strerror or str(error)).lower()}"


def _file_stem(cell_id: str) -> str:
    """A file name for a cell: its id where that can be one, else what is left of it and a checksum."""
    safe = _UNSAFE.sub("-", cell_id)[:_LONGEST]
    return safe if safe == cell_id else f"{safe}-{zlib.crc32(cell_id.encode(errors='surrogatepass')):08x}"

"""The source of each cell that ran, under the file name that its code objects carry."""

from __future__ import annotations

import sys

from .kinds import Any


class Sources:
    """Cells as files that `linecache` knows, and so tracebacks, warnings, `inspect.getsource` and debuggers."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._latest: dict[str, tuple[int, str]] = {}

    def add(self, name: str, text: str) -> str:
        """The file name for a cell called `name`: `<name>`, with a number when that cell had another text before,
        whose functions may still be alive."""
        version, before = self._latest.get(name, (1, text))
        if before != text:
            version += 1
        self._latest[name] = version, text
        file = "<%s>" % name if version == 1 else "<%s, version %d>" % (name, version)
        self._texts[file] = text
        cache = sys.modules.get("linecache")
        if cache is not None:
            self._put(cache, file, text)
        return file

    def get(self, file: str) -> str | None:
        """The text of a cell by its file name."""
        return self._texts.get(file)

    def all(self) -> list[tuple[str, str]]:
        """File names and texts, in the order in which they first ran."""
        return list(self._texts.items())

    def fill(self, linecache: Any) -> None:
        """Tells `linecache`, just imported, of all cells so far."""
        for file, text in self._texts.items():
            self._put(linecache, file, text)

    @staticmethod
    def _put(linecache: Any, file: str, text: str) -> None:
        # No modification time: `checkcache` then leaves the entry alone.
        linecache.cache[file] = (len(text), None, [line + "\n" for line in text.split("\n")], file)

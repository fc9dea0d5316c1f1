"""The main module for processes that `multiprocessing` spawns: what the cells defined, without running them again."""

from __future__ import annotations

import ast
import atexit
import os
import tempfile

from .kinds import Any
from .sources import Sources

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
MOST = 10_000
"""Longest text of a value that is written down."""


class MainScript:
    """A file for the children's `__main__`. It goes when the worker ends."""

    def __init__(self, sources: Sources, namespace: dict[str, Any]) -> None:
        self._sources = sources
        self._namespace = namespace
        self._path = ""

    def write(self) -> str:
        """Writes the imports, functions, classes and plain values that there are now; returns the path."""
        if not self._path:
            number, self._path = tempfile.mkstemp(prefix="verso-cells-", suffix=".py")
            os.close(number)
            atexit.register(_remove, self._path, os.getpid())
        parts = ["%s = %r" % (name, value) for name, value in list(self._namespace.items()) if _plain(name, value)]
        for file, text in self._sources.all():
            parts.extend(self._definitions(file, text))
        with open(self._path, "w", encoding="utf-8", errors="surrogatepass") as script:
            script.write("\n".join(parts) + "\n")
        return self._path

    def _definitions(self, file: str, text: str) -> list[str]:
        """Each statement guarded: one that can't run in the child is missed only by who uses it."""
        try:
            statements = ast.parse(text).body
        except SyntaxError:
            return []
        return [_guarded(ast.unparse(each)) for each in statements if isinstance(each, _DEFINITIONS)]


def _guarded(source: str) -> str:
    return source if source.startswith("from __future__") else "try:\n%s\nexcept Exception: pass" % _indented(source)


def _indented(source: str) -> str:
    """The source one level deeper; `unparse` writes strings of several lines with escapes, except docstrings."""
    return "\n".join("    " + line for line in source.split("\n"))


def _plain(name: str, value: Any) -> bool:
    if type(value) not in _PLAIN or not name.isidentifier() or name.startswith("__"):
        return False
    return len(repr(value)) <= MOST if not isinstance(value, float) else value - value == 0


def _remove(path: str, owner: int) -> None:
    if os.getpid() == owner:
        try:
            os.unlink(path)
        except OSError:
            pass

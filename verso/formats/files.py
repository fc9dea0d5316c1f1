"""Notebook files: from a path or standard input to a notebook, and back, in any of the known formats."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

from verso.api.errors import FormatError, NotebookUnreadableError, NotebookUnwritableError, UnknownNameError
from verso.api.formats import Format, ReadOptions, WriteOptions
from verso.api.notebook import Notebook
from verso.formats.atomic import FileState, check_writable, replace_file, unwritable

STANDARD: Final = "-"
"""The path that means standard input or output."""

SIZE_LIMIT: Final = 1 << 30
"""Bytes. A larger file is refused rather than filling the memory."""

_PIECE: Final = 1 << 25
_PEEK: Final = 4096
_NBFORMAT: Final = re.compile(r'(?<!\\)"nbformat"\s*:\s*\d')
_CELL_MARKER: Final = re.compile(r"^\s*(#|//|--|;|%)+ ?%%(\s|$)", re.MULTILINE)
_SEPARATOR: Final = re.compile(r"^#!(\S+)\r?$", re.MULTILINE)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BOM: Final = "\ufeff"


class NotebookFiles:
    """Reads and writes notebooks in the given formats.

    `resolve`: makes the function of a `package.module:name` (`verso.api.formats`). Blocking: call it in a thread.
    """

    def __init__(
        self, formats: Iterable[Format], resolve: Callable[[Any], Any], *, size_limit: int = SIZE_LIMIT
    ) -> None:
        self._formats = {each.name: each for each in formats}
        self._resolve = resolve
        self._size_limit = size_limit

    def read(self, path: str | Path, *, format: str = "", options: ReadOptions | None = None) -> Notebook:
        """The notebook in a file, or on standard input for `-`.

        The format is the one named, else the one of the path's suffix, else the one that the text begins like.
        `options.source` and `.suffix` are set from the path. `NotebookUnreadableError` for a file that is missing, a
        folder, forbidden or too large; `FormatError` for text that is not UTF-8 or not of the format;
        `UnknownNameError` for an unknown format.
        """
        options = options or ReadOptions()
        name = "standard input" if str(path) == STANDARD else str(path)
        suffix = "" if str(path) == STANDARD else Path(path).suffix
        options = options.replace(source=name, suffix=suffix)
        chosen = self._named(format) or self._of_suffix(suffix, options)
        text = _decoded(self._bytes(path, name), name)
        chosen = chosen or self._of_text(text, options)
        notebook: Notebook = self._resolve(chosen.read)(text, options)
        return notebook

    def write(
        self, notebook: Notebook, path: str | Path, *, format: str = "", options: WriteOptions | None = None
    ) -> FileState:
        """Puts the notebook into a file, atomically, or on standard output for `-`. Returns the file's state as it was
        written.

        The format is the one named, else the one of the path's suffix, else (standard output only) `verso`.
        `NotebookUnwritableError` when the target can't be written: the old file is as it was.
        """
        options = options or WriteOptions()
        chosen = self._for_writing(path, format, options)
        suffix = "" if str(path) == STANDARD else Path(path).suffix
        return self._put(path, self._writer(chosen, notebook, options.replace(suffix=suffix or options.suffix)))

    def check(self, path: str | Path, *, format: str = "", options: WriteOptions | None = None) -> None:
        """Raises what `write` would raise as things are now, for all but the notebook's content: before something
        that takes long, so that its result has a place to go."""
        self._for_writing(path, format, options or WriteOptions())
        if str(path) != STANDARD:
            check_writable(Path(path))

    def write_text(self, text: str, path: str | Path) -> None:
        """Puts a text that is no notebook (an exported page) into a file as `write` does."""

        def write(put: Callable[[str], object]) -> None:
            put(text)

        self._put(path, write)

    def format_of(self, path: str | Path, *, format: str = "", options: WriteOptions | None = None) -> Format | None:
        """The format that `write` would choose for a path, or None. `UnknownNameError` for an unknown name."""
        return self._named(format) or self._of_suffix(Path(path).suffix, options or WriteOptions())

    def _for_writing(self, path: str | Path, format: str, options: WriteOptions) -> Format:
        standard = str(path) == STANDARD
        suffix = "" if standard else Path(path).suffix
        chosen = self._named(format) or self._of_suffix(suffix, options) or (self._named("verso") if standard else None)
        if chosen is None:
            raise self._unknown_suffix(str(path), suffix, "--to")
        return chosen

    # --- which format -----------------------------------------------------------------------------------

    def _named(self, name: str) -> Format | None:
        if not name:
            return None
        try:
            return self._formats[name]
        except KeyError:
            raise UnknownNameError.among("format", name, self._formats) from None

    def _of_suffix(self, suffix: str, options: ReadOptions | WriteOptions) -> Format | None:
        if not suffix:
            return None
        for lowered in (False, True):
            wanted = suffix.lower() if lowered else suffix
            for each in self._formats.values():
                if wanted in (s.lower() if lowered else s for s in each.suffixes):
                    return each
        return self._formats.get("script") if suffix in options.suffixes else None

    def _of_text(self, text: str, options: ReadOptions) -> Format:
        beginning = re.sub(r"\s", "", text[:_PEEK])
        if beginning.startswith("{"):
            found = self._formats.get("ipynb" if _NBFORMAT.search(text) else "verso")
            if found is not None:
                return found
        for each in self._formats.values():
            if each.sniff and beginning.startswith(re.sub(r"\s", "", each.sniff)):
                return each
        if "dib" in self._formats and any(m[1] in options.languages for m in _SEPARATOR.finditer(text)):
            return self._formats["dib"]
        if "script" in self._formats and _CELL_MARKER.search(text):
            return self._formats["script"]
        raise self._unknown_suffix(options.source, options.suffix, "--from")

    def _unknown_suffix(self, source: str, suffix: str, option: str) -> FormatError:
        known = ", ".join(sorted({suffix for each in self._formats.values() for suffix in each.suffixes}))
        what = f"no format has the suffix {suffix!r}" if suffix else "nothing says which format this is"
        return FormatError(
            f"{what} (known: {known})",
            where=source,
            next_step=f"name the format: {option} {' | '.join(sorted(self._formats))}",
        )

    # --- bytes ------------------------------------------------------------------------------------------

    def _bytes(self, path: str | Path, name: str) -> bytes:
        try:
            if str(path) == STANDARD:
                return self._limited(sys.stdin.buffer, name)
            with Path(path).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > self._size_limit:
                    raise self._too_large(name, f"{size:,} bytes")
                return self._limited(file, name)
        except FileNotFoundError:
            raise NotebookUnreadableError("there is no such file", where=name) from None
        except IsADirectoryError:
            raise NotebookUnreadableError("this is a folder, not a notebook", where=name) from None
        except PermissionError:
            raise NotebookUnreadableError(
                "no permission to read the file", where=name, next_step=f"allow it: chmod u+r {name}"
            ) from None
        except OSError as error:
            raise NotebookUnreadableError(
                f"can't be read: {(error.strerror or str(error)).lower()}", where=name
            ) from None
        except ValueError as error:  # a path with a NUL character
            raise NotebookUnreadableError(f"no file can have this name: {error}", where=repr(name)) from None

    def _limited(self, file: BinaryIO, name: str) -> bytes:
        pieces: list[bytes] = []
        room = self._size_limit
        while piece := file.read(_PIECE):
            room -= len(piece)
            if room < 0:
                raise self._too_large(name, "it goes on")
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _too_large(self, name: str, size: str) -> NotebookUnreadableError:
        return NotebookUnreadableError(
            f"too large for a notebook: {size}, and the limit is {self._size_limit:,} bytes",
            where=name,
            next_step="clear its outputs with the program that wrote it",
        )

    def _writer(
        self, chosen: Format, notebook: Notebook, options: WriteOptions
    ) -> Callable[[Callable[[str], object]], None]:
        def write(put: Callable[[str], object]) -> None:
            if chosen.write_to is not None:
                self._resolve(chosen.write_to)(notebook, options, put)
            else:
                put(self._resolve(chosen.write)(notebook, options))

        return write

    def _put(self, path: str | Path, write: Callable[[Callable[[str], object]], None]) -> FileState:
        if str(path) != STANDARD:
            return replace_file(Path(path), write)
        pieces: list[str] = []
        write(pieces.append)
        try:
            sys.stdout.buffer.write("".join(pieces).encode())
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable("standard output", error) from None
        except UnicodeEncodeError as error:
            raise NotebookUnwritableError(f"not text that UTF-8 can hold: {error}", where="standard output") from None
        return None


def _decoded(content: bytes, name: str) -> str:
    """The text of a file. `FormatError` with the line of the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        if content.startswith(_UTF16):
            what = "the file is UTF-16, and notebooks are UTF-8"
        else:
            what = f"not UTF-8: byte 0x{content[error.start]:02x} at offset {error.start}"
        line = content.count(b"\n", 0, error.start) + 1
        raise FormatError(what, where=f"{name}:{line}", next_step="save it as UTF-8") from None

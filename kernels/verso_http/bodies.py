"""Request bodies: text, files (`< path`, `<@ path` with values filled in), forms over lines, multipart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from verso_http.document import HttpFormatError

_FILE = re.compile(r"<(@(?:(\S+)(?=\s))?)?\s+(\S.*?)\s*$")


def body_bytes(body: str, line: int, content_type: str, directory: Path, fill: Callable[[str], str]) -> bytes:
    """The bytes of a body as written in a cell; it begins at `line`. Reads files, so it is called off the loop.

    `HttpFormatError` names the line of a file that can't be read; `fill` raises for a `{{…}}` without a value.
    """
    kind = content_type.partition(";")[0].strip().lower()
    lines = body.split("\n")
    if kind == "application/x-www-form-urlencoded":
        return fill(re.sub(r"\n\s*(?=&)", "", body)).encode()
    newline = b"\r\n" if kind.startswith("multipart/") else b"\n"
    pieces: list[bytes] = []
    text: list[str] = []
    for number, written in enumerate(lines, line):
        found = _FILE.fullmatch(written)
        if found is None:
            text.append(written)
            continue
        if text:
            pieces.append(_text(text, newline, fill))
            text = []
        pieces.append(_file(found, number, directory, fill))
    if text:
        pieces.append(_text(text, newline, fill))
    joined = newline.join(pieces)
    return joined + newline if kind.startswith("multipart/") else joined


def _text(lines: list[str], newline: bytes, fill: Callable[[str], str]) -> bytes:
    return fill("\n".join(lines)).encode().replace(b"\n", newline)


def _file(found: re.Match[str], line: int, directory: Path, fill: Callable[[str], str]) -> bytes:
    path = directory / Path(fill(found[3])).expanduser()
    try:
        content = path.read_bytes()
        if not found[1]:
            return content
        encoding = found[2] or "utf-8"
        return fill(content.decode(encoding)).encode(encoding)
    except (OSError, UnicodeError, LookupError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HttpFormatError(
            f"the file {found[3]!r} can't be read: {reason}", line, next_step=f"paths start from {directory}"
        ) from None

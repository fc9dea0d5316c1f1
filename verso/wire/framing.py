"""Lines of JSON: one message a line, UTF-8, ended by a newline (docs/wire.md, "Framing")."""

from __future__ import annotations

import json
from typing import Any


class LineSplitter:
    """Cuts a flow of bytes into lines of text, without ever looking at a byte twice.

    A message of many megabytes is held once as bytes and, from its end on, once as text: the bytes are let go
    before the text is handed out.
    """

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes, without their newlines; empty ones are left out."""
        pieces = chunk.split(b"\n")
        if len(pieces) == 1:
            self._pending += chunk
            return []
        rest = pieces.pop()
        lines: list[str] = []
        if self._pending:
            self._pending += pieces[0]
            pieces[0] = b""
            whole, self._pending = self._pending, bytearray()
            lines.append(_text(whole))
        lines += [_text(piece) for piece in pieces if piece]
        if rest:
            self._pending += rest
        return lines

    def rest(self) -> str:
        """What came after the last newline: the line that the end cut off."""
        whole, self._pending = self._pending, bytearray()
        return _text(whole)


def parse(line: str) -> dict[str, Any] | str:
    """The message that a line holds, or the line itself when it holds none (stray output of user code).

    A message is a JSON object with a `type` that is a string. `NaN` and infinities, which JSON does not know, become
    null, as JavaScript writes them. Halves of surrogate pairs become U+FFFD, so that any text can be saved.
    """
    try:
        message = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return line
    if type(message) is not dict or type(message.get("type")) is not str:
        return line
    if "\\" in line and ("\\ud" in line or "\\uD" in line):  # one character is looked for many times faster
        message = _whole_characters(message)
    return message  # type: ignore[no-any-return]


def line_of(message: dict[str, Any]) -> bytes:
    """The line for a message, newline included. ASCII only: any text passes, whatever the reader's encoding.

    `TypeError` or `ValueError` for a content that JSON can't hold.
    """
    return _ENCODER.encode(message).encode("ascii") + b"\n"


def _text(line: bytes | bytearray) -> str:
    return line.decode("utf-8", "replace")


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    return value


_DECODER = json.JSONDecoder(parse_constant=lambda name: None)
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)

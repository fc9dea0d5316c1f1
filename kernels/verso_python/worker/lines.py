"""A message as a line of JSON and back.

`json` itself takes five milliseconds to import (it brings `re`), so its C half is used directly; where an
interpreter lacks it, `json` is imported after all.
"""

from __future__ import annotations

from .kinds import Any, Callable, Iterator, Message

PIECE = 1 << 17
"""Longer strings are escaped and written piece by piece, so that no second copy of a big display is ever made."""


class _Reading:
    """What the C scanner wants to know."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}  # noqa: RUF012


def _plain(value: Any) -> Any:
    """Objects that JSON has no word for (in `application/json`): numpy scalars as numbers, others as text."""
    item = getattr(value, "item", None)
    if callable(item):
        try:
            return item()
        except Exception:
            pass
    if isinstance(value, (set, frozenset)):
        return list(value)
    return str(value)


def _functions() -> tuple[Callable[[str, int], tuple[Any, int]], Callable[[Any], str], Callable[[str], str]]:
    try:
        from _json import encode_basestring_ascii, make_encoder, make_scanner

        write = make_encoder(None, _plain, encode_basestring_ascii, None, ":", ",", False, False, True)
        scan: Any = make_scanner
        return scan(_Reading), lambda value: "".join(write(value, 0)), encode_basestring_ascii
    except (ImportError, TypeError):
        import json

        writer = json.JSONEncoder(separators=(",", ":"), default=_plain)
        reader: Any = json.JSONDecoder()
        return reader.scan_once, writer.encode, json.encoder.encode_basestring_ascii


_scan, _write, _quote = _functions()


def decode(line: bytes) -> Message:
    """The message in a line. `ValueError` when it is no JSON object."""
    text = line.decode("utf-8").strip()
    try:
        value, end = _scan(text, 0)
    except StopIteration as stop:
        raise ValueError("no JSON at character %s" % stop.value) from None
    if end != len(text) or type(value) is not dict:
        raise ValueError("not one JSON object")
    return value


def encode(message: Message) -> Iterator[bytes]:
    """The line of a message, in pieces to be written one after the other. ASCII only."""
    small = True
    for value in message.values():
        if type(value) is str:
            small = small and len(value) <= PIECE
        elif type(value) is dict:
            small = small and all(type(part) is not str or len(part) <= PIECE for part in value.values())
    if small:
        yield (_write(message) + "\n").encode("ascii")
        return
    for piece in _object(message, True):
        yield piece.encode("ascii")
    yield b"\n"


def _object(value: dict[str, Any], outermost: bool) -> Iterator[str]:
    yield "{"
    for place, (key, item) in enumerate(value.items()):
        yield ("," if place else "") + _quote(key) + ":"
        if type(item) is str and len(item) > PIECE:
            yield '"'
            for start in range(0, len(item), PIECE):
                yield _quote(item[start : start + PIECE])[1:-1]
            yield '"'
        elif type(item) is dict and outermost:
            yield from _object(item, False)
        else:
            yield _write(item)
    yield "}"

"""JSON as notebooks have it: read with the place of a mistake, written readable and piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any, Final

from verso.api.errors import FormatError

Put = Callable[[str], object]

_PIECE: Final = 1 << 18
"""Longest part of a string that is escaped at once, in characters: a 20 MB image is never held a second time."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CONTEXT: Final = 30


def read_json(text: str, source: str, *, first_line: int = 1) -> Any:
    """The value of a JSON text. `FormatError` with line and column (from 1), what stands there, and what was
    expected. `first_line`: the number of the text's first line in the file `source`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise FormatError(
            f"not JSON: {_reason(error)}", where=f"{source}:{line}:{error.colno}", next_step=_next_step(error)
        ) from None
    except RecursionError:
        raise FormatError("JSON nested too deeply", where=source) from None
    except ValueError:  # a limit of Python's own (`sys.set_int_max_str_digits`)
        raise FormatError("a whole number has thousands of digits, more than can be read", where=source) from None


def _reason(error: json.JSONDecodeError) -> str:
    if not error.doc.strip():
        return "the file is empty"
    found = error.doc[error.pos : error.pos + _CONTEXT].partition("\n")[0]
    what = error.msg[0].lower() + error.msg[1:]
    return f"{what}, found {found!r}" if found else f"{what}, found the end of the text"


def _next_step(error: json.JSONDecodeError) -> str:
    marks = ("<<<<<<<", "=======", ">>>>>>>")
    if any(error.doc.startswith(mark, error.doc.rfind("\n", 0, error.pos) + 1) for mark in marks):
        return "the file has unresolved merge conflicts"
    return ""


def write_json(value: Any, put: Put, *, indent: int, sort_keys: bool = False, level: int = 0) -> None:
    """Hands the JSON text of `value` to `put` in pieces: `indent` spaces a level, text unescaped where JSON and
    UTF-8 allow. `level`: how deep the value stands in what is being written. `TypeError` for a value that JSON
    has no form for."""
    if isinstance(value, str):
        _write_string(value, put)
    elif type(value) is dict or isinstance(value, Mapping):
        if not value:
            put("{}")
            return
        lead, between = "{\n" + " " * (indent * (level + 1)), ",\n" + " " * (indent * (level + 1))
        for key in sorted(value) if sort_keys else value:
            put(f"{lead}{_escape_surrogates(encode_basestring(key))}: ")
            lead = between
            item = value[key]
            if type(item) is str:
                _write_string(item, put)
            else:
                write_json(item, put, indent=indent, sort_keys=sort_keys, level=level + 1)
        put("\n" + " " * (indent * level) + "}")
    elif isinstance(value, (list, tuple)):
        if not value:
            put("[]")
            return
        lead, between = "[\n" + " " * (indent * (level + 1)), ",\n" + " " * (indent * (level + 1))
        for item in value:
            put(lead)
            lead = between
            write_json(item, put, indent=indent, sort_keys=sort_keys, level=level + 1)
        put("\n" + " " * (indent * level) + "]")
    else:
        put(compact_json(value))


def compact_json(value: Any) -> str:
    """The JSON text of `value` on one line, without spaces."""
    return _escape_surrogates(_COMPACT.encode(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value of type {type(value).__name__} has no form in JSON")


_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)


def _write_string(text: str, put: Put) -> None:
    if len(text) <= _PIECE:
        put(_escape_surrogates(encode_basestring(text)))
        return
    put('"')
    for start in range(0, len(text), _PIECE):
        put(_escape_surrogates(encode_basestring(text[start : start + _PIECE])[1:-1]))
    put('"')


def _escape_surrogates(text: str) -> str:
    """Half a surrogate pair can't be UTF-8, but JSON can escape it."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)

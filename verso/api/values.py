"""Typed values: how a variable's value travels between languages without losing its meaning.

A typed value is a JSON object `{"t": type, "v": content}`:

| t | v | Python |
|---|---|---|
| null | absent | None |
| bool | true, false | bool |
| int | decimal digits as a string, any size | int |
| float | shortest text that reads back the same; NaN, Infinity, -Infinity, -0.0 | float |
| decimal | text, trailing zeros kept; NaN, Infinity as well | decimal.Decimal |
| string | text (any Unicode scalar values) | str |
| utf16 | base64 of UTF-16LE, for strings with half a surrogate pair | str |
| bytes | base64 | bytes |
| date, time, datetime | ISO 8601, with an offset when aware, up to 9 digits of a second | date, time, datetime |
| duration | a decimal number of seconds as text, up to 9 digits after the point | timedelta |
| uuid | 8-4-4-4-12 | uuid.UUID |
| list | array of typed values | list (tuples become lists) |
| map | array of [key, typed value], order kept, keys are strings | dict |
| set | array of typed values | set |
| table | see `Table` below | whatever the kernel uses for tables |

A table's content is `{"columns": [{"name", "type"}, …], "count": rows}` and either `"arrow"`: the path of an
Arrow IPC file (uncompressed, so that it can be memory-mapped; owned by the engine once handed over and
never changed), or `"rows"`: an array of arrays of typed values.

This file needs the standard library only and runs on Python 3.9, so that a worker can load it by its path
in any interpreter without Verso being installed there.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import math
import uuid
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

TypedValue = Dict[str, Any]

MAX_DEPTH = 100
"""Values nested deeper than this do not travel (cycles end here too)."""


class Untransferable(Exception):
    """A value that can't travel. `path`: where in the value (`[0].name`, empty for the whole); `type_name`; `why`."""

    def __init__(self, path: str, type_name: str, why: str) -> None:
        super().__init__("%s of type %s can't travel: %s" % (path or "a value", type_name, why))
        self.path = path
        self.type_name = type_name
        self.why = why


Encoder = Callable[[Any], Optional[TypedValue]]
Decoder = Callable[[TypedValue], Any]


def encode(value: Any, other: Encoder = lambda value: None) -> TypedValue:
    """`value` as a typed value. `other` is asked first for objects of types not in the table (a data frame,
    say) and returns None when it does not know them either.

    `Untransferable` names the place, the type and the reason: unknown type, map key that is no string, cycle.
    """
    return _encode(value, "", 0, other)


def decode(typed: Mapping[str, Any], table: Decoder = lambda typed: typed) -> Any:
    """The Python object of a typed value; `table` makes the object of a table.

    `ValueError` for a type that is not in the table above or content that is not of its type.
    """
    kind = typed.get("t")
    if kind == "list":
        return [decode(item, table) for item in typed["v"]]
    if kind == "map":
        return {key: decode(item, table) for key, item in typed["v"]}
    if kind == "set":
        return {freeze(decode(item, table)) for item in typed["v"]}
    if kind == "table":
        return table(dict(typed))
    try:
        reader = _READERS[kind]
    except KeyError:
        raise ValueError("unknown value type %r" % (kind,)) from None
    return reader(typed.get("v"))


def freeze(value: Any) -> Any:
    """`value` in a hashable form, so that it can be in a set: lists become tuples, maps tuples of pairs."""
    if isinstance(value, list):
        return tuple(freeze(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, freeze(item)) for key, item in value.items())
    if isinstance(value, set):
        return frozenset(value)
    return value


def _encode(value: Any, path: str, depth: int, other: Encoder) -> TypedValue:
    if depth > MAX_DEPTH:
        raise Untransferable(
            path, type(value).__name__, "it is nested deeper than %d levels or contains itself" % MAX_DEPTH
        )
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    kind = type(value)
    if kind is list or kind is tuple:
        return {"t": "list", "v": _encode_all(value, path, depth, other)}
    if kind is dict:
        return {"t": "map", "v": _encode_pairs(value, path, depth, other)}
    if kind is set or kind is frozenset:
        return {"t": "set", "v": _encode_all(value, path, depth, other)}
    known = other(value)
    if known is not None:
        return known
    for base, write in _SUBCLASS_WRITERS:
        if isinstance(value, base):
            return write(value)
    if isinstance(value, (list, tuple)):
        return {"t": "list", "v": _encode_all(value, path, depth, other)}
    if isinstance(value, Mapping):
        return {"t": "map", "v": _encode_pairs(value, path, depth, other)}
    raise Untransferable(path, _type_name(value), "no other language knows this type")


def _encode_all(values: Any, path: str, depth: int, other: Encoder) -> List[TypedValue]:
    return [_encode(item, "%s[%d]" % (path, place), depth + 1, other) for place, item in enumerate(values)]


def _encode_pairs(values: Mapping[Any, Any], path: str, depth: int, other: Encoder) -> List[List[Any]]:
    pairs = []
    for key, item in values.items():
        if not isinstance(key, str):
            raise Untransferable("%s[%r]" % (path, key), type(key).__name__, "map keys must be strings")
        pairs.append([str(key), _encode(item, "%s.%s" % (path, key), depth + 1, other)])
    return pairs


def _type_name(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)


def _write_string(value: str) -> TypedValue:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return {"t": "utf16", "v": base64.b64encode(value.encode("utf-16-le", "surrogatepass")).decode()}
    return {"t": "string", "v": str(value)}


def _write_float(value: float) -> TypedValue:
    if math.isnan(value):
        return {"t": "float", "v": "NaN"}
    if math.isinf(value):
        return {"t": "float", "v": "Infinity" if value > 0 else "-Infinity"}
    return {"t": "float", "v": float.__repr__(value)}


def _write_duration(value: dt.timedelta) -> TypedValue:
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sign = "-" if micros < 0 else ""
    whole, part = divmod(abs(micros), 1_000_000)
    return {"t": "duration", "v": "%s%d.%06d" % (sign, whole, part) if part else "%s%d" % (sign, whole)}


def _read_duration(text: str) -> dt.timedelta:
    return dt.timedelta(microseconds=int((decimal.Decimal(text) * 1_000_000).to_integral_value()))


def _write_bytes(value: Any) -> TypedValue:
    return {"t": "bytes", "v": base64.b64encode(bytes(value)).decode()}


def _micro(text: str) -> str:
    """ISO text with at most six digits of a second and an offset that Python 3.9 reads."""
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    head, point, rest = text.partition(".")
    if not point:
        return text
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return "%s.%s%s" % (head, (rest[:digits] + "000000")[:6], rest[digits:])


_WRITERS: Dict[type, Callable[[Any], TypedValue]] = {
    type(None): lambda value: {"t": "null"},
    bool: lambda value: {"t": "bool", "v": value},
    int: lambda value: {"t": "int", "v": _digits(value)},
    float: _write_float,
    str: _write_string,
    bytes: _write_bytes,
    bytearray: _write_bytes,
    memoryview: _write_bytes,
    decimal.Decimal: lambda value: {"t": "decimal", "v": str(value)},
    dt.date: lambda value: {"t": "date", "v": value.isoformat()},
    dt.time: lambda value: {"t": "time", "v": value.isoformat()},
    dt.datetime: lambda value: {"t": "datetime", "v": value.isoformat()},
    dt.timedelta: _write_duration,
    uuid.UUID: lambda value: {"t": "uuid", "v": str(value)},
}

_SUBCLASS_WRITERS: Tuple[Tuple[type, Callable[[Any], TypedValue]], ...] = (
    (int, lambda value: {"t": "int", "v": _digits(int(value))}),
    (float, lambda value: _write_float(float(value))),
    (str, _write_string),
    (bytes, _write_bytes),
    (dt.datetime, lambda value: {"t": "datetime", "v": value.isoformat()}),
    (dt.timedelta, _write_duration),
)


_SHORT_BITS = 13_000
"""Integers of so many bits have fewer than 4,000 digits."""


def _digits(value: int) -> str:
    """Decimal text of an integer of any size: `str` refuses more than 4,300 digits, `Decimal` does not."""
    return int.__repr__(value) if value.bit_length() < _SHORT_BITS else format(decimal.Decimal(value), "f")


def _integer(text: Any) -> int:
    return int(text) if len(text) < 4000 else int(decimal.Decimal(text))


_READERS: Dict[Any, Callable[[Any], Any]] = {
    "null": lambda content: None,
    "bool": bool,
    "int": _integer,
    "float": float,
    "decimal": decimal.Decimal,
    "string": str,
    "utf16": lambda content: base64.b64decode(content).decode("utf-16-le", "surrogatepass"),
    "bytes": base64.b64decode,
    "date": dt.date.fromisoformat,
    "time": lambda content: dt.time.fromisoformat(_micro(content)),
    "datetime": lambda content: dt.datetime.fromisoformat(_micro(content)),
    "duration": _read_duration,
    "uuid": uuid.UUID,
}

"""Typed values to test with (`verso.api.values`): one of each kind, random ones, and when two mean the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from verso.api.values import TypedValue, decode, encode

SAMPLES: Final[dict[str, tuple[TypedValue, ...]]] = {
    "null": ({"t": "null"},),
    "bool": ({"t": "bool", "v": True}, {"t": "bool", "v": False}),
    "int": tuple({"t": "int", "v": text} for text in ("0", "-1", "42", str(2**53 + 1), str(-(2**63)), str(2**64))),
    "big": ({"t": "int", "v": str(2**200)}, {"t": "int", "v": str(-(10**60))}),
    "float": tuple({"t": "float", "v": text} for text in ("0.0", "1.0", "0.1", "-2.5e-300", "1.7976931348623157e+308")),
    "special": tuple({"t": "float", "v": text} for text in ("NaN", "Infinity", "-Infinity", "-0.0")),
    "decimal": tuple({"t": "decimal", "v": text} for text in ("1.10", "-0.001", "79228162514264337593543950335")),
    "string": tuple({"t": "string", "v": text} for text in ("", "  ", "žluťoučký 日本 😀", "a\0b\r\n\t\"'\\$`")),
    "utf16": (encode("half \ud83d"),),
    "bytes": ({"t": "bytes", "v": ""}, {"t": "bytes", "v": "AAH/fwo="}),
    "date": ({"t": "date", "v": "2024-02-29"}, {"t": "date", "v": "0001-01-01"}),
    "time": ({"t": "time", "v": "23:59:59.123456"}, {"t": "time", "v": "00:00:00"}),
    "datetime": (
        {"t": "datetime", "v": "2024-02-29T12:30:45.123456"},
        {"t": "datetime", "v": "2024-02-29T12:30:45+02:00"},
        {"t": "datetime", "v": "1969-12-31T23:59:59.999999+00:00"},
    ),
    "duration": tuple({"t": "duration", "v": text} for text in ("0", "-1.500000", "86400", "0.000001")),
    "uuid": ({"t": "uuid", "v": "12345678-1234-5678-1234-567812345678"},),
    "list": (
        {"t": "list", "v": []},
        {"t": "list", "v": [{"t": "int", "v": "1"}]},
        {"t": "list", "v": [{"t": "int", "v": "1"}, {"t": "string", "v": "a"}, {"t": "null"}]},
        {"t": "list", "v": [{"t": "list", "v": []}, {"t": "list", "v": [{"t": "list", "v": [{"t": "null"}]}]}]},
    ),
    "map": (
        {"t": "map", "v": []},
        {"t": "map", "v": [["z", {"t": "int", "v": "1"}], ["a", {"t": "null"}], ["m b", {"t": "bool", "v": True}]]},
        {"t": "map", "v": [["inner", {"t": "map", "v": [["list", {"t": "list", "v": [{"t": "int", "v": "2"}]}]]}]]},
    ),
    "set": ({"t": "set", "v": []}, {"t": "set", "v": [{"t": "int", "v": "2"}, {"t": "int", "v": "1"}]}),
    "table": (
        {
            "t": "table",
            "v": {
                "columns": [{"name": "name", "type": "string"}, {"name": "size", "type": "int"}],
                "count": 2,
                "rows": [
                    [{"t": "string", "v": "a"}, {"t": "int", "v": "1"}],
                    [{"t": "string", "v": "é"}, {"t": "int", "v": "-2"}],
                ],
            },
        },
    ),
}
"""By kind: the `t` of a typed value; `big` are integers beyond 64 bits and `special` the floats that are no numbers,
which a language may lack though it has the others."""

KINDS: Final = frozenset(SAMPLES)


def typed_values(kinds: Collection[str] = KINDS, *, max_leaves: int = 12) -> st.SearchStrategy[TypedValue]:
    """Random typed values of these kinds, nested where `list`, `map` or `set` is among them. No tables."""
    leaves = st.one_of([_LEAVES[kind] for kind in sorted(kinds) if kind in _LEAVES])
    if "set" in kinds:
        leaves |= st.lists(st.integers(-1000, 1000), unique=True, max_size=4).map(set).map(encode)

    def nested(inner: st.SearchStrategy[TypedValue]) -> st.SearchStrategy[TypedValue]:
        lists = st.lists(inner, max_size=4).map(lambda items: {"t": "list", "v": items})
        pairs = st.dictionaries(_TEXT, inner, max_size=4)
        maps = pairs.map(lambda items: {"t": "map", "v": [[key, item] for key, item in items.items()]})
        return st.one_of([strategy for kind, strategy in (("list", lists), ("map", maps)) if kind in kinds])

    return st.recursive(leaves, nested, max_leaves=max_leaves) if {"list", "map"} & set(kinds) else leaves


def meaning(typed: TypedValue) -> Any:
    """Something that is equal for typed values that mean the same, whatever their spelling: `Z` and `+00:00`, `1e3` and
    `1000.0`, the order of a set. What has to be kept differs: 1 and 1.0, `1.1` and `1.10`, the order of a map."""
    kind, content = typed["t"], typed.get("v")
    if kind in ("string", "utf16"):
        return "string", decode(typed)
    if kind == "float":
        return kind, repr(float(str(content)))
    if kind == "decimal":
        return kind, str(Decimal(str(content)).as_tuple())
    if kind == "duration":
        return kind, Decimal(str(content)).normalize()
    if kind in ("time", "datetime"):
        return kind, decode(typed).isoformat(), _nanoseconds(str(content))
    if kind == "list":
        return kind, [meaning(item) for item in content or ()]
    if kind == "map":
        return kind, [(key, meaning(item)) for key, item in content or ()]
    if kind == "set":
        return kind, sorted(repr(meaning(item)) for item in content or ())
    if kind == "table":
        table: dict[str, Any] = content or {}
        names = [column["name"] for column in table["columns"]]
        return kind, names, table["count"], [[meaning(cell) for cell in row] for row in table["rows"]]
    return kind, decode(typed)


def _nanoseconds(text: str) -> str:
    """The digits after the first six of a second's fraction, without zeros at the end."""
    fraction = text.partition(".")[2]
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return digits[6:].rstrip("0")


_TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=12)
_ZONES: Final[Any] = st.none() | st.integers(-840, 840).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))

_LEAVES: Final[dict[str, st.SearchStrategy[TypedValue]]] = {
    "null": st.just(encode(None)),
    "bool": st.booleans().map(encode),
    "int": st.integers(-(2**63), 2**63 - 1).map(encode),
    "big": st.integers(-(2**300), 2**300).map(encode),
    "float": st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: repr(number) != "-0.0").map(encode),
    "special": st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0]).map(encode),
    "decimal": st.decimals(-(10**12), 10**12, places=6).map(encode),
    "string": _TEXT.map(encode),
    "utf16": _TEXT.map(lambda text: encode(text + "\udc80")),
    "bytes": st.binary(max_size=40).map(encode),
    "date": st.dates().map(encode),
    "time": st.times().map(encode),
    "datetime": st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31), timezones=_ZONES).map(encode),
    "duration": st.timedeltas(dt.timedelta(days=-10_000), dt.timedelta(days=10_000)).map(encode),
    "uuid": st.uuids().map(encode),
}

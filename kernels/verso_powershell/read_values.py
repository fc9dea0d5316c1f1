"""Values from PowerShell: the worker's typed values as those of `verso.api.values`.

Both are `{"t": type, "v": content}`; the worker's types are .NET's (docs/kernels/powershell.md has the table). Nothing
is rounded or cut on the way: what no other language knows is `Untransferable`, with the place and the type.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from verso.api.values import TypedValue, Untransferable, encode
from verso_powershell import tables
from verso_powershell.moments import ISO

MAX_DEPTH: Final = 100
"""Levels of nesting that travel, as in `verso.api.values`."""

_INTEGERS: Final = frozenset({"sbyte", "byte", "int16", "uint16", "int32", "uint32", "int64", "uint64", "biginteger"})
_CONTAINERS: Final = re.compile(
    r"System\.(Object\[\]|.*\[\]|Collections\..*|Data\.DataTable|Management\.Automation\.PSCustomObject)"
)
_TIMESPAN: Final = re.compile(r"(-)?(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{7}))?")


class Unfinished(Exception):
    """The worker cut the value: ask again for more. `items`: a collection was cut; `depth`: nesting was."""

    def __init__(self, *, items: bool, depth: bool) -> None:
        super().__init__("the value was cut")
        self.items = items
        self.depth = depth


def from_powershell(value: Mapping[str, Any]) -> TypedValue:
    """The typed value of what the worker sent for a variable.

    An array of records (custom objects that have the same properties, with plain values) is a table.
    `Untransferable` for objects that no other language knows. `Unfinished` when the worker cut the value.
    """
    cut: set[str] = set()
    result = _read(value, "", cut)
    if cut:
        raise Unfinished(items="items" in cut, depth="depth" in cut)
    return result


def _read(value: Mapping[str, Any], path: str, cut: set[str]) -> TypedValue:
    kind = value.get("t")
    content: Any = value.get("v")
    if "more" in value:
        cut.add("items")
    if kind in _INTEGERS:
        return {"t": "int", "v": str(content)}
    if kind in _PLAIN:
        return _PLAIN[kind](content)
    if kind in ("array", "list", "arraylist"):
        return _items(content, path, cut)
    if kind in ("hashtable", "ordered"):
        return _entries(content, path, cut)
    if kind == "custom":
        return {"t": "map", "v": [[name, _read(item, f"{path}.{name}", cut)] for name, item in content]}
    if kind == "datatable":
        return _datatable(value, path, cut)
    if kind == "enum":
        return {"t": "string", "v": value.get("text") or str(content)}
    if kind == "depth" and _CONTAINERS.fullmatch(str(value.get("type"))):
        cut.add("depth")
        return {"t": "null"}
    if kind == "object" and str(value.get("type")).startswith("System.Collections.") and "text" not in value:
        return _collection(value, path, cut)
    raise _stays(value, path)


def _items(content: Any, path: str, cut: set[str]) -> TypedValue:
    items = [_read(item, f"{path}[{place}]", cut) for place, item in enumerate(content)]
    records = not path and items and not cut and all(item.get("t") == "custom" for item in content)
    table = tables.from_records([item["v"] for item in items]) if records else None
    return table or {"t": "list", "v": items}


def _entries(content: Any, path: str, cut: set[str]) -> TypedValue:
    pairs = []
    for key, item in content:
        if key.get("t") not in ("string", "utf16"):
            raise Untransferable(f"{path}[{key.get('v')}]", str(key.get("t")), "map keys must be strings")
        name = key["v"] if key["t"] == "string" else _utf16(key["v"])
        pairs.append([name, _read(item, f"{path}.{name}", cut)])
    return {"t": "map", "v": pairs}


def _collection(value: Mapping[str, Any], path: str, cut: set[str]) -> TypedValue:
    """A dictionary or sequence of another class than the common ones: the worker only shows those."""
    content = value.get("v") or []
    named = "Dictionary" in value["type"] or "SortedList" in value["type"]
    if named or (content and isinstance(content[0], list)):
        return _entries(content, path, cut)
    return _items(content, path, cut)


def _datatable(value: Mapping[str, Any], path: str, cut: set[str]) -> TypedValue:
    columns = value.get("columns") or []
    rows = [
        [_read(item, f"{path}[{place}].{column['name']}", cut) for column, item in zip(columns, row, strict=True)]
        for place, row in enumerate(value.get("v") or [])
    ]
    named = [(column["name"], _COLUMN_TYPES.get(column["type"], "")) for column in columns]
    return tables.from_rows(named, rows)


def _stays(value: Mapping[str, Any], path: str) -> Untransferable:
    kind = value.get("t")
    type_name = str(value.get("type") or kind)
    if kind == "cycle":
        return Untransferable(path, type_name, "it contains itself")
    if kind == "failed":
        return Untransferable(path, "a property", f"reading it failed: {value.get('text')}")
    if kind == "scriptblock":
        return Untransferable(path, "System.Management.Automation.ScriptBlock", "code stays where it can run")
    if kind == "opaque":
        return Untransferable(path, type_name, "its content is a secret")
    return Untransferable(path, type_name, "no other language knows this type")


def _char(code: int) -> TypedValue:
    return encode(chr(code))


def _single(text: str) -> TypedValue:
    # The float that a `single` is, widened exactly as PowerShell does in [double]$x.
    return encode(struct.unpack("<f", struct.pack("<f", float(text)))[0])


def _utf16(text: str) -> str:
    return base64.b64decode(text).decode("utf-16-le", "surrogatepass")


def _moment(text: str) -> str:
    """ISO 8601 as `verso.api.values` has it: no fraction that is zero, six digits where they do, `+00:00` for UTC."""
    match = ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date or time")
    fraction = match["fraction"] or ""
    fraction = fraction if fraction[6:].strip("0") else fraction[:6]
    offset = match["offset"] or ""
    return match["main"] + (f".{fraction}" if fraction.strip("0") else "") + ("+00:00" if offset == "Z" else offset)


def _duration(text: str) -> TypedValue:
    match = _TIMESPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time span")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    digits = (fraction or "").rstrip("0")
    digits = digits.ljust(6, "0") if digits else ""
    return {"t": "duration", "v": f"{sign or ''}{whole}{'.' if digits else ''}{digits}"}


_PLAIN: Final[Mapping[Any, Callable[[Any], TypedValue]]] = {
    "null": lambda content: {"t": "null"},
    "bool": lambda content: {"t": "bool", "v": content},
    "string": lambda content: {"t": "string", "v": content},
    "version": lambda content: {"t": "string", "v": content},
    "uri": lambda content: {"t": "string", "v": content},
    "utf16": lambda content: {"t": "utf16", "v": content},
    "char": _char,
    "double": lambda content: encode(float(content)),
    "single": _single,
    "decimal": lambda content: {"t": "decimal", "v": content},
    "datetime": lambda content: {"t": "datetime", "v": _moment(content)},
    "datetimeoffset": lambda content: {"t": "datetime", "v": _moment(content)},
    "dateonly": lambda content: {"t": "date", "v": content},
    "timeonly": lambda content: {"t": "time", "v": _moment(content)},
    "timespan": _duration,
    "guid": lambda content: {"t": "uuid", "v": content},
    "bytes": lambda content: {"t": "bytes", "v": content},
}

_COLUMN_TYPES: Final[Mapping[str, str]] = {
    "System.Boolean": "bool",
    **dict.fromkeys(
        [f"System.{name}" for name in ("SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64")], "int"
    ),
    "System.Numerics.BigInteger": "int",
    "System.Single": "float",
    "System.Double": "float",
    "System.Decimal": "decimal",
    "System.String": "string",
    "System.Char": "string",
    "System.Byte[]": "bytes",
    "System.DateOnly": "date",
    "System.TimeOnly": "time",
    "System.DateTime": "datetime",
    "System.DateTimeOffset": "datetime",
    "System.TimeSpan": "duration",
    "System.Guid": "uuid",
}

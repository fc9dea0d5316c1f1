"""Values between PowerShell and the other languages: the worker's typed values and those of `verso.api.values`.

Both are `{"t": type, "v": content}`; the worker's types are .NET's (docs/kernels/powershell.md has the table). Nothing
is rounded or cut on the way: what does not fit is `Untransferable`, with the place, the type and the reason.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from verso.api.values import TypedValue, Untransferable, encode
from verso_powershell import tables

DotNetValue = dict[str, Any]

MAX_DEPTH: Final = 100
"""Levels of nesting that travel, as in `verso.api.values`."""

_INTEGERS: Final = frozenset({"sbyte", "byte", "int16", "uint16", "int32", "uint32", "int64", "uint64", "biginteger"})
_CONTAINERS: Final = re.compile(
    r"System\.(Object\[\]|.*\[\]|Collections\..*|Data\.DataTable|Management\.Automation\.PSCustomObject)"
)
MAX_JSON_DEPTH: Final = 62
"""Objects and arrays in each other that the worker's JSON reader takes (64 with the message's own)."""

_ISO: Final = re.compile(
    r"(?P<main>(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d+))?"
    r"(?P<offset>Z|[+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
)
_TIMESPAN: Final = re.compile(r"(-)?(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{7}))?")
_RESERVED: Final = frozenset({"", "PSOBJECT", "PSBASE", "PSADAPTED", "PSEXTENDED", "PSTYPENAMES", "PSSTANDARDMEMBERS"})
_CASELESS: Final = "\u0131\u017f"
_TICKS: Final = 10_000_000
_MAX_TICKS: Final = 2**63 - 1


class Unfinished(Exception):
    """The worker cut the value: ask again for more. `items`: a collection was cut; `depth`: nesting was."""

    def __init__(self, *, items: bool, depth: bool) -> None:
        super().__init__("the value was cut")
        self.items = items
        self.depth = depth


# --- from PowerShell ------------------------------------------------------------------------------------


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
    match = _ISO.fullmatch(text)
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


# --- to PowerShell --------------------------------------------------------------------------------------


def to_powershell(value: Mapping[str, Any], name: str = "") -> DotNetValue:
    """What the worker makes a variable of. `name`: for the DataTable that a table becomes.

    A map becomes a custom object (an ordered dictionary when a name can't be a property's), a list `object[]`.
    `Untransferable` for what .NET has no exact value for. Tables must have their rows with them.
    """
    made = _write(value, "", name)
    if _depth(made) > MAX_JSON_DEPTH:
        raise Untransferable("", str(value.get("t")), "it is nested too deeply for the PowerShell worker")
    return made


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _write(value: Mapping[str, Any], path: str, name: str) -> DotNetValue:
    kind = value.get("t")
    content = value.get("v")
    if kind in ("null", "bool", "string", "utf16", "bytes"):
        return dict(value)
    if kind in ("list", "set"):
        items = [_write(item, f"{path}[{place}]", name) for place, item in enumerate(content or ())]
        return {"t": "array", "of": "System.Object", "v": items}
    if kind == "map":
        return _map(content or (), path, name)
    if kind == "table":
        return _table(content or {}, path, name)
    writer = _WRITERS.get(str(kind))
    if writer is None:
        raise Untransferable(path, str(kind), "PowerShell does not know this type")
    return writer(str(content), path)


def _map(pairs: Any, path: str, name: str) -> DotNetValue:
    seen: dict[str, str] = {}
    for key, _ in pairs:
        folded = _fold(key)
        if folded in seen:
            why = f"PowerShell's names ignore case, and {seen[folded]!r} and {key!r} would be one"
            raise Untransferable(path, "map", why)
        seen[folded] = key
    items = [(key, _write(item, f"{path}.{key}", name)) for key, item in pairs]
    if any(key in _RESERVED or _has_half_pair(key) for key in seen):
        # A dictionary compares its keys by culture, which may take different ones for the same: not with plain ASCII.
        if len(seen) > 1 and not all(key.isascii() and (key.isprintable() or not key) for key in seen):
            raise Untransferable(path, "map", "one of its names can't be that of a PowerShell property")
        return {"t": "ordered", "v": [[_key(key), item] for key, item in items]}
    return {"t": "custom", "v": [[key, item] for key, item in items]}


def _fold(text: str) -> str:
    """As .NET compares without case: each character by itself, and not the dotless i and the long s."""
    return "".join(c if c in _CASELESS or len(c.upper()) > 1 else c.upper() for c in text)


def _key(text: str) -> DotNetValue:
    return encode(text)


def _has_half_pair(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _table(content: Mapping[str, Any], path: str, name: str) -> DotNetValue:
    columns = content["columns"]
    names = [column["name"] for column in columns]
    if len(set(names)) < len(names) or "" in names:
        raise Untransferable(path, "table", "a DataTable needs columns with names of their own")
    rows = [
        [_write(cell, f"{path}[{place}].{column}", name) for column, cell in zip(names, row, strict=True)]
        for place, row in enumerate(content["rows"])
    ]
    for place in range(len(names)):
        _widen([row[place] for row in rows])
    types = [_column_type([row[place] for row in rows], column.get("type", "")) for place, column in enumerate(columns)]
    shown = [{"name": column, "type": kind} for column, kind in zip(names, types, strict=True)]
    return {"t": "datatable", "name": name, "columns": shown, "v": rows}


def _widen(cells: list[DotNetValue]) -> None:
    """Makes the cells of a column alike where that changes no value: the widest integer of the column for all, and
    moments with their offset (a DataTable's DateTime column forgets that a moment is UTC)."""
    for cell in cells:
        if cell["t"] == "datetime" and cell["v"].endswith("Z"):
            cell.update(t="datetimeoffset", v=cell["v"][:-1] + "+00:00")
    kinds = {cell["t"] for cell in cells if cell["t"] != "null"}
    if kinds and kinds <= {"int32", "int64", "biginteger"}:
        wide = "biginteger" if "biginteger" in kinds else "int64"
        for cell in cells:
            if cell["t"] != "null":
                cell["t"] = wide


def _column_type(cells: list[DotNetValue], declared: str) -> str:
    kinds = {_CELL_TYPES.get(cell["t"], "System.Object") for cell in cells if cell["t"] != "null"}
    if not kinds:
        return _EMPTY_COLUMN_TYPES.get(declared, "System.Object")
    return kinds.pop() if len(kinds) == 1 else "System.Object"


def _int(text: str, path: str) -> DotNetValue:
    if len(text) < 11 and -(2**31) <= int(text) < 2**31:
        return {"t": "int32", "v": text}
    if len(text) < 21 and -(2**63) <= int(text) < 2**63:
        return {"t": "int64", "v": text}
    return {"t": "biginteger", "v": text}


def _decimal(text: str, path: str) -> DotNetValue:
    value = Decimal(text)
    if not value.is_finite():
        raise Untransferable(path, "decimal", f".NET's decimal has no {text}")
    plain = format(value, "f")
    if "." in plain and len(plain.partition(".")[2]) > 28:
        plain = plain.rstrip("0").rstrip(".")
    digits = plain.lstrip("-").replace(".", "").lstrip("0") or "0"
    if len(digits) > 29 or int(digits) >= 2**96 or len(plain.partition(".")[2]) > 28:
        raise Untransferable(path, "decimal", f".NET's decimal has 28 digits, and {text} has more")
    return {"t": "decimal", "v": plain}


def _datetime(text: str, path: str) -> DotNetValue:
    moment = _ticks(text, path)
    match = _ISO.fullmatch(moment)
    offset = (match["offset"] if match else "") or ""
    if not offset:
        return {"t": "datetime", "v": moment}
    if offset in ("Z", "+00:00", "-00:00"):
        return {"t": "datetime", "v": moment.removesuffix(offset) + "Z"}
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    if len(offset) > 6 or minutes > 14 * 60:
        raise Untransferable(path, "datetime", f".NET has no offset of {offset}")
    return {"t": "datetimeoffset", "v": moment}


def _time(text: str, path: str) -> DotNetValue:
    moment = _ticks(text, path)
    if re.search(r"Z|[+-]", moment):
        raise Untransferable(path, "time", ".NET's TimeOnly has no offset")
    return {"t": "timeonly", "v": moment}


def _ticks(text: str, path: str) -> str:
    """The ISO text with at most seven digits of a second, as many as .NET keeps."""
    match = _ISO.fullmatch(text.replace("z", "Z").replace(" ", "T"))
    if match is None:
        raise Untransferable(path, "datetime", f"{text!r} is not ISO 8601")
    fraction = match["fraction"] or ""
    if fraction[7:].strip("0"):
        raise Untransferable(path, "datetime", f".NET keeps seven digits of a second, and {text} has more")
    return match["main"] + (f".{fraction[:7]}" if fraction else "") + (match["offset"] or "")


def _timespan(text: str, path: str) -> DotNetValue:
    ticks = Decimal(text) * _TICKS
    if ticks != ticks.to_integral_value() or abs(ticks) > _MAX_TICKS:
        raise Untransferable(path, "duration", f".NET's TimeSpan has no exact value for {text} seconds")
    seconds, fraction = divmod(abs(int(ticks)), _TICKS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    shown = f"{hours:02}:{minutes:02}:{seconds:02}" + (f".{fraction:07}" if fraction else "")
    return {"t": "timespan", "v": ("-" if ticks < 0 else "") + (f"{days}." if days else "") + shown}


_WRITERS: Final[Mapping[str, Callable[[str, str], DotNetValue]]] = {
    "int": _int,
    "float": lambda text, path: {"t": "double", "v": text},
    "decimal": _decimal,
    "date": lambda text, path: {"t": "dateonly", "v": text},
    "time": _time,
    "datetime": _datetime,
    "duration": _timespan,
    "uuid": lambda text, path: {"t": "guid", "v": text},
}

_CELL_TYPES: Final[Mapping[str, str]] = {
    "bool": "System.Boolean",
    "int64": "System.Int64",
    "biginteger": "System.Numerics.BigInteger",
    "double": "System.Double",
    "decimal": "System.Decimal",
    "string": "System.String",
    "utf16": "System.String",
    "bytes": "System.Byte[]",
    "dateonly": "System.DateOnly",
    "timeonly": "System.TimeOnly",
    "datetime": "System.DateTime",
    "datetimeoffset": "System.DateTimeOffset",
    "timespan": "System.TimeSpan",
    "guid": "System.Guid",
}

_EMPTY_COLUMN_TYPES: Final[Mapping[str, str]] = {
    "bool": "System.Boolean",
    "int": "System.Int64",
    "float": "System.Double",
    "decimal": "System.Decimal",
    "string": "System.String",
    "bytes": "System.Byte[]",
    "date": "System.DateOnly",
    "time": "System.TimeOnly",
    "datetime": "System.DateTime",
    "duration": "System.TimeSpan",
    "uuid": "System.Guid",
}

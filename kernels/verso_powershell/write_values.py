"""Values to PowerShell: typed values (`verso.api.values`) as the worker makes variables of them.

What .NET has no exact value for is `Untransferable`, with the place, the type and the reason; nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from verso.api.values import Untransferable, encode
from verso_powershell.moments import ISO

DotNetValue = dict[str, Any]

MAX_JSON_DEPTH: Final = 62
"""Objects and arrays in each other that the worker's JSON reader takes (64 with the message's own)."""

_RESERVED: Final = frozenset({"", "PSOBJECT", "PSBASE", "PSADAPTED", "PSEXTENDED", "PSTYPENAMES", "PSSTANDARDMEMBERS"})
_CASELESS: Final = "\u0131\u017f"
_TICKS: Final = 10_000_000
_MAX_TICKS: Final = 2**63 - 1


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
    match = ISO.fullmatch(moment)
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
    match = ISO.fullmatch(text.replace("z", "Z").replace(" ", "T"))
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

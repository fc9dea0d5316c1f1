"""Tables: rows of typed values (`verso.api.values`), records that are one, and Arrow files where pyarrow is there.

PowerShell itself has no Arrow: its tables come and go as rows, and this side, in the engine's process, reads and
writes the files that other kernels share.
"""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from verso.api.values import TypedValue, Untransferable, decode, encode

_FLAT: Final = frozenset(
    {"null", "bool", "int", "float", "decimal", "string", "bytes", "date", "time", "datetime", "duration", "uuid"}
)
_EXACT_FLOAT: Final = 2**53
_EPOCH: Final = datetime(1970, 1, 1)
_NANOS: Final[Mapping[str, int]] = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def has_arrow() -> bool:
    """Whether pyarrow is installed here. It is not imported for this."""
    return importlib.util.find_spec("pyarrow") is not None


def from_rows(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[TypedValue]]) -> TypedValue:
    """A table of `columns` (name, type; an empty type is taken from the cells) and rows of typed values."""
    shown = [
        {"name": name, "type": kind or _kind([row[place] for row in rows])}
        for place, (name, kind) in enumerate(columns)
    ]
    return {"t": "table", "v": {"columns": shown, "count": len(rows), "rows": [list(row) for row in rows]}}


def from_records(records: Sequence[Sequence[Sequence[Any]]]) -> TypedValue | None:
    """The table that records are (each a sequence of name and typed value), or None when they are none: they must
    have the same names, hold plain values, and one type in each column (null anywhere; whole numbers among floats
    become floats where that is exact)."""
    names = [name for name, _ in records[0]]
    if not names:
        return None
    rows = []
    for record in records:
        cells: dict[str, TypedValue] = {name: cell for name, cell in record}  # noqa: C416 - pairs are lists
        if len(record) != len(names) or cells.keys() != set(names):
            return None
        rows.append([cells[name] for name in names])
    for place in range(len(names)):
        column = [row[place] for row in rows]
        if any(cell["t"] not in _FLAT for cell in column):
            return None
        if {cell["t"] for cell in column} - {"null"} == {"int", "float"}:
            if any(cell["t"] == "int" and abs(int(cell["v"])) > _EXACT_FLOAT for cell in column):
                return None
            for row in rows:
                if row[place]["t"] == "int":
                    row[place] = encode(float(row[place]["v"]))
        elif _kind(column) == "any":
            return None
    return from_rows([(name, "") for name in names], rows)


def _kind(cells: Sequence[TypedValue]) -> str:
    kinds = {"string" if cell["t"] == "utf16" else cell["t"] for cell in cells} - {"null"}
    return kinds.pop() if len(kinds) == 1 else "any" if kinds else "null"


# --- to Arrow -------------------------------------------------------------------------------------------


def to_arrow(table: TypedValue, folder: Path) -> TypedValue:
    """The table with its rows in an Arrow file of its own in `folder`; as it was when Arrow has no exact type for a
    column (UUIDs, moments with different offsets, mixed values), or when pyarrow is not there. Blocks."""
    if not has_arrow():
        return table
    import pyarrow  # noqa: PLC0415 - a tenth of a second that only tables should cost

    content = table["v"]
    arrays = []
    for place in range(len(content["columns"])):
        array = _array(pyarrow, [row[place] for row in content["rows"]])
        if array is None:
            return table
        arrays.append(array)
    names = [column["name"] for column in content["columns"]]
    whole = pyarrow.Table.from_arrays(arrays, names=names)
    path = folder / f"powershell-{uuid.uuid4().hex}.arrow"
    with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)
    return {"t": "table", "v": {"columns": content["columns"], "count": content["count"], "arrow": str(path)}}


def _array(pyarrow: Any, cells: Sequence[TypedValue]) -> Any:
    """The Arrow array of a column; None when no Arrow type holds it exactly."""
    kind = _kind(cells)
    if kind in ("time", "datetime", "duration"):
        return _moments(pyarrow, kind, cells)
    if kind not in _ARROW_TYPES or any(cell["t"] == "utf16" for cell in cells):
        return None
    values = [decode(cell) for cell in cells]
    try:
        return pyarrow.array(values, type=_ARROW_TYPES[kind](pyarrow))
    except (OverflowError, pyarrow.ArrowInvalid, UnicodeEncodeError):
        return None


_ARROW_TYPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "null": lambda pyarrow: pyarrow.null(),
    "bool": lambda pyarrow: pyarrow.bool_(),
    "int": lambda pyarrow: pyarrow.int64(),
    "float": lambda pyarrow: pyarrow.float64(),
    "decimal": lambda pyarrow: None,  # precision and scale are those of the values
    "string": lambda pyarrow: pyarrow.string(),
    "bytes": lambda pyarrow: pyarrow.binary(),
    "date": lambda pyarrow: pyarrow.date32(),
}


def _moments(pyarrow: Any, kind: str, cells: Sequence[TypedValue]) -> Any:
    counts = [None if cell["t"] == "null" else _nanoseconds(kind, cell["v"]) for cell in cells]
    offsets = {_offset(cell["v"]) for cell in cells if cell["t"] != "null"} if kind != "duration" else {""}
    if len(offsets) > 1:
        return None
    unit = "us" if all(count is None or count % 1000 == 0 for count in counts) else "ns"
    zone = offsets.pop()
    if kind == "time" and zone:
        return None
    made = {
        "time": lambda: pyarrow.time64(unit),
        "duration": lambda: pyarrow.duration(unit),
        "datetime": lambda: pyarrow.timestamp(unit, tz=("UTC" if zone == "+00:00" else zone) or None),
    }[kind]()
    scaled = [None if count is None else count // _NANOS[unit] for count in counts]
    try:
        return pyarrow.array(scaled, type=pyarrow.int64()).cast(made)
    except (OverflowError, pyarrow.ArrowInvalid):
        return None


def _nanoseconds(kind: str, text: str) -> int:
    """Nanoseconds since the epoch (a moment with an offset: in UTC), since midnight, or of a duration."""
    whole: timedelta = {
        "time": lambda: _since_midnight(decode({"t": "time", "v": text})),
        "datetime": lambda: _since_epoch(decode({"t": "datetime", "v": text})),
        "duration": lambda: timedelta(seconds=int(text.partition(".")[0].lstrip("-") or 0)),
    }[kind]()
    if kind == "duration":
        nanos = (whole // timedelta(seconds=1)) * 1_000_000_000 + int(_fraction(text))
        return -nanos if text.startswith("-") else nanos
    return (whole // timedelta(microseconds=1)) * 1000 + int(_fraction(text)[6:])


def _fraction(text: str) -> str:
    """Nine digits of a second."""
    rest = text.partition(".")[2]
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return digits[:9].ljust(9, "0")


def _since_midnight(moment: Any) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)


def _since_epoch(moment: datetime) -> timedelta:
    return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment) - _EPOCH


def _offset(text: str) -> str:
    tail = text[8:] if "T" not in text else text.partition("T")[2]
    for sign in "+-":
        if sign in tail:
            return sign + tail.partition(sign)[2]
    return "+00:00" if text.endswith(("Z", "z")) else ""


# --- from Arrow -----------------------------------------------------------------------------------------


def with_rows(table: TypedValue) -> TypedValue:
    """The table with its rows in it, read from its Arrow file if that is where they are. `Untransferable` for a
    column of a type that no typed value has. Blocks."""
    content = table["v"]
    if "rows" in content:
        return table
    import pyarrow  # noqa: PLC0415 - as above

    with pyarrow.memory_map(content["arrow"]) as source:
        whole = pyarrow.ipc.open_file(source).read_all()
        columns = [_cells(pyarrow, whole.column(place), name) for place, name in enumerate(whole.schema.names)]
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else []
    return {"t": "table", "v": {"columns": content["columns"], "count": len(rows), "rows": rows}}


def _cells(pyarrow: Any, column: Any, name: str) -> list[TypedValue]:
    kind, types = column.type, pyarrow.types
    if types.is_timestamp(kind):
        counts = column.cast(pyarrow.int64()).to_pylist()
        return [_datetime(count, kind.unit, kind.tz) for count in counts]
    if types.is_time(kind):
        counts = column.cast(pyarrow.int32() if types.is_time32(kind) else pyarrow.int64()).to_pylist()
        return [_time(count, kind.unit) for count in counts]
    if types.is_duration(kind):
        return [_duration(count, kind.unit) for count in column.cast(pyarrow.int64()).to_pylist()]
    try:
        return [encode(value) for value in column.to_pylist()]
    except Untransferable as trouble:
        raise Untransferable(f".{name}{trouble.path}", str(kind), trouble.why) from None


def _datetime(count: int | None, unit: str, zone: str | None) -> TypedValue:
    if count is None:
        return {"t": "null"}
    seconds, nanos = divmod(count * _NANOS[unit], 1_000_000_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    offset = ""
    if zone:
        moment = moment.replace(tzinfo=UTC).astimezone(_zone(zone))
        offset = moment.isoformat()[19:]
        moment = moment.replace(tzinfo=None)
    return {"t": "datetime", "v": moment.isoformat() + _digits(nanos) + offset}


def _zone(name: str) -> tzinfo:
    if name[:1] in "+-":
        sign = -1 if name[0] == "-" else 1
        return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[-2:])))
    return ZoneInfo(name)


def _time(count: int | None, unit: str) -> TypedValue:
    if count is None:
        return {"t": "null"}
    seconds, nanos = divmod(count * _NANOS[unit], 1_000_000_000)
    return {"t": "time", "v": (_EPOCH + timedelta(seconds=seconds)).strftime("%H:%M:%S") + _digits(nanos)}


def _duration(count: int | None, unit: str) -> TypedValue:
    if count is None:
        return {"t": "null"}
    seconds, nanos = divmod(abs(count) * _NANOS[unit], 1_000_000_000)
    return {"t": "duration", "v": f"{'-' if count < 0 else ''}{seconds}{_digits(nanos)}"}


def _digits(nanos: int) -> str:
    """The fraction of a second with its point: none when zero, six digits where they do, else nine."""
    if not nanos:
        return ""
    return f".{nanos // 1000:06}" if nanos % 1000 == 0 else f".{nanos:09}"

"""What the Arrow file of a table (`verso.api.values`) says beyond Arrow's own types, and how it is read.

A field's metadata `verso.type` names the type of `verso.api.values` where Arrow has none that every reader knows:
`int` for integers in a column of decimals or text, `uuid` for UUIDs and `time` for times with a zone in one of text.
Spans of time without months are durations, however the writer stored them.

Like `verso.api.values` this file needs the standard library only and runs on Python 3.9: it works on what the caller
has of pyarrow, and imports numpy, which every pyarrow that converts to Python objects at once comes with, when needed.
"""

from __future__ import annotations

import datetime as dt
import importlib
import uuid
from typing import Any, Callable, Dict, List, Optional, Sequence

NOTE = b"verso.type"
"""The key of the metadata."""

_KINDS = {"HUGEINT": "int", "UHUGEINT": "int", "BIGNUM": "int", "UUID": "uuid", "TIME WITH TIME ZONE": "time"}
_EXACT = 2**53
_SPAN = [("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")]
_DAY = 86_400 * 10**9


def noted(schema: Any, kinds: Sequence[str]) -> Any:
    """The schema with the kind of each column in its field's metadata; an empty kind leaves the field as it is."""
    for place, kind in enumerate(kinds):
        if kind:
            field = schema.field(place)
            schema = schema.set(place, field.with_metadata({**(field.metadata or {}), NOTE: kind.encode()}))
    return schema


def kind_of(database_type: str) -> str:
    """The kind to note for a column of this type of DuckDB's; empty where Arrow says it all."""
    return _KINDS.get(database_type, "")


def meant(pyarrow: Any, table: Any) -> Any:
    """The table with columns of the types that are meant: 64-bit integers where they fit, durations."""
    for place, field in enumerate(table.schema):
        column = None
        if _kind(field) == "int":
            column = _integers(pyarrow, table.column(place))
        elif str(field.type) == "month_day_nano_interval":
            column = _durations(pyarrow, table.column(place))
        if column is not None:
            table = table.set_column(place, field.name, column)
    return table


def objects(table: Any) -> Dict[str, List[Any]]:
    """The columns whose values are Python objects that no column of numpy holds: UUIDs, integers of any size, times
    with a zone, and integers among nulls that a float would change."""
    found = {}
    for place, field in enumerate(table.schema):
        make = _MAKE.get(_kind(field)) or (int if _is_inexact(table.column(place)) else None)
        if make is not None:
            values = table.column(place).to_pylist()
            found[field.name] = [None if value is None else make(value) for value in values]
    return found


def _is_inexact(column: Any) -> bool:
    """Whether integers would become floats, as there are nulls among them, and not all stay what they are."""
    if str(column.type) not in ("int64", "uint64") or not column.null_count:
        return False
    whole = column.fill_null(0).to_numpy()
    return bool(whole.max() > _EXACT or whole.min() < -_EXACT)


def _clock(text: str) -> dt.time:
    """A time as DuckDB writes it, whose zone may have no minutes: `12:00:00+02`."""
    return dt.time.fromisoformat(text if text[-3] not in "+-" else text + ":00")


_MAKE: Dict[str, Callable[[Any], Any]] = {"uuid": uuid.UUID, "int": int, "time": _clock}


def _kind(field: Any) -> str:
    return str((field.metadata or {}).get(NOTE, b""), "utf-8")


def _integers(pyarrow: Any, column: Any) -> Optional[Any]:
    try:
        return column.cast(pyarrow.int64())
    except pyarrow.ArrowInvalid:
        return None  # beyond 64 bits


def _durations(pyarrow: Any, column: Any) -> Optional[Any]:
    """The column as durations; None when one of its spans has months, which have no fixed number of seconds."""
    numpy = importlib.import_module("numpy")
    chunks = []
    for chunk in column.chunks:
        bits = chunk.buffers()[1]
        parts = numpy.frombuffer(bits, dtype=_SPAN, count=len(chunk), offset=chunk.offset * 16)
        valid = chunk.is_valid().to_numpy(zero_copy_only=False)
        if (parts["months"][valid] != 0).any():
            return None
        whole = parts["days"].astype("i8") * _DAY + parts["nanoseconds"]
        exact = "us" if not (whole[valid] % 1000).any() else "ns"
        step = 1000 if exact == "us" else 1
        chunks.append(pyarrow.array(whole // step, pyarrow.int64(), mask=~valid).cast(pyarrow.duration(exact)))
    unit = "ns" if any(chunk.type.unit == "ns" for chunk in chunks) else "us"
    kind = pyarrow.duration(unit)
    return pyarrow.chunked_array([chunk.cast(kind) for chunk in chunks], kind)

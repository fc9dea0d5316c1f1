"""Arrow columns as Python values, by the database's types where Arrow's say less. Imports pyarrow."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from verso_sql.tables import Column, Interval, PreciseClock, PreciseTime, Row

_EPOCH = dt.datetime(1970, 1, 1)
_NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_INFINITY = 2**63 - 1


def python_rows(batch: pa.RecordBatch, columns: Sequence[Column]) -> list[Row]:
    """The rows of a batch as Python values, by the database's types where Arrow's say less."""
    if not batch.num_rows:
        return []
    made = [python_values(array, column) for array, column in zip(batch.columns, columns, strict=True)]
    return list(zip(*made, strict=True))


def python_values(array: Any, column: Column) -> list[Any]:
    """A column's values: exact integers for HUGEINT, UUIDs, nanoseconds kept, infinite dates as text."""
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in python_values(chunk, column)]
    convert = _BY_TYPE.get(column.type)
    kind = array.type
    if pa.types.is_timestamp(kind):
        return _times(array, kind)
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return [None if value is None else _nano_clock(value) for value in array.cast(pa.int64()).to_pylist()]
    if pa.types.is_date32(kind):
        return _dates(array)
    values = array.to_pylist()
    if convert is not None:
        return [None if value is None else convert(value) for value in values]
    if pa.types.is_nested(kind) or pa.types.is_interval(kind):
        return [_plain(value, kind) for value in values]
    return values  # type: ignore[no-any-return]


def _times(array: Any, kind: Any) -> list[Any]:
    whole = array.cast(pa.int64()).to_pylist()
    step = _NANOS[kind.unit]
    zone = dt.UTC if kind.tz else None
    return [None if value is None else _moment(value, step, zone) for value in whole]


def _moment(value: int, step: int, zone: dt.tzinfo | None) -> Any:
    if abs(value) >= _INFINITY:
        return "infinity" if value > 0 else "-infinity"
    micros, nanos = divmod(value * step, 1000)
    try:
        moment = (_EPOCH + dt.timedelta(microseconds=micros)).replace(tzinfo=zone)
    except OverflowError:
        return f"{value * step / 10**9:.0f} seconds since 1970"
    if not nanos:
        return moment
    offset = "+00:00" if zone else ""
    return PreciseTime(f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}{nanos:03d}{offset}")


def _nano_clock(value: int) -> Any:
    micros, nanos = divmod(value, 1000)
    clock = (_EPOCH + dt.timedelta(microseconds=micros)).time()
    return clock if not nanos else PreciseClock(f"{clock.isoformat(timespec='microseconds')}{nanos:03d}")


def _dates(array: Any) -> list[Any]:
    try:
        return array.to_pylist()  # type: ignore[no-any-return]
    except (OverflowError, ValueError):
        return [_day(value) for value in array.cast(pa.int32()).to_pylist()]


def _day(value: int | None) -> Any:
    if value is None:
        return None
    try:
        return (_EPOCH + dt.timedelta(days=value)).date()
    except OverflowError:
        return "infinity" if value > 0 else "-infinity"


def _plain(value: Any, kind: Any) -> Any:
    """Nested values in plain form: maps as dicts, spans as durations or text."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {_plain(key, kind.key_type): _plain(item, kind.item_type) for key, item in value}
    if pa.types.is_struct(kind):
        return {
            kind.field(place).name: _plain(value[kind.field(place).name], kind.field(place).type)
            for place in range(kind.num_fields)
        }
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [_plain(item, kind.value_type) for item in value]
    if pa.types.is_interval(kind):
        return _span(value)
    return value


def _span(value: Any) -> Any:
    months, days, nanos = value
    if not months and not nanos % 1000:
        return dt.timedelta(days=days, microseconds=nanos // 1000)
    return Interval(interval_text(months, days, nanos))


def interval_text(months: int, days: int, nanos: int) -> str:
    """A span as DuckDB and PostgreSQL write it: `1 year 2 months 3 days 04:05:06`."""
    years, months = divmod(abs(months), 12) if months >= 0 else (-(abs(months) // 12), -(abs(months) % 12))
    parts = [f"{n} {word}{'s' * (abs(n) != 1)}" for n, word in ((years, "year"), (months, "month"), (days, "day")) if n]
    if nanos or not parts:
        seconds, rest = divmod(abs(nanos), 10**9)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        fraction = f".{rest:09d}".rstrip("0") if rest else ""
        parts.append(f"{'-' if nanos < 0 else ''}{clock}{fraction}")
    return " ".join(parts)


def _integer(value: Any) -> int:
    return int(value)


def _clock(value: Any) -> Any:
    return dt.time.fromisoformat(value) if isinstance(value, str) else value


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "HUGEINT": _integer,
    "UHUGEINT": _integer,
    "BIGNUM": _integer,
    "UUID": _uuid,
    "uuid": _uuid,
    "TIME WITH TIME ZONE": _clock,
}

"""Results and shared tables as Arrow: read in batches, large ones straight into a file, values as Python has them.

Imports pyarrow, so it is loaded by its name, and only where that is installed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from verso_sql.tables import Column, Interval, PreciseTime, ResultTable, Row, unique_names

MEMORY_BYTES = 8 * 1024 * 1024
"""A larger result goes to a file while it is read, so that the engine never holds it."""

_EPOCH = dt.datetime(1970, 1, 1)
_NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_INFINITY = 2**63 - 1


def read_batches(
    reader: pa.RecordBatchReader,
    columns: tuple[Column, ...],
    *,
    page_size: int,
    limit: int | None,
    exchange: Path,
    check: Callable[[], None],
) -> ResultTable:
    """A result from its batches. `check` is called between them and may raise to stop."""
    schema = reader.schema
    names = list(unique_names(columns))
    renamed = names != schema.names
    if renamed:
        schema = pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])
    page: list[Row] = []
    count = 0
    store = _Store(exchange)
    try:
        for found in reader:
            check()
            batch = found.rename_columns(names) if renamed else found
            if len(page) < page_size:
                page += python_rows(batch.slice(0, page_size - len(page)), columns)
            count += batch.num_rows
            if limit is not None and count > limit:
                store.discard()
                return ResultTable(columns=columns, count=limit, page=tuple(page), limit=limit)
            store.add(batch)
    except BaseException:
        store.discard()
        raise
    finally:
        # A result that is not read to its end would keep the connection busy.
        reader.close()
    return ResultTable(columns=columns, count=count, page=tuple(page), body=store.body(schema, columns))


class _Store:
    """Keeps batches in memory until they are many, then in an Arrow IPC file."""

    def __init__(self, exchange: Path) -> None:
        self._exchange = exchange
        self._batches: list[pa.RecordBatch] = []
        self._bytes = 0
        self._path: Path | None = None
        self._writer: Any = None
        self._file: Any = None

    def add(self, batch: pa.RecordBatch) -> None:
        if self._writer is not None:
            self._writer.write_batch(batch)
            return
        self._batches.append(batch)
        self._bytes += batch.nbytes
        if self._bytes > MEMORY_BYTES:
            self._path = new_path(self._exchange)
            self._file = pa.OSFile(str(self._path), "wb")
            self._writer = pa.ipc.new_file(self._file, batch.schema)
            for held in self._batches:
                self._writer.write_batch(held)
            self._batches = []

    def body(self, schema: pa.Schema, columns: Sequence[Column]) -> ArrowBody:
        if self._writer is None:
            return ArrowBody(columns, table=pa.Table.from_batches(self._batches, schema))
        self._close()
        return ArrowBody(columns, path=self._path)

    def discard(self) -> None:
        self._batches = []
        self._close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._file.close()
            self._writer = None


class ArrowBody:
    """All rows as an Arrow table in memory or a memory-mapped file. Implements `TableBody`."""

    def __init__(self, columns: Sequence[Column], *, table: pa.Table | None = None, path: Path | None = None) -> None:
        self._columns = columns
        self._table = table
        self._path = path
        self._given = False

    def rows(self) -> Sequence[Row]:
        return [row for batch in self.arrow_table().to_batches() for row in python_rows(batch, self._columns)]

    def arrow_table(self) -> pa.Table:
        if self._table is None:
            assert self._path is not None
            self._table = open_file(self._path)
        return self._table

    def arrow_file(self, exchange: Path) -> Path:
        if self._path is None:
            path = new_path(exchange)
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, self.arrow_table().schema) as writer:
                writer.write_table(self.arrow_table())
            self._path = path
        self._given = True
        return self._path

    def discard(self) -> None:
        if self._path is not None and not self._given:
            self._path.unlink(missing_ok=True)


def new_path(exchange: Path) -> Path:
    """A fresh name in the exchange folder."""
    return exchange / f"sql-{uuid.uuid4().hex}.arrow"


def open_file(path: str | Path) -> pa.Table:
    """The table in an Arrow IPC file, memory-mapped: nothing is copied."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def from_rows(columns: Sequence[Column], rows: Sequence[Row]) -> ArrowBody | None:
    """Python rows as Arrow; None when a column has values that Arrow would change or refuse."""
    arrays = []
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        try:
            array = pa.array([str(v) if isinstance(v, uuid.UUID) else v for v in values])
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            return None
        if _needs_check(array.type, values) and python_values(array, column) != values:
            return None
        arrays.append(array)
    table = pa.Table.from_arrays(arrays, names=list(unique_names(columns)))
    return ArrowBody(columns, table=table)


def _needs_check(kind: pa.DataType, values: Sequence[Any]) -> bool:
    """Whether Arrow may have changed values: mixed numbers, times with a zone, maps with different keys."""
    kinds = {type(value) for value in values if value is not None}
    return len(kinds) > 1 or pa.types.is_nested(kind) or dt.time in kinds


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
    return clock if not nanos else f"{clock.isoformat(timespec='microseconds')}{nanos:03d}"


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

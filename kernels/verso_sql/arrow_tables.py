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

from verso.api.arrow import kind_of, noted
from verso.api.values import Untransferable, encode
from verso_sql.arrow_values import python_rows, python_values
from verso_sql.tables import Column, ResultTable, Row, other_value, unique_names

MEMORY_BYTES = 8 * 1024 * 1024
"""A larger result goes to a file while it is read, so that the engine never holds it."""


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
    schema = noted(schema, [kind_of(column.type) for column in columns])
    page: list[Row] = []
    count = 0
    store = _Store(exchange, schema)
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
    return ResultTable(columns=columns, count=count, page=tuple(page), body=store.body(columns))


class _Store:
    """Keeps batches in memory until they are many, then in an Arrow IPC file."""

    def __init__(self, exchange: Path, schema: pa.Schema) -> None:
        self._exchange = exchange
        self._schema = schema
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
            self._writer = pa.ipc.new_file(self._file, self._schema)
            for held in self._batches:
                self._writer.write_batch(held)
            self._batches = []

    def body(self, columns: Sequence[Column]) -> ArrowBody:
        if self._writer is None:
            return ArrowBody(columns, batches=self._batches, schema=self._schema)
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
    """All rows as an Arrow table or its batches in memory, or in a memory-mapped file. Implements `TableBody`."""

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        table: pa.Table | None = None,
        batches: Sequence[pa.RecordBatch] = (),
        schema: pa.Schema | None = None,
        path: Path | None = None,
    ) -> None:
        self._columns = columns
        self._table = table
        self._batches = batches
        self._schema = schema
        self._path = path
        self._given = False

    def rows(self) -> Sequence[Row]:
        return [row for batch in self.arrow_table().to_batches() for row in python_rows(batch, self._columns)]

    def arrow_table(self) -> pa.Table:
        if self._table is None:
            self._table = self._made() if self._path is None else open_file(self._path)
        return self._table

    def _made(self) -> pa.Table:
        """The table of the batches, made when somebody wants it: most results are only looked at."""
        assert self._schema is not None
        table = pa.Table.from_batches(self._batches).cast(self._schema) if self._batches else self._schema.empty_table()
        self._batches = ()
        return table

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
    kinds = []
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        try:
            array = pa.array([str(v) if isinstance(v, uuid.UUID) else v for v in values])
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            return None
        if _needs_check(array.type, values) and not _same(python_values(array, column), values):
            return None
        arrays.append(array)
        kinds.append("uuid" if values and all(isinstance(v, uuid.UUID) for v in values if v is not None) else "")
    table = pa.Table.from_arrays(arrays, names=list(unique_names(columns)))
    table = table.cast(noted(table.schema, kinds))
    return ArrowBody(columns, table=table)


def _needs_check(kind: pa.DataType, values: Sequence[Any]) -> bool:
    """Whether Arrow may have changed values: mixed numbers, times with a zone, maps with different keys."""
    kinds = {type(value) for value in values if value is not None}
    zones = {value.tzinfo is None for value in values if isinstance(value, dt.datetime)}
    return len(kinds) > 1 or len(zones) > 1 or pa.types.is_nested(kind) or dt.time in kinds


def _same(found: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether values are the same with their types: `False` is equal to `0.0` and another value all the same."""
    try:
        return [encode(value, other_value) for value in found] == [encode(value, other_value) for value in values]
    except Untransferable:
        return list(found) == list(values)

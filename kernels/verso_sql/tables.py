"""A result set: its columns, the rows that are shown, and all rows for whoever reads it as a variable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from verso.api.errors import VariableError
from verso.api.record import Record
from verso.api.values import TypedValue, Untransferable, encode


class Column(Record):
    """A column. `name` as the database gave it (may repeat); `type`: the database's own name for its type."""

    name: str
    type: str = ""


Row = Sequence[Any]
"""Values of one row: None, bool, int, float, Decimal, str, bytes, dates, UUID, list, dict."""


class TableBody(Protocol):
    """All rows of a result, in memory or in a file."""

    def rows(self) -> Sequence[Row]:
        """All rows as Python values."""

    def arrow_file(self, exchange: Path) -> Path | None:
        """An Arrow IPC file with all rows, written on first call; None when Arrow can't hold these values."""

    def arrow_table(self) -> Any:
        """All rows as a `pyarrow.Table`; None when Arrow can't hold these values or is not installed."""

    def discard(self) -> None:
        """Forgets the rows; deletes a file that nobody was given."""


class ResultTable(Record):
    """A result set. `count`: rows in all, or rows read when the limit cut it. `page`: the first rows.

    `limit`: set when the result had more rows than that; then nothing of it is kept and `body` is None."""

    columns: tuple[Column, ...]
    count: int
    page: tuple[Row, ...]
    body: TableBody | None = None
    limit: int | None = None

    @property
    def cut(self) -> bool:
        """Whether the result had more rows than were read."""
        return self.limit is not None

    def typed(self, *, arrow: bool, exchange: Path) -> TypedValue:
        """The table as a typed value. `VariableError` when a value can't travel."""
        if self.body is None:
            raise VariableError("the result was not kept: it had too many rows")
        content: dict[str, Any] = {
            "columns": [
                {"name": name, "type": column.type}
                for name, column in zip(unique_names(self.columns), self.columns, strict=True)
            ],
            "count": self.count,
        }
        path = self.body.arrow_file(exchange) if arrow else None
        if path is not None:
            content["arrow"] = str(path)
        else:
            content["rows"] = typed_rows(self.body.rows())
        return {"t": "table", "v": content}


def typed_rows(rows: Sequence[Row]) -> list[list[TypedValue]]:
    """Rows as typed values. `VariableError` names the cell that can't travel."""
    try:
        return [[encode(value, other_value) for value in row] for row in rows]
    except Untransferable as error:
        raise VariableError(str(error)) from None


class PreciseTime(str):
    """A point in time as ISO 8601 text with more digits of a second than Python's types hold."""

    __slots__ = ()


class PreciseClock(str):
    """A time of day as ISO 8601 text with more digits of a second than Python's type holds."""

    __slots__ = ()


class Interval(str):
    """A span of time that has months, as the text the database shows: it has no fixed number of seconds."""

    __slots__ = ()


def other_value(value: Any) -> TypedValue | None:
    """The typed values of what a database returns beyond Python's own types; see `verso.api.values.encode`."""
    if isinstance(value, PreciseTime):
        return {"t": "datetime", "v": str(value)}
    if isinstance(value, PreciseClock):
        return {"t": "time", "v": str(value)}
    if isinstance(value, str):
        return {"t": "string", "v": str(value)}
    return None


def unique_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """Column names for those who need them to differ: a repeated `id` becomes `id_2`, an empty one `column_3`."""
    taken: set[str] = set()
    names = []
    for place, column in enumerate(columns, 1):
        name = wanted = column.name or f"column_{place}"
        number = 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name)
        names.append(name)
    return tuple(names)


class RowBody:
    """All rows as Python values. `to_arrow` makes a `pyarrow.Table` of them or returns None; None without Arrow."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], to_arrow: Any = None) -> None:
        self._columns = columns
        self._rows = rows
        self._to_arrow = to_arrow
        self._body: TableBody | None = None

    @property
    def columns(self) -> Sequence[Column]:
        return self._columns

    def rows(self) -> Sequence[Row]:
        return self._rows

    def arrow_table(self) -> Any:
        body = self._arrow_body()
        return None if body is None else body.arrow_table()

    def arrow_file(self, exchange: Path) -> Path | None:
        body = self._arrow_body()
        return None if body is None else body.arrow_file(exchange)

    def discard(self) -> None:
        if self._body is not None:
            self._body.discard()

    def _arrow_body(self) -> TableBody | None:
        if self._body is None and self._to_arrow is not None:
            self._body = self._to_arrow(self._columns, self._rows)
            if self._body is None:
                self._to_arrow = None
        return self._body

"""Tables (`application/vnd.dataresource+json`) as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from verso.api.record import Record
from verso.api.rendering import RenderContext, View

ROWS: Final = 1_000
"""A page shows so many rows of a table and says how many there are."""

_NUMERIC: Final = frozenset({"integer", "number"})


class Column(Record):
    """A column: `name` is its key in the records; `numeric` columns are aligned to the right."""

    name: str
    type: str
    numeric: bool


class TableData(Record):
    """A table resource as columns and rows of cells."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


def read(content: Any) -> TableData | None:
    """The table of a Frictionless tabular data resource (records as objects or arrays); None when it is none."""
    if not isinstance(content, Mapping) or not isinstance(content.get("data"), (list, tuple)):
        return None
    schema = content.get("schema")
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    data: Sequence[Any] = content["data"]
    if isinstance(fields, (list, tuple)) and all(isinstance(one, Mapping) and "name" in one for one in fields):
        columns = tuple(_column(str(one["name"]), str(one.get("type", ""))) for one in fields)
    else:
        names = dict.fromkeys(str(key) for row in data if isinstance(row, Mapping) for key in row)
        columns = tuple(_column(name, "") for name in names)
    if not columns or not all(isinstance(row, (Mapping, list, tuple)) for row in data):
        return None
    return TableData(columns=columns, rows=tuple(_cells(row, columns) for row in data))


def cell_text(value: Any) -> str:
    """A cell as text; the absence of a value is `NULL`."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of a table."""
    table = read(content)
    if table is None:
        return None
    head = "".join(
        f"<th{_class(column)}>{escape(column.name)}"
        + (f'<span class="type">{escape(column.type)}</span>' if column.type else "")
        + "</th>"
        for column in table.columns
    )
    body = "".join(
        f"<tr>{''.join(_cell(value, column) for value, column in zip(row, table.columns, strict=True))}</tr>"
        for row in table.rows[:ROWS]
    )
    count = len(table.rows)
    size = f"{count:,} row{'s' * (count != 1)}"
    note = f"{size}, first {ROWS:,} shown" if count > ROWS else size
    return View(
        content=f'<div class="verso-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="verso-caption">{note}</p></div>'
    )


def _column(name: str, kind: str) -> Column:
    return Column(name=name, type=kind, numeric=kind in _NUMERIC)


def _cells(row: Any, columns: tuple[Column, ...]) -> tuple[Any, ...]:
    if isinstance(row, Mapping):
        return tuple(row.get(column.name) for column in columns)
    return tuple(row[place] if place < len(row) else None for place in range(len(columns)))


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return '<td class="null">NULL</td>'
    return f"<td{_class(column)}>{escape(cell_text(value), quote=False)}</td>"


def _class(column: Column) -> str:
    return ' class="number"' if column.numeric else ""

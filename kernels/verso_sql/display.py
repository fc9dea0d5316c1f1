"""A result as a MIME bundle: a text table, an HTML table with types and NULL shown, and the page as data."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
import uuid
from collections.abc import Sequence
from html import escape
from typing import Any

from verso.api.mime import HTML, PLAIN, TABLE
from verso_sql.positions import character_width
from verso_sql.tables import PreciseTime, ResultTable, unique_names

MAX_TEXT_WIDTH = 60
MAX_HTML_TEXT = 1_000
MAX_DATA_TEXT = 10_000
"""Longest text of one value in each view, in characters; a longer one ends in `…`. The variable keeps all of it."""

_SAFE_INTEGER = 2**53
_BREAKS = "\n\r\t"
_NUMBERS = (int, float, decimal.Decimal)


def bundle(table: ResultTable) -> dict[str, Any]:
    """The MIME bundle of a result's first page."""
    return {PLAIN: plain_text(table), HTML: html(table), TABLE: data_resource(table)}


def summary(table: ResultTable) -> str:
    """`3 rows`, `… 949 more rows (1,000 in all)`, or that the result was cut."""
    shown = len(table.page)
    if table.cut:
        return (
            f"… more than {table.limit:,} rows, the first {shown:,} shown; nothing was kept: "
            "give the result a --name to keep all of it"
        )
    if shown < table.count:
        more = table.count - shown
        return f"… {more:,} more row{'s' * (more != 1)} ({table.count:,} in all)"
    return f"{table.count:,} row{'s' * (table.count != 1)}"


def plain_text(table: ResultTable) -> str:
    """The page as aligned text, NULL written out, long values cut with `…`."""
    cells = [[_cut(cell_text(value), MAX_TEXT_WIDTH) for value in row] for row in table.page]
    heads = [_cut(_one_line(column.name), MAX_TEXT_WIDTH) for column in table.columns]
    widths = [max(map(_width, column), default=0) for column in zip(heads, *cells, strict=True)]
    right = numeric_columns(table)
    lines = [
        "  ".join(_pad(head, width, at in right) for at, (head, width) in enumerate(zip(heads, widths, strict=True))),
        "  ".join("-" * width for width in widths),
    ]
    for row in cells:
        lines.append(
            "  ".join(_pad(cell, width, at in right) for at, (cell, width) in enumerate(zip(row, widths, strict=True)))
        )
    return "\n".join((*(line.rstrip() for line in lines), summary(table)))


def html(table: ResultTable) -> str:
    """The page as an HTML table: type under each name, NULL in italics, numbers to the right.

    Passive, so that a page can show it in its own colours: no style sheet, and the classes that Verso's pages have for
    tables; what has to hold elsewhere as well is in the elements themselves.
    """
    right = numeric_columns(table)
    heads = "".join(
        f'<th scope="col"{_side(at in right)}>{escape(column.name)}<br>'
        f'<small class="type">{escape(column.type)}</small></th>'
        for at, column in enumerate(table.columns)
    )
    rows = "".join(f"<tr>{''.join(_html_cell(v, at in right) for at, v in enumerate(row))}</tr>" for row in table.page)
    return (
        f'<div class="verso-table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="verso-caption">{escape(summary(table))}</p></div>'
    )


def data_resource(table: ResultTable) -> dict[str, Any]:
    """The page as a Frictionless tabular data resource. Numbers that JSON readers would round are text."""
    names = unique_names(table.columns)
    fields = [{"name": name, "type": _field_type([row[at] for row in table.page])} for at, name in enumerate(names)]
    data = [dict(zip(names, map(_json_value, row), strict=True)) for row in table.page]
    return {"schema": {"fields": fields}, "data": data}


def numeric_columns(table: ResultTable) -> frozenset[int]:
    """The places of the columns whose values on the page are numbers or NULL."""
    return frozenset(
        at
        for at in range(len(table.columns))
        if all(row[at] is None or _is_number(row[at]) for row in table.page)
        and any(row[at] is not None for row in table.page)
    )


def cell_text(value: Any) -> str:
    """A value as one line of text, as a SQL shell shows it."""
    if value is None:
        return "NULL"
    if isinstance(value, PreciseTime):
        return value.replace("T", " ")
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes_text(bytes(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        return duration_text(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_inner(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"[{', '.join(map(_inner, value))}]"
    return _one_line(str(value))


def duration_text(value: dt.timedelta) -> str:
    """`3 days 04:05:06.5`, with a minus sign before all of it when negative."""
    sign = "-" if value < dt.timedelta(0) else ""
    value = abs(value)
    seconds = value.seconds
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    days = f"{value.days} day{'s' * (value.days != 1)}" if value.days else ""
    if days and not (seconds or value.microseconds):
        return sign + days
    return f"{sign}{days}{' ' * bool(days)}{clock}{fraction}"


def _inner(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else cell_text(value)


def _bytes_text(value: bytes) -> str:
    shown = value[:32].hex()
    return f"\\x{shown}{f'… ({len(value):,} bytes)' if len(value) > 32 else ''}"


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _html_cell(value: Any, right: bool) -> str:
    if value is None:
        return f'<td class="null"{_side(right)}><i>NULL</i></td>'
    text = _cut(value if isinstance(value, str) else cell_text(value), MAX_HTML_TEXT)
    return f"<td{_side(right, spaced='  ' in text or any(map(text.__contains__, _BREAKS)))}>{escape(text)}</td>"


def _side(right: bool, *, spaced: bool = False) -> str:
    """Where a cell's text stands; `spaced`: its line breaks and runs of spaces are kept."""
    return f' style="text-align:{"right" if right else "left"}{";white-space:pre-wrap" if spaced else ""}"'


def _field_type(values: Sequence[Any]) -> str:
    kinds = {_field_kind(value) for value in values if value is not None}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "any" if kinds else "string"


def _field_kind(value: Any) -> str:
    for kind, name in _FIELD_TYPES:
        if isinstance(value, kind):
            return name
    return "string"


_FIELD_TYPES: tuple[tuple[Any, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    ((float, decimal.Decimal), "number"),
    (dt.datetime, "datetime"),
    (PreciseTime, "datetime"),
    (dt.date, "date"),
    (dt.time, "time"),
    ((list, tuple, set, frozenset), "array"),
    (dict, "object"),
)


def _json_value(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return _cut(str(value), MAX_DATA_TEXT)
    if isinstance(value, int):
        return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _cut(base64.b64encode(bytes(value)).decode(), MAX_DATA_TEXT)
    if isinstance(value, dict):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json_value(item) for item in value]
    return str(value) if isinstance(value, (decimal.Decimal, uuid.UUID)) else cell_text(value)


_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\x1b": "\\x1b"})


def _one_line(text: str) -> str:
    return text.translate(_ESCAPES)


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(map(character_width, text))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space

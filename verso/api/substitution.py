"""`@name` in prose: where it stands and how a value is shown there.

The one rule for every kernel that puts shared variables into text (Markdown, HTML, Mermaid):

- `@name` is a place when no word character and no other place's text stands right before the `@`, so that
  `anna@example.org` is none. The name is a letter or `_`, then letters, digits or `_` (any script).
- `@@` is one literal `@`, and what follows it is text.
- Inside code nothing is a place. What is code is for the caller to say, as ranges of the text.
- A name without a value stays as it is.

Values are typed values (`verso.api.values`), shown as text that a reader expects, not as a literal of a language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from verso.api.record import Record

Range = tuple[int, int]
"""Start and end (after the last character) within a text, in code points from 0."""

ROWS_SHOWN: Final = 20
"""So many rows of a table stand in prose; a longer one ends with a line that says how many there are."""

_NUMBERS = frozenset({"int", "float", "decimal"})

_MARK = re.compile(r"@@|(?<!\w)@([^\W\d]\w*)")
_HTML_CODE = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|pre|code|textarea|title|template)\b[^>]*>.*?(?:</\1\s*>|\Z)"
    r"|\son\w+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)(?=[^<]*>)",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"</?[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^>\"'])*>")
_SPECIAL_IN_TAG = re.compile(r"[\s\"'`=<>&]")


class Place(Record):
    """One `@name` of a text, from `start` to `end`; `name` is empty for `@@`."""

    start: int
    end: int
    name: str


class Table(Record):
    """A table's head and its first rows, each cell as text. `count`: how many rows there are in all. `numeric`: of each
    column, whether its cells are numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    numeric: tuple[bool, ...] = ()


def places(text: str, code: Iterable[Range] = ()) -> Iterator[Place]:
    """The places of `text` that are not in one of the `code` ranges, from first to last."""
    closed = sorted(code)
    at = 0
    for found in _MARK.finditer(text):
        while at < len(closed) and closed[at][1] <= found.start():
            at += 1
        if at < len(closed) and closed[at][0] < found.end():
            continue
        yield Place(start=found.start(), end=found.end(), name=found[1] or "")


def substitute(text: str, show: Callable[[Place], str | None], code: Iterable[Range] = ()) -> str:
    """`text` with each place replaced by what `show` makes of it, and `@@` by `@`. `show` escapes for the place it
    stands in, and returns None for a name without a value."""
    parts: list[str] = []
    end = 0
    for place in places(text, code):
        shown = show(place) if place.name else "@"
        if shown is not None:
            parts += text[end : place.start], shown
            end = place.end
    return "".join((*parts, text[end:])) if parts else text


def value_text(value: Mapping[str, Any]) -> str:
    """A typed value as text: strings as they are, numbers and dates in their shortest exact form, null as `null`,
    lists and maps in the manner of JSON, bytes and tables by their size."""
    return value["v"] if value["t"] == "string" else _inner(value)


def table_of(value: Mapping[str, Any]) -> Table | None:
    """The table that a typed value is, cells as text; None for every other value, and for a table whose rows are
    in an Arrow file (a kernel that shows tables in text says `arrow=False` in its `KernelInfo`)."""
    content = value.get("v")
    if value["t"] != "table" or not isinstance(content, Mapping) or "rows" not in content:
        return None
    rows = content["rows"]
    shown = rows[:ROWS_SHOWN]
    kinds = [{row[place]["t"] for row in shown} - {"null"} for place in range(len(content["columns"]))]
    return Table(
        columns=tuple(str(column["name"]) for column in content["columns"]),
        rows=tuple(tuple(value_text(cell) for cell in row) for row in shown),
        count=int(content.get("count", len(rows))),
        numeric=tuple(bool(found) and found <= _NUMBERS for found in kinds),
    )


def table_html(table: Table) -> str:
    """A table as escaped HTML."""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    more = f"<caption>{table.count:,} rows, first {len(table.rows)} shown</caption>" if _cut(table) else ""
    return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_code(text: str) -> tuple[Range, ...]:
    """The ranges of HTML where `@` means something else: scripts, styles, comments, `pre`, `code`, event handlers."""
    return tuple(found.span() for found in _HTML_CODE.finditer(text))


def html_value(value: Mapping[str, Any], *, in_tag: bool) -> str:
    """A typed value for HTML. `in_tag`: it stands in an attribute, where every character that could end the
    attribute is escaped, quoted or not; in text, tables become tables."""
    table = None if in_tag else table_of(value)
    if table:
        return table_html(table)
    if in_tag:
        return _SPECIAL_IN_TAG.sub(lambda found: f"&#{ord(found[0])};", value_text(value))
    return escape(value_text(value)).replace("\n", "<br>")


def html_tags(text: str) -> tuple[Range, ...]:
    """The ranges of the tags of HTML, from `<` to after `>`."""
    return tuple(found.span() for found in _HTML_TAG.finditer(text))


def substitute_html(text: str, values: Mapping[str, Mapping[str, Any]]) -> str:
    """HTML with each `@name` replaced by its escaped value; typed `values` by name."""
    tags = html_tags(text)

    def show(place: Place) -> str | None:
        value = values.get(place.name)
        if value is None:
            return None
        return html_value(value, in_tag=any(start < place.start < end for start, end in tags))

    return substitute(text, show, html_code(text))


def _cut(table: Table) -> bool:
    return table.count > len(table.rows)


def _inner(value: Mapping[str, Any]) -> str:
    kind, content = value["t"], value.get("v")
    if kind == "null":
        return "null"
    if kind == "bool":
        return "true" if content else "false"
    if kind == "string":
        return json.dumps(content, ensure_ascii=False)
    if kind in ("list", "set"):
        left, right = "[]" if kind == "list" else "{}"
        return f"{left}{', '.join(map(_inner, _sequence(content)))}{right}"
    if kind == "map":
        return f"{{{', '.join(f'{key}: {_inner(item)}' for key, item in _sequence(content))}}}"
    if kind == "table":
        count, width = content["count"], len(content["columns"])  # type: ignore[index]
        return f"table of {count:,} rows and {width} columns"
    if kind == "bytes":
        padding = str(content)[-2:].count("=")
        return f"{len(str(content)) * 3 // 4 - padding:,} bytes"
    if kind == "utf16":
        return "text with half a surrogate pair"
    if kind == "duration":
        return f"{content} s"
    return str(content)


def _sequence(content: Any) -> Sequence[Any]:
    return content if isinstance(content, (list, tuple)) else ()

"""`@name` in Markdown: the rule of `verso.api.substitution`, and how a value is escaped where it stands.

Code (fenced, indented, spans, `<code>` and the like) and bare URLs are left alone. Elsewhere a value shows as
text, whatever it holds: in a link's target it is percent-encoded, in math it is a number or `\\text{…}`, in an
HTML tag it can't end its attribute, and a table that has the line for itself becomes a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from verso.api.record import Record
from verso.api.substitution import (
    Place,
    Range,
    Table,
    html_code,
    html_tags,
    html_value,
    places,
    substitute,
    table_of,
    value_text,
)
from verso.api.values import TypedValue
from verso_markdown.document import parser

_INLINE = re.compile(
    r"(?P<escape>\\[\s\S])"
    r"|(?P<ticks>`+)"
    r"|(?P<math>\$\$[\s\S]+?\$\$|(?<!\d)\$(?!\s)(?:\\[\s\S]|[^$\\])+?(?<!\s)\$(?!\d))"
    r"|(?P<url>(?<!\]\()(?<!\]\(<)\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s<>)\]]*)"
)
_LINK_TARGET = re.compile(r"(?:\]\(<?|^ {0,3}\[[^\]\n]+\]:\s*<?)[^\s()<>]*\Z")
_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$]")
_START = re.compile(r"[-+=#:>\s]|\d+(?=[.)])")
_LATEX = {
    **{sign: f"\\{sign}" for sign in "#$%&_"},
    **{sign: f"}}\\{sign}\\text{{" for sign in "{}"},
    "\\": r"}\backslash\text{",
    "~": r"}\sim\text{",
}
_NUMBERS = frozenset({"int", "float", "decimal"})


class Regions(Record):
    """Where in a Markdown text `@` is not for us (`code`), and where values need another escape."""

    code: tuple[Range, ...]
    math: tuple[Range, ...]
    tags: tuple[Range, ...]


def put_values(source: str, values: Mapping[str, TypedValue]) -> str:
    """Markdown with each `@name` replaced by its value as text; names without a value stay."""
    if next(places(source), None) is None:
        return source
    regions = find_regions(source)

    def show(place: Place) -> str | None:
        value = values.get(place.name)
        return None if value is None else _shown(value, source, place, regions)

    return substitute(source, show, regions.code)


def put_plain_values(source: str, values: Mapping[str, TypedValue]) -> str:
    """As `put_values`, for a reader of the source: values as they are, not as Markdown; tables in columns."""
    if next(places(source), None) is None:
        return source

    def show(place: Place) -> str | None:
        value = values.get(place.name)
        if value is None:
            return None
        table = table_of(value)
        return _plain_table(table) if table and _alone(source, place) else value_text(value)

    return substitute(source, show, find_regions(source).code)


def find_regions(source: str) -> Regions:
    """The regions of a Markdown text; its blocks are found with the parser that renders it."""
    starts = [0, *(found.end() for found in re.finditer("\n", source)), len(source)]
    code = list(html_code(source))
    math: list[Range] = []
    for kind, first, last in _blocks(source):
        start, end = starts[first], starts[min(last, len(starts) - 1)]
        if kind == "code":
            code.append((start, end))
        elif kind == "math":
            math.append((start, end))
        else:
            for found_kind, (left, right) in _spans(source[start:end]):
                (math if found_kind == "math" else code).append((start + left, start + right))
    return Regions(code=tuple(code), math=tuple(math), tags=html_tags(source))


def _blocks(source: str) -> Iterator[tuple[str, int, int]]:
    """Kind (code, math, text), first line and line after the last one, of every block that holds text."""
    for token in parser().parse(source):
        if not token.map:
            continue
        first, last = token.map
        if token.type in ("fence", "code_block"):
            is_math = token.info.strip().partition(" ")[0].lower() == "math"
            yield "math" if is_math else "code", first, last
        elif token.type == "math_block":
            yield "math", first, last
        elif token.type == "table_open":
            yield from (("text", line, line + 1) for line in range(first, last))
        elif token.type == "inline":
            yield "text", first, last


def _spans(text: str) -> Iterator[tuple[str, Range]]:
    """Code spans, math, escaped characters and bare URLs of a paragraph, in the order in which Markdown sees them."""
    at = 0
    while found := _INLINE.search(text, at):
        start, at = found.span()
        if found["ticks"]:
            closing = re.compile(rf"(?<!`){found['ticks']}(?!`)").search(text, at)
            if not closing:
                continue
            at = closing.end()
        yield found.lastgroup or "", (start, at)


def _shown(value: TypedValue, source: str, place: Place, regions: Regions) -> str:
    if _within(place, regions.math):
        return _latex(value)
    if _within(place, regions.tags):
        return html_value(value, in_tag=True)
    line_start = source.rfind("\n", 0, place.start) + 1
    before = source[line_start : place.start]
    if _LINK_TARGET.search(before):
        return quote(value_text(value), safe="/:?#&=%+,;@~!*'-._")
    table = table_of(value)
    if table and _alone(source, place):
        above = source[:line_start].rstrip(" \t")
        return _markdown_table(table, indent=before, apart=bool(above) and not above.endswith("\n\n"))
    return _text(value)


def _alone(source: str, place: Place) -> bool:
    """Whether the place has its line for itself."""
    before, after = source[: place.start].rpartition("\n")[2], source[place.end :].partition("\n")[0]
    return not before.strip() and not after.strip()


def _within(place: Place, ranges: tuple[Range, ...]) -> bool:
    return any(start <= place.start < end for start, end in ranges)


def _text(value: TypedValue) -> str:
    """A value as Markdown that shows just its characters: what could be markup becomes a character reference, which
    CommonMark never takes for structure and raw HTML understands as well."""
    text = value_text(value).replace("\r\n", "\n")
    if value["t"] in _NUMBERS:
        return text
    start = _START.match(text)
    head = f"{start[0][:-1]}&#{ord(start[0][-1])};" if start else ""
    if start and start[0].isdigit():
        head = f"{start[0]}&#{ord(text[start.end()])};"
        rest = text[start.end() + 1 :]
    else:
        rest = text[start.end() :] if start else text
    return head + _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", rest).replace("\n", "<br>")


def _latex(value: TypedValue) -> str:
    text = value_text(value)
    if value["t"] in _NUMBERS:
        return text
    return rf"\text{{{''.join(_LATEX.get(sign, sign) for sign in ' '.join(text.split()))}}}"


def _plain_table(table: Table) -> str:
    rows = [table.columns, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.columns))]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if table.count > len(table.rows):
        lines.append(_more(table))
    return "\n".join(lines)


def _more(table: Table) -> str:
    return f"{table.count:,} rows, first {len(table.rows)} shown"


def _markdown_table(table: Table, *, indent: str, apart: bool) -> str:
    def row(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(_text({'t': 'string', 'v': cell}) for cell in cells)} |"

    marks = ("---:" if numeric else "---" for numeric in table.numeric)
    lines = [row(table.columns), f"| {' | '.join(marks)} |", *map(row, table.rows)]
    if table.count > len(table.rows):
        lines += ["", _more(table), ""]
    head = f"\n{indent}" if apart else ""
    return head + f"\n{indent}".join(lines) + "\n"

"""MIME bundles as the worker sends them, completed: a plain text for each, and the data of tables."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from verso.api import mime

_ROW: Final = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t[dh]>(.*?)</t[dh]>", re.DOTALL)
_CELL_TAG: Final = re.compile(r"<(t[dh])>")
_GROUP: Final = '<tr class="ps-group"><th'
_NUMBER_AS_SHOWN: Final = re.compile(r"-?\d[\d,\u00a0\u202f]*(?:\.\d+)?(?:E[-+]\d+)?")
_LIST_ITEM: Final = re.compile(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", re.DOTALL)
_HIDDEN: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAK: Final = re.compile(r"</(p|div|tr|li|h[1-6]|table|ul|ol|pre)\s*>|<br\s*/?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")
_SVG_TITLE: Final = re.compile(r"<svg\b[^>]*>\s*<title[^>]*>(.*?)</title>", re.DOTALL)
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,14})")


def with_plain_text(data: Mapping[str, Any]) -> dict[str, Any]:
    """The bundle with `text/plain` in it: as it was, else made of the richest view (tags taken out of HTML, a picture's
    own title or a short description, JSON as text)."""
    if not data or mime.PLAIN in data:
        return dict(data)
    kind = mime.richest(data)
    return {**data, mime.PLAIN: _describe(kind, data[kind])}


def with_table(data: Mapping[str, Any]) -> dict[str, Any]:
    """The bundle of a run of objects with its data as a table (`application/vnd.dataresource+json`) in it, and its HTML
    aligned as the console's text is: numbers to the right.

    The data are what the worker's HTML shows: a column each, a record a row. A column is `integer` or `number` when
    each of its texts is the usual form of such a value (`007` and `1.10` are not), else `string`; empty is null.
    A bundle without such a table (free text) stays as it is.
    """
    shown = data.get(mime.HTML)
    if not isinstance(shown, str):
        return dict(data)
    if shown.startswith('<table class="ps-table">'):
        head, *body = _ROW.findall(shown)
        names = _cells(head)
        rows = [cells for row in body if len(cells := _cells(row)) == len(names)]
        aligned = _aligned(shown, [_side([row[place] for row in rows]) for place in range(len(names))])
    elif shown.startswith('<table class="ps-list">'):
        pairs = [_LIST_ITEM.findall(part) for part in shown.split("</table>") if part]
        names = [html.unescape(name) for name, _ in pairs[0]]
        rows = [[html.unescape(text) for _, text in part] for part in pairs if len(part) == len(names)]
        aligned = _aligned(shown, ["left", "left"])
    else:
        return dict(data)
    data = {**data, mime.HTML: aligned}
    return data if not names or len(set(names)) < len(names) else {**data, mime.TABLE: _resource(names, rows)}


def _cells(row: str) -> list[str]:
    return [html.unescape(text) for text in _CELL.findall(row)]


def _side(texts: list[str]) -> str:
    filled = [text for text in texts if text]
    return "right" if filled and all(map(_NUMBER_AS_SHOWN.fullmatch, filled)) else "left"


def _aligned(shown: str, sides: list[str]) -> str:
    """The table with each cell on its column's side, and the headings of groups on the left. Tables of pandas, which
    pages and Jupyter have in mind, align all to the right."""

    def aligned_row(row: re.Match[str]) -> str:
        of_columns = iter(sides)
        cells = _CELL_TAG.sub(lambda tag: f'<{tag[1]} style="text-align:{next(of_columns, "left")}">', row[1])
        return f"<tr>{cells}</tr>"

    return _ROW.sub(aligned_row, shown).replace(_GROUP, f'{_GROUP} style="text-align:left"')


def _resource(names: list[str], rows: list[list[str]]) -> dict[str, Any]:
    columns = [_column([row[place] for row in rows]) for place in range(len(names))]
    return {
        "schema": {"fields": [{"name": name, "type": kind} for name, (kind, _) in zip(names, columns, strict=True)]},
        "data": [
            dict(zip(names, values, strict=True)) for values in zip(*(column for _, column in columns), strict=True)
        ],
    }


def _column(texts: list[str]) -> tuple[str, list[Any]]:
    filled = [text for text in texts if text]
    if filled and all(map(_INTEGER.fullmatch, filled)):
        return "integer", [int(text) if text else None for text in texts]
    if filled and all(map(_is_number, filled)):
        return "number", [float(text) if text else None for text in texts]
    return "string", [text or None for text in texts]


def _is_number(text: str) -> bool:
    if _INTEGER.fullmatch(text):
        return True
    try:
        return repr(float(text)) == text and text[-1].isdigit()
    except ValueError:
        return False


def _describe(kind: str, content: Any) -> str:
    if mime.is_json(kind):
        return json.dumps(content, ensure_ascii=False)
    text = content if isinstance(content, str) else str(content)
    if kind == mime.SVG:
        title = _SVG_TITLE.search(text)
        return (html.unescape(_TAG.sub("", title[1])).strip() if title else "") or "SVG picture"
    if kind == mime.HTML:
        return _without_tags(text) or "HTML"
    if kind.startswith("image/"):
        return f"{kind.partition('/')[2].upper()} picture, {_size(text):,} bytes"
    if mime.is_binary(kind):
        return f"{kind}, {_size(text):,} bytes"
    return text


def _without_tags(text: str) -> str:
    bare = html.unescape(_TAG.sub("", _BREAK.sub("\n", _HIDDEN.sub("", text))))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return "\n".join(line for line in lines if line)


def _size(text: str) -> int:
    try:
        return len(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return len(text)

"""One-line descriptions of typed values, for variables that no language describes, and of any other text."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any, Final

from verso.api.values import TypedValue
from verso.api.variables import PREVIEW_LENGTH, VariableInfo

_LOOKED_AT: Final = PREVIEW_LENGTH * 4
"""So much of a text is looked at: blanks at its start may be many, and it may be of any length."""

_ITEMS: Final = 10
_LEVELS: Final = 4


def variable_info(name: str, value: TypedValue) -> VariableInfo:
    """What is known of a variable by its value alone."""
    content: Any = value.get("v")
    if value["t"] == "table":
        return table_info(name, content["count"], [column["name"] for column in content["columns"]])
    count = len(content) if value["t"] in ("list", "set", "map", "string") else None
    return VariableInfo(name=name, type=value["t"], preview=_preview(value, _LEVELS), count=count)


def table_info(name: str, count: int, columns: Sequence[str]) -> VariableInfo:
    """What is known of a table by its number of rows and its columns."""
    preview = shorten(f"{count} row{'' if count == 1 else 's'} of {', '.join(columns)}")
    return VariableInfo(name=name, type="table", preview=preview, count=count, shape=f"{count} x {len(columns)}")


def shorten(text: str) -> str:
    """`text` on one line, at most `PREVIEW_LENGTH` characters."""
    line = " ".join(text[:_LOOKED_AT].split())
    cut = len(line) > PREVIEW_LENGTH or len(text) > _LOOKED_AT
    return line[: PREVIEW_LENGTH - 1] + "…" if cut else line


def _preview(value: TypedValue, levels: int) -> str:
    content: Any = value.get("v")
    match value["t"]:
        case "null":
            return "null"
        case "bool":
            return "true" if content else "false"
        case "list" | "set" if levels:
            return shorten(_joined(_preview(item, levels - 1) for item in content[: _ITEMS + 1]))
        case "map" if levels:
            return shorten(_joined(f"{key}: {_preview(item, levels - 1)}" for key, item in content[: _ITEMS + 1]))
        case "list" | "set" | "map":
            return "…"
        case "table":
            return variable_info("", value).preview
        case "bytes":
            size = len(content) * 3 // 4 - content[-2:].count("=")
            return f"{size} byte{'' if size == 1 else 's'}"
        case "utf16":
            return shorten(base64.b64decode(content[:_LOOKED_AT]).decode("utf-16-le", "replace"))
        case _:
            return shorten(str(content))


def _joined(items: Iterable[str]) -> str:
    parts = list(items)
    return ", ".join(parts if len(parts) <= _ITEMS else [*parts[:_ITEMS], "…"])

"""One-line descriptions of typed values, for variables that no kernel describes."""

from __future__ import annotations

from typing import Any

from verso.api.values import TypedValue
from verso.api.variables import PREVIEW_LENGTH, VariableInfo


def variable_info(name: str, value: TypedValue) -> VariableInfo:
    """What is known of a variable by its value alone."""
    preview, kind, count = describe(value)
    return VariableInfo(name=name, type=kind, preview=preview, count=count)


def describe(value: TypedValue) -> tuple[str, str, int | None]:
    """A value's preview, the name of its type, and its length where it has one."""
    kind = value["t"]
    content: Any = value.get("v")
    if kind == "table":
        columns = ", ".join(column["name"] for column in content["columns"])
        return shorten(f"{content['count']} rows of {columns}"), kind, content["count"]
    if kind in ("list", "set"):
        return shorten(", ".join(describe(item)[0] for item in content[:10])), kind, len(content)
    if kind == "map":
        return shorten(", ".join(f"{key}: {describe(item)[0]}" for key, item in content[:10])), kind, len(content)
    if kind == "null":
        return "null", kind, None
    if kind == "bool":
        return ("true" if content else "false"), kind, None
    text = str(content)
    return shorten(text), kind, len(text) if kind == "string" else None


def shorten(text: str) -> str:
    """`text` on one line, at most `PREVIEW_LENGTH` characters."""
    line = " ".join(text[: PREVIEW_LENGTH * 4].split())
    return line if len(line) <= PREVIEW_LENGTH else line[: PREVIEW_LENGTH - 1] + "…"

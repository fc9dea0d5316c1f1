"""Jupyter messages ↔ the values of `verso.api.messages` (Jupyter messaging protocol 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from verso.api.messages import (
    ClearOutput,
    CompleteReply,
    Completion,
    Diagnostic,
    InspectReply,
    OutputMessage,
    UpdateDisplayData,
)
from verso.api.mime import HTML, MARKDOWN, PLAIN, richest
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream

Content = Mapping[str, Any]

_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|.\x08")
"""Colours of a terminal, and what a line printer would strike over."""
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LINE: Final = re.compile(r"Cell In ?\[(\d+)\], line (\d+)")
_BEYOND_BASIC: Final = re.compile(r"[\U00010000-\U0010FFFF]")
_STAND_IN: Final = "\N{WHITE SQUARE}"
_KINDS: Final = {"instance": "variable", "statement": "variable", "param": "parameter", "path": "file"}


def output_from(kind: str, content: Content) -> OutputMessage | None:
    """The output of an iopub message; None for messages that are no output (status, comm, debug)."""
    data, metadata = _with_plain(content.get("data") or {}), content.get("metadata") or {}
    match kind:
        case "stream":
            return Stream(name=str(content.get("name") or "stdout"), text=str(content.get("text") or ""))
        case "display_data":
            return DisplayData(data=data, metadata=metadata, display_id=_display_id(content))
        case "execute_result":
            count = content.get("execution_count")
            return ExecuteResult(data=data, metadata=metadata, execution_count=count, display_id=_display_id(content))
        case "update_display_data":
            display_id = _display_id(content)
            return (
                None if display_id is None else UpdateDisplayData(data=data, metadata=metadata, display_id=display_id)
            )
        case "error":
            return error_from(content)
        case "clear_output":
            return ClearOutput(wait=bool(content.get("wait")))
    return None


def error_from(content: Content) -> Error:
    """The `Error` of an `error` message or of a reply with the status `error`. Its line is known where the traceback is
    IPython's."""
    lines = tuple(str(line) for line in content.get("traceback") or ())
    return Error(
        ename=str(content.get("ename") or "Error"),
        evalue=str(content.get("evalue") or ""),
        traceback=tuple(part for line in lines for part in line.split("\n")),
        line=_line(lines),
    )


def pages(reply: Content) -> list[DisplayData]:
    """What a reply asks to be shown in a pager (`print?`), as displays."""
    found = []
    for payload in reply.get("payload") or ():
        if isinstance(payload, Mapping) and payload.get("source") == "page":
            data = dict(payload.get("data") or {PLAIN: str(payload.get("text") or "")})
            found.append(DisplayData(data=data))
    return found


def unambiguous(code: str) -> str:
    """`code` with one stand-in for each character beyond the Basic Multilingual Plane.

    Before protocol 5.2 nobody said what a position counts, and kernels written in JavaScript, Java or C# count UTF-16
    units to this day. In a text without such characters, code points and UTF-16 units are the same.
    """
    return _BEYOND_BASIC.sub(_STAND_IN, code)


def complete_reply(content: Content, code: str, position: int) -> CompleteReply:
    """The proposals of a `complete_reply`, with kinds and signatures where the kernel tells them."""
    start = _within(content.get("cursor_start", position), code)
    end = max(start, _within(content.get("cursor_end", position), code))
    matches = [str(match) for match in content.get("matches") or ()]
    typed = (content.get("metadata") or {}).get("_jupyter_types_experimental") or ()
    known = {entry.get("text"): entry for entry in typed if isinstance(entry, Mapping)}
    return CompleteReply(
        start=start, end=end, completions=tuple(_completion(match, known.get(match) or {}) for match in matches)
    )


def inspect_reply(content: Content) -> InspectReply:
    """What an `inspect_reply` tells; its plain text without the colours of a terminal."""
    if not content.get("found"):
        return InspectReply()
    data = dict(content.get("data") or {})
    if PLAIN in data:
        data[PLAIN] = _COLOURS.sub("", str(data[PLAIN]))
    return InspectReply(found=True, data=data)


def invalid_code(code: str, language: str) -> Diagnostic:
    """The one diagnostic that `is_complete_reply` stands for: something in the code is wrong."""
    lines = code.split("\n")
    return Diagnostic(
        message=f"this is no valid {language or 'code'}",
        end_line=len(lines),
        end_column=len(lines[-1]) + 1,
        source="jupyter",
    )


def _completion(text: str, entry: Content) -> Completion:
    kind = str(entry.get("type") or "").strip("<>")
    return Completion(
        text=text,
        kind="" if kind == "unknown" else _KINDS.get(kind, kind),
        detail=str(entry.get("signature") or ""),
    )


def _with_plain(data: Content) -> Content:
    """The bundle with `text/plain`, which some kernels leave out, for readers that can't show the rest."""
    if not data or PLAIN in data:
        return data
    if MARKDOWN in data:
        return {**data, PLAIN: data[MARKDOWN]}
    if HTML in data:
        return {**data, PLAIN: unescape(_TAGS.sub("", str(data[HTML]))).strip() or f"<{HTML}>"}
    return {**data, PLAIN: f"<{richest(data)}>"}


def _display_id(content: Content) -> DisplayId | None:
    found = (content.get("transient") or {}).get("display_id")
    return DisplayId(found) if isinstance(found, str) else None


def _line(traceback: tuple[str, ...]) -> int:
    """The line of the newest cell in a traceback of IPython; 0 where there is none."""
    places = [(int(count), int(line)) for count, line in _LINE.findall(_COLOURS.sub("", "\n".join(traceback)))]
    newest = max((count for count, _ in places), default=0)
    return next((line for count, line in places if count == newest), 0)


def _within(position: Any, code: str) -> int:
    return min(max(position, 0), len(code)) if isinstance(position, int) else len(code)

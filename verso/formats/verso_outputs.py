"""Outputs as the `.verso` file has them.

The existing .NET program writes `{mimeType, content, isError?, errorName?, errorStackTrace?}` and ignores other
keys. Ours add `type`, `name`, `data` … beside these; `mimeType` and `content` always hold the richest view and
`data` the other ones, so that a picture stands in the file once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, assert_never

from verso.api.mime import PLAIN, is_json, richest
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Output, Stream
from verso.formats.json_object import JsonObject
from verso.formats.json_text import compact_json
from verso.formats.kept_keys import KnownKeys

_OUTPUT: Final = KnownKeys(
    "type",
    "name",
    "mimeType",
    "content",
    "data",
    "metadata",
    "displayId",
    "executionCount",
    "isError",
    "errorName",
    "errorStackTrace",
    "traceback",
    "line",
    "column",
    "fatal",
    "detail",
)
_TYPES: Final = frozenset({"stream", "display_data", "execute_result", "error"})
_OTHER_TYPE: Final = "verso:otherType"
"""The key that keeps an output's `type` when it is none of the four."""


def output_of(value: object, *, path: str, source: str) -> Output:
    """The output that a JSON object describes. `FormatError` with the path for values of a wrong type."""
    found = JsonObject(value, _OUTPUT, path=path, source=source)
    match found.text("type"):
        case "stream":
            return Stream(name=found.text("name", "stdout"), text=found.lines("content"), extra=_rest(found, "name"))
        case "error":
            return _error_of(found)
        case "execute_result":
            return ExecuteResult(
                data=_bundle_of(found),
                metadata=found.members("metadata"),
                execution_count=found.number("executionCount"),
                display_id=_display_id_of(found),
                extra=_rest(found, "data", "metadata", "displayId", "executionCount"),
            )
        case None if found.flag("isError"):
            return _error_of(found)
        case other:
            if other not in (None, "display_data"):
                found.kept[_OTHER_TYPE] = other
            return DisplayData(
                data=_bundle_of(found),
                metadata=found.members("metadata"),
                display_id=_display_id_of(found),
                extra=_rest(found, "data", "metadata", "displayId"),
            )


def output_value(output: Output) -> Mapping[str, Any]:
    """The JSON object of an output; `output_of` is its inverse."""
    fields: dict[str, Any]
    match output:
        case Stream():
            fields = {"type": "stream", "name": output.name, "mimeType": PLAIN, "content": output.text}
        case DisplayData():
            fields = {"type": "display_data", **_bundle_fields(output.data)}
            _put_display(fields, output)
        case ExecuteResult():
            fields = {"type": "execute_result", **_bundle_fields(output.data)}
            _put_display(fields, output)
            if output.execution_count is not None:
                fields["executionCount"] = output.execution_count
        case Error():
            fields = _error_fields(output)
        case _:
            assert_never(output)
    extra = output.extra
    if isinstance(extra.get(_OTHER_TYPE), str) and extra[_OTHER_TYPE] not in _TYPES:
        fields["type"] = extra[_OTHER_TYPE]
        extra = {key: value for key, value in extra.items() if key != _OTHER_TYPE}
    return _OUTPUT.join(fields, extra)


def _rest(found: JsonObject, *used: str) -> dict[str, Any]:
    """What an output has beside the keys that its type uses: unknown keys, and known ones of other types."""
    always = ("type", "mimeType", "content")
    strays = {key: value for key, value in found.fields.items() if key not in used and key not in always}
    strays = {key: value for key, value in strays.items() if value is not None and value is not False}
    if strays:
        found.kept.update(strays)
    return found.kept


def _display_id_of(found: JsonObject) -> DisplayId | None:
    return DisplayId(found.text("displayId", "")) if found.fields.get("displayId") is not None else None


def _put_display(fields: dict[str, Any], output: DisplayData | ExecuteResult) -> None:
    if output.metadata:
        fields["metadata"] = output.metadata
    if output.display_id is not None:
        fields["displayId"] = output.display_id


# --- MIME bundles ---------------------------------------------------------------------------------------


def _bundle_of(found: JsonObject) -> dict[str, Any]:
    others = found.members("data")
    if "data" in found.fields and found.fields["data"] == {}:
        return {}
    mime = found.text("mimeType")
    if mime is None:
        if not others:
            found.refuse("mimeType", "a MIME type", None)
        return others
    if mime in others:
        return others
    content = found.lines("content")
    return {mime: _json_content(content) if is_json(mime) else content, **others}


def _json_content(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content


def _bundle_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    if not data:
        return {"mimeType": PLAIN, "content": "", "data": {}}
    mime = richest(data)
    value = data[mime]
    others = {key: item for key, item in data.items() if key != mime}
    if is_json(mime):
        fields = {"mimeType": mime, "content": compact_json(value)}
    elif isinstance(value, str):
        fields = {"mimeType": mime, "content": value}
    else:
        fields = {"mimeType": mime, "content": compact_json(value)}
        others = dict(data)
    return {**fields, "data": others} if others else fields


# --- errors ---------------------------------------------------------------------------------------------


def _error_of(found: JsonObject) -> Error:
    stack = found.text("errorStackTrace")
    lines = found.texts("traceback") or (tuple(stack.split("\n")) if stack else ())
    return Error(
        ename=found.text("errorName", "Error"),
        evalue=found.lines("content"),
        traceback=lines,
        line=found.number("line") or 0,
        column=found.number("column") or 0,
        fatal=found.flag("fatal", True),
        detail=found.members("detail"),
        extra=_rest(found, "isError", "errorName", "errorStackTrace", "traceback", "line", "column", "fatal", "detail"),
    )


def _error_fields(output: Error) -> dict[str, Any]:
    stack = "\n".join(output.traceback)
    fields: dict[str, Any] = {
        "type": "error",
        "mimeType": PLAIN,
        "content": output.evalue,
        "isError": True,
        "errorName": output.ename,
    }
    if stack:
        fields["errorStackTrace"] = stack
    if tuple(stack.split("\n") if stack else ()) != tuple(output.traceback):
        fields["traceback"] = list(output.traceback)
    if output.line:
        fields["line"] = output.line
    if output.column:
        fields["column"] = output.column
    if not output.fatal:
        fields["fatal"] = False
    if output.detail:
        fields["detail"] = output.detail
    return fields

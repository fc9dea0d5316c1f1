"""`verso.api.messages` to and from the JSON objects of the wire (docs/wire.md).

An unknown key is ignored; a key that is missing, or of a wrong type, is a `ProtocolError` that names it. A null stands
for a key left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from verso.api.errors import ProtocolError
from verso.api.kernel import KernelInfo
from verso.api.messages import (
    Choice,
    ClearOutput,
    CompleteReply,
    CompleteRequest,
    Completion,
    DiagnoseReply,
    DiagnoseRequest,
    Diagnostic,
    ExecuteReply,
    ExecuteRequest,
    InputRequest,
    InspectReply,
    InspectRequest,
    OutputMessage,
    Progress,
    UpdateDisplayData,
)
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.record import Record
from verso.api.variables import VariableChanges, VariableInfo
from verso.wire import fields

PROTOCOL: Final = 1
"""The version of the wire protocol that this engine speaks."""

Json = dict[str, Any]
T = TypeVar("T")

Request = ExecuteRequest | CompleteRequest | InspectRequest | DiagnoseRequest


def request_to_wire(request: Request) -> Json:
    """The message for a request, without its `id`."""
    return {"type": _REQUEST_TYPES[type(request)], **request.as_dict()}


def request_from_wire(message: Mapping[str, Any]) -> Request:
    """The request that a message holds. `ProtocolError` for an unknown type or a wrong field."""
    return _decode(message, _REQUESTS, "request")


def output_to_wire(output: OutputMessage) -> Json:
    """The message for an output, without the `id` of the request that it belongs to."""
    content = output.as_dict()
    content.pop("extra", None)
    if isinstance(output, Progress):
        content["progress_id"] = content.pop("id")
    return {"type": _OUTPUT_TYPES[type(output)], **content}


def output_from_wire(message: Mapping[str, Any]) -> OutputMessage:
    """The output that a message holds. `ProtocolError` for an unknown type or a wrong field."""
    return _decode(message, _OUTPUTS, "output")


def is_output(kind: str) -> bool:
    """Whether messages of this `type` are outputs."""
    return kind in _OUTPUTS


def input_request_to_wire(request: InputRequest) -> Json:
    """The message for a question, without its ids."""
    return {"type": "input_request", **_plain(request)}


def input_request_from_wire(message: Mapping[str, Any]) -> InputRequest:
    """The question that a message holds. `ProtocolError` for a wrong field."""
    kind = fields.text(message, "kind", "line")
    if kind not in ("line", "secret", "field", "choice"):
        raise fields.wrong(message, "kind", "line, secret, field or choice")
    return InputRequest(
        prompt=fields.text(message, "prompt", ""),
        kind=kind,  # type: ignore[arg-type]
        caption=fields.text(message, "caption", ""),
        message=fields.text(message, "message", ""),
        field=fields.text(message, "field", ""),
        field_type=fields.text(message, "field_type", ""),
        help=fields.text(message, "help", ""),
        choices=tuple(
            Choice(label=fields.text(item, "label"), key=fields.text(item, "key"), help=fields.text(item, "help", ""))
            for item in fields.mappings(message, "choices")
        ),
        default=fields.optional(message, "default", int),
    )


Reply = ExecuteReply | CompleteReply | InspectReply | DiagnoseReply


def reply_to_wire(reply: Reply) -> Json:
    """The message for a reply, without its `id`."""
    return {"type": "reply", "status": "ok", **_plain(reply)}


def execute_reply(message: Mapping[str, Any]) -> ExecuteReply:
    """The reply to an execute request. `ProtocolError` for a wrong field or an unknown status."""
    status = fields.text(message, "status")
    if status not in ("ok", "error", "cancelled"):
        raise fields.wrong(message, "status", "ok, error or cancelled")
    changes = message.get("changes")
    return ExecuteReply(
        status=status,  # type: ignore[arg-type]
        execution_count=fields.optional(message, "execution_count", int),
        changes=VariableChanges() if changes is None else _changes(fields.mapping(message, "changes")),
        arrow=fields.optional(message, "arrow", bool),
        detail=fields.mapping(message, "detail"),
    )


def complete_reply(message: Mapping[str, Any]) -> CompleteReply:
    """The reply to a complete request. `ProtocolError` for a wrong field."""
    return CompleteReply(
        start=fields.whole(message, "start"),
        end=fields.whole(message, "end"),
        completions=tuple(
            Completion(
                text=fields.text(item, "text"),
                label=fields.text(item, "label", ""),
                kind=fields.text(item, "kind", ""),
                detail=fields.text(item, "detail", ""),
            )
            for item in fields.mappings(message, "completions")
        ),
        more=fields.truth(message, "more", False),
    )


def inspect_reply(message: Mapping[str, Any]) -> InspectReply:
    """The reply to an inspect request. `ProtocolError` for a wrong field."""
    return InspectReply(found=fields.truth(message, "found", False), data=fields.mapping(message, "data"))


def diagnose_reply(message: Mapping[str, Any]) -> DiagnoseReply:
    """The reply to a diagnose request. `ProtocolError` for a wrong field."""
    return DiagnoseReply(
        diagnostics=tuple(map(_diagnostic, fields.mappings(message, "diagnostics"))),
        incomplete=fields.truth(message, "incomplete", False),
    )


def variables_reply(message: Mapping[str, Any]) -> tuple[VariableInfo, ...]:
    """The variables that a reply lists. `ProtocolError` for a wrong field."""
    return tuple(map(_info, fields.mappings(message, "variables", required=True)))


def typed_value(message: Mapping[str, Any]) -> Json:
    """The typed value (`verso.api.values`) of a reply. `ProtocolError` when there is none."""
    value = message.get("value")
    if not isinstance(value, dict) or not isinstance(value.get("t"), str):
        raise fields.wrong(message, "value", 'a typed value {"t": …, "v": …}')
    return value


def kernel_info(message: Mapping[str, Any], language: str) -> KernelInfo:
    """What a worker says of itself in `ready`; `language` where it does not name one. `ProtocolError` for another
    version of the protocol or a wrong field."""
    version = message.get("protocol")
    if version != PROTOCOL:
        raise ProtocolError(f"it speaks version {version!r} of the wire protocol, and this engine version {PROTOCOL}")
    return KernelInfo(
        language=fields.text(message, "language", language),
        version=fields.text(message, "version", ""),
        program=fields.text(message, "program", ""),
        arrow=fields.truth(message, "arrow", False),
        ahead=fields.truth(message, "ahead", False),
        detail=fields.mapping(message, "detail"),
    )


# --- one message type each ------------------------------------------------------------------------------------


def _execute(message: Mapping[str, Any]) -> ExecuteRequest:
    return ExecuteRequest(
        code=fields.text(message, "code"),
        name=fields.text(message, "name", "cell"),
        cell_id=fields.text(message, "cell_id", ""),
        language=fields.text(message, "language", ""),
        allow_input=fields.truth(message, "allow_input", False),
        metadata=fields.mapping(message, "metadata"),
    )


def _complete(message: Mapping[str, Any]) -> CompleteRequest:
    return CompleteRequest(
        code=fields.text(message, "code"),
        position=fields.whole(message, "position"),
        language=fields.text(message, "language", ""),
    )


def _inspect(message: Mapping[str, Any]) -> InspectRequest:
    return InspectRequest(
        code=fields.text(message, "code"),
        position=fields.whole(message, "position"),
        language=fields.text(message, "language", ""),
    )


def _diagnose(message: Mapping[str, Any]) -> DiagnoseRequest:
    return DiagnoseRequest(code=fields.text(message, "code"), language=fields.text(message, "language", ""))


def _stream(message: Mapping[str, Any]) -> Stream:
    return Stream(name=fields.text(message, "name", "stdout"), text=fields.text(message, "text"))


def _display_id(message: Mapping[str, Any]) -> DisplayId | None:
    display_id = fields.optional(message, "display_id", str)
    return None if display_id is None else DisplayId(display_id)


def _display_data(message: Mapping[str, Any]) -> DisplayData:
    return DisplayData(
        data=fields.mapping(message, "data", required=True),
        metadata=fields.mapping(message, "metadata"),
        display_id=_display_id(message),
    )


def _execute_result(message: Mapping[str, Any]) -> ExecuteResult:
    return ExecuteResult(
        data=fields.mapping(message, "data", required=True),
        metadata=fields.mapping(message, "metadata"),
        execution_count=fields.optional(message, "execution_count", int),
        display_id=_display_id(message),
    )


def _update_display_data(message: Mapping[str, Any]) -> UpdateDisplayData:
    return UpdateDisplayData(
        data=fields.mapping(message, "data", required=True),
        metadata=fields.mapping(message, "metadata"),
        display_id=DisplayId(fields.text(message, "display_id")),
    )


def _clear_output(message: Mapping[str, Any]) -> ClearOutput:
    return ClearOutput(wait=fields.truth(message, "wait", False))


def _error(message: Mapping[str, Any]) -> Error:
    return Error(
        ename=fields.text(message, "ename"),
        evalue=fields.text(message, "evalue", ""),
        traceback=fields.texts(message, "traceback"),
        line=fields.whole(message, "line", 0),
        column=fields.whole(message, "column", 0),
        fatal=fields.truth(message, "fatal", True),
        detail=fields.mapping(message, "detail"),
    )


def _progress(message: Mapping[str, Any]) -> Progress:
    return Progress(
        activity=fields.text(message, "activity"),
        status=fields.text(message, "status", ""),
        operation=fields.text(message, "operation", ""),
        percent=fields.real(message, "percent", -1.0),
        seconds_remaining=fields.real(message, "seconds_remaining", -1.0),
        id=fields.text(message, "progress_id", ""),
        parent=fields.text(message, "parent", ""),
        completed=fields.truth(message, "completed", False),
    )


def _diagnostic(item: Mapping[str, Any]) -> Diagnostic:
    severity = fields.text(item, "severity", "error")
    if severity not in ("error", "warning", "information", "hint"):
        raise fields.wrong(item, "severity", "error, warning, information or hint")
    return Diagnostic(
        message=fields.text(item, "message"),
        severity=severity,  # type: ignore[arg-type]
        line=fields.whole(item, "line", 1),
        column=fields.whole(item, "column", 1),
        end_line=fields.whole(item, "end_line", 0),
        end_column=fields.whole(item, "end_column", 0),
        code=fields.text(item, "code", ""),
        source=fields.text(item, "source", ""),
    )


def _changes(item: Mapping[str, Any]) -> VariableChanges:
    return VariableChanges(
        added=tuple(map(_info, fields.mappings(item, "added"))),
        changed=tuple(map(_info, fields.mappings(item, "changed"))),
        removed=fields.texts(item, "removed"),
        replaced=fields.texts(item, "replaced"),
    )


def _info(item: Mapping[str, Any]) -> VariableInfo:
    return VariableInfo(
        name=fields.text(item, "name"),
        type=fields.text(item, "type", ""),
        preview=fields.text(item, "preview", ""),
        count=fields.optional(item, "count", int),
        shape=fields.text(item, "shape", ""),
        secret=fields.truth(item, "secret", False),
    )


_REQUESTS: dict[str, Callable[[Mapping[str, Any]], Request]] = {
    "execute": _execute,
    "complete": _complete,
    "inspect": _inspect,
    "diagnose": _diagnose,
}

_OUTPUTS: dict[str, Callable[[Mapping[str, Any]], OutputMessage]] = {
    "stream": _stream,
    "display_data": _display_data,
    "execute_result": _execute_result,
    "update_display_data": _update_display_data,
    "clear_output": _clear_output,
    "error": _error,
    "progress": _progress,
}

_REQUEST_TYPES: dict[type, str] = {
    ExecuteRequest: "execute",
    CompleteRequest: "complete",
    InspectRequest: "inspect",
    DiagnoseRequest: "diagnose",
}

_OUTPUT_TYPES: dict[type, str] = {
    Stream: "stream",
    DisplayData: "display_data",
    ExecuteResult: "execute_result",
    UpdateDisplayData: "update_display_data",
    ClearOutput: "clear_output",
    Error: "error",
    Progress: "progress",
}


def _decode(message: Mapping[str, Any], table: dict[str, Callable[[Mapping[str, Any]], T]], what: str) -> T:
    kind = message.get("type")
    decoder = table.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        raise ProtocolError(f"{kind!r} is not the type of any {what}", next_step=f"known: {', '.join(table)}")
    return decoder(message)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return {name: _plain(item) for name, item in value.as_dict().items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value

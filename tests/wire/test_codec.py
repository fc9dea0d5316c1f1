"""Every message value to JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verso.api.errors import ProtocolError
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
from verso.api.variables import VariableChanges, VariableInfo
from verso.wire import codec
from verso.wire.framing import line_of, parse

text = st.text(st.characters(codec="utf-8"))
whole = st.integers(0, 10**6)
json_objects = st.dictionaries(text, st.none() | st.booleans() | whole | text | st.lists(text))
counts = st.none() | whole
display_ids = text.map(DisplayId)


def tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3).map(tuple)


infos = st.builds(VariableInfo, name=text, type=text, preview=text, count=counts, shape=text)
changes = st.builds(VariableChanges, added=tuples(infos), changed=tuples(infos), removed=tuples(text))
requests = st.one_of(
    st.builds(
        ExecuteRequest,
        code=text,
        name=text,
        cell_id=text,
        language=text,
        allow_input=st.booleans(),
        metadata=json_objects,
    ),
    st.builds(CompleteRequest, code=text, position=whole, language=text),
    st.builds(InspectRequest, code=text, position=whole, language=text),
    st.builds(DiagnoseRequest, code=text, language=text),
)
outputs = st.one_of(
    st.builds(Stream, name=text, text=text),
    st.builds(DisplayData, data=json_objects, metadata=json_objects, display_id=st.none() | display_ids),
    st.builds(
        ExecuteResult,
        data=json_objects,
        metadata=json_objects,
        execution_count=counts,
        display_id=st.none() | display_ids,
    ),
    st.builds(UpdateDisplayData, data=json_objects, metadata=json_objects, display_id=display_ids),
    st.builds(ClearOutput, wait=st.booleans()),
    st.builds(
        Error,
        ename=text,
        evalue=text,
        traceback=tuples(text),
        line=whole,
        column=whole,
        fatal=st.booleans(),
        detail=json_objects,
    ),
    st.builds(
        Progress,
        activity=text,
        status=text,
        operation=text,
        percent=st.floats(-1, 100),
        seconds_remaining=st.floats(-1, 1e9),
        id=text,
        parent=text,
        completed=st.booleans(),
    ),
)
replies = st.one_of(
    st.builds(
        ExecuteReply,
        status=st.sampled_from(["ok", "error", "cancelled"]),
        execution_count=counts,
        changes=changes,
        detail=json_objects,
    ),
    st.builds(
        CompleteReply,
        start=whole,
        end=whole,
        completions=tuples(st.builds(Completion, text=text, label=text, kind=text, detail=text)),
        more=st.booleans(),
    ),
    st.builds(InspectReply, found=st.booleans(), data=json_objects),
    st.builds(
        DiagnoseReply,
        diagnostics=tuples(
            st.builds(
                Diagnostic,
                message=text,
                severity=st.sampled_from(["error", "warning", "information", "hint"]),
                line=whole,
                column=whole,
                end_line=whole,
                end_column=whole,
                code=text,
                source=text,
            )
        ),
        incomplete=st.booleans(),
    ),
)
questions = st.builds(
    InputRequest,
    prompt=text,
    kind=st.sampled_from(["line", "secret", "field", "choice"]),
    caption=text,
    message=text,
    field=text,
    field_type=text,
    help=text,
    choices=tuples(st.builds(Choice, label=text, key=text, help=text)),
    default=counts,
)
READERS = {
    ExecuteReply: codec.execute_reply,
    CompleteReply: codec.complete_reply,
    InspectReply: codec.inspect_reply,
    DiagnoseReply: codec.diagnose_reply,
}


def over_the_wire(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the other side reads it, from a newer version that says more."""
    read = parse(line_of({**message, "id": "r1", "from_the_future": [1]}).decode())
    assert isinstance(read, dict)
    return read


@given(requests)
def test_requests(request: codec.Request) -> None:
    assert codec.request_from_wire(over_the_wire(codec.request_to_wire(request))) == request


@given(outputs)
def test_outputs(output: OutputMessage) -> None:
    message = over_the_wire(codec.output_to_wire(output))
    assert codec.is_output(message["type"])
    assert codec.output_from_wire(message) == output


@given(replies)
def test_replies(reply: codec.Reply) -> None:
    assert READERS[type(reply)](over_the_wire(codec.reply_to_wire(reply))) == reply


@given(questions)
def test_questions(question: InputRequest) -> None:
    assert codec.input_request_from_wire(over_the_wire(codec.input_request_to_wire(question))) == question


@given(st.lists(infos))
def test_variables(variables: list[VariableInfo]) -> None:
    message = {"type": "reply", "variables": [info.as_dict() for info in variables]}
    assert codec.variables_reply(json.loads(json.dumps(message))) == tuple(variables)


def test_null_stands_for_a_key_left_out() -> None:
    assert codec.output_from_wire({"type": "stream", "name": None, "text": "a"}) == Stream(text="a")
    assert codec.output_from_wire({"type": "error", "ename": "E", "line": None}) == Error(ename="E")
    assert codec.execute_reply({"type": "reply", "status": "ok", "changes": None}) == ExecuteReply()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": "stream"}, "message 'stream': 'text' must be a string; it is missing"),
        ({"type": "stream", "text": None}, "'text' must be a string; it is None"),
        ({"type": "stream", "text": ["a"] * 100}, "it is \\['a', .*…"),
        ({"type": "clear_output", "wait": 1}, "'wait' must be true or false"),
        ({"type": "error", "ename": "E", "line": True}, "'line' must be a whole number"),
        ({"type": "progress", "activity": "a", "percent": "half"}, "'percent' must be a number"),
        (
            {"type": "execute_result", "data": {}, "execution_count": "3"},
            "'execution_count' must be of type int, or null",
        ),
        ({"type": "sparkle"}, "'sparkle' is not the type of any output\n  known: stream, display_data"),
        ({"type": ["stream"]}, "is not the type of any output"),
    ],
)
def test_wrong_outputs_are_named(message: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        codec.output_from_wire(message)


@pytest.mark.parametrize(
    ("reader", "message", "words"),
    [
        (codec.execute_reply, {}, "'status' must be a string"),
        (codec.execute_reply, {"status": "meh"}, "ok, error or cancelled"),
        (codec.execute_reply, {"status": "ok", "changes": {"added": ["x"]}}, "'added' must be an array of objects"),
        (codec.execute_reply, {"status": "ok", "changes": {"removed": [{}]}}, "'removed' must be an array of strings"),
        (codec.complete_reply, {"start": 0}, "'end' must be a whole number"),
        (codec.variables_reply, {}, "'variables' must be an array of objects"),
        (codec.diagnose_reply, {"diagnostics": [{"message": "m", "severity": "awful"}]}, "error, warning"),
        (codec.typed_value, {"value": 5}, "a typed value"),
        (codec.typed_value, {"value": {"v": 5}}, "a typed value"),
        (codec.input_request_from_wire, {"kind": "riddle"}, "line, secret, field or choice"),
    ],
)
def test_wrong_replies_are_named(reader: Any, message: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        reader(message)

"""The host against what a real PowerShell worker said, recorded: spawn, handshake, interrupts, input, death, order."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.host.conftest import WORKERS
from verso.api.errors import KernelDiedError, ProtocolError
from verso.api.kernel import InterruptPolicy, WorkerCommand
from verso.api.messages import ExecuteRequest, InputRequest, Progress
from verso.host.conversation import Conversation
from verso.host.process import spawn
from verso.host.worker import WorkerKernel
from verso.testing.sinks import Answer, RecordingSink
from verso.wire import codec

GOLDEN = Path(__file__).parent.parent / "golden" / "powershell"
CONVERSATIONS = sorted(GOLDEN.glob("*.jsonl"))
ASKS_FIRST = InterruptPolicy(ask=True, await_stopping=5.0, signal=True, kill_children_after=5.0, kill_after=20.0)


def command(conversation: Path, report: Path, code: int = 0, **fields: Any) -> WorkerCommand:
    program = (sys.executable, "-S", str(WORKERS / "replay.py"), "{read_fd}", "{write_fd}", str(conversation))
    argv = (*program, "--exit", str(code), "--report", str(report))
    return WorkerCommand(argv=argv, language="powershell", merge_raw=True, interrupt=ASKS_FIRST, **fields)


def recorded(conversation: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in conversation.read_text(encoding="utf-8").splitlines()]


def test_the_recordings_are_there() -> None:
    assert len(CONVERSATIONS) == 19


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda path: path.stem)
async def test_a_recorded_conversation_is_had_again(conversation: Path, tmp_path: Path) -> None:
    steps = recorded(conversation)
    report = tmp_path / "report"
    dies = conversation.stem == "dies"
    how = command(conversation, report, code=9 if dies else 0)
    process = spawn(how.argv, directory=tmp_path, environ={}, merge_raw=True)
    talk = Conversation(how, process)
    try:
        info = await talk.handshake()
        assert info.language == "powershell"
        for place, step in enumerate(steps):
            message = step.get("to", {})
            if message.get("type") in (None, "interrupt", "input_reply", "shutdown"):
                continue
            await _ask_again(talk, message, steps[place + 1 :], dies)
    finally:
        await talk.stop(5.0)
    assert report.read_text(encoding="utf-8") == "complete\n"


async def _ask_again(talk: Conversation, message: dict[str, Any], rest: list[dict[str, Any]], dies: bool) -> None:
    """Asks as recorded, answers and interrupts as recorded, and compares what comes back."""
    until_reply = []
    for step in rest:
        until_reply.append(step)
        if step.get("from", {}).get("type") == "reply":
            break
    answers = [step["to"]["value"] for step in until_reply if step.get("to", {}).get("type") == "input_reply"]
    sink = RecordingSink(answers) if message["type"] == "execute" else None
    pending = talk.submit({key: value for key, value in message.items() if key != "id"}, sink)
    if any(step.get("to", {}).get("type") == "interrupt" for step in until_reply):
        await talk.interrupt()
    if dies:
        with pytest.raises(KernelDiedError, match="exit code 9"):
            await pending.reply
        return
    assert await pending.reply == until_reply[-1]["from"]
    if sink is not None:
        said = [step["from"] for step in until_reply if "from" in step and codec.is_output(step["from"]["type"])]
        assert sink.outputs == [codec.output_from_wire(output) for output in said]
        asked = [step["from"] for step in until_reply if step.get("from", {}).get("type") == "input_request"]
        assert sink.questions == [codec.input_request_from_wire(question) for question in asked]


def dialect_out(message: dict[str, Any]) -> dict[str, Any]:
    """What the recorded engine sent: no keys but its own."""
    keys = {"execute": ("type", "id", "code", "name", "allow_input")}.get(message["type"], tuple(message))
    return {key: message[key] for key in keys}


def dialect_in(message: dict[str, Any]) -> dict[str, Any]:
    """What the recorded worker sent, as the wire protocol has it."""
    if message["type"] == "ready":
        return {**message, "language": "powershell", "version": message["powershell"]}
    if message["type"] == "progress":
        return {**message, "progress_id": f"{message['source']}.{message['activity_id']}"}
    if message["type"] == "reply" and "variables" in message:
        changes = {key: [{"name": name} for name in names] for key, names in message["variables"].items()}
        changes["removed"] = message["variables"]["removed"]
        return {**message, "changes": changes, "detail": {"exit_code": message["exit_code"]}}
    return message


async def translated(name: str, tmp_path: Path) -> WorkerKernel:
    how = command(GOLDEN / f"{name}.jsonl", tmp_path / "report", outgoing=dialect_out, incoming=dialect_in)
    return WorkerKernel(how, directory=tmp_path)


async def test_a_dialect_is_translated_both_ways(tmp_path: Path) -> None:
    kernel = await translated("input", tmp_path)
    codes = [step["to"]["code"] for step in recorded(GOLDEN / "input.jsonl") if "code" in step.get("to", {})]

    async def choose(request: InputRequest) -> str:
        assert [choice.key for choice in request.choices] == ["Y", "N"]
        assert request.default == 1
        return "y"

    answers: list[Answer] = ["ann", "ann", "ann", choose]
    async with kernel:
        assert (await kernel.start()).version == "7.6.5"
        texts, kinds, added = [], [], []
        for number, (code, answer) in enumerate(zip(codes, answers, strict=True), 1):
            sink = RecordingSink([answer])
            reply = await kernel.execute(ExecuteRequest(code=code, name=f"cell-{number}", allow_input=True), sink)
            texts.append(sink.text())
            kinds += [question.kind for question in sink.questions]
            added += [info.name for info in reply.changes.added]
    assert texts == ["hello ann\n", "3\n", "m=ann\n", "0\n"]
    assert kinds == ["field", "secret", "field", "choice"]
    assert added == ["n", "s"]
    assert (tmp_path / "report").read_text(encoding="utf-8") == "complete\n"


async def test_progress_arrives_as_progress(tmp_path: Path) -> None:
    steps = recorded(GOLDEN / "progress.jsonl")
    sink = RecordingSink()
    async with await translated("progress", tmp_path) as kernel:
        code = next(step["to"]["code"] for step in steps if "to" in step)
        await kernel.execute(ExecuteRequest(code=code, name="cell-1"), sink)
    bars = [output for output in sink.outputs if isinstance(output, Progress)]
    assert [bar.percent for bar in bars] == [
        step["from"]["percent"] for step in steps if step.get("from", {}).get("type") == "progress"
    ]
    assert len({bar.id for bar in bars}) == 1 and bars[0].id


async def test_the_stand_in_refuses_what_was_not_recorded(tmp_path: Path) -> None:
    kernel = await translated("hello", tmp_path)
    await kernel.start()
    with pytest.raises(ProtocolError, match=r"recorded .*1 \+ 1.*received .*2 \+ 2"):
        await kernel.execute(ExecuteRequest(code="2 + 2", name="cell-1"), RecordingSink())
    await kernel.shutdown()
    assert "2 + 2" in (tmp_path / "report").read_text(encoding="utf-8")


async def test_garbage_and_raw_text_among_messages(tmp_path: Path) -> None:
    steps = recorded(GOLDEN / "hello.jsonl")
    steps[2:2] = [{"raw": "from a child\n"}, {"line": "AB"}, {"line": "\n{not json\n[1]\n{}\n"}]
    edited = tmp_path / "garbage.jsonl"
    edited.write_text("".join(json.dumps(step) + "\n" for step in steps), encoding="utf-8")
    how = command(edited, tmp_path / "report", outgoing=dialect_out, incoming=dialect_in)
    sink = RecordingSink()
    async with WorkerKernel(how) as kernel:
        reply = await kernel.execute(ExecuteRequest(code="1 + 1", name="cell-1"), sink)
    assert reply.status == "ok"
    assert sink.text("stdout") == "from a child\n2\n" or sink.text("stdout") == "2\nfrom a child\n"
    remark, *stray = sink.text("stderr").splitlines()
    assert remark.startswith("[verso]") and "no message" in remark
    assert stray == ["AB", "{not json", "[1]", "{}"]

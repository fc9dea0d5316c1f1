"""Executing in a worker: what is shown, in which order, and what a faulty worker can't break."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.host.conftest import Make
from verso.api.errors import InputNotAvailableError, KernelError, ProtocolError, VariableError
from verso.api.messages import (
    CompleteRequest,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InputRequest,
    InspectRequest,
    OutputMessage,
)
from verso.api.outputs import DisplayData, Error, Stream
from verso.host.worker import WorkerKernel
from verso.testing.sinks import Answer, RecordingSink


async def run(kernel: WorkerKernel, code: str, *answers: Answer) -> tuple[ExecuteReply, RecordingSink]:
    sink = RecordingSink(answers)
    return await kernel.execute(ExecuteRequest(code=code, name="cell-1", allow_input=bool(answers)), sink), sink


# --- order ----------------------------------------------------------------------------------------------------


async def test_three_pipes_show_one_order(kernel: WorkerKernel) -> None:
    code = """
for i in range(200):
    print("out", i); settle()
    send("display_data", data={"text/plain": "shown %d" % i})
    print("err", i, file=sys.stderr); settle()
    os.system("echo child %d" % i) if i % 50 == 0 else None; settle()
"""
    _, sink = await run(kernel, code)
    expected = "".join(f"out {i}\nshown {i}err {i}\n" + (f"child {i}\n" if i % 50 == 0 else "") for i in range(200))
    seen = "".join(out.text if isinstance(out, Stream) else out.data["text/plain"] for out in sink.outputs)  # type: ignore[union-attr]
    assert seen == expected


async def test_text_printed_before_the_reply_is_there_when_execute_returns(kernel: WorkerKernel) -> None:
    reply = r"""channel(b'{"type":"reply","status":"ok","id":"%s"}\n' % request['id'].encode())"""
    for number in range(50):
        _, sink = await run(kernel, f"os.write(1, b'{number}'); {reply}")
        assert sink.text("stdout").startswith(str(number))


async def test_late_text_goes_to_the_cell_that_ran_last(kernel: WorkerKernel) -> None:
    _, first = await run(kernel, "os.system('(sleep 0.2; echo late) &')")
    await first.until(lambda sink: "late" in sink.text())
    _, second = await run(kernel, "os.system('(sleep 0.2; echo later) &'); print('now')")
    await second.until(lambda sink: "later" in sink.text())
    assert first.text() == "late\n"


async def test_a_late_message_goes_to_the_cell_that_it_names(kernel: WorkerKernel) -> None:
    _, first = await run(kernel, "first = request['id']")
    _, second = await run(
        kernel, 'settle(); channel(json_line := b\'{"type":"stream","text":"x","id":"\' + first.encode() + b\'"}\\n\')'
    )
    assert first.text() == "x" and second.text() == ""


# --- text -----------------------------------------------------------------------------------------------------


async def test_a_character_is_never_cut(kernel: WorkerKernel) -> None:
    code = "for byte in '“日本😀é”'.encode(): os.write(1, bytes([byte])); settle()"
    _, sink = await run(kernel, code)
    assert sink.text() == "“日本😀é”"
    assert all("\N{REPLACEMENT CHARACTER}" not in out.text for out in sink.outputs if isinstance(out, Stream))


async def test_bytes_that_are_no_text_are_shown_as_such(kernel: WorkerKernel) -> None:
    _, sink = await run(kernel, r"os.write(1, b'caf\xe9 and \xff\xfe\n'); os.write(2, b'half \xf0\x9f')")
    assert (
        sink.text("stdout") == "caf\N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\n"
    )
    assert sink.text("stderr") == "half \N{REPLACEMENT CHARACTER}"
    _, after = await run(kernel, "print('clean')")
    assert after.text() == "clean\n"


async def test_half_a_surrogate_pair_does_not_reach_the_notebook(kernel: WorkerKernel) -> None:
    _, sink = await run(kernel, r"send('stream', text='a\ud800b\U0001f600')")
    assert sink.text() == "a\N{REPLACEMENT CHARACTER}b\U0001f600"


async def test_merged_raw_streams_are_stdout(make: Make) -> None:
    kernel = make(merge_raw=True)
    await kernel.start()
    _, sink = await run(kernel, "os.write(1, b'a'); os.write(2, b'b'); os.write(1, b'c')")
    assert sink.text("stdout") == "abc" and sink.text("stderr") == ""


async def test_a_large_message_and_large_text_arrive_whole(kernel: WorkerKernel) -> None:
    size = 20_000_000
    _, sink = await run(kernel, f"send('display_data', data={{'text/plain': 'é' * {size}}}); print('x' * {size})")
    display = sink.outputs[0]
    assert isinstance(display, DisplayData) and display.data["text/plain"] == "é" * size
    assert sink.text("stdout") == "x" * size + "\n"


async def test_a_flood_of_small_writes_arrives_whole_and_in_order(kernel: WorkerKernel) -> None:
    code = """
for n in range(20_000): os.write(1, b"%d\\n" % n)
send("display_data", data={"text/plain": "shown"})
for n in range(20_000): os.write(2, b"%d\\n" % n)
"""
    _, sink = await run(kernel, code)
    numbers = [str(n) for n in range(20_000)]
    assert sink.text("stdout").split() == sink.text("stderr").split() == numbers
    names = ["shown" if isinstance(out, DisplayData) else out.name for out in sink.outputs]  # type: ignore[union-attr]
    assert list(dict.fromkeys(names)) == ["stdout", "shown", "stderr"]


async def test_a_worker_that_closes_its_stdout_goes_on(kernel: WorkerKernel) -> None:
    code = (
        "print('a', flush=True); nowhere = os.open('/dev/null', os.O_WRONLY); os.dup2(nowhere, 1); os.dup2(nowhere, 2)"
    )
    _, sink = await run(kernel, code)
    assert sink.text() == "a\n"
    reply, sink = await run(kernel, "print('b'); send('stream', text='c')")
    assert reply.status == "ok" and sink.text() == "c"


# --- faulty workers -------------------------------------------------------------------------------------------


async def test_garbage_on_the_channel_is_shown_and_harmless(kernel: WorkerKernel) -> None:
    code = r"""
channel(b'\n\nGARBAGE\n{"no": "type"}\n')
send('stream', text='between\n')
channel(b'\xff\xfe{{{\n' + b'[' * 100000 + b'\n')
"""
    reply, sink = await run(kernel, code)
    assert reply.status == "ok"
    lines = sink.text("stderr").splitlines()
    assert lines[0] == "[verso] the scripted kernel's channel carried text that is no message:"
    assert lines[1:3] == ["GARBAGE", '{"no": "type"}']
    assert lines[3] == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}{{{"
    assert lines[4] == "[" * 10_000 + "… (90,000 characters more)"
    assert sum("[verso]" in line for line in lines) == 1
    assert sink.text("stdout") == "between\n"


async def test_a_second_reply_is_ignored_and_said(kernel: WorkerKernel) -> None:
    reply, sink = await run(kernel, "send('reply', status='ok', detail={'n': 1}); print('after')")
    assert reply.detail == {"n": 1}
    await sink.until(lambda sink: "replied twice" in sink.text("stderr"))
    again, later = await run(kernel, "print('next')")
    assert again.status == "ok" and later.text() == "next\n"


async def test_a_reply_to_nothing_is_said_once(kernel: WorkerKernel) -> None:
    code = 'for i in range(5): channel(b\'{"type":"reply","id":"r999","status":"ok"}\\n\')'
    reply, sink = await run(kernel, code)
    assert reply.status == "ok" and sink.text("stderr").count("[verso]") == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("send('confetti', colour='red')", "unknown type 'confetti'"),
        ("send('stream', text=5)", "'text' must be a string; it is 5"),
        ("send('display_data')", "'data' must be an object; it is missing"),
        ("send('update_display_data', data={})", "'display_id' must be a string"),
        ("send('error', ename='E', traceback='no list')", "'traceback' must be an array of strings"),
    ],
)
async def test_a_breach_of_the_protocol_is_an_error_output(kernel: WorkerKernel, call: str, words: str) -> None:
    reply, sink = await run(kernel, f"{call}; print('went on')")
    assert reply.status == "error"
    (error,) = sink.errors
    assert error.ename == "ProtocolError" and words in error.evalue and not error.fatal
    assert sink.text("stdout") == "went on\n"
    assert (await run(kernel, "1"))[0].status == "ok"


async def test_unknown_keys_are_ignored(kernel: WorkerKernel) -> None:
    reply, sink = await run(kernel, "send('stream', text='a', sparkle=True, name=None)")
    assert reply.status == "ok" and sink.outputs == [Stream(text="a")]


async def test_a_reply_of_the_wrong_shape_fails_its_request_only(kernel: WorkerKernel) -> None:
    with pytest.raises(ProtocolError, match="'status' must be ok, error or cancelled; it is 'fine'"):
        await run(kernel, "send('reply', status='fine')")
    assert (await run(kernel, "1"))[0].status == "ok"


async def test_a_worker_that_could_not_read_a_request_fails_it(kernel: WorkerKernel) -> None:
    with pytest.raises(ProtocolError, match="could not read a request: what\\?"):
        await run(kernel, "send('protocol_error', message='what?')")


async def test_a_refused_execution_shows_the_reason(kernel: WorkerKernel) -> None:
    reply, sink = await run(kernel, "send('reply', status='error', message='no room'); time.sleep(0.1)")
    assert reply.status == "error" and sink.outputs[:1] == [Error(ename="KernelError", evalue="no room")]


async def test_what_a_sink_raises_comes_out_of_execute(kernel: WorkerKernel) -> None:
    class Full(RecordingSink):
        def put(self, message: OutputMessage) -> None:
            super().put(message)
            raise RuntimeError("full")

    with pytest.raises(RuntimeError, match="full"):
        await kernel.execute(ExecuteRequest(code="print('a'); settle(); print('b')"), sink := Full())
    assert sink.text() == "a\nb\n"
    assert (await run(kernel, "1"))[0].status == "ok"


async def test_a_dialect_that_fails_is_told_and_the_conversation_goes_on(make: Make) -> None:
    def incoming(message: dict[str, Any]) -> dict[str, Any]:
        if message["type"] == "display_data":
            raise LookupError("no such key")
        return message

    def outgoing(message: dict[str, Any]) -> dict[str, Any]:
        if message.get("code") == "unsendable":
            raise VariableError("it can't be said")
        return message

    kernel = make(incoming=incoming, outgoing=outgoing)
    await kernel.start()
    reply, sink = await run(kernel, "send('display_data', data={}); print('on')")
    assert reply.status == "error" and "no such key" in sink.errors[0].evalue and sink.text() == "on\n"
    with pytest.raises(VariableError, match="can't be said"):
        await run(kernel, "unsendable")
    assert (await run(kernel, "1"))[0].status == "ok"


async def test_a_value_that_json_can_not_hold_is_refused_at_once(kernel: WorkerKernel) -> None:
    with pytest.raises(TypeError):
        await kernel.set_variable("x", {"t": "list", "v": [object()]})
    with pytest.raises(ValueError):
        await kernel.set_variable("x", {"t": "list", "v": [float("nan")]})
    await kernel.set_variable("x", {"t": "null"})
    assert await kernel.get_variable("x") == {"t": "null"}


# --- questions ------------------------------------------------------------------------------------------------


async def test_questions_are_answered(kernel: WorkerKernel) -> None:
    _, sink = await run(kernel, "print(ask(kind='secret', prompt='pw: '), ask(prompt='n'))", "s\nü", None)
    assert sink.text() == "s\nü None\n"
    assert sink.questions == [InputRequest(kind="secret", prompt="pw: "), InputRequest(prompt="n")]


async def test_a_question_that_nobody_answers_ends_the_input(kernel: WorkerKernel) -> None:
    reply, sink = await run(kernel, "print(ask())")
    assert reply.status == "ok" and sink.text() == "None\n"


async def test_output_goes_on_while_a_question_is_open(kernel: WorkerKernel) -> None:
    opened = asyncio.Event()

    async def think(request: InputRequest) -> str:
        await opened.wait()
        return "yes"

    code = "os.system('(sleep 0.05; echo meanwhile) &'); print(ask())"
    running = asyncio.create_task(run(kernel, code, think))
    await asyncio.sleep(0.2)
    opened.set()
    _, sink = await running
    assert sink.text() == "meanwhile\nyes\n"


async def test_an_error_of_who_answers_comes_out_of_execute(kernel: WorkerKernel) -> None:
    async def fail(request: InputRequest) -> str:
        raise RuntimeError("no terminal")

    with pytest.raises(RuntimeError, match="no terminal"):
        await run(kernel, "print(ask())", fail)


async def test_a_question_of_the_wrong_shape_ends_the_input(kernel: WorkerKernel) -> None:
    reply, sink = await run(kernel, "print(ask(kind='riddle'))", "x")
    assert reply.status == "error" and "'riddle'" in sink.errors[0].evalue and sink.text() == "None\n"


async def test_an_interrupt_withdraws_the_question(make: Make) -> None:
    kernel = make()
    await kernel.start()
    withdrawn = asyncio.Event()

    async def wait(request: InputRequest) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            withdrawn.set()
        raise InputNotAvailableError("unreachable")

    code = "send('input_request', input_id='i1')\nwhile True: time.sleep(0.01)"
    sink = RecordingSink([wait])
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code, allow_input=True), sink))
    await sink.until(lambda sink: bool(sink.questions))
    await kernel.interrupt()
    assert (await running).status == "cancelled"
    await asyncio.wait_for(withdrawn.wait(), 5)


# --- other requests -------------------------------------------------------------------------------------------


async def test_requests_queue_behind_what_runs(kernel: WorkerKernel) -> None:
    sink = RecordingSink()
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code="time.sleep(0.2); alpha = 1"), sink))
    await asyncio.sleep(0.05)
    completed, inspected, diagnosed, second = await asyncio.gather(
        kernel.complete(CompleteRequest(code="alp", position=3)),
        kernel.inspect(InspectRequest(code="alpha", position=1)),
        kernel.diagnose(DiagnoseRequest(code="1 +")),
        kernel.execute(ExecuteRequest(code="alpha += 1; print(alpha)"), sink),
    )
    assert running.done()
    assert [proposal.text for proposal in completed.completions] == ["alpha"] and completed.end == 3
    assert inspected.found and inspected.data == {"text/plain": "1"}
    assert diagnosed.diagnostics[0].line == 1
    assert second.status == "ok" and sink.text() == "2\n"


async def test_giving_up_waiting_stops_nothing(kernel: WorkerKernel) -> None:
    sink = RecordingSink()
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code="time.sleep(0.2); print('done')"), sink))
    queued = asyncio.create_task(kernel.execute(ExecuteRequest(code="print('never')"), never := RecordingSink()))
    await asyncio.sleep(0.05)
    running.cancel()
    queued.cancel()
    await asyncio.sleep(0)
    assert running.cancelled() and queued.cancelled()
    reply, after = await run(kernel, "print('after')")
    assert reply.status == "ok" and after.text() == "after\n"
    assert sink.text() == "done\n" and never.outputs == []


async def test_interrupt_reaches_an_execution_that_nobody_awaits(kernel: WorkerKernel) -> None:
    sink = RecordingSink()
    running = asyncio.create_task(
        kernel.execute(ExecuteRequest(code="print('on', flush=True)\nwhile True: pass"), sink)
    )
    await sink.until(lambda sink: "on" in sink.text())
    running.cancel()
    await kernel.interrupt()
    assert (await run(kernel, "1"))[0].status == "ok"


async def test_variables(kernel: WorkerKernel) -> None:
    value = {"t": "list", "v": [{"t": "int", "v": "1"}]}
    await kernel.set_variable("x", value)
    assert await kernel.get_variable("x") == value
    assert ("x", "dict") in [(info.name, info.type) for info in await kernel.list_variables()]
    with pytest.raises(VariableError, match=r"no variable 'y'\n  Run the cell"):
        await kernel.get_variable("y")
    with pytest.raises(VariableError, match=r"no name\n  Give it another name"):
        await kernel.set_variable("no name", value)
    await run(kernel, "plain = 5")
    with pytest.raises(ProtocolError, match="'value' must be a typed value"):
        await kernel.get_variable("plain")


async def test_tables_are_asked_for_as_files_where_there_is_a_folder(make: Make, tmp_path: Any) -> None:
    for kernel, arrow, exchange in [(make(exchange=tmp_path), True, str(tmp_path)), (make(), False, "")]:
        await kernel.start()
        with pytest.raises(VariableError):
            await kernel.get_variable("t", arrow=True)
        _, sink = await run(kernel, "print([m for m in received if m['type'] == 'get_variable'][0])")
        assert f"'arrow': {arrow}, 'exchange': {exchange!r}" in sink.text()


async def test_a_kernel_that_was_not_started_says_so(make: Make) -> None:
    with pytest.raises(KernelError, match="the scripted kernel is not started"):
        await make().list_variables()
    await make().interrupt()


async def test_a_worker_that_does_not_read_blocks_nobody(make: Make) -> None:
    kernel = make({"WORKER_DEAF": "1"})
    await kernel.start()
    sending = asyncio.create_task(kernel.set_variable("x", {"t": "string", "v": "x" * 5_000_000}))
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not sending.done()
    sending.cancel()


async def test_a_large_request_arrives_whole(kernel: WorkerKernel) -> None:
    value = {"t": "string", "v": "😀" * 3_000_000}
    await kernel.set_variable("x", value)
    assert await kernel.get_variable("x") == value

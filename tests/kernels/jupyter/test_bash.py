"""bash_kernel: another real kernel, in a language whose variables Verso can't ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from verso_jupyter.kernelspecs import find

from verso.api.errors import VariableError
from verso.api.kernel import Kernel
from verso.api.messages import CompleteRequest, DiagnoseRequest, ExecuteReply, ExecuteRequest
from verso.testing.context import TestKernelContext, make_kernel
from verso.testing.sinks import RecordingSink


@pytest_asyncio.fixture
async def bash(tmp_path: Path) -> AsyncIterator[Kernel]:
    spec = find("bash")
    assert spec is not None
    async with await make_kernel(spec, TestKernelContext(directory=tmp_path, exchange=tmp_path)) as kernel:
        yield kernel


async def run(kernel: Kernel, code: str) -> tuple[ExecuteReply, RecordingSink]:
    sink = RecordingSink()
    return await kernel.execute(ExecuteRequest(code=code), sink), sink


async def test_output_state_and_failure(bash: Kernel, tmp_path: Path):
    info = await bash.start()
    assert info.language == "bash" and info.detail["implementation"].startswith("bash_kernel")
    reply, sink = await run(bash, "greeting=hello; for n in 1 2 3; do echo $greeting $n; done")
    assert reply.status == "ok" and sink.text() == "hello 1\nhello 2\nhello 3\n"
    _, sink = await run(bash, "echo $greeting; pwd")
    assert sink.text() == f"hello\n{tmp_path}\n"
    reply, _ = await run(bash, "false")
    assert reply.status == "error"


async def test_an_interrupt_keeps_the_state(bash: Kernel):
    await run(bash, "greeting=hello")
    sink = RecordingSink()
    running = asyncio.create_task(bash.execute(ExecuteRequest(code="echo started; sleep 100"), sink))
    await sink.until(lambda sink: "started" in sink.text())
    await asyncio.sleep(0.3)  # bash_kernel loses an interrupt that meets bash between two commands
    await bash.interrupt()
    assert (await running).status == "cancelled"
    _, sink = await run(bash, "echo $greeting")
    assert sink.text() == "hello\n"


async def test_completion(bash: Kernel):
    await run(bash, "alphabet=1")
    reply = await bash.complete(CompleteRequest(code="echo 😀 $alphab", position=14))
    assert [each.text for each in reply.completions] == ["$alphabet"]
    assert (reply.start, reply.end) == (7, 14)


async def test_what_the_kernel_does_not_know_is_no_diagnostic(bash: Kernel):
    reply = await bash.diagnose(DiagnoseRequest(code="if true"))
    assert reply.diagnostics == () and not reply.incomplete


async def test_variables_have_a_clear_message(bash: Kernel):
    with pytest.raises(VariableError, match=r"'x' can't be read: .* Python and R, and this one runs bash"):
        await bash.get_variable("x")
    with pytest.raises(VariableError, match=r"'x' can't be set"):
        await bash.set_variable("x", {"t": "int", "v": "1"})
    assert await bash.list_variables() == ()

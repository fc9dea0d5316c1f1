"""Shells and programs to talk to."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from verso_shell import plugin

from verso.api.kernel import Kernel, Kernelspec
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.context import TestKernelContext, make_kernel
from verso.testing.sinks import Answer, RecordingSink

SPECS: dict[str, Kernelspec] = {spec.name: spec for spec in plugin.verso_kernels()}
SHELLS = ("bash", "zsh", "sh")

Start = Callable[..., Awaitable[Kernel]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the kernel of a name or a spec, with settings; skips where its program is missing."""
    async with AsyncExitStack() as stack:

        async def start_one(which: str | Kernelspec, **settings: Any) -> Kernel:
            spec = SPECS[which] if isinstance(which, str) else which
            if isinstance(which, str) and shutil.which(which) is None:
                pytest.skip(f"{which} is not installed here")
            context = TestKernelContext(directory=tmp_path, exchange=tmp_path, settings=settings)
            kernel = await make_kernel(spec, context)
            await stack.enter_async_context(kernel)
            return kernel

        yield start_one


async def run(kernel: Kernel, code: str, *answers: Answer) -> tuple[ExecuteReply, RecordingSink]:
    """Runs a cell; its reply and what it put out."""
    sink = RecordingSink(answers)
    async with asyncio.timeout(40):
        return await kernel.execute(ExecuteRequest(code=code, name="cell-1", allow_input=bool(answers)), sink), sink


async def out(kernel: Kernel, code: str, *answers: Answer) -> str:
    """What a cell prints to stdout; it must end well."""
    reply, sink = await run(kernel, code, *answers)
    assert reply.status == "ok", sink.shown
    return sink.text("stdout")

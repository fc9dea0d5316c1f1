"""JavaScript kernels, run by the real host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from verso_javascript.availability import probe
from verso_javascript.plugin import verso_kernels

from verso.api.kernel import Kernel
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.context import TestKernelContext, make_kernel
from verso.testing.sinks import Answer, RecordingSink


class Runner:
    """A started kernel and short words for what tests ask of it."""

    def __init__(self, kernel: Kernel, folder: Path) -> None:
        self.kernel = kernel
        self.folder = folder
        self.count = 0

    async def run(
        self, code: str, *answers: Answer, language: str = "javascript"
    ) -> tuple[ExecuteReply, RecordingSink]:
        """Executes a cell; the reply and all that it put out."""
        self.count += 1
        sink = RecordingSink(answers)
        request = ExecuteRequest(code=code, name=f"cell-{self.count}", language=language, allow_input=bool(answers))
        return await self.kernel.execute(request, sink), sink

    async def value(self, code: str, *, language: str = "javascript") -> str:
        """The text of a cell's result; the test fails when the cell does."""
        reply, sink = await self.run(code, language=language)
        assert reply.status == "ok", [error.traceback for error in sink.errors]
        return str(sink.bundles[-1]["text/plain"]) if sink.bundles else ""


@pytest.fixture
async def js(tmp_path: Path) -> AsyncIterator[Runner]:
    """A started kernel in a folder of its own."""
    folders = tmp_path / "work", tmp_path / "exchange"
    for folder in folders:
        folder.mkdir()
    context = TestKernelContext(directory=folders[0], exchange=folders[1])
    found = probe(context)
    if not found.found:
        pytest.skip(f"no JavaScript runtime: {found.how_to_get}")
    async with await make_kernel(verso_kernels()[0], context) as kernel:
        yield Runner(kernel, folders[0])

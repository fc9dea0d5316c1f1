"""A Mermaid kernel, with and without the extra that draws."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from verso_mermaid import drawing, kernel
from verso_mermaid.kernel import MermaidKernel

from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.sinks import RecordingSink


class Runner:
    """A kernel and short words for what tests ask of it."""

    def __init__(self, kernel: MermaidKernel) -> None:
        self.kernel = kernel

    async def run(self, code: str) -> tuple[ExecuteReply, RecordingSink]:
        """Executes a cell; the reply and all that it put out."""
        sink = RecordingSink(())
        return await self.kernel.execute(ExecuteRequest(code=code, name="cell-1"), sink), sink


@pytest.fixture
async def mermaid() -> AsyncIterator[Runner]:
    """A kernel that draws."""
    if not drawing.can_draw():
        pytest.skip("the extra `mermaid` is not installed: pip install 'verso-notebook[mermaid]'")
    async with MermaidKernel() as made:
        yield Runner(made)


@pytest.fixture
async def bare(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Runner]:
    """A kernel in an environment without the extra."""
    missing: Callable[[], bool] = lambda: False  # noqa: E731
    monkeypatch.setattr(kernel, "can_draw", missing)
    async with MermaidKernel() as made:
        yield Runner(made)

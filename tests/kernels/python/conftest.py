"""Python kernels, run by the real host."""

from __future__ import annotations

import venv
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from verso_python.kernel import create

from verso.api.kernel import Kernel
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.outputs import Stream
from verso.testing.context import TestKernelContext
from verso.testing.sinks import Answer, RecordingSink

Make = Callable[..., Awaitable[Kernel]]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes and starts kernels; all are shut down at the end."""
    made: list[Kernel] = []

    async def start(
        options: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        sources: tuple[str, ...] = (),
        directory: Path | None = None,
    ) -> Kernel:
        folder, exchange = directory or tmp_path / "notebook", tmp_path / "exchange"
        folder.mkdir(exist_ok=True)
        exchange.mkdir(exist_ok=True)
        context = TestKernelContext(
            directory=folder, exchange=exchange, options=options or {}, settings=settings or {}, sources=sources
        )
        kernel = await create(context)
        made.append(kernel)
        await kernel.start()
        return kernel

    yield start
    for kernel in made:
        await kernel.shutdown()


class Runner:
    """A started kernel and short words for what tests ask of it."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.count = 0

    async def run(self, code: str, *answers: Answer, name: str = "") -> tuple[ExecuteReply, RecordingSink]:
        """Executes a cell; the reply and all that it put out. With answers, questions are allowed."""
        self.count += 1
        sink = RecordingSink(answers)
        request = ExecuteRequest(code=code, name=name or f"cell-{self.count}", allow_input=bool(answers))
        return await self.kernel.execute(request, sink), sink

    async def show(self, code: str, *answers: Answer) -> str:
        """Executes a cell that must end well; what a reader without pictures sees, streams as one text."""
        reply, sink = await self.run(code, *answers)
        assert reply.status == "ok", sink.shown
        joined = RecordingSink()
        for output in sink.outputs:
            last = joined.outputs[-1] if joined.outputs else None
            if isinstance(output, Stream) and isinstance(last, Stream):
                joined.outputs[-1] = last.replace(text=last.text + output.text)
            else:
                joined.outputs.append(output)
        return joined.shown

    async def value(self, expression: str) -> Any:
        """The value of an expression, by its `repr`, which must be a literal."""
        reply, sink = await self.run(f"print(repr({expression}), end='')")
        assert reply.status == "ok", sink.shown
        return eval(sink.text("stdout"), {})


@pytest.fixture
async def python(make: Make) -> Runner:
    """A started kernel with the interpreter of the tests."""
    return Runner(await make())


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter of an empty virtual environment: no IPython, no jedi, no data libraries."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return str(folder / "bin" / "python")

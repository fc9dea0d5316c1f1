"""A real PowerShell in the hands of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from verso_powershell.kernel import create

from verso.api.kernel import Kernel
from verso.api.messages import ExecuteReply, ExecuteRequest, UpdateDisplayData
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.engine.plugins import Plugins
from verso.testing.context import TestKernelContext
from verso.testing.sinks import Answer, RecordingSink

SECONDS = 60.0


class Cell:
    """What became of one cell."""

    def __init__(self, reply: ExecuteReply, sink: RecordingSink) -> None:
        self.reply = reply
        self.sink = sink
        self.status = reply.status

    def text(self, name: str = "stdout") -> str:
        """The text of a stream."""
        return self.sink.text(name)

    @property
    def error(self) -> Error:
        """The first error."""
        return self.sink.errors[0]

    @property
    def order(self) -> list[str]:
        """The outputs in order: `name:text` of streams (those that adjoin joined), else the class's name."""
        found: list[str] = []
        previous = ""
        for output in self.sink.outputs:
            if isinstance(output, Stream):
                if previous == output.name:
                    found[-1] += output.text
                else:
                    found.append(f"{output.name}:{output.text}")
                previous = output.name
            else:
                found.append(type(output).__name__)
                previous = ""
        return [each.strip() for each in found]

    @property
    def seen(self) -> str:
        """What the person reads in all: text, the plain text of bundles as last updated, the text of errors."""
        parts: list[str] = []
        places: dict[str, int] = {}
        for output in self.sink.outputs:
            if isinstance(output, Stream):
                parts.append(output.text)
            elif isinstance(output, Error):
                parts.append("".join(f"{line}\n" for line in output.traceback))
            elif isinstance(output, DisplayData | ExecuteResult):
                parts.append(str(output.data.get("text/plain", "")))
                places[str(output.display_id)] = len(parts) - 1
            elif isinstance(output, UpdateDisplayData):
                parts[places[str(output.display_id)]] = str(output.data.get("text/plain", ""))
        return "".join(parts)


class PowerShell:
    """A kernel with what the plugins ship for it; cells are numbered as they are run."""

    def __init__(self, folder: Path, exchange: Path, **settings: Any) -> None:
        paths = tuple(path.folder for path in Plugins.load().module_paths if path.kernel == "powershell")
        self._context = TestKernelContext(directory=folder, exchange=exchange, settings=settings, module_paths=paths)
        self.folder = folder
        self.cells = 0
        self.kernel: Kernel

    async def __aenter__(self) -> Self:
        self.kernel = await create(self._context)
        await self.kernel.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kernel.shutdown()

    async def run(self, code: str, *answers: Answer, **metadata: Any) -> Cell:
        """Runs a cell; questions are allowed when there are answers."""
        sink = RecordingSink(answers)
        return await self._run(code, sink, bool(answers), metadata)

    async def run_interrupted(self, code: str, after: float = 0.5, answers: Iterable[Answer] = ()) -> Cell:
        """Runs a cell and interrupts it after some seconds."""
        sink = RecordingSink(answers)
        running = asyncio.ensure_future(self._run(code, sink, bool(list(answers)), {}))
        await asyncio.sleep(after)
        await self.kernel.interrupt()
        return await running

    async def _run(self, code: str, sink: RecordingSink, allow_input: bool, metadata: dict[str, Any]) -> Cell:
        self.cells += 1
        request = ExecuteRequest(
            code=code, name=f"cell-{self.cells}", allow_input=allow_input, metadata=metadata, language="powershell"
        )
        async with asyncio.timeout(SECONDS):
            return Cell(await self.kernel.execute(request, sink), sink)

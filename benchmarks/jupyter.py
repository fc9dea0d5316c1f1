"""A cell through the bridge to ipykernel against jupyter_client asked directly, each on its own kernel, in turn."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from jupyter_client.manager import start_new_async_kernel
from verso_jupyter.kernel import started_from

from benchmarks.measure import Row, print_rows
from verso import open_session
from verso.api.messages import ExecuteRequest
from verso.api.notebook import Cell, CellId, Notebook
from verso.testing.context import TestKernelContext
from verso.testing.sinks import RecordingSink

CELLS = 200
CODE = "x = 1\nx"


def main() -> None:
    """Prints the table."""
    print_rows("Jupyter", asyncio.run(measure()))


async def measure() -> list[Row]:
    """Times them cell by cell."""
    manager, client = await start_new_async_kernel(kernel_name="python3")
    here = Path.cwd()
    kernel = started_from("python3", TestKernelContext(directory=here, exchange=here))
    try:
        async with kernel, open_session(_notebook()) as session:

            async def bridge() -> None:
                await kernel.execute(ExecuteRequest(code=CODE), RecordingSink())

            async def direct() -> None:
                await client.execute_interactive(CODE, output_hook=lambda message: None)

            async def in_session() -> None:
                await session.execute(0)

            ours, theirs, whole = await _in_turn(bridge, direct, in_session)
            return [
                Row("bridge to ipykernel, cell", ours * 1e3, theirs * 1e3, "ms", "jupyter_client", "≤ 4 ms"),
                Row("the same in a session", whole * 1e3, theirs * 1e3, "ms", "jupyter_client", "≤ 4 ms"),
            ]
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def _in_turn(*functions: Callable[[], Awaitable[None]]) -> list[float]:
    """The median seconds of each function; they run in turn, after one call each that is not counted."""
    samples: list[list[float]] = [[] for _ in functions]
    for number in range(CELLS + 1):
        for place, function in enumerate(functions):
            began = time.perf_counter()
            await function()
            if number:
                samples[place].append(time.perf_counter() - began)
    return [statistics.median(each) for each in samples]


def _notebook() -> Notebook:
    return Notebook(cells=(Cell(id=CellId("only"), language="jupyter:python3", source=CODE),))


if __name__ == "__main__":
    main()

"""The JavaScript kernel against bare Node: ready, a cell, an interrupt, many lines."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from verso_javascript.kernel import create
from verso_javascript.runtime import find_runtime

from benchmarks.measure import Row, print_rows
from verso.api.kernel import Kernel
from verso.api.messages import ExecuteRequest
from verso.testing.context import TestKernelContext
from verso.testing.sinks import RecordingSink

RUNS = 9
CELLS = 1000
LINES = "for (let i = 0; i < 100_000; i++) console.log(i)"
LOOP = "while (true) {}"


def main() -> None:
    """Prints the table."""
    program = find_runtime({}, {}).program
    sys.stdout.write(f"{program} {subprocess.check_output([program, '--version'], text=True)}")
    print_rows("JavaScript cells", asyncio.run(rows(program)))


async def rows(program: str) -> list[Row]:
    """All measurements. Starts are taken in turn with the floor's, so that both meet the same machine."""
    ready, first, floor = [], [], []
    for _ in range(RUNS):
        floor.append(_timed(lambda: subprocess.run([program, "-e", "1"], check=True)))
        began = time.perf_counter()
        async with _kernel() as kernel:
            ready.append(time.perf_counter() - began)
            await _run(kernel, "1 + 1")
            first.append(time.perf_counter() - began)
    async with _kernel() as kernel:
        cells = [await _run(kernel, "1 + 1") for _ in range(CELLS)]
        lines = await _run(kernel, LINES)
        stops = [await _interrupt(kernel) for _ in range(RUNS)]
    bare = _timed(lambda: subprocess.run([program, "-e", LINES], check=True, capture_output=True))
    median, ms = statistics.median, 1e3
    peer = "node -e 1"
    return [
        Row("kernel ready", median(ready) * ms, median(floor) * ms, "ms", peer, "≤ 1.5 × floor"),
        Row("kernel ready and first cell", median(first) * ms, median(floor) * ms, "ms", peer, "–"),
        Row("cell `1 + 1`", median(cells) * ms, None, "ms", "–", "≤ 0.5 ms"),
        Row("one cell printing 100,000 lines", lines, bare, "s", "node into a pipe", "–"),
        Row("interrupt of a busy loop", median(stops) * ms, None, "ms", "–", "≤ 1 s, state kept"),
    ]


@asynccontextmanager
async def _kernel() -> AsyncIterator[Kernel]:
    with tempfile.TemporaryDirectory() as folder:
        async with await create(TestKernelContext(directory=Path(folder), exchange=Path(folder))) as kernel:
            yield kernel


async def _run(kernel: Kernel, code: str) -> float:
    began = time.perf_counter()
    await kernel.execute(ExecuteRequest(code=code, name="cell-1"), RecordingSink(()))
    return time.perf_counter() - began


async def _interrupt(kernel: Kernel) -> float:
    running = asyncio.create_task(_run(kernel, LOOP))
    await asyncio.sleep(0.2)
    began = time.perf_counter()
    await kernel.interrupt()
    await running
    return time.perf_counter() - began


def _timed(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began

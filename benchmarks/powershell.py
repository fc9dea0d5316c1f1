"""The PowerShell kernel against bare `pwsh` in the same run. Says so and does nothing where there is no pwsh."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from verso_powershell import find

from benchmarks.measure import Row, median, print_rows
from verso import open_session
from verso.api.kernel import Kernel
from verso.api.messages import ExecuteRequest
from verso.api.notebook import Cell, CellId, Notebook
from verso.testing.sinks import RecordingSink

SAMPLE = Path(__file__).parent.parent / "samples" / "micrograd"
MODULES = Path(__file__).parent.parent / "extensions" / "verso_graph" / "powershell"
LINES = 'foreach ($i in 1..100000) { Write-Host "line number $i" }'
PRELUDE = """$steps = 200; $rate = 0.1; $seed = 1337
$env:PSModulePath += [IO.Path]::PathSeparator + '{modules}'
function Display {{ }}
"""
RUNS = 5


def main() -> None:
    """Prints the table."""
    program = find.find().program
    if not program:
        print(f"\n## PowerShell\nskipped: {find.missing(find.find())}")
        return
    print_rows("PowerShell", asyncio.run(rows(program)))


async def rows(program: str) -> list[Row]:
    """All measurements."""
    bare = median(RUNS, lambda: run_bare(program, "-Command", "1"))
    ready = statistics.median([await seconds_to_ready() for _ in range(RUNS)])
    async with open_session(notebook("1")) as session:
        kernel = (await session.kernel("powershell")).kernel
        trivial = await median_cell(kernel, "$y = {}", 300)
        printing = await median_cell(kernel, "1", 300)
        interrupt = statistics.median([await seconds_to_stop(kernel) for _ in range(9)])
        await run_cell(kernel, LINES)
        before = await resident(kernel)
        lines = statistics.median([await run_cell(kernel, LINES) for _ in range(RUNS)])
        growth = await resident(kernel) - before
    bare_lines = median(RUNS, lambda: run_bare(program, "-Command", LINES)) - bare
    ours, theirs = await micrograd(program)
    return [
        Row("kernel ready", ready * 1e3, bare * 1e3, "ms", "pwsh -Command 1", "≥ 0.71×"),
        Row("trivial cell (`$y = 1`)", trivial * 1e3, None, "ms", "", "≤ 0.5 ms"),
        Row("cell that prints a number", printing * 1e3, None, "ms", "", ""),
        Row("interrupt of `while ($true) {}`", interrupt * 1e3, None, "ms", "", "≤ 20 ms"),
        Row("100,000 lines", lines, bare_lines, "s", "pwsh into a pipe, less start", "≥ 0.67×"),
        Row("  growth of memory over 500,000 more", growth, None, "MiB", "", "flat"),
        Row("the micrograd notebook", ours, theirs, "s", "pwsh -File", "≥ 0.91×"),
    ]


def notebook(*cells: str) -> Notebook:
    """A notebook of PowerShell cells."""
    made = (Cell(id=CellId(str(number)), source=source) for number, source in enumerate(cells))
    return Notebook(default_kernel="powershell", cells=tuple(made))


def run_bare(program: str, *arguments: str, folder: Path | None = None) -> float:
    """Seconds of a bare pwsh whose output goes into a pipe that is read."""
    environ = {
        **os.environ,
        "POWERSHELL_TELEMETRY_OPTOUT": "1",
        "POWERSHELL_UPDATECHECK": "Off",
        "VERSO_PYTHON": sys.executable,  # who draws the sample's graphs where there is no Graphviz
    }
    began = time.perf_counter()
    subprocess.run(
        [program, "-NoProfile", "-NonInteractive", *arguments],
        check=True,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return time.perf_counter() - began


async def seconds_to_ready() -> float:
    """From asking a session for the kernel to having it."""
    async with open_session(notebook("1")) as session:
        began = time.perf_counter()
        await session.kernel("powershell")
        return time.perf_counter() - began


async def run_cell(kernel: Kernel, code: str) -> float:
    """Seconds of one cell."""
    began = time.perf_counter()
    await kernel.execute(ExecuteRequest(code=code, name="cell-1"), RecordingSink())
    return time.perf_counter() - began


async def median_cell(kernel: Kernel, code: str, times: int) -> float:
    """The median over many cells; `{}` in the code is the number of the cell."""
    for number in range(times // 3):
        await run_cell(kernel, code.replace("{}", str(-number)))
    return statistics.median([await run_cell(kernel, code.replace("{}", str(number))) for number in range(times)])


async def seconds_to_stop(kernel: Kernel) -> float:
    """From the interrupt to the end of the cell."""
    running = asyncio.ensure_future(run_cell(kernel, "while ($true) { }"))
    await asyncio.sleep(0.2)
    began = time.perf_counter()
    await kernel.interrupt()
    await running
    return time.perf_counter() - began


async def resident(kernel: Kernel) -> float:
    """Resident memory of the worker in MiB, after a collection."""
    sink = RecordingSink()
    code = "[GC]::Collect(); [Environment]::WorkingSet"
    await kernel.execute(ExecuteRequest(code=code, name="cell-1"), sink)
    return int(sink.text().split()[0]) / 2**20


async def micrograd(program: str) -> tuple[float, float]:
    """Seconds of the whole notebook, start included, and of the same code as one script in a bare pwsh."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "micrograd")
        shutil.copytree(SAMPLE, folder)
        document = json.loads((folder / "micrograd-ps.verso").read_text(encoding="utf-8"))
        code = [cell["source"] for cell in document["cells"] if cell["type"] == "code"]
        script = folder / "whole.ps1"
        script.write_text(PRELUDE.format(modules=MODULES) + "\n".join(code), encoding="utf-8")
        theirs = [run_bare(program, "-File", str(script), folder=folder) for _ in range(3)]
        ours = []
        for _ in range(3):
            began = time.perf_counter()
            async with open_session(folder / "micrograd-ps.verso") as session:
                result = await session.run()
            ours.append(time.perf_counter() - began)
            assert result.ok
    return statistics.median(ours), statistics.median(theirs)


if __name__ == "__main__":
    main()

"""`verso run` against nbclient: whole processes, and the parts inside one."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.measure import Row, Sample, in_turn, print_rows, run_command
from verso import open_session
from verso.api.notebook import Cell, CellId, Notebook

VERSO = Path(sys.executable).with_name("verso")
NBCLIENT = (
    "import sys, nbformat; from nbclient import NotebookClient; "
    "nb = nbformat.read(sys.argv[1], 4); NotebookClient(nb, kernel_name='python3').execute(); "
    "nbformat.write(nb, sys.argv[2])"
)
RUNS = 5


def sources() -> Iterator[tuple[str, list[str], str]]:
    """Workloads: what, sources of the cells, what we want."""
    yield "1 cell `1+1`", ["1+1"], "≥ 10×, ≤ 0.18 s"
    yield "1000 cells `x=i`", [f"x={number}" for number in range(1000)], "≥ 15×"
    yield "one cell printing 100,000 lines", ["for i in range(100000): print(i)"], "≥ 7×"
    page = "class Page:\n    def _repr_html_(self):\n        return 'x' * 20_000_000\nPage()"
    yield "20 MB display", [page], "≥ 5×"


def main() -> None:
    """Prints both tables."""
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for what, cells, wanted in sources():
            rows += compare(Path(folder), what, cells, wanted)
        print_rows("Whole processes", rows)
    print_rows("Inside a session", asyncio.run(inside()))


def compare(folder: Path, what: str, cells: list[str], wanted: str) -> list[Row]:
    """Time and peak memory of one workload, ours and nbclient's in turn, both writing the executed notebook."""
    ours, theirs = folder / "nb.verso", folder / "nb.ipynb"
    document = {
        "verso": "1.0",
        "metadata": {"defaultKernel": "python"},
        "cells": [
            {"id": f"c{number}", "type": "code", "language": "python", "source": source}
            for number, source in enumerate(cells)
        ],
    }
    ours.write_text(json.dumps(document))
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), theirs)

    def verso() -> Sample:
        return run_command([VERSO, "run", ours, "-q", "--output-notebook", folder / "done.verso"])

    def nbclient() -> Sample:
        return run_command([sys.executable, "-c", NBCLIENT, theirs, folder / "done.ipynb"])

    mine, peer = in_turn(RUNS, verso, nbclient)
    memory = "≤ 45 MiB" if len(cells) == 1 and cells[0] == "1+1" else ""
    return [
        Row(what, mine.seconds, peer.seconds, "s", "nbclient", wanted),
        Row("  peak memory, whole tree", mine.peak, peer.peak, "MiB", "nbclient", memory),
    ]


async def inside() -> list[Row]:
    """Kernel ready, a cell's round trip, its growth with the number of cells, and an interrupt."""
    floor = statistics.median(_bare_python() for _ in range(9))
    ready = statistics.median([await _ready() for _ in range(9)])
    small, large = [await _per_cell(number, ahead=True) for number in (200, 2000)]
    alone = await _per_cell(200, ahead=False)
    interrupt = statistics.median([await _interrupt() for _ in range(9)])
    return [
        Row("kernel ready", ready * 1e3, floor * 1e3, "ms", "bare python start", "≤ 40 ms"),
        Row("cell of 200 as `verso run` has them", small * 1e3, None, "ms", "", "≤ 0.2 ms"),
        Row("cell of 2000 likewise", large * 1e3, small * 1e3, "ms", "of 200", "linear"),
        Row("cell round trip, one after the other", alone * 1e3, None, "ms", "", "≤ 0.3 ms"),
        Row("interrupt of `while True: pass`", interrupt * 1e3, None, "ms", "", "≤ 15 ms"),
    ]


def _bare_python() -> float:
    return run_command([sys.executable, "-c", "pass"]).seconds


def _notebook(*cells: str) -> Notebook:
    return Notebook(
        default_kernel="python", cells=tuple(Cell(id=CellId(str(n)), source=source) for n, source in enumerate(cells))
    )


async def _ready() -> float:
    async with open_session(_notebook()) as session:
        began = time.perf_counter()
        await session.kernel("python")
        return time.perf_counter() - began


async def _per_cell(number: int, *, ahead: bool) -> float:
    async with open_session(_notebook(*(f"x={each}" for each in range(number)))) as session:
        await session.kernel("python")
        began = time.perf_counter()
        await session.run(ahead=ahead)
        return (time.perf_counter() - began) / number


async def _interrupt() -> float:
    async with open_session(_notebook("while True: pass")) as session:
        await session.kernel("python")
        running = asyncio.ensure_future(session.run())
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        await session.interrupt()
        await running
        return time.perf_counter() - began


if __name__ == "__main__":
    main()

"""SQL cells against JupySQL and against DuckDB itself, and a million rows from Python to SQL and back."""

from __future__ import annotations

import asyncio
import pickle
import statistics
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import duckdb
import numpy
import pandas
from IPython.core.interactiveshell import InteractiveShell

from benchmarks.measure import Row, print_rows
from verso import open_session
from verso.api.notebook import Cell, Notebook

RUNS = 200
HOPS = 7
ROWS = 1_000_000
FRAME = (
    "import numpy, pandas\n"
    "random = numpy.random.default_rng(1)\n"
    f"frame = pandas.DataFrame({{f'c{{i}}': random.random({ROWS}) for i in range(5)}})"
)


def main() -> None:
    """Prints both tables."""
    print_rows("SQL cells", asyncio.run(cells()))
    print_rows("1M x 5 table", asyncio.run(hops()))


async def cells() -> list[Row]:
    """`select 42` as a cell."""
    jupysql, floor = _jupysql(), duckdb.connect()
    cell = Cell(language="sql", source="select 42")
    async with open_session(Notebook(cells=(cell,))) as session:
        await session.run()
        ours = await _median(RUNS, lambda: session.execute(cell.id))
    theirs = await _median(RUNS, _async(lambda: jupysql.run_cell_magic("sql", "", "select 42")))
    bare = await _median(RUNS, _async(lambda: floor.execute("select 42").fetchall()))
    return [
        Row("`select 42`", ours * 1e3, theirs * 1e3, "ms", "JupySQL", "≤ 1 ms"),
        Row("`select 42`, floor", ours * 1e3, bare * 1e3, "ms", "duckdb itself", "–"),
    ]


async def hops() -> list[Row]:
    """Each hop with a new value, so that it travels again; then a second reader of the same value."""
    sources = (
        FRAME,
        "frame = frame.copy()",
        "select count(*), max(c4) from frame",
        "--name back --no-display\nselect * from frame",
        "len(back), float(back['c0'].iloc[-1])",
        "select min(c1) from frame",
    )
    languages = ("python", "python", "sql", "sql", "python", "sql")
    made = tuple(Cell(language=language, source=source) for language, source in zip(languages, sources, strict=True))
    taken: dict[int, list[float]] = {place: [] for place in range(len(made))}
    async with open_session(Notebook(cells=made)) as session:
        await session.run()
        for _ in range(HOPS):
            for place in range(1, len(made)):
                began = time.perf_counter()
                done = await session.execute(made[place].id)
                taken[place].append(time.perf_counter() - began)
                assert done.status == "ok", done.cell.outputs
    frame = pandas.DataFrame({f"c{place}": numpy.random.default_rng(1).random(ROWS) for place in range(5)})
    pickled = await _median(HOPS, _async(lambda: _pickle(frame))) * 1e3
    found = {place: statistics.median(seconds) * 1e3 for place, seconds in taken.items() if seconds}
    return [
        Row("Python → SQL, first query", found[2], pickled, "ms", "pickle out of band", "≤ 60 ms"),
        Row("SQL makes the table", found[3], pickled, "ms", "pickle out of band", "≤ 60 ms"),
        Row("SQL → Python, first use", found[4], pickled, "ms", "pickle out of band", "≤ 60 ms"),
        Row("second reader", found[5], None, "ms", "", "≤ 15 ms"),
    ]


def _pickle(frame: Any) -> Any:
    buffers: list[Any] = []
    text = pickle.dumps(frame, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(text, buffers=[bytearray(buffer.raw()) for buffer in buffers])


def _jupysql() -> InteractiveShell:
    warnings.simplefilter("ignore")
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "sql")
    shell.run_line_magic("config", "SqlMagic.feedback = 0")
    shell.run_line_magic("sql", "duckdb://")
    return shell


def _async(function: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def call() -> Any:
        return function()

    return call


async def _median(runs: int, function: Callable[[], Awaitable[Any]]) -> float:
    await function()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        await function()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()

"""What sharing costs: a table of a million rows between kernels, and a cell among ten thousand variables."""

from __future__ import annotations

import asyncio
import pickle
import statistics
import time

import numpy
import pandas

from benchmarks.measure import Row, median, print_rows
from verso import open_session
from verso.api.notebook import Cell, CellId, Notebook
from verso.engine.session import Session

ROWS = 1_000_000
MAKE = f"""
import numpy as np, pandas as pd
rng = np.random.default_rng(0)
df = pd.DataFrame({{name: rng.random({ROWS}) for name in "abcde"}})
"""
SMALL = 10_000


def main() -> None:
    """Prints the table."""
    print_rows("Variables", asyncio.run(rows()))


async def rows() -> list[Row]:
    """Each hop as the cell that causes it, less the same cell when nothing has to travel."""
    floor = median(5, _pickled) * 1e3
    to_sql, second, back = await _hops()
    by_rows, by_file = await _to_javascript()
    untouched, alone = await _small_variables()
    peer = "pickle out of band"
    return [
        Row("1M × 5: Python → SQL", to_sql * 1e3, floor, "ms", peer, "≤ 60 ms a hop"),
        Row("1M × 5: SQL → Python", back * 1e3, floor, "ms", peer, "≤ 60 ms a hop"),
        Row("1M × 5: a second reader", second * 1e3, floor, "ms", peer, "≤ 15 ms"),
        Row("100,000 × 5: SQL → JavaScript", by_file * 1e3, by_rows * 1e3, "ms", "by rows", "–"),
        Row(f"{SMALL:,} variables, cell names none", untouched * 1e3, alone * 1e3, "ms", "no variables", "+ ≤ 0.3 ms"),
    ]


def _pickled() -> float:
    rng = numpy.random.default_rng(0)
    frame = pandas.DataFrame({name: rng.random(ROWS) for name in "abcde"})
    began = time.perf_counter()
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(frame, protocol=5, buffer_callback=buffers.append)
    pickle.loads(data, buffers=[bytes(buffer) for buffer in buffers])
    return time.perf_counter() - began


async def _hops() -> tuple[float, float, float]:
    cells = {
        "make": Cell(id=CellId("make"), language="python", source=MAKE),
        "sql": Cell(id=CellId("sql"), language="sql", source="select count(*) from df"),
        "warm": Cell(id=CellId("warm"), language="sql", source="select 1"),
        "copy": Cell(id=CellId("copy"), language="sql", source="--name result\nselect * from df"),
        "back": Cell(id=CellId("back"), language="python", source="len(result)"),
        "idle": Cell(id=CellId("idle"), language="python", source="len('result')"),
        "again": Cell(id=CellId("again"), language="sql", source="select count(*) from df"),
    }
    first, second, back = [], [], []
    async with open_session(Notebook(cells=tuple(cells.values()))) as session:
        await session.execute("warm")
        for _ in range(6):
            await session.execute("make")
            first.append(await _timed(session, "sql"))
            second.append(await _timed(session, "again"))
            await session.execute("copy")
            back.append(await _timed(session, "back"))
    return statistics.median(first[1:]), statistics.median(second[1:]), statistics.median(back[1:])


async def _to_javascript() -> tuple[float, float]:
    """By rows, and by file once `apache-arrow` is there: npm has to be able to get it."""
    make = "select i, i * 0.5 as half, 'name ' || (i % 1000) as name, i % 2 = 0 as even, i * 7 as more"
    cells = (
        Cell(id=CellId("make"), language="sql", source=f"--name q --no-display\n{make} from range(100_000) t(i)"),
        Cell(id=CellId("use"), language="javascript", source="q.length"),
        Cell(id=CellId("install"), language="javascript", source="#!npm install apache-arrow"),
    )
    async with open_session(Notebook(cells=cells)) as session:
        by_rows = await _made_and_used(session)
        await session.execute("install")
        return by_rows, await _made_and_used(session)


async def _made_and_used(session: Session) -> float:
    seconds = []
    for _ in range(4):
        await session.execute("make")
        seconds.append(await _timed(session, "use"))
    return statistics.median(seconds[1:])


async def _small_variables() -> tuple[float, float]:
    cells = (
        Cell(
            id=CellId("many"), language="python", source=f"globals().update({{f'v{{i}}': i for i in range({SMALL})}})"
        ),
        Cell(id=CellId("one"), language="python", source="v7 = object"),
        Cell(id=CellId("none"), language="python", source="1"),
    )
    async with open_session(Notebook(cells=cells)) as session:
        alone = await _repeated(session, "none")
        await session.execute("many")
        await session.execute("one")
        return await _repeated(session, "none"), alone


async def _repeated(session: Session, cell: str) -> float:
    return statistics.median([await _timed(session, cell) for _ in range(50)])


async def _timed(session: Session, cell: str) -> float:
    began = time.perf_counter()
    done = await session.execute(cell)
    elapsed = time.perf_counter() - began
    if done.status != "ok":
        raise RuntimeError(f"cell {cell!r} ended {done.status}: {done.cell.outputs}")
    return elapsed

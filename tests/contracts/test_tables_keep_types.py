"""What a database's types mean in the next language, the same by Arrow file and by rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from verso import open_session
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import Error, Stream
from verso.api.values import encode

pytest.importorskip("pyarrow")
pytest.importorskip("pandas")

COLUMNS = """
    uuid '00000000-0000-0000-0000-000000000007' as u, sum(range) as total, interval 90 minute as span,
    170141183460469231731687303715884105727::hugeint as huge, 1.50::decimal(10, 2) as price, map {'k': 2} as pairs
"""
CHECK = "u, total, *rest = q.iloc[0].tolist()\nprint(repr((u, int(total), type(total).__name__, *rest)))"
TABLE = "--name q --no-display\nselect" + COLUMNS + "from range(3)"
RELATION = "import duckdb\nq = duckdb.sql('''select" + COLUMNS + "from range(3)''')"


def notebook(*cells: tuple[str, str]) -> Notebook:
    return Notebook(
        cells=tuple(
            Cell(id=CellId(str(place)), language=language, source=source)
            for place, (language, source) in enumerate(cells)
        )
    )


def printed(cell: Cell) -> str:
    assert not [output for output in cell.outputs if isinstance(output, Error)], cell.outputs
    return "".join(output.text for output in cell.outputs if isinstance(output, Stream))


async def test_a_result_keeps_its_types_in_python() -> None:
    async with open_session(notebook(("sql", TABLE), ("python", CHECK))) as session:
        result = await session.run()
        text = printed(result.cells[1].cell)
        assert "UUID('00000000-0000-0000-0000-000000000007'), 3, 'int64'" in text
        assert (
            "Timedelta('0 days 01:30:00'), 170141183460469231731687303715884105727, Decimal('1.50'), {'k': 2}" in text
        )
        assert session.variables["q"].shared.owner == "sql"  # the cell only read it
        row = (await session.variables["q"]).iloc[0]
        assert (row["u"], int(row["total"]), row["huge"]) == (UUID(int=7), 3, 2**127 - 1)
        assert (row["span"].to_pytimedelta(), row["price"]) == (dt.timedelta(minutes=90), Decimal("1.50"))


@pytest.mark.parametrize("make", [("sql", TABLE), ("python", RELATION)])
async def test_rows_say_the_same_as_arrow(make: tuple[str, str]) -> None:
    async with open_session(notebook(make, ("sql", "--name again --no-display\nselect * from q"))) as session:
        await session.run()
        kinds = {}
        for name in ("q", "again"):
            [row] = (await session.variables[name].typed())["v"]["rows"]
            kinds[name] = [value["t"] for value in row]
        assert kinds["q"] == ["uuid", "int", "duration", "int", "decimal", "map"]


async def test_a_large_result_keeps_its_types() -> None:
    cells = (
        ("sql", "--name q --no-display\nselect range::hugeint as n, uuid() as u from range(600_000)"),
        ("python", "print(q['n'].dtype, int(q['n'].sum()), type(q['u'][5]).__name__)"),
    )
    async with open_session(notebook(*cells)) as session:
        result = await session.run()
    assert printed(result.cells[1].cell) == "int64 179999700000 UUID\n"


MAKE_WIDE = "--name q --no-display\nselect * from (values (9007199254740993), (null)) t(n)"
CHECK_WIDE = "print(q['n'].tolist(), q['s'].tolist() if 's' in q else '')"


async def test_integers_among_nulls_stay_what_they_are() -> None:
    async with open_session(notebook(("sql", MAKE_WIDE), ("python", CHECK_WIDE))) as session:
        result = await session.run()
        assert printed(result.cells[1].cell) == "[9007199254740993, None] \n"
        assert (await session.variables["q"])["n"].tolist() == [9007199254740993, None]
        table = await session.variables["q"].typed()
        python = (await session.kernel("python")).kernel
        table["v"]["columns"].append({"name": "s", "type": ""})
        table["v"]["rows"][0].append(encode("\ud800"))
        table["v"]["rows"][1].append(encode(None))
        await python.set_variable("q", table)
        [wide, _], _ = (await python.get_variable("q"))["v"]["rows"]
        assert wide == encode(9007199254740993)

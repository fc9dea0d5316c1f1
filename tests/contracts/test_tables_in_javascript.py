"""JavaScript's tables by Arrow file: the same values as by rows, in both directions, and one file for all readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from verso_javascript.availability import probe
from verso_javascript.npm import package_folder
from verso_javascript.runtime import deno_from_extra

from verso import open_session
from verso.api.kernel import Kernel
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import Error, Stream
from verso.engine.session import Session
from verso.testing.context import TestKernelContext
from verso.testing.typed_values import meaning

pytest.importorskip("pyarrow")
pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

INSTALL = "#!npm install apache-arrow"

SQL = """--name q --no-display
select * from (values
  (1::utinyint, 18446744073709551615::ubigint, 3::hugeint, 170141183460469231731687303715884105727::hugeint,
   -1.50::decimal(10, 2), 0.0000001::decimal(18, 7), 'é', '\\xAA\\x00'::blob, date '2024-02-29', time '12:34:56.789',
   timestamp '1969-12-31 23:59:59.123456', timestamptz '2024-01-01 00:00:00+02', timestamp_s '2024-01-01 00:00:01',
   timestamp_ns '2024-01-01 00:00:00.123456789', timestamp_ms '2024-01-01 00:00:01', interval 90 minute,
   interval '-14 months', '00000000-0000-0000-0000-000000000007'::uuid, [1, null], {'a': 1, 'b': [2.0::double]},
   map {'k': 1.0::double}, 'a'::enum ('a', 'b'), null, union_value(x := 1), [1, 2]::int[2], 1.5::float, '101'::bit,
   '"x"'::json, 9007199254740993, -9007199254740991, true, 'NaN'::double, 2.0::double, '-infinity'::timestamp,
   'infinity'::date, '12:00:00+02'::timetz, time_ns '12:00:00.123456789',
   340282366920938463463374607431768211455::uhugeint, '')
) union all by name select null as col0"""

PANDAS = """
import datetime as dt, decimal, uuid
import numpy as np, pandas as pd
q = pd.DataFrame({
    'whole': [1, -2**63], 'float': [1.0, 2.5], 'hole': [1.0, None], 'text': ['a', None], 'flag': [True, False],
    'when': pd.to_datetime(['2024-01-01 10:00:00.123456789', None]), 'span': pd.to_timedelta(['90min', '-1ns']),
    'zone': pd.to_datetime(['2024-07-01 10:00', '2024-01-01 10:00']).tz_localize('Europe/Oslo'),
    'kind': pd.Categorical(['x', 'y']), 'price': [decimal.Decimal('1.10'), decimal.Decimal('2.20')],
    'day': [dt.date(2024, 1, 2), None], 'clock': [dt.time(1, 2, 3), dt.time(4, 5, 6, 7)], 'raw': [b'\\x00', b''],
    'list': [[1.0, 2.0], []], '2': [3, 4], '__proto__': ['p', 'q'], 'small': np.array([1, 2], dtype='uint8'),
    'inf': [float('inf'), float('-inf')],
})
"""

POLARS = """
import datetime as dt, polars as pl
q = pl.DataFrame({
    'whole': [1, None], 'float': [1.0, 2.5], 'text': ['a', 'længer end tolv tegn'], 'raw': [b'x', None],
    'when': [dt.datetime(2024, 1, 1, 10, 0, 0, 5), None], 'day': [dt.date(2024, 1, 2), None],
    'clock': [dt.time(1, 2, 3), None], 'span': [dt.timedelta(seconds=-1.5), None], 'list': [['a'], []],
    'kind': pl.Series(['x', 'y'], dtype=pl.Categorical), 'row': [{'a': 1.0}, {'a': None}],
})
"""

JAVASCRIPT = """
const { Decimal, Time, Duration, UUID } = verso
var q = [0, 1, 2].map((n) => ({
  whole: n, float: n / 2, mixed: n === 1 ? 0.5 : n, hole: n ? n : null, text: ['a', 'é\\u{1F600}', ''][n],
  flag: n === 1,
  big: 2n ** 62n + BigInt(n), huge: -(2n ** 100n), least: -0, nan: NaN, infinity: n ? Infinity : -Infinity,
  day: new Date(Date.UTC(2024, 0, n)), price: new Decimal(`-1.5${n}`), clock: new Time('01:02:03.000004'),
  span: new Duration(`-${n}.5`), id: new UUID(`00000000-0000-0000-0000-00000000000${n}`), nothing: null,
  "a b": 'x', 2: 'two', each: n === 1 ? 2n ** 60n : 7,
}))
"""


@pytest.fixture(scope="module")
def has_package(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`apache-arrow` among the packages of `#!npm`, installed when it is not."""
    found = probe(TestKernelContext(directory=Path.cwd(), exchange=Path.cwd()))
    if not found.found:
        pytest.skip(f"no JavaScript runtime: {found.how_to_get}")

    async def install() -> str:
        async with open_session(Notebook(cells=(Cell(language="javascript", source=INSTALL),))) as session:
            return str((await session.run()).cells[0].cell.outputs)

    if not (package_folder(["apache-arrow"]) / "node_modules").is_dir():
        said = asyncio.run(install())
        if not (package_folder(["apache-arrow"]) / "node_modules").is_dir():
            pytest.skip(f"npm can't install apache-arrow here: {said}")


def notebook(*cells: tuple[str, str]) -> Notebook:
    made = [
        Cell(id=CellId(str(place)), language=language, source=source) for place, (language, source) in enumerate(cells)
    ]
    return Notebook(cells=tuple(made))


async def ran(session: Session) -> list[str]:
    """What each cell printed."""
    texts = []
    for done in (await session.run()).cells:
        assert not [output for output in done.cell.outputs if isinstance(output, Error)], done.cell.outputs
        texts.append("".join(output.text for output in done.cell.outputs if isinstance(output, Stream)))
    return texts


@pytest.fixture
async def opened(has_package: None) -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def sessions(stack: AsyncExitStack, language: str, source: str) -> tuple[Kernel, Kernel]:
    """The kernel that has the table `q`, and a JavaScript kernel with the package."""
    book = notebook((language, source), ("javascript", INSTALL))
    session = await stack.enter_async_context(open_session(book))
    await ran(session)
    assert (await session.kernel("javascript")).info.arrow
    return (await session.kernel(language)).kernel, (await session.kernel("javascript")).kernel


@pytest.mark.parametrize(
    ("language", "source"),
    [("sql", SQL), ("python", PANDAS), ("python", POLARS)],
    ids=["sql", "pandas", "polars"],
)
async def test_a_table_from_elsewhere_is_the_same_by_file_and_by_rows(opened, language: str, source: str) -> None:  # type: ignore[no-untyped-def]
    owner, javascript = await sessions(opened, language, source)
    by_rows, by_file = await owner.get_variable("q"), await owner.get_variable("q", arrow=True)
    assert "rows" in by_rows["v"] and "arrow" in by_file["v"]
    await javascript.set_variable("rows", by_rows)
    await javascript.set_variable("file", by_file)
    names = [column["name"] for column in by_rows["v"]["columns"]]
    want, got, again = (await javascript.get_variable("rows"), await javascript.get_variable("file"), by_rows)
    for place, name in enumerate(names):
        for sent, row, other in zip(again["v"]["rows"], want["v"]["rows"], got["v"]["rows"], strict=True):
            assert meaning(other[place]) == meaning(row[place]) == meaning(sent[place]), name
    assert [column["name"] for column in got["v"]["columns"]] == names


@pytest.mark.parametrize(
    ("language", "source"),
    [("javascript", JAVASCRIPT), ("python", PANDAS), ("sql", SQL)],
    ids=["javascript", "pandas", "sql"],
)
async def test_a_table_goes_out_the_same_by_file_and_by_rows(opened, language: str, source: str) -> None:  # type: ignore[no-untyped-def]
    owner, javascript = await sessions(opened, language, source)
    if language != "javascript":
        await javascript.set_variable("q", await owner.get_variable("q", arrow=True))
    by_rows, by_file = await javascript.get_variable("q"), await javascript.get_variable("q", arrow=True)
    assert "rows" in by_rows["v"]
    assert ("arrow" in by_file["v"]) == (language == "javascript")  # the others have columns that are nested
    await javascript.set_variable("back", by_file)
    back = await javascript.get_variable("back")
    for place, column in enumerate(by_rows["v"]["columns"]):
        for sent, row in zip(by_rows["v"]["rows"], back["v"]["rows"], strict=True):
            floats = column["type"] == "float"
            assert meaning(row[place]) == (float_of(sent[place]) if floats else meaning(sent[place])), column


def float_of(sent: dict[str, str]) -> object:
    """JavaScript has one type of number: a column of them is one of floats when one of them is."""
    return meaning(sent if sent["t"] != "int" else {"t": "float", "v": f"{sent['v']}.0"})


async def test_python_and_sql_read_what_javascript_made(has_package: None) -> None:
    check = (
        "row = q.iloc[1]\n"
        "print([q[name].dtype.kind for name in ('whole', 'float', 'mixed', 'flag', 'day')], row['text'], row['huge'],\n"
        "      row['price'], row['clock'], row['span'], row['id'], row['day'], list(q.columns)[-2:])"
    )
    sums = "sum(whole) w, max(price) p, max(text) t, typeof(any_value(day)) d, min(each) b"
    cells = (
        ("javascript", f"{INSTALL}\n{JAVASCRIPT}"),
        ("python", check),
        ("sql", f"--name s --no-display\nselect {sums} from q"),
        ("javascript", "console.log(s[0].w, String(s[0].p), s[0].t, s[0].d, s[0].b)"),
    )
    async with open_session(notebook(*cells)) as session:
        texts = await ran(session)
        assert len(list(session._exchange.glob("javascript-*"))) == 1  # one file, however many read it
    assert texts[1] == (
        "['i', 'f', 'f', 'b', 'M'] é\U0001f600 -1267650600228229401496703205376 -1.51 01:02:03.000004 "
        "-1 days +23:59:58.500000 00000000-0000-0000-0000-000000000001 2024-01-01 00:00:00+00:00 ['a b', 'each']\n"
    )
    assert texts[3] == "3 -1.50 é\U0001f600 TIMESTAMP WITH TIME ZONE 7\n"


MANY = (
    "--name q --no-display\nselect i, i * 0.5 as half, 'n' || i as name, current_date as day from range(150_000) t(i)"
)


@pytest.mark.parametrize("install", [INSTALL, ""], ids=["file", "rows"])
async def test_reading_a_large_table_does_not_make_it_ones_own(has_package: None, install: str) -> None:
    cells = (
        ("sql", MANY),
        ("javascript", f"{install}\nvar total = q.reduce((sum, row) => sum + row.i, 0)"),
        ("javascript", "console.log(q.length, total, q[149_999].name)"),
    )
    async with open_session(notebook(*cells)) as session:
        texts = await ran(session)
        assert texts[2] == "150000 11249925000 n149999\n"
        assert session.variables["q"].shared.owner == "sql"


@pytest.mark.parametrize(
    "change",
    [
        "q[149_999].name = 'other'",
        "q[5].more = 1",
        "delete q[5].name",
        "q.pop()",
        "q[5].day.setDate(1)",
        "q[5] = null",
        "q[7].i = -1",
    ],
)
async def test_a_change_in_a_large_table_is_seen(has_package: None, change: str) -> None:
    cells = (("sql", MANY), ("javascript", f"{INSTALL}\n{change}"))
    async with open_session(notebook(*cells)) as session:
        await ran(session)
        assert session.variables["q"].shared.owner == "javascript"


@pytest.mark.parametrize("bring", ['import * as arrow from "apache-arrow"', 'const arrow = require("apache-arrow")'])
async def test_an_arrow_table_travels(has_package: None, bring: str) -> None:
    columns = "{ a: Int32Array.of(1, 2, 3), b: ['x', 'y', null], c: [1.5, 2.5, 3] }"
    make = f"const made = arrow.tableFromArrays({columns});\nmade"
    cells = (
        ("javascript", f"{INSTALL}\n{bring}\n{make}"),
        ("python", "print(len(made), made['b'][1], made['c'].sum())"),
        ("sql", "--name s --no-display\nselect sum(a) as total from made"),
        ("javascript", "console.log(s[0].total)"),
        ("javascript", "made.numRows"),
    )
    async with open_session(notebook(*cells)) as session:
        texts = await ran(session)
        rows = (await session.variables["made"].typed())["v"]
        assert sorted(name for name in session.variables if name.startswith("__")) == []
        assert session.variables["made"].shared.version == 1
    assert texts[1:4] == ["3 y 7.0\n", "", "6\n"]
    assert [meaning(value) for value in rows["rows"][2]] == [
        meaning({"t": "int", "v": "3"}),
        meaning({"t": "null"}),
        meaning({"t": "float", "v": "3.0"}),
    ]


async def test_what_arrow_can_not_hold_goes_by_rows(has_package: None) -> None:
    make = "var q = [{v: 1, h: 1}, {v: 'a', h: 2n ** 200n}, {v: true, h: 3}]"
    cells = (
        ("javascript", f"{INSTALL}\n{make}"),
        ("python", "print(list(q['v']), q['h'][1] == 2**200)"),
    )
    async with open_session(notebook(*cells)) as session:
        assert (await ran(session))[1] == "[1, 'a', True] True\n"


async def test_without_the_package_tables_go_by_rows(has_package: None, tmp_path: Path) -> None:
    async with open_session(
        notebook(("javascript", JAVASCRIPT), ("python", "print(len(q))")), directory=tmp_path
    ) as session:
        assert (await ran(session))[1] == "3\n"
        assert not (await session.kernel("javascript")).info.arrow


async def test_a_package_beside_the_notebook_is_known_from_the_start(has_package: None, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(package_folder(["apache-arrow"]) / "node_modules")
    below = tmp_path / "below"
    below.mkdir()
    cells = (("sql", MANY), ("javascript", "console.log(q.length)"))
    async with open_session(notebook(*cells), directory=below) as session:
        assert (await ran(session))[1] == "150000\n"
        assert (await session.kernel("javascript")).info.arrow


async def test_deno_takes_files_as_well(has_package: None) -> None:
    program = deno_from_extra()
    if program is None:
        pytest.skip("the extra deno is not installed")
    cells = (
        ("sql", MANY),
        ("javascript", f'{INSTALL}\nimport {{ tableFromArrays }} from "apache-arrow"\nvar few = q.slice(0, 3)'),
        ("javascript", "var made = tableFromArrays({ a: [1.5, 2] })"),
        ("sql", "--name s --no-display\nselect (select sum(half) from few)::int as a, (select sum(a) from made) as b"),
        ("javascript", "console.log(s[0].a, s[0].b)"),
    )
    book = notebook(*cells).replace(extension_settings={"verso.javascript": {"program": program}})
    async with open_session(book) as session:
        assert (await ran(session))[4] == "2 3.5\n"
        assert (await session.kernel("javascript")).info.arrow


async def test_a_file_with_a_column_that_the_package_does_not_know_is_read_by_rows(has_package: None) -> None:
    make = "import pyarrow as pa\nq = pa.table({'r': pa.RunEndEncodedArray.from_arrays([2, 3], ['a', 'b'])})"
    cells = (("python", make), ("javascript", f"{INSTALL}\nconsole.log(q.map((row) => row.r).join(''))"))
    async with open_session(notebook(*cells)) as session:
        assert (await ran(session))[1].endswith("aab\n")

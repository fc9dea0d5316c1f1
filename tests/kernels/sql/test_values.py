"""Values on the way in and out: by column type, through Arrow and without it, and back as they were."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from verso_sql import arrow_tables
from verso_sql.kernel import SqlKernel
from verso_sql.tables import Column

from tests.kernels.sql.conftest import Cells, python_rows
from verso.api.errors import VariableError
from verso.api.values import TypedValue, encode
from verso.testing.context import TestKernelContext

COLUMNS: list[tuple[str, str, TypedValue]] = [
    ("true", "BOOLEAN", {"t": "bool", "v": True}),
    ("1::tinyint", "TINYINT", {"t": "int", "v": "1"}),
    ("18446744073709551615::ubigint", "UBIGINT", {"t": "int", "v": "18446744073709551615"}),
    ("170141183460469231731687303715884105727::hugeint", "HUGEINT", {"t": "int", "v": str(2**127 - 1)}),
    ("sum(7)", "HUGEINT", {"t": "int", "v": "7"}),
    ("123456789012345678901234567890::bignum", "BIGNUM", {"t": "int", "v": "123456789012345678901234567890"}),
    ("1.50::decimal(10, 2)", "DECIMAL(10,2)", {"t": "decimal", "v": "1.50"}),
    ("'nan'::double", "DOUBLE", {"t": "float", "v": "NaN"}),
    ("'-infinity'::double", "DOUBLE", {"t": "float", "v": "-Infinity"}),
    ("0.1::double", "DOUBLE", {"t": "float", "v": "0.1"}),
    ("'žluť 日本 😀'", "VARCHAR", {"t": "string", "v": "žluť 日本 😀"}),
    ("'a'::enum('a', 'b')", "ENUM('a', 'b')", {"t": "string", "v": "a"}),
    ("'\\x00\\xFF'::blob", "BLOB", {"t": "bytes", "v": "AP8="}),
    ("date '2024-02-29'", "DATE", {"t": "date", "v": "2024-02-29"}),
    ("'infinity'::date", "DATE", {"t": "string", "v": "infinity"}),
    ("time '23:59:59.123456'", "TIME", {"t": "time", "v": "23:59:59.123456"}),
    ("timetz '23:59:59+02'", "TIME WITH TIME ZONE", {"t": "time", "v": "23:59:59+02:00"}),
    ("timestamp '2024-02-29 01:02:03.000004'", "TIMESTAMP", {"t": "datetime", "v": "2024-02-29T01:02:03.000004"}),
    ("timestamptz '2024-02-29 01:02:03+02'", "TIMESTAMP WITH TIME ZONE",
     {"t": "datetime", "v": "2024-02-28T23:02:03+00:00"}),
    ("timestamp_ns '2024-02-29 01:02:03.000000004'", "TIMESTAMP_NS",
     {"t": "datetime", "v": "2024-02-29T01:02:03.000000004"}),
    ("timestamp_s '2024-02-29 01:02:03'", "TIMESTAMP_S", {"t": "datetime", "v": "2024-02-29T01:02:03"}),
    ("timestamp '-infinity'", "TIMESTAMP", {"t": "string", "v": "-infinity"}),
    ("interval '3 days 1.5 seconds'", "INTERVAL", {"t": "duration", "v": "259201.500000"}),
    ("interval '14 months 3 days'", "INTERVAL", {"t": "string", "v": "1 year 2 months 3 days"}),
    ("'12345678-1234-5678-1234-567812345678'::uuid", "UUID",
     {"t": "uuid", "v": "12345678-1234-5678-1234-567812345678"}),
    ("'101'::bit", "BIT", {"t": "string", "v": "101"}),
    ("null", '"NULL"', {"t": "null"}),
    ("[1, null]", "INTEGER[]", encode([1, None])),
    ("[1, 2]::int[2]", "INTEGER[2]", encode([1, 2])),
    ("{'b': 1, 'a': [date '2024-02-29']}", "STRUCT(b INTEGER, a DATE[])",
     encode({"b": 1, "a": [dt.date(2024, 2, 29)]})),
    ("map {'k': 1.5::decimal(3,1)}", "MAP(VARCHAR, DECIMAL(3,1))", encode({"k": Decimal("1.5")})),
    ("[{'a': interval '1 day'}]", "STRUCT(a INTERVAL)[]", encode([{"a": dt.timedelta(1)}])),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "expected"), COLUMNS, ids=[code for code, _, _ in COLUMNS])
async def test_each_type_of_duckdb(cells: Cells, code: str, kind: str, expected: TypedValue) -> None:
    await cells.ok(f"select {code} as v")
    value = await cells.kernel.get_variable("lastSqlResult")
    assert value["v"]["columns"] == [{"name": "v", "type": kind}]
    assert value["v"]["rows"] == [[expected]]


async def test_a_map_whose_keys_are_no_text_is_reported(cells: Cells) -> None:
    sink = await cells.ok("select map {1: 2} as v")
    assert "{1: 2}" in sink.shown
    with pytest.raises(VariableError, match="map keys must be strings"):
        await cells.kernel.get_variable("lastSqlResult")


PARAMETERS: list[Any] = [
    None, True, 0, -1, 2**63, -(2**127), 2**128 - 1, 2**200, 0.1, -0.0, float("inf"), Decimal("1.10"),
    Decimal("-0.001"), "", "x'; --", "žluť 日本 😀", "a\nb\t\"", b"", b"\x00\xff", dt.date(1, 1, 1),
    dt.date(2024, 2, 29),
    dt.time(23, 59, 59, 999999), dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.timedelta(days=-3, microseconds=1),
    uuid.UUID(int=7), [1, None, 3], [[1], []], ["a"], {"b": 1, "a": {"c": [None]}}, [{"a": 1}, {"a": 2}],
]  # fmt: skip


@pytest.mark.parametrize("value", PARAMETERS, ids=repr)
async def test_each_parameter_comes_back(cells: Cells, value: Any) -> None:
    await cells.kernel.set_variable("v", encode(value))
    assert await cells.kernel.get_variable("v") == encode(value)
    found = await cells.value("select @v as v")
    assert encode(found) == encode(value)


async def test_a_moment_with_a_zone_keeps_its_instant(cells: Cells) -> None:
    moment = dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=5.5)))
    await cells.kernel.set_variable("v", encode(moment))
    assert await cells.value("select @v") == moment


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("1" * 39), "38 digits"),
        ([1, "a"], "list of text and other values"),
        ({"": 1}, "empty key"),
        ([2**200], "128 bits"),
    ],
    ids=repr,
)
async def test_what_duckdb_would_change_is_refused(cells: Cells, value: Any, words: str) -> None:
    await cells.kernel.set_variable("v", encode(value))
    error = await cells.error("select 1,\n @v")
    assert words in error.evalue and (error.line, error.column) == (2, 2)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**127), 2**127 - 1),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(dt.timedelta(-100000), dt.timedelta(100000)),
    st.uuids(),
)


def test_random_parameters_come_back(tmp_path_factory: pytest.TempPathFactory) -> None:

    folder = tmp_path_factory.mktemp("sql")
    with asyncio.Runner() as runner:
        kernel = SqlKernel(TestKernelContext(directory=folder, exchange=folder))
        cells = Cells(kernel)

        @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(SCALARS, min_size=1, max_size=4))
        def come_back(values: list[Any]) -> None:
            for place, value in enumerate(values):
                runner.run(kernel.set_variable(f"v{place}", encode(value)))
            code = f"select {', '.join(f'@v{place} as c{place}' for place in range(len(values)))}"
            (row,) = runner.run(cells.rows(code))
            assert [encode(found) for found in row] == [encode(value) for value in values]

        try:
            come_back()
        finally:
            runner.run(kernel.shutdown())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), SCALARS), max_size=5))
def test_rows_as_arrow_are_the_same_or_refused(rows: list[tuple[Any, Any]]) -> None:
    columns = (Column(name="a"), Column(name="b"))
    body = arrow_tables.from_rows(columns, rows)
    if body is None:
        return
    found = [list(map(encode, row)) for row in body.rows()]
    expected = [[encode(str(v) if isinstance(v, uuid.UUID) else v) for v in row] for row in rows]
    assert found == expected


async def test_without_arrow_values_are_the_same(cells: Cells) -> None:
    """The slower path, as where pyarrow is not installed."""
    connection: Any = cells.kernel.connections.find()
    connection._arrow = None
    cells.kernel._variables.arrow = None
    codes = [code for code, _, _ in COLUMNS if "infinity'::date" not in code and "timestamp '-inf" not in code]
    codes = [code for code in codes if "_ns" not in code and "months" not in code and "sum(" not in code]
    await cells.ok(f"--name r --page-size 1\nselect {', '.join(f'{code} as c{at}' for at, code in enumerate(codes))}")
    value = await cells.kernel.get_variable("r", arrow=True)
    expected = [typed for code, _, typed in COLUMNS if code in codes]
    assert value["v"]["rows"] == [expected]
    await cells.kernel.set_variable("t", encode([{"a": 1, "b": "x"}, {"a": None, "b": "y"}]))
    assert await cells.rows("select a, b from t") == [[1, "x"], [None, "y"]]
    await cells.ok("--name wide\nselect range i from range(3000)")
    assert await cells.value("select sum(i) from wide") == 2999 * 1500
    assert python_rows(await cells.kernel.get_variable("wide"))[-1] == [2999]


async def test_half_a_surrogate_pair_can_not_be_bound(cells: Cells) -> None:
    await cells.kernel.set_variable("half", encode("\ud800"))
    error = await cells.error("select 1,\n  @half")
    assert (error.ename, error.line, error.column) == ("VariableError", 2, 3)
    assert "half a surrogate pair" in error.evalue

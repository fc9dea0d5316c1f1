from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from verso_sql import runner

from tests.kernels.sql.conftest import Cells
from verso.api.mime import HTML, PLAIN
from verso.api.values import encode


async def test_rows_counts_and_types(sqlite: Cells) -> None:
    sink = await sqlite.ok(
        "create table t (a integer primary key, b text, c real, d blob);"
        "insert into t values (1, 'x', 1.5, x'00ff'), (2, null, null, null); select * from t; delete from t"
    )
    assert sink.text() == "2 rows affected\n2 rows affected\n"
    (bundle,) = sink.bundles
    assert bundle[PLAIN].split("\n")[2:4] == ["1  x      1.5  \\x00ff", "2  NULL  NULL  NULL"]
    for kind in ("INTEGER", "TEXT", "REAL", "BLOB"):
        assert f">{kind}</small>" in bundle[HTML]


async def test_percent_signs_colons_and_question_marks_are_text(sqlite: Cells) -> None:
    assert await sqlite.rows("select 'a' like '%', ':x', '?', 5 % 3") == [[1, ":x", "?", 2]]
    await sqlite.kernel.set_variable("x", encode(1))
    assert await sqlite.rows("select @x, 'a' like '%', ':x', '?', 5 % 3, '@x'") == [[1, 1, ":x", "?", 2, "@x"]]


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        (2**63 - 1, "integer", 2**63 - 1),
        (True, "integer", 1),
        (1.5, "real", 1.5),
        (Decimal("1.10"), "real", 1.1),
        (Decimal("0.12345678901234567890"), "text", "0.12345678901234567890"),
        ("x' or 1=1 --", "text", "x' or 1=1 --"),
        (b"\x00\xff", "blob", b"\x00\xff"),
        (dt.date(2024, 2, 29), "text", "2024-02-29"),
        (dt.datetime(2024, 2, 29, 1, 2, 3), "text", "2024-02-29 01:02:03"),
        (None, "null", None),
        ([1, "a"], "text", '[1, "a"]'),
    ],
)
async def test_values_are_bound_by_type(sqlite: Cells, value: object, kind: str, found: object) -> None:
    await sqlite.kernel.set_variable("v", encode(value))
    assert await sqlite.rows("select typeof(@v), @v") == [[kind, found]]


async def test_a_list_is_taken_apart_after_in(sqlite: Cells) -> None:
    await sqlite.kernel.set_variable("ids", encode([1, 3]))
    await sqlite.kernel.set_variable("none", encode([]))
    rows = "with t(i) as (values (1), (2), (3)) select i from t where"
    assert await sqlite.rows(f"{rows} i in (@ids)") == [[1], [3]]
    assert await sqlite.rows(f"{rows} i in (@none)") == []
    assert await sqlite.rows(f"{rows} i in (select value from json_each(@ids))") == [[1], [3]]


async def test_what_sqlite_has_no_type_for_is_told(sqlite: Cells) -> None:
    await sqlite.kernel.set_variable("v", encode(2**64))
    error = await sqlite.error("select\n  @v")
    assert "64 bits" in error.evalue and (error.line, error.column) == (2, 3)
    await sqlite.kernel.set_variable("v", encode(dt.timedelta(1)))
    assert "duration" in (await sqlite.error("select @v")).evalue


async def test_triggers_and_transactions(sqlite: Cells) -> None:
    await sqlite.ok(
        "create table t (a); create table log (a);\n"
        "create trigger tr after insert on t begin insert into log values (case when new.a > 1 then ';' else 'x' end);"
        " insert into log values (2); end;\ninsert into t values (5)"
    )
    assert await sqlite.rows("select a from log") == [[";"], [2]]
    await sqlite.ok("begin; delete from log")
    await sqlite.ok("rollback")
    assert await sqlite.value("select count(*) from log") == 2


@pytest.mark.parametrize(
    ("code", "words", "line", "column"),
    [
        ("select 1;\nselect * from nope", "no such table", 2, 15),
        ("select nope\nfrom sqlite_master", "no such column", 1, 8),
        ("select 1;\n  selct 2", "syntax error", 2, 3),
        ("select (1", "incomplete input", 1, 1),
    ],
)
async def test_errors_say_line_and_column(sqlite: Cells, code: str, words: str, line: int, column: int) -> None:
    error = await sqlite.error(code)
    assert words in error.evalue and (error.line, error.column) == (line, column)
    assert error.ename == "OperationalError" and "sqlalche.me" not in error.evalue


async def test_the_notebooks_tables_are_elsewhere(sqlite: Cells) -> None:
    await sqlite.kernel.set_variable("df", encode([{"a": 1}]))
    assert "--connection duckdb" in (await sqlite.error("select * from df")).evalue
    assert await sqlite.value("--connection duckdb\nselect a from df") == 1
    await sqlite.ok("create table here (a)")
    error = await sqlite.error("--connection duckdb\nselect * from here")
    assert "--connection lite" in error.evalue


async def test_a_result_goes_to_duckdb_and_back(sqlite: Cells) -> None:
    await sqlite.ok("create table t (a, b); insert into t values (1, 'x'), (2, 'y')")
    await sqlite.ok("--name r\nselect * from t")
    assert await sqlite.rows("--connection duckdb\nselect b, a + 1 from r") == [["x", 2], ["y", 3]]
    await sqlite.ok("--name mixed\nselect 1 as v union all select 'x' union all select 2.5")
    assert "rows" in (await sqlite.kernel.get_variable("mixed", arrow=True))["v"], "Arrow has no such column"
    assert await sqlite.rows("--connection duckdb\nselect v from mixed") == [["1"], ["x"], ["2.5"]]


async def test_an_interrupt_keeps_the_connection(sqlite: Cells) -> None:
    await sqlite.ok("create temp table kept as select 7 as i")
    endless = "with recursive t(i) as (select 1 union all select i + 1 from t) select count(*) from t"
    running = asyncio.ensure_future(sqlite.run(endless))
    await asyncio.sleep(0.3)
    await sqlite.kernel.interrupt()
    async with asyncio.timeout(20):
        reply, sink = await running
    assert reply.status == "cancelled" and not sink.errors
    assert await sqlite.value("select i from kept") == 7


async def test_a_database_in_memory(cells: Cells) -> None:
    await cells.connect("memory", "sqlite://")
    await cells.ok("create table t (a)")
    assert await cells.value("select count(*) from t") == 0


async def test_a_driver_that_does_not_stop_is_left_alone(sqlite: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_GIVE_UP_AFTER", 0.2)
    connection = sqlite.kernel.connections.find("lite")
    monkeypatch.setattr(connection, "cancel", lambda: False)
    endless = "with recursive t(i) as (select 1 union all select i + 1 from t) select count(*) from t"
    try:
        running = asyncio.ensure_future(sqlite.run(endless))
        await asyncio.sleep(0.2)
        await sqlite.kernel.interrupt()
        async with asyncio.timeout(20):
            reply, sink = await running
    finally:
        type(connection).cancel(connection)
    assert reply.status == "error" and sink.errors[0].ename == "KernelUnresponsiveError"
    assert sqlite.kernel.connections.names() == ("duckdb",)
    assert await sqlite.value("select 1") == 1

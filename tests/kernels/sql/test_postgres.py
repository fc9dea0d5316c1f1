from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from decimal import Decimal

import pytest

from tests.kernels.sql.conftest import Cells
from verso.api.errors import KernelStartError
from verso.api.messages import CompleteRequest, DiagnoseRequest, InspectRequest
from verso.api.mime import PLAIN
from verso.api.values import encode


async def test_rows_counts_and_notices(postgres: Cells) -> None:
    sink = await postgres.ok(
        "create table t (a int, b numeric(10, 2));\ninsert into t values (1, 2.50), (2, null);\nselect * from t;\n"
        "do $$ begin raise notice 'careful; @x'; end $$; update t set a = 5 where a = 1 returning a"
    )
    assert sink.text("stdout") == "2 rows affected\n"
    assert sink.text("stderr") == "NOTICE: careful; @x\n"
    assert sink.bundles[0][PLAIN] == "a     b\n-  ----\n1  2.50\n2  NULL\n2 rows"
    assert ">numeric(10,2)</small>" in sink.bundles[0]["text/html"]


VALUES = [
    True,
    2**31,
    2**70,
    1.5,
    float("inf"),
    Decimal("1.10"),
    "'; drop table t; -- žluť 日本 😀 %s",
    b"\x00\xff",
    dt.date(2024, 2, 29),
    dt.time(1, 2, 3, 4),
    dt.datetime(2024, 2, 29, 1, 2, 3, 4),
    dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC),
    dt.timedelta(days=3, seconds=1),
    uuid.UUID(int=5),
    [1, 2, 3],
    ["a", "b"],
    {"a": [1, {"b": None}], "z": "ž"},
    None,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_values_go_there_and_back(postgres: Cells, value: object) -> None:
    await postgres.kernel.set_variable("v", encode(value))
    cast = "::text[]" if value == ["a", "b"] else ""  # text goes without a type, as the server's own literals do
    found = await postgres.value(f"select @v{cast} as v")
    assert found == value or (isinstance(found, Decimal) and found == value)
    assert type(found) is type(value) or isinstance(value, int)


async def test_parameters_stand_beside_percent_signs_and_casts(postgres: Cells) -> None:
    await postgres.kernel.set_variable("x", encode(7))
    await postgres.kernel.set_variable("ids", encode([1, 3]))
    assert await postgres.rows("select @x::int, 'a%' like '%', 5 % 3, '@x', @ -5, @x % 4") == [[7, True, 2, "@x", 5, 3]]
    series = "select i from generate_series(1, 4) i where"
    assert await postgres.rows(f"{series} i in (@ids)") == [[1], [3]]
    assert await postgres.rows(f"{series} i = any(@ids)") == [[1], [3]]


@pytest.mark.parametrize(
    ("code", "name", "line", "column"),
    [
        ("select 1;\nselect nope\nfrom pg_class", "UndefinedColumn", 2, 8),
        ("select *\nfrom nope", "UndefinedTable", 2, 6),
        ("select @x, 'ž😀', @x,\n  nope", "UndefinedColumn", 2, 3),
        ("select @x, '%', @y, 5 % @x, nope", "UndefinedColumn", 1, 29),
        ("select 1;\n  selct 2", "SyntaxError", 2, 3),
        ("select 1;\nselect 1 / 0", "DivisionByZero", 2, 1),
        ("select 'abc", "UnterminatedString", 1, 8),
    ],
)
async def test_errors_say_line_and_column(postgres: Cells, code: str, name: str, line: int, column: int) -> None:
    await postgres.kernel.set_variable("x", encode(1))
    await postgres.kernel.set_variable("y", encode("y"))
    error = await postgres.error(code)
    assert (error.ename if name != "UnterminatedString" else name, error.line, error.column) == (name, line, column)
    assert await postgres.value("select 1") == 1


async def test_an_error_has_its_code_and_hint(postgres: Cells) -> None:
    error = await postgres.error("select abss(1)")
    assert error.detail["code"] == "42883" and "No function matches" in error.evalue


async def test_transactions_are_the_users(postgres: Cells) -> None:
    await postgres.ok("create table t (a int); begin; insert into t values (1)")
    await postgres.ok("rollback")
    assert await postgres.value("select count(*) from t") == 0
    assert (await postgres.error("begin; select nope")).ename == "UndefinedColumn"
    assert "aborted" in (await postgres.error("select 1")).evalue
    await postgres.ok("rollback; select 1")


async def test_routines(postgres: Cells) -> None:
    await postgres.ok(
        "create function twice(x int) returns int language plpgsql as $body$ begin return x * 2; end; $body$;\n"
        "create function one() returns int begin atomic; select 1; end;"
    )
    assert await postgres.rows("select twice(4), one()") == [[8, 1]]


async def test_an_interrupt_keeps_the_connection(postgres: Cells) -> None:
    await postgres.ok("create temp table kept as select 7 as i")
    running = asyncio.ensure_future(postgres.run("select pg_sleep(60)"))
    await asyncio.sleep(0.3)
    await postgres.kernel.interrupt()
    async with asyncio.timeout(20):
        reply, sink = await running
    assert reply.status == "cancelled" and not sink.errors
    assert await postgres.value("select i from kept") == 7


async def test_a_connection_that_the_server_ended_is_opened_again(postgres: Cells) -> None:
    error = await postgres.error("select pg_terminate_backend(pg_backend_pid())")
    assert "terminat" in error.evalue or "closed" in error.evalue
    assert await postgres.value("select 1") == 1


async def test_results_travel_to_duckdb(postgres: Cells) -> None:
    await postgres.ok("--name r\nselect i, i::numeric / 4 as q, md5(i::text)::uuid as u from generate_series(1, 100) i")
    value = await postgres.kernel.get_variable("r", arrow=True)
    assert "arrow" in value["v"] and value["v"]["count"] == 100
    assert await postgres.rows("--connection duckdb\nselect sum(i)::int, sum(q)::double from r") == [[5050, 1262.5]]


async def test_what_the_editor_asks(postgres: Cells) -> None:
    await postgres.ok("create table orders (id int primary key, placed timestamptz not null); create schema other")
    await postgres.ok(
        "create table other.things (size int); insert into orders select i, now() from generate_series(1, 9) i"
    )
    await postgres.ok("analyze orders")
    kernel = postgres.kernel

    async def proposed(code: str) -> list[str]:
        reply = await kernel.complete(CompleteRequest(code=code, position=len(code)))
        return [proposal.text for proposal in reply.completions]

    assert (await proposed("select * from ord"))[0] == "orders"
    assert "placed" in await proposed("select * from orders o where o.")
    assert await proposed("select * from other.") == ["things"]
    code = "select * from orders"
    reply = await kernel.inspect(InspectRequest(code=code, position=len(code)))
    text = str(reply.data[PLAIN])
    assert "about 9 rows" in text and "not null" in text and "primary key" in text
    found = (await kernel.diagnose(DiagnoseRequest(code="select 1;\nselect * from ordrs, orders"))).diagnostics
    assert [(d.severity, d.line, d.column, d.end_column) for d in found] == [("warning", 2, 15, 20)]


async def test_a_wrong_password_or_server_is_told_without_it(cells: Cells) -> None:
    with pytest.raises(KernelStartError) as caught:
        await cells.connect("pg", "postgresql://me:s3cret@127.0.0.1:1/x?connect_timeout=2")
    assert "s3cret" not in str(caught.value) and "me:***@127.0.0.1" in str(caught.value)
    assert await cells.value("--connection duckdb\nselect 1") == 1

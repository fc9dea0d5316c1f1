"""Completion, inspection and diagnostics on DuckDB."""

from __future__ import annotations

import pytest

from tests.kernels.sql.conftest import Cells
from verso.api.messages import CompleteReply, CompleteRequest, DiagnoseRequest, Diagnostic, InspectRequest
from verso.api.mime import PLAIN
from verso.api.values import encode


async def complete(cells: Cells, code: str) -> CompleteReply:
    """Completion where `|` stands in the code, or at its end."""
    position = code.find("|") if "|" in code else len(code)
    return await cells.kernel.complete(CompleteRequest(code=code.replace("|", ""), position=position))


async def proposed(cells: Cells, code: str) -> list[str]:
    return [proposal.text for proposal in (await complete(cells, code)).completions]


async def diagnosed(cells: Cells, code: str) -> list[Diagnostic]:
    return list((await cells.kernel.diagnose(DiagnoseRequest(code=code))).diagnostics)


@pytest.fixture
async def filled(cells: Cells) -> Cells:
    await cells.ok(
        'create table orders (id int primary key, "when placed" date);'
        "create schema s; create view s.v as select 1 as one"
    )
    await cells.kernel.set_variable("df", encode([{"city": "Oslo", "size": 1}]))
    await cells.kernel.set_variable("limit_", encode(3))
    return cells


async def test_completion(filled: Cells) -> None:
    assert (await proposed(filled, "select * from "))[:2] == ["df", "orders"]
    assert (await proposed(filled, "select * from ord"))[0] == "orders"
    assert await proposed(filled, "select * from s.") == ["v"]
    assert (await proposed(filled, "select | from orders"))[:2] == ["id", '"when placed"']
    assert await proposed(filled, "select o.| from orders as o join df on true") == ["id", '"when placed"']
    assert await proposed(filled, "select d.c| from orders o, df d") == ["city"]
    assert "city" in await proposed(filled, "select ci| from df")
    assert "SELECT" in await proposed(filled, "sel")
    assert "list_sum" in await proposed(filled, "select list_su")
    assert await proposed(filled, "select @li") == ["@limit_"]
    assert await proposed(filled, "--conn") == ["--connection"]
    assert await proposed(filled, "--connection d") == ["duckdb"]
    reply = await complete(filled, "select '😀', ord")
    assert (reply.start, reply.end) == (12, 15)
    long = await complete(filled, "")
    assert long.more and len(long.completions) == 200


async def test_the_schema_is_asked_again_after_ddl(filled: Cells) -> None:
    assert await proposed(filled, "select * from brand") == []
    await filled.ok("create table brand_new (i int)")
    assert await proposed(filled, "select * from brand") == ["brand_new"]
    await filled.ok("alter table brand_new add column j int")
    assert await proposed(filled, "select b.| from brand_new b") == ["i", "j"]


async def test_inspection(filled: Cells) -> None:
    async def told(code: str) -> str:
        reply = await filled.kernel.inspect(InspectRequest(code=code.replace("|", ""), position=code.index("|")))
        return str(reply.data[PLAIN]) if reply.found else ""

    assert await told("select * from ord|ers") == (
        "table main.orders, about 0 rows\n  id           INTEGER not null primary key\n  when placed  DATE"
    )
    assert await told("select * from s.v|") == "view s.v\n  one  INTEGER"
    assert await told("select o.i|d from orders o") == "main.orders.id  INTEGER not null primary key"
    assert await told("select id from orders where i|d = 1") == "main.orders.id  INTEGER not null primary key"
    assert await told("select * from d|f") == "list df, 1 rows\n  city  \n  size  "
    assert await told("select @lim|it_") == "int limit_ = 3"
    assert await told("select * from nope|") == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("select * from orders; select 1", []),
        ("select 1;\nselect * from orders wher where", [("error", 2, 27, 32)]),
        ("select (1", [("error", 1, 9, 10)]),
        ("select 1;\n select 'abc", [("error", 2, 9, 10)]),
        ("--nope\nselect 1", []),
        ("--page-size x\nselect 1", [("error", 1, 1, 1)]),
        ("--connection nope\nselect 1", [("error", 1, 14, 18)]),
        ("-- connection duckdb\nselect 1", [("hint", 1, 1, 21)]),
        ("select * from ordrs", [("information", 1, 15, 20)]),
        ("select * from s.nope", [("warning", 1, 17, 21)]),
        ("with q as (select 1) select * from q, df, 'x.csv', range(3), s.v", []),
        ("create table n (i int); insert into n values (1); select * from n", []),
        ("", []),
    ],
)
async def test_diagnostics(filled: Cells, code: str, expected: list[tuple[object, ...]]) -> None:
    found = await diagnosed(filled, code)
    assert [(d.severity, d.line, d.column, d.end_column) for d in found] == expected, found
    assert all(d.message and d.source == "sql" for d in found)


async def test_code_that_lacks_its_end_is_incomplete(cells: Cells) -> None:
    for code in ("select 'abc", "select * from t where", "select ("):
        assert (await cells.kernel.diagnose(DiagnoseRequest(code=code))).incomplete, code
    assert not (await cells.kernel.diagnose(DiagnoseRequest(code="select 1"))).incomplete


@pytest.mark.parametrize(
    "code",
    [
        "select 'ord|",
        "select 1 -- ord|\nfrom orders",
        "/* ord|",
        "select 'it''s ord|'",
        "select $$ ord|",
        "select $t$ ord|",
    ],
)
async def test_nothing_is_proposed_within_text(filled: Cells, code: str) -> None:
    assert await proposed(filled, code) == []


@pytest.mark.parametrize(
    "code",
    ["select 'a', ord|", "-- don't\nselect ord|", "/* ' */ select ord|", "select $$'$$, ord|", 'select "it\'s", ord|'],
)
async def test_what_comes_after_text_is_proposed_again(filled: Cells, code: str) -> None:
    assert "orders" in await proposed(filled, code)


async def test_the_names_that_a_cell_gives_itself_are_proposed(filled: Cells) -> None:
    assert "recent" in await proposed(filled, "with recent as (select 1 as zeal) select * from rec|")
    assert await proposed(filled, "with recent as (select 1 as zeal) select ze| from recent") == ["zeal"]

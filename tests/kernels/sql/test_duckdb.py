from __future__ import annotations

import asyncio
import datetime as dt
import time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from verso_sql.kernel import SqlKernel

from tests.kernels.sql.conftest import Cells, python_rows
from verso.api.errors import VariableError
from verso.api.mime import HTML, PLAIN, TABLE
from verso.api.outputs import DisplayData, ExecuteResult
from verso.api.values import encode
from verso.testing.context import TestKernelContext


def shared_table(folder: Path, table: pa.Table) -> dict[str, object]:
    path = folder / "shared.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    return {"t": "table", "v": {"columns": columns, "count": table.num_rows, "arrow": str(path)}}


async def test_a_result_is_a_bundle_and_a_variable(cells: Cells) -> None:
    reply, sink = await cells.run("select 42 as answer, null as nothing")
    assert reply.status == "ok" and reply.execution_count == 1
    (result,) = sink.outputs
    assert isinstance(result, ExecuteResult)
    assert result.data[PLAIN] == "answer  nothing\n------  -------\n    42  NULL\n1 row"
    assert "INTEGER" in result.data[HTML] and "<i>NULL</i></td>" in result.data[HTML]
    assert result.data[TABLE]["data"] == [{"answer": 42, "nothing": None}]
    (info,) = reply.changes.added
    assert (info.name, info.type, info.count, info.shape) == ("lastSqlResult", "table", 1, "1 x 2")
    again, _ = await cells.run("select 1")
    assert [info.name for info in again.changes.changed] == ["lastSqlResult"]


async def test_several_results_and_row_counts(cells: Cells) -> None:
    sink = await cells.ok(
        "create table t (i int); insert into t values (1), (2);\nselect * from t; update t set i = 3 where i = 1;"
        "insert into t values (9) returning i; delete from t; create table u as select 1 as x; select 7 as last"
    )
    assert sink.text() == "2 rows affected\n1 row affected\n3 rows affected\n1 row affected\n"
    kinds = [type(output) for output in sink.outputs if not hasattr(output, "text")]
    assert kinds == [DisplayData, DisplayData, ExecuteResult]
    assert [bundle[PLAIN].split("\n")[2].strip() for bundle in sink.bundles] == ["1", "9", "7"]


async def test_a_large_result_shows_a_page_and_is_kept_whole(cells: Cells, context: TestKernelContext) -> None:
    sink = await cells.ok("--name big --page-size 3\nselect range i, repeat('x', 100) s from range(500000)")
    (bundle,) = sink.bundles
    assert bundle[PLAIN].endswith("… 499,997 more rows (500,000 in all)")
    assert len(bundle[TABLE]["data"]) == 3
    files = list(context.exchange.iterdir())
    assert len(files) == 1, "a large result is written while it is read"
    first = await cells.kernel.get_variable("big", arrow=True)
    assert first == await cells.kernel.get_variable("big", arrow=True)
    assert list(context.exchange.iterdir()) == files == [Path(first["v"]["arrow"])]
    assert await cells.value("select sum(i) from big") == 499999 * 250000
    assert first["v"]["count"] == 500_000


async def test_files_that_nobody_was_given_go_with_their_result(cells: Cells, context: TestKernelContext) -> None:
    await cells.ok("--name big\nselect range i, repeat('x', 100) s from range(200000)")
    await cells.ok("--name big\nselect 1")
    assert list(context.exchange.iterdir()) == []


async def test_a_result_without_a_name_is_not_read_for_ever(context: TestKernelContext) -> None:
    limited = context.replace(settings={"maxRows": 1000, "pageSize": 2})
    async with SqlKernel(limited) as kernel:
        cells = Cells(kernel)
        await cells.ok("select 1")
        reply, sink = await cells.run("select range from range(100000000000)")
        assert reply.status == "ok" and "more than 1,000 rows" in sink.shown and "--name" in sink.shown
        assert reply.changes.removed == ("lastSqlResult",), "never a part of a result"
        with pytest.raises(VariableError):
            await kernel.get_variable("lastSqlResult")
        await cells.ok("--name all\nselect range from range(5000)")
        assert (await kernel.get_variable("all"))["v"]["count"] == 5000


async def test_shared_tables_are_read_by_name(cells: Cells, context: TestKernelContext) -> None:
    table = pa.table({"city": ["Oslo", "Žilina"], "size": [1, None]})
    await cells.kernel.set_variable("df", shared_table(context.exchange, table))
    assert await cells.rows("select * from df order by size") == [["Oslo", 1], ["Žilina", None]]
    assert await cells.rows("select count(*) from df a join df b using (city)") == [[2]]
    await cells.kernel.set_variable("df", shared_table(context.exchange, table.slice(0, 1)))
    assert await cells.value("select count(*) from df") == 1


async def test_inline_tables_and_lists_of_maps_are_tables(cells: Cells) -> None:
    rows = [[encode("a"), encode(Decimal("1.50"))], [encode(None), encode(Decimal("2.25"))]]
    columns = [{"name": "name", "type": "text"}, {"name": "price", "type": "decimal"}]
    await cells.kernel.set_variable("t", {"t": "table", "v": {"columns": columns, "count": 2, "rows": rows}})
    assert await cells.rows("select * from t") == [["a", Decimal("1.50")], [None, Decimal("2.25")]]
    await cells.kernel.set_variable("people", encode([{"n": 1, "day": dt.date(2024, 2, 29)}, {"n": 2, "x": "late"}]))
    assert await cells.rows("select n, day, x from people") == [[1, dt.date(2024, 2, 29), None], [2, None, "late"]]
    await cells.kernel.set_variable("mixed", encode([{"a": 1}, {"a": "x"}]))
    assert await cells.rows("select a from mixed") == [["1"], ["x"]]


async def test_the_databases_own_table_comes_before_a_shared_one(cells: Cells) -> None:
    await cells.kernel.set_variable("df", encode([{"a": 1}]))
    await cells.ok("create table df as select a + 1 as a from df")
    assert await cells.value("select a from df") == 2
    await cells.ok("drop table df")
    assert await cells.value("select a from df") == 1
    assert await cells.rows("show tables") == []


async def test_our_own_python_variables_are_no_tables(cells: Cells) -> None:
    for name in ("scope", "self", "bound", "relation", "call"):
        assert (await cells.error(f"select * from {name}")).ename == "CatalogException"


async def test_an_earlier_result_is_a_table(cells: Cells) -> None:
    await cells.ok("--name numbers --no-display\nselect range i from range(10)")
    assert await cells.value("select sum(i) from numbers") == 45
    assert await cells.rows("select i from lastSqlResult t(i)") == [[45]]


async def test_no_display(cells: Cells) -> None:
    sink = await cells.ok("--no-display --name x\ncreate table t(i int); insert into t values (1); select * from t")
    assert sink.outputs == []
    assert python_rows(await cells.kernel.get_variable("x")) == [[1]]


async def test_parameters_are_bound_by_type_and_never_text(cells: Cells) -> None:
    await cells.kernel.set_variable("name", encode("'; drop table t; --"))
    await cells.kernel.set_variable("day", encode(dt.date(2024, 2, 29)))
    await cells.kernel.set_variable("ids", encode([1, 2, 3]))
    await cells.kernel.set_variable("none", encode([]))
    assert await cells.value("select @name") == "'; drop table t; --"
    assert await cells.rows("select typeof(@day), @day + 1, '@day' -- @day") == [["DATE", dt.date(2024, 3, 1), "@day"]]
    assert await cells.value("select count(*) from range(10) t(i) where i in (@ids) or i in (@none)") == 3
    assert await cells.value("select list_sum(@ids)") == 6
    await cells.ok("--name one\nselect 5 as x")
    assert await cells.value("select @one + 1") == 6, "a result of one value is that value"


async def test_integers_are_bound_wide_enough_for_what_is_computed_with_them(cells: Cells) -> None:
    for name, value in {"x": 2, "big": 2**63, "list_": [1, 2], "map_": {"a": 3}, "yes": True}.items():
        await cells.kernel.set_variable(name, encode(value))
    assert await cells.value("select @x * 2147483647") == 4294967294
    assert await cells.value("select @big * 2") == 2**64
    assert await cells.value("select @list_[2] * 2147483647") == 4294967294
    assert await cells.value("select @map_.a * 2147483647") == 6442450941
    assert await cells.rows("select typeof(@x), typeof(@big), typeof(@list_), typeof(@yes)") == [
        ["BIGINT", "HUGEINT", "BIGINT[]", "BOOLEAN"]
    ]


async def test_integers_are_bound_narrow_where_a_function_asks_for_it(cells: Cells) -> None:
    await cells.kernel.set_variable("n", encode(2))
    assert await cells.value("select date '2024-02-28' + @n") == dt.date(2024, 3, 1)
    assert await cells.rows("select round(1.2345, @n) = 1.23, lpad('a', @n, 'b')") == [[True, "ba"]]
    await cells.ok("create table t(i int); insert into t select length(chr(@n))")
    assert await cells.value("select count(*) from t") == 1
    assert "nowhere" in (await cells.error("select nowhere(@n)")).evalue
    await cells.ok("begin; select chr(@n)")
    refused = await cells.error("insert into t select length(chr(@n))")
    assert "chr(BIGINT)" in refused.evalue, "there is no second try: DuckDB aborted the transaction"
    await cells.ok("rollback; begin; insert into t select length(chr(@n::int)); commit")
    assert await cells.value("select count(*) from t") == 2


async def test_a_comparison_without_a_space_is_a_parameter(cells: Cells) -> None:
    await cells.kernel.set_variable("limit_", encode(4))
    assert await cells.value("select count(*) from range(10) t(i) where i<@limit_") == 4
    assert await cells.value("select [1] <@[1, 2]") is True


@pytest.mark.parametrize(
    ("code", "name", "words", "line", "column"),
    [
        ("select 1;\n\nselect nope\nfrom range(3)", "BinderException", "nope", 3, 8),
        ("select *\nfrom nope", "CatalogException", "nope", 2, 6),
        ("select 1;\nselct 2", "ParserException", "selct", 2, 1),
        ("\ninsert into nope values (1)", "CatalogException", "nope", 2, 13),
        ("--page-size 3\nselect 'žluť', '日本', nope", "BinderException", "nope", 2, 22),
        ("select\t1,\n\tnope", "BinderException", "nope", 2, 2),
        (f"select '{'x' * 200}', nope, '{'y' * 200}'", "BinderException", "nope", 1, 212),
        ("select 1;\nselect 'x'::int", "ConversionException", "'x'", 2, 11),
        ("select 1;\nselect i::tinyint from range(9000) t(i)", "ConversionException", "INT8", 2, 9),
        ("select 1;\n select 'abc", "SyntaxError", "is not closed", 2, 9),
        ("select\n @nope", "VariableError", "no variable 'nope'", 2, 2),
        ("--connection nope\nselect 1", "UnknownNameError", "#!sql-connect", 1, 1),
        ("--nam x --name\nselect nope", "BinderException", "nope", 2, 8),
        ("--name x --nam y\nselect 1", "MagicError", "--nam", 1, 10),
    ],
)
async def test_errors_say_line_and_column(
    cells: Cells, code: str, name: str, words: str, line: int, column: int
) -> None:
    error = await cells.error(code)
    assert (error.ename, error.line, error.column) == (name, line, column), error
    assert words in error.evalue and "LINE" not in error.evalue
    assert error.traceback[-1].endswith("^")
    assert await cells.value("select 1") == 1


async def test_what_ran_before_an_error_is_kept(cells: Cells) -> None:
    reply, sink = await cells.run("create table t (i int); select 1 as one; select * from nope; drop table t")
    assert reply.status == "error" and len(sink.bundles) == 1
    assert [info.name for info in reply.changes.added] == ["lastSqlResult"]
    assert await cells.value("select count(*) from t") == 0


async def test_a_variable_that_is_no_table_is_told(cells: Cells) -> None:
    await cells.kernel.set_variable("n", encode(5))
    assert "bind it with @n" in (await cells.error("select * from n")).evalue
    await cells.kernel.set_variable("t", encode([{"a": 1}]))
    columns = [{"name": "a", "type": "int"}]
    await cells.kernel.set_variable("t", {"t": "table", "v": {"columns": columns, "count": 0, "rows": []}})
    assert "without the @" in (await cells.error("select @t")).evalue
    assert await cells.rows("select * from t") == []


@pytest.mark.parametrize(
    "code",
    [
        "select count(*) from range(100000000000) t(i) where i % 7 = 3",
        "--name x\nselect * from range(100000000000)",
        "create table big as select * from range(100000000000)",
    ],
)
async def test_an_interrupt_stops_the_query_and_keeps_the_connection(
    cells: Cells, context: TestKernelContext, code: str
) -> None:
    await cells.ok("create table kept as select 1 as i")
    running = asyncio.ensure_future(cells.run(code))
    await asyncio.sleep(0.3)
    await cells.kernel.interrupt()
    async with asyncio.timeout(20):
        reply, sink = await running
    assert reply.status == "cancelled" and sink.errors == []
    assert await cells.value("select i from kept") == 1
    assert list(context.exchange.iterdir()) == []


async def test_a_cancelled_task_stops_the_query(cells: Cells) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await cells.run("select count(*) from range(100000000000) t(i) where i % 7 = 3")
    async with asyncio.timeout(20):
        assert await cells.value("select 1") == 1


async def test_the_time_limit_of_a_cell(cells: Cells) -> None:
    error = await cells.error("--timeout 0.3\nselect count(*) from range(100000000000) t(i) where i % 7 = 3")
    assert error.ename == "TimeoutError" and "0.3 seconds" in error.evalue
    assert await cells.value("select 1") == 1


async def test_an_interrupt_of_nothing_does_nothing(cells: Cells) -> None:
    await cells.kernel.interrupt()
    assert await cells.value("select 1") == 1


async def test_repeated_and_empty_column_names(cells: Cells) -> None:
    sink = await cells.ok('--name j\nselect 1 as a, 2 as a, 3 as "a_2"')
    assert sink.bundles[0][PLAIN].split("\n")[0] == "a  a  a_2"
    value = await cells.kernel.get_variable("j")
    assert [column["name"] for column in value["v"]["columns"]] == ["a", "a_2", "a_2_2"]
    assert sink.bundles[0][TABLE]["data"] == [{"a": 1, "a_2": 2, "a_2_2": 3}]
    assert await cells.rows("select a_2 from j") == [[2]]


async def test_transactions_span_cells(cells: Cells) -> None:
    await cells.ok("create table t (i int); begin; insert into t values (1)")
    await cells.ok("rollback")
    assert await cells.value("select count(*) from t") == 0


async def test_a_file_of_the_notebooks_folder(cells: Cells, context: TestKernelContext) -> None:
    await cells.connect("base", "duckdb:///base.duckdb")
    await cells.kernel.set_variable("df", encode([{"a": 7}]))
    await cells.ok("create table t as select * from df")
    await cells.kernel.in_worker(cells.kernel.connections.close, "base")
    assert (context.directory / "base.duckdb").exists()
    await cells.connect("base", "base.duckdb", provider="duckdb")
    assert await cells.value("select a from t") == 7


async def test_restart_forgets(cells: Cells) -> None:
    await cells.connect("other", "duckdb:///:memory:")
    await cells.ok("--name r\nselect 1")
    await cells.kernel.restart()
    assert await cells.kernel.list_variables() == ()
    assert cells.kernel.connections.names() == ("duckdb",)
    assert await cells.value("select 2") == 2


async def test_two_kernels_share_nothing(cells: Cells, context: TestKernelContext) -> None:
    await cells.ok("create table t (i int)")
    async with SqlKernel(context) as other:
        assert (await Cells(other).error("select * from t")).ename == "CatalogException"


async def test_many_statements(cells: Cells) -> None:
    await cells.ok("create table t (i int);" + "insert into t values (1);" * 300)
    assert await cells.value("select count(*) from t") == 300


async def test_variables_are_listed(cells: Cells) -> None:
    await cells.ok("--name r\nselect 1 as a, 'x' as b")
    await cells.kernel.set_variable("n", encode(42))
    listed = {info.name: info for info in await cells.kernel.list_variables()}
    assert (listed["r"].type, listed["r"].shape, listed["r"].preview) == ("table", "1 x 2", "1 row of a, b")
    assert (listed["n"].type, listed["n"].preview) == ("int", "42")
    with pytest.raises(VariableError, match="no variable 'nope'"):
        await cells.kernel.get_variable("nope")


async def test_an_interrupt_before_the_first_statement_is_not_lost(cells: Cells) -> None:
    await cells.ok("create table t (a int)")
    busy = asyncio.ensure_future(cells.kernel.in_worker(time.sleep, 0.3))
    await asyncio.sleep(0.05)
    running = asyncio.ensure_future(cells.run("insert into t values (1); select 'it''s'"))
    await asyncio.sleep(0.05)  # the cell waits for the thread to take it apart
    await cells.kernel.interrupt()
    reply, sink = await running
    await busy
    assert reply.status == "cancelled" and not sink.errors
    assert await cells.value("select count(*) from t") == 0

"""DuckDB: the default connection, which reads the notebook's tables by name.

A shared table is no table of the database: it is handed to DuckDB's replacement scan, which looks for a Python
variable when the catalog has no table of that name. So a real table always comes first, and nothing is copied.
Imports duckdb, so it is loaded by its name when a connection is opened.
"""

from __future__ import annotations

import contextlib
import decimal
import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import duckdb

from verso.api.errors import KernelStartError, VariableError
from verso.api.values import TypedValue, decode
from verso_sql.binding import BoundStatement, Placeholders
from verso_sql.connection import Connection, Done, Outcome, Reading, StatementError, StoppedError
from verso_sql.display import cell_text
from verso_sql.positions import caret_offset, named_offset, without_excerpt
from verso_sql.schema import Schema, SchemaColumn, SchemaTable, with_columns
from verso_sql.tables import Column, ResultTable, RowBody, unique_names

_CALL = compile("__verso_query__()", "<sql cell>", "eval")
_AS_TEXT = frozenset({"TIME WITH TIME ZONE", "BIT", "BIGNUM", "UHUGEINT"})
_READS = frozenset({"SELECT", "EXPLAIN", "RELATION"})
_MISSING = re.compile(r"Table with name (\S+) does not exist")
_NO_COUNT = frozenset({"CREATE", "ATTACH", "DETACH", "EXPORT"})
_TABLES = """
select t.schema_name, t.name, t.kind, t.estimated, c.column_name, c.data_type, c.is_nullable,
       coalesce(list_contains(k.names, c.column_name), false)
from (select database_oid, schema_name, table_name as name, table_oid as oid, 'table' as kind,
             estimated_size as estimated, temporary
      from duckdb_tables() where not internal and (database_name = current_database() or temporary)
      union all
      select database_oid, schema_name, view_name, view_oid, 'view', null, temporary
      from duckdb_views() where not internal and (database_name = current_database() or temporary)) t
left join duckdb_columns() c on c.database_oid = t.database_oid and c.table_oid = t.oid
left join (select database_oid, table_oid, flatten(list(constraint_column_names)) as names
           from duckdb_constraints() where constraint_type = 'PRIMARY KEY' group by all) k
       on k.database_oid = t.database_oid and k.table_oid = t.oid
order by t.schema_name, t.name, c.column_index
"""


def open_connection(name: str, target: str, shown: str) -> DuckDBConnection:
    """A connection to the DuckDB file `target`, or to a database in memory. `KernelStartError`."""
    try:
        return DuckDBConnection(name, duckdb.connect(target or ":memory:"), shown)
    except duckdb.Error as error:
        raise KernelStartError(
            f"DuckDB did not open {shown}: {error}", next_step="check the path, and that no other program has it open"
        ) from None


class DuckDBConnection(Connection):
    """A DuckDB connection. See `Connection`."""

    dialect = "duckdb"
    placeholders = Placeholders(style="dollar")
    reads_shared_tables = True

    def __init__(self, name: str, connection: Any, shown: str) -> None:
        self.name = name
        self.shown = shown
        self.product = f"DuckDB {duckdb.__version__}"
        self._connection = connection
        has_arrow = importlib.util.find_spec("pyarrow") is not None
        self._arrow = importlib.import_module("verso_sql.arrow_tables") if has_arrow else None

    def execute(
        self, bound: BoundStatement, tables: Callable[[frozenset[str]], Mapping[str, Any]], reading: Reading
    ) -> list[Outcome]:
        scope = {name: self._scannable(table) for name, table in tables(bound.statement.words).items()}
        try:
            return [self._outcome(bound, scope, reading)]
        except duckdb.InterruptException:
            raise StoppedError from None
        except duckdb.Error as error:
            raise self._refused(bound, scope, type(error).__name__, str(error)) from None
        except OSError as error:
            # What fails while batches are read comes through pyarrow.
            if "INTERRUPT Error" in str(error):
                raise StoppedError from None
            kind, _, _ = str(error).partition(" Error:")
            raise self._refused(bound, scope, f"{kind}Exception", str(error)) from None

    def _scannable(self, table: Any) -> Any:
        """A shared table as something that a replacement scan takes: rows of Python values become a relation."""
        if not isinstance(table, RowBody):
            return table
        names = [_quoted(name) for name in unique_names(table.columns)]
        rows = table.rows()
        if not rows:
            return self._connection.sql(f"select {', '.join(f'NULL AS {name}' for name in names)} limit 0")
        named = ", ".join(f"#{place} AS {name}" for place, name in enumerate(names, 1))
        try:
            values = self._connection.values(*(tuple(map(_parameter, row)) for row in rows))
            wide = (
                f"#{place}{_widened(str(values.types[place - 1]))} AS {name}" for place, name in enumerate(names, 1)
            )
            return values.project(", ".join(wide))
        except duckdb.Error:
            # A column of mixed values has no type of its own.
            texts = (tuple(None if v is None else cell_text(v) for v in row) for row in rows)
            return self._connection.values(*texts).project(named)

    def _query(self, text: str, values: Any, scope: Mapping[str, Any]) -> Any:
        """The statement's relation, its integers bound as wide as columns of integers usually are. Where only narrow
        ones fit (`date + @days`, `round(x, @digits)`) they are bound as DuckDB does it: what does not bind has not run.
        DuckDB aborts a transaction in which a change does not bind: there is no second try then.
        """
        wide = {name: _wide(value) for name, value in values.items()} if values else {}
        try:
            return self._evaluated(text, wide, scope)
        except duckdb.BinderException:
            if not any(isinstance(value, duckdb.Value) for value in wide.values()):
                raise
            with contextlib.suppress(duckdb.BinderException, duckdb.TransactionException):
                return self._evaluated(text, values, scope)
            raise

    def _evaluated(self, text: str, values: Any, scope: Mapping[str, Any]) -> Any:
        call = partial(self._connection.sql, text, params=values) if values else partial(self._connection.sql, text)
        # The caller's variables are what DuckDB sees: the shared tables, and none of ours.
        return eval(_CALL, {"__verso_query__": call}, dict(scope))

    def _outcome(self, bound: BoundStatement, scope: Mapping[str, Any], reading: Reading) -> Outcome:
        relation = self._query(bound.text, bound.values, scope)
        if relation is None:
            return Done()
        if bound.statement.verb != "SELECT":
            done = self._without_rows(bound, relation)
            if done is not None:
                return done
        columns = tuple(
            Column(name=name, type=str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)
        )
        if self._arrow is None:
            return self._read_rows(relation, columns, reading)
        if any(column.type in _AS_TEXT for column in columns):
            relation = _with_text(relation, columns)
        result: ResultTable = self._arrow.read_batches(
            relation.to_arrow_reader(),
            columns,
            page_size=reading.page_size,
            limit=reading.limit,
            exchange=reading.exchange,
            check=reading.check,
        )
        return result

    def _without_rows(self, bound: BoundStatement, relation: Any) -> Done | None:
        if relation.columns == ["Success"]:
            return Done() if not relation.fetchall() else None
        if relation.columns != ["Count"] or relation.type != "MATERIALIZED_RELATION":
            return None
        kinds = self._connection.extract_statements(bound.text)[-1].expected_result_type
        changed = any(kind.name == "CHANGED_ROWS" for kind in kinds)
        if not changed or re.search(r"\breturning\b", bound.text, re.IGNORECASE):
            return None
        rows = relation.fetchall()
        counted = rows and not (bound.statement.verb in _NO_COUNT and not rows[0][0])
        return Done(count=rows[0][0] if counted else None)

    def _read_rows(self, relation: Any, columns: tuple[Column, ...], reading: Reading) -> ResultTable:
        rows: list[Any] = []
        for row in relation.iter_rows():
            reading.check()
            if reading.limit is not None and len(rows) >= reading.limit:
                return ResultTable(
                    columns=columns, count=len(rows), page=tuple(rows[: reading.page_size]), limit=reading.limit
                )
            rows.append(
                tuple(
                    int(v) if c.type == "BIGNUM" and v is not None else _listed(v)
                    for v, c in zip(row, columns, strict=True)
                )
            )
        return ResultTable(
            columns=columns, count=len(rows), page=tuple(rows[: reading.page_size]), body=RowBody(columns, rows)
        )

    def _refused(self, bound: BoundStatement, scope: Mapping[str, Any], kind: str, message: str) -> StatementError:
        offset = caret_offset(message, bound.text)
        if offset is None and kind in ("BinderException", "CatalogException") and bound.statement.verb in _READS:
            offset = self._explained_offset(bound, scope)
        if offset is None:
            offset = named_offset(message, bound.text)
        missing = _MISSING.search(message)
        _, _, told = without_excerpt(message).partition(" Error: ")
        return StatementError(
            kind,
            told or without_excerpt(message),
            offset=None if offset is None else bound.original_offset(offset),
            missing=missing[1].strip('"') if missing else "",
        )

    def _explained_offset(self, bound: BoundStatement, scope: Mapping[str, Any]) -> int | None:
        """A relation's errors name no place; the same statement explained (and so not run) does."""
        prefix = "EXPLAIN "
        call = partial(self._connection.execute, prefix + bound.text, bound.values or None)
        try:
            eval(_CALL, {"__verso_query__": call}, dict(scope))
        except duckdb.Error as error:
            offset = caret_offset(str(error), prefix + bound.text)
            return None if offset is None else max(0, offset - len(prefix))
        self._connection.abort()
        return None

    def cancel(self) -> bool:
        self._connection.interrupt()
        return True

    def parameter(self, value: TypedValue) -> Any:
        return _parameter(decode(value, _no_table), top=True)

    def schema(self) -> Schema:
        found: dict[tuple[str, str], tuple[SchemaTable, list[SchemaColumn]]] = {}
        for schema, name, kind, estimate, column, kind_of, nullable, key in self._connection.sql(_TABLES).fetchall():
            if name.startswith("__duckdb_source_"):
                continue
            table = SchemaTable(name=name, schema=schema, kind=kind, rows=estimate)
            columns = found.setdefault((schema, name), (table, []))[1]
            if column is not None:
                columns.append(SchemaColumn(name=column, type=kind_of, nullable=nullable, key=bool(key)))
        functions = self._connection.sql(
            "select distinct function_name from duckdb_functions() where regexp_matches(function_name, '^[a-z]\\w*$')"
        ).fetchall()
        return Schema(
            tables=with_columns(found.values()), default="main", functions=tuple(sorted(name for (name,) in functions))
        )

    def close(self) -> None:
        self._connection.close()


def _with_text(relation: Any, columns: tuple[Column, ...]) -> Any:
    """The relation with the types that Arrow has no exact form for as text."""
    taken = unique_names(columns)
    inner = relation.project(", ".join(f"#{place}" for place in range(1, len(columns) + 1)))
    items = (
        f"CAST(#{place} AS VARCHAR) AS {_quoted(name)}" if column.type in _AS_TEXT else f"#{place} AS {_quoted(name)}"
        for place, (name, column) in enumerate(zip(taken, columns, strict=True), 1)
    )
    return inner.project(", ".join(items))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _no_table(value: TypedValue) -> Any:
    raise VariableError("it is a table", next_step="name it in FROM, without the @")


def _widened(kind: str) -> str:
    """The cast that makes 64 bits of DuckDB's smallest integers (and lists of them), which a product may not fit."""
    return f"::{kind.replace('INTEGER', 'BIGINT')}" if kind.rstrip("[]") == "INTEGER" else ""


def _wide(value: Any) -> Any:
    """A parameter in which integers are of 64 bits at least, and of 128 where they have to be: DuckDB itself takes the
    smallest type that holds the value, and a product of two may not fit it."""
    if isinstance(value, list):
        return [_wide(item) for item in value]
    if isinstance(value, dict):
        return {key: _wide(item) for key, item in value.items()}
    if not isinstance(value, int) or isinstance(value, bool) or value >= 2**127:
        return value
    return duckdb.Value(value, duckdb.sqltype("BIGINT" if -(2**63) <= value < 2**63 else "HUGEINT"))


def _parameter(value: Any, *, top: bool = False) -> Any:
    """A Python value that DuckDB binds without changing its meaning. `VariableError` when it can't."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and not -(2**127) <= value < 2**128:
        if not top:
            raise VariableError("an integer of more than 128 bits in a list or map can't be bound")
        return duckdb.Value(format(decimal.Decimal(value), "f"), duckdb.sqltype("BIGNUM"))
    if isinstance(value, decimal.Decimal) and value.is_finite() and _digits(value) > 38:
        raise VariableError("DuckDB's decimals have at most 38 digits", next_step="bind it as text and cast it")
    if isinstance(value, (list, set, frozenset, tuple)):
        items = [_parameter(item) for item in value]
        if len({isinstance(item, str) for item in items if item is not None}) > 1:
            raise VariableError("a list of text and other values has no type in SQL")
        return items
    if isinstance(value, dict):
        if "" in value:
            raise VariableError("a map with an empty key has no form in SQL")
        return {key: _parameter(item) for key, item in value.items()}
    return value


def _digits(value: decimal.Decimal) -> int:
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits) + max(exponent, 0), -exponent)

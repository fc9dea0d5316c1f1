"""Every other database, through SQLAlchemy: it opens the connection and reads the schema; statements go to the
driver as they are, with the driver's own placeholders.

Imports sqlalchemy, so it is loaded by its name when a connection is opened.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from verso.api.errors import KernelStartError
from verso.api.values import TypedValue
from verso_sql.binding import BoundStatement, Placeholders
from verso_sql.connection import Connection, Done, Outcome, Reading, StatementError, StoppedError
from verso_sql.connection_strings import DRIVERS, Target, hide
from verso_sql.driver_values import parameter, type_name
from verso_sql.positions import named_offset
from verso_sql.schema import Schema, SchemaColumn, SchemaTable, with_columns
from verso_sql.tables import Column, ResultTable, Row, RowBody

DIALECTS: Mapping[str, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "tsql",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redshift": "redshift",
    "clickhouse": "clickhouse",
    "trino": "trino",
    "databricks": "databricks",
}
"""SQLAlchemy's name of a dialect → sqlglot's."""

_FETCH = 10_000
_STOPPED = ("interrupted", "QueryCanceled", "canceling statement", "Query execution was interrupted", "ORA-01013")
_HAS_SCHEMAS = frozenset({"postgresql", "mssql", "oracle", "snowflake", "redshift", "trino"})
_INNER_SCHEMAS = frozenset({"information_schema", "pg_catalog", "pg_toast", "sys", "guest"})
_MISSING = re.compile(
    r"no such table: ([\w.]+)|relation \"([\w.]+)\" does not exist|Table '([\w.]+)' doesn't exist"
    r"|Invalid object name '([\w.]+)'"
)


def open_connection(name: str, target: Target) -> SQLAlchemyConnection:
    """A connection to the database of a URL. `KernelStartError` says which driver or server is missing."""
    try:
        # A statement is stopped from another thread than the one that runs it.
        extra = {"connect_args": {"check_same_thread": False}} if target.dialect == "sqlite" else {}
        engine = sa.create_engine(target.url, poolclass=NullPool, **extra)
    except (sa.exc.NoSuchModuleError, sa.exc.ArgumentError, ValueError) as error:
        raise KernelStartError(
            f"SQLAlchemy can't read {target.shown}: {hide(str(error), target)}",
            next_step="write dialect://user:password@host/database; other dialects come as packages of their own",
        ) from None
    except ImportError as error:
        missing = (error.name or str(error)).partition(".")[0].lower()
        raise KernelStartError(
            f"the driver {missing!r} for {target.shown} is not installed",
            next_step=DRIVERS.get(missing, f"pip install {missing}"),
        ) from None
    try:
        return SQLAlchemyConnection(name, engine, target)
    except Exception as error:  # a driver has errors of its own for what it does not like in a URL
        cause = getattr(error, "orig", None) or error
        raise KernelStartError(
            f"no connection to {target.shown}: {hide(str(cause), target).strip()}",
            next_step="check host, port, database, user and password, and that the server runs",
        ) from None


class SQLAlchemyConnection(Connection):
    """A connection of SQLAlchemy in autocommit, so that BEGIN and COMMIT are the user's. See `Connection`."""

    def __init__(self, name: str, engine: sa.Engine, target: Target) -> None:
        self.name = name
        self.shown = target.shown
        self._target = target
        self._engine = engine
        self._notices: list[str] = []
        self._connection = self._open()
        self._kind = engine.dialect.name
        self.dialect = DIALECTS.get(self._kind, "")
        self.product = f"{_TITLES.get(self._kind, self._kind)} {_version(engine.dialect)}".strip()
        self.placeholders = Placeholders(style=engine.dialect.paramstyle)
        has_arrow = importlib.util.find_spec("pyarrow") is not None
        self._to_arrow = importlib.import_module("verso_sql.arrow_tables").from_rows if has_arrow else None

    def _open(self) -> sa.Connection:
        connection = self._engine.connect()
        driver: Any = connection.connection.driver_connection
        listen = getattr(driver, "add_notice_handler", None)
        if listen is not None:
            # What PostgreSQL says with RAISE NOTICE.
            listen(self._notice)
        try:
            return connection.execution_options(isolation_level="AUTOCOMMIT")
        except (sa.exc.ArgumentError, NotImplementedError):
            return connection

    def _notice(self, said: Any) -> None:
        self._notices.append(f"{said.severity}: {said.message_primary}")

    @property
    def _driver(self) -> Any:
        return self._connection.connection.driver_connection

    def execute(
        self, bound: BoundStatement, tables: Callable[[frozenset[str]], Mapping[str, Any]], reading: Reading
    ) -> list[Outcome]:
        if self._connection.closed or self._connection.invalidated:
            self._connection = self._open()
        self._notices.clear()
        try:
            if bound.values:
                result = self._connection.exec_driver_sql(bound.text, bound.values)
            else:
                options = {"no_parameters": True}
                result = self._connection.exec_driver_sql(bound.text, execution_options=options)
            with result:
                return list(self._outcomes(result, reading))
        except sa.exc.DBAPIError as error:
            raise self._refused(bound, error.orig or error, reading) from None
        except (sa.exc.SQLAlchemyError, TypeError, ValueError, OverflowError) as error:
            raise StatementError(type(error).__name__, hide(str(error), self._target)) from None
        except Exception as error:
            # Drivers raise errors of their own while rows are fetched; SQLAlchemy wraps only those of execute.
            raise self._refused(bound, error, reading) from None

    def _outcomes(self, result: Any, reading: Reading) -> Iterator[Outcome]:
        cursor = result.cursor
        if not result.returns_rows or cursor is None:
            yield Done(count=_changed(result), notices=tuple(self._notices))
            return
        while True:
            yield _read(cursor, reading, self._kind, self._to_arrow)
            following = getattr(cursor, "nextset", None)
            if following is None or self._kind in ("sqlite", "postgresql") or not following():
                return
            if cursor.description is None:
                return

    def _refused(self, bound: BoundStatement, error: BaseException, reading: Reading) -> Exception:
        message = hide(str(error), self._target)
        if reading.stopped.is_set() and any(mark in f"{type(error).__name__} {message}" for mark in _STOPPED):
            return StoppedError()
        diagnostic: Any = getattr(error, "diag", None)
        position = getattr(diagnostic, "statement_position", None)
        if position:
            offset: int | None = bound.original_offset(int(position) - 1)
            message = diagnostic.message_primary or message
        else:
            offset = named_offset(message, bound.statement.text)
        missing = _MISSING.search(message)
        hints = [getattr(diagnostic, key, None) for key in ("message_detail", "message_hint")]
        return StatementError(
            type(error).__name__,
            message,
            offset=offset,
            hint="\n".join(hint for hint in hints if hint),
            missing=next((found for found in missing.groups() if found), "") if missing else "",
            code=str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""),
        )

    def cancel(self) -> bool:
        driver = self._driver
        if self._kind in ("mysql", "mariadb"):
            with self._engine.connect() as other:
                other.exec_driver_sql(f"KILL QUERY {driver.thread_id()}")
            return True
        for method in ("interrupt", "cancel_safe", "cancel"):
            stop = getattr(driver, method, None)
            if stop is not None:
                stop()
                return True
        return False

    def parameter(self, value: TypedValue) -> Any:
        return parameter(value, self._kind)

    def schema(self) -> Schema:
        inspector = sa.inspect(self._connection)
        default = inspector.default_schema_name or "" if self._kind in _HAS_SCHEMAS else ""
        names: list[str | None] = [None]
        if default:
            names = [name for name in inspector.get_schema_names() if name.lower() not in _INNER_SCHEMAS]
        found = []
        for schema in names:
            views = {*inspector.get_view_names(schema=schema)}
            keys: Any = inspector.get_multi_pk_constraint(schema=schema)
            kinds = sa.engine.reflection.ObjectKind.ANY
            for (_, table), columns in inspector.get_multi_columns(schema=schema, kind=kinds).items():
                primary = (keys.get((schema, table)) or {}).get("constrained_columns") or ()
                kind = "view" if table in views else "table"
                found.append(
                    (
                        SchemaTable(name=table, schema=schema or "", kind=kind),
                        [_column(column, primary) for column in columns],
                    )
                )
        return Schema(tables=with_columns(found), default=default)

    def row_estimate(self, table: SchemaTable) -> int | None:
        quote = self._engine.dialect.identifier_preparer.quote_identifier
        full = f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)
        if self._kind == "postgresql":
            query, values = "select reltuples::bigint from pg_class where oid = %(name)s::regclass", {"name": full}
            count = self._connection.exec_driver_sql(query, values).scalar()
            if count is not None and count >= 0:
                return int(count)
        limited = f"select count(*) from (select 1 from {full} limit 100000) t"
        if self._kind in ("mssql", "oracle"):
            return None
        count = self._connection.exec_driver_sql(limited).scalar()
        return int(count) if count is not None and count < 100_000 else None

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


_TITLES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "mssql": "SQL Server",
}


def _version(dialect: Any) -> str:
    found = getattr(dialect, "server_version_info", None)
    return ".".join(map(str, found)) if found else ""


def _changed(result: Any) -> int | None:
    count = result.rowcount
    return count if count is not None and count >= 0 else None


def _read(cursor: Any, reading: Reading, kind: str, to_arrow: Any) -> ResultTable:
    rows: list[Row] = []
    cut = False
    while chunk := cursor.fetchmany(_FETCH):
        reading.check()
        rows += chunk
        if reading.limit is not None and len(rows) > reading.limit:
            del rows[reading.limit :]
            cut = True
            break
    columns = _columns(cursor, rows, kind)
    page = tuple(rows[: reading.page_size])
    if cut:
        return ResultTable(columns=columns, count=len(rows), page=page, limit=reading.limit)
    return ResultTable(columns=columns, count=len(rows), page=page, body=RowBody(columns, rows, to_arrow))


def _columns(cursor: Any, rows: Sequence[Row], kind: str) -> tuple[Column, ...]:
    return tuple(
        Column(name=described[0], type=type_name(described, [row[place] for row in rows[:1000]], kind))
        for place, described in enumerate(cursor.description)
    )


def _column(column: Any, primary: Sequence[str]) -> SchemaColumn:
    name = column["name"]
    return SchemaColumn(
        name=name, type=str(column["type"]), nullable=bool(column.get("nullable", True)), key=name in primary
    )

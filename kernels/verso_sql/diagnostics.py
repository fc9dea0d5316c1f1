"""What is wrong with a cell that was not run: by sqlglot's parser for the dialect, and by the live schema.

Imports sqlglot's parser, so it is loaded by its name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from verso.api.errors import MagicError, UnknownNameError
from verso.api.messages import DiagnoseReply, Diagnostic
from verso_sql.connection import Connection
from verso_sql.connections import Connections
from verso_sql.options import OPTIONS, read_options
from verso_sql.schema import Schema
from verso_sql.statement import Statement, UnfinishedError, line_and_column
from verso_sql.tokens import split
from verso_sql.variables import Variables

SOURCE = "sql"


def diagnose(code: str, connections: Connections, variables: Variables) -> DiagnoseReply:
    """The diagnostics of a cell. Called in the worker thread."""
    try:
        options, body = read_options(code)
        connection = connections.find(options.connection)
        statements = split(body, connection.dialect)
    except MagicError as error:
        return DiagnoseReply(diagnostics=(_at(code, error.what, 0, 0, line=error.line, column=error.column),))
    except UnknownNameError as error:
        where = max(0, code.find(options.connection))
        return DiagnoseReply(diagnostics=(_at(code, str(error), where, where + len(options.connection)),))
    except UnfinishedError as error:
        open_mark = _at(code, f"this {error.what} is not closed", error.offset, error.offset + 1)
        return DiagnoseReply(diagnostics=(open_mark,), incomplete=True)
    found = [*_misread_options(code)]
    incomplete = False
    made: set[str] = set()
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    for statement in statements:
        try:
            trees = sqlglot.parse(statement.text, read=connection.dialect or None)
        except ParseError as error:
            found += _parse_errors(code, statement, error)
            incomplete = incomplete or _at_end(code, found[-1])
            continue
        except SqlglotError as error:
            found.append(_at(code, str(error), statement.start, statement.start + len(statement.verb)))
            continue
        for tree in trees:
            if tree is not None:
                made |= _made(tree)
                schema = connections.schema(connection)
                found += _unknown_tables(code, statement, tree, connection, schema, variables, made)
    return DiagnoseReply(diagnostics=tuple(found), incomplete=incomplete)


def _misread_options(code: str) -> Iterator[Diagnostic]:
    """`-- connection x`: a comment that was meant as an option."""
    line = code.partition("\n")[0]
    words = line.strip().split()
    if len(words) > 2 and words[0] == "--" and f"--{words[1]}" in OPTIONS and ":" not in line:
        yield _at(
            code, f"this is a comment; the option is --{words[1]}, without a space", 0, len(line), severity="hint"
        )


def _parse_errors(code: str, statement: Statement, error: ParseError) -> Iterator[Diagnostic]:
    for told in error.errors[:1]:
        line, column = told.get("line") or 1, told.get("col") or 1
        highlight = str(told.get("highlight") or "")
        offset = statement.start + _offset(statement.text, line, column - max(len(highlight) - 1, 0))
        message = str(told.get("description")).replace("Invalid expression / Unexpected token", "unexpected token")
        if highlight:
            message = f"{message.partition(' but got <Token')[0].partition(' missing for <class')[0]} at {highlight!r}"
        yield _at(code, message, offset, offset + max(len(highlight), 1), severity="error")


def _unknown_tables(
    code: str,
    statement: Statement,
    tree: Any,
    connection: Connection,
    schema: Schema,
    variables: Variables,
    made: set[str],
) -> Iterator[Diagnostic]:
    local = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)} | made
    shared = set(variables.table_names()) if connection.reads_shared_tables else set()
    for table in tree.find_all(exp.Table):
        name = table.this
        if not isinstance(name, exp.Identifier) or table.name.lower() in local or table.name in shared:
            continue
        if table.catalog or schema.find(table.name, table.db) or _is_file(name, connection):
            continue
        if table.db and table.db.lower() not in {known.lower() for known in schema.schemas()}:
            continue
        start = statement.start + name.meta.get("start", 0)
        end = statement.start + name.meta.get("end", 0) + 1
        if connection.reads_shared_tables and not table.db:
            message = f"{connection.name} has no table {table.name!r}, unless the notebook shares one of that name"
            yield _at(code, message, start, end, severity="information")
        else:
            yield _at(code, f"{connection.name} has no table {table.name!r}", start, end, severity="warning")


def _is_file(name: exp.Identifier, connection: Connection) -> bool:
    """DuckDB reads `'data.csv'` and `"data.parquet"` as files."""
    inner = any(mark in name.name for mark in "./*")
    system = name.name.lower().startswith(("pg_", "sqlite_", "duckdb_", "information_schema"))
    return system or (connection.dialect == "duckdb" and bool(name.args.get("quoted")) and inner)


def _made(tree: Any) -> set[str]:
    """The tables that a statement makes, which the ones below it may read."""
    if not isinstance(tree, (exp.Create, exp.Drop)):
        return set()
    target = tree.find(exp.Table)
    return {target.name.lower()} if target is not None else set()


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + max(0, column - 1)


def _at_end(code: str, diagnostic: Diagnostic) -> bool:
    """Whether the parser stopped at the last word, as while typing."""
    offset = _offset(code, diagnostic.end_line, diagnostic.end_column)
    return not code[offset:].strip()


def _at(
    code: str, message: str, start: int, end: int, *, severity: str = "error", line: int = 0, column: int = 0
) -> Diagnostic:
    first = (line, column) if line else line_and_column(code, start)
    last = first if line else line_and_column(code, end)
    return Diagnostic(
        message=message,
        severity=severity,  # type: ignore[arg-type]
        line=first[0],
        column=first[1],
        end_line=last[0],
        end_column=last[1],
        source=SOURCE,
    )

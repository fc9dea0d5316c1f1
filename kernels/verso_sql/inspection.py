"""What the thing at a position is: a table with its columns, a column, a variable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from verso.api.messages import InspectReply
from verso.api.mime import HTML, PLAIN
from verso_sql.completion import connection_of, find_table, sources
from verso_sql.connection import Connection
from verso_sql.connections import Connections
from verso_sql.schema import Schema, SchemaColumn, SchemaTable
from verso_sql.variables import Variables


def inspect(code: str, position: int, connections: Connections, variables: Variables) -> InspectReply:
    """What stands at a position. Called in the worker thread."""
    start, end = _word_at(code, position)
    word = code[start:end]
    if not word:
        return InspectReply()
    if code[start - 1 : start] == "@" and start:
        return _variable(word, variables)
    connection = connection_of(code, connections)
    schema = connections.schema(connection)
    called = sources(code)
    prefix = re.search(r"([\w$]+)\.\Z", code[:start])
    name = called.get(word.lower(), word)
    table = find_table(f"{prefix[1]}.{word}" if prefix else name, schema) or find_table(name, schema)
    if table is not None:
        return table_reply(table, connection)
    if connection.reads_shared_tables and name in variables.table_names():
        return _variable(name, variables)
    return _column(word, called[prefix[1].lower()] if prefix and prefix[1].lower() in called else "", called, schema)


def table_reply(table: SchemaTable, connection: Connection) -> InspectReply:
    """A table's columns, types and row estimate."""
    rows = connection.row_estimate(table)
    about = f"{table.kind} {table.full_name}" + (f", about {rows:,} rows" if rows is not None else "")
    return InspectReply(found=True, data=listing(about, table.columns))


def listing(title: str, columns: Sequence[SchemaColumn]) -> dict[str, str]:
    """Columns as text and HTML."""
    width = max((len(column.name) for column in columns), default=0)
    lines = [f"  {column.name:<{width}}  {column.type}{_marks(column)}" for column in columns]
    rows = "".join(
        f"<tr><td>{escape(column.name)}</td><td>{escape(column.type)}{escape(_marks(column))}</td></tr>"
        for column in columns
    )
    return {
        PLAIN: "\n".join((title, *lines)),
        HTML: f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>",
    }


def _word_at(code: str, position: int) -> tuple[int, int]:
    start = end = max(0, min(position, len(code)))
    while start > 0 and re.match(r"[\w$]", code[start - 1]):
        start -= 1
    while end < len(code) and re.match(r"[\w$]", code[end]):
        end += 1
    return start, end


def _variable(name: str, variables: Variables) -> InspectReply:
    if not variables.known(name):
        return InspectReply()
    info = variables.info(name)
    columns = [SchemaColumn(name=column.name, type=column.type) for column in variables.columns(name)]
    shape = f", {info.count:,} rows" if columns and info.count is not None else ""
    title = f"{info.type} {name}{shape}" if columns else f"{info.type} {name} = {info.preview}"
    return InspectReply(found=True, data=listing(title, columns))


def _column(word: str, source: str, called: dict[str, str], schema: Schema) -> InspectReply:
    names = [source] if source else list(dict.fromkeys(called.values()))
    for name in names:
        table = find_table(name, schema)
        for column in table.columns if table else ():
            if table and column.name.lower() == word.lower():
                text = f"{table.full_name}.{column.name}  {column.type}{_marks(column)}"
                return InspectReply(found=True, data={PLAIN: text})
    return InspectReply()


def _marks(column: SchemaColumn) -> str:
    return f"{'' if column.nullable else ' not null'}{' primary key' if column.key else ''}"

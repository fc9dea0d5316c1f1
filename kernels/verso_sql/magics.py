"""`#!sql-connect`, `#!sql-disconnect` and `#!sql-schema`."""

from __future__ import annotations

from typing import Any

from verso.api.errors import MagicError, UnknownNameError
from verso.api.magics import MagicCall, MagicContext
from verso.api.outputs import DisplayData, Stream
from verso.api.values import decode
from verso_sql.connection import Connection
from verso_sql.connection_strings import Target, holds_password, read_target, resolve
from verso_sql.display import bundle
from verso_sql.kernel import SqlKernel
from verso_sql.schema import Schema
from verso_sql.tables import Column, ResultTable


async def connect(call: MagicCall, context: MagicContext) -> None:
    """Opens a connection. `MagicError` for a string that can't be read, `KernelStartError` when it does not open."""
    kernel = await _kernel(context)

    async def variable(name: str) -> str:
        value = decode(await context.value(name))
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise MagicError(f"$var:{name} is no text", line=call.line, column=1)
        return str(value)

    name = call.arguments["name"]
    if holds_password(call.arguments["connection_string"]):
        warning = "the password is saved with this cell; write $env:NAME in its place\n"
        context.sink.put(Stream(name="stderr", text=warning))
    text = await resolve(call.arguments["connection_string"], variable)
    provider = await resolve(call.arguments.get("provider", ""), variable)
    target = read_target(text, provider)
    is_default = bool(call.arguments.get("default"))
    product = await kernel.in_worker(_open, kernel, name, target, is_default)
    default = " (default)" if is_default else ""
    context.sink.put(Stream(text=f"connected {name}{default}: {product}, {target.shown}\n"))


async def disconnect(call: MagicCall, context: MagicContext) -> None:
    """Closes a connection. `UnknownNameError`."""
    kernel = await _kernel(context)
    name = call.arguments["name"]
    await kernel.in_worker(kernel.connections.close, name)
    context.sink.put(Stream(text=f"disconnected {name}\n"))


async def schema(call: MagicCall, context: MagicContext) -> None:
    """Shows the tables of a connection, or a table's columns. `UnknownNameError`."""
    kernel = await _kernel(context)
    arguments = call.arguments
    table = await kernel.in_worker(
        _listing, kernel, arguments.get("connection", ""), arguments.get("table", ""), bool(arguments.get("refresh"))
    )
    context.sink.put(DisplayData(data=bundle(table)))


async def _kernel(context: MagicContext) -> SqlKernel:
    kernel: Any = await context.kernel("sql")
    # The engine may hand out a kernel that wraps ours.
    inner = getattr(kernel, "kernel", kernel)
    if not isinstance(inner, SqlKernel):
        raise MagicError("the kernel named sql is not Verso's SQL kernel")
    return inner


def _open(kernel: SqlKernel, name: str, target: Target, is_default: bool) -> str:
    connection = kernel.connections.open(name, target)
    if is_default:
        kernel.connections.default = name
    return connection.product


def _listing(kernel: SqlKernel, name: str, table: str, refresh: bool) -> ResultTable:
    connection = kernel.connections.find(name)
    if refresh:
        kernel.connections.forget_schema(connection)
    known = kernel.connections.schema(connection)
    return _columns(connection, known, table) if table else _tables(connection, known)


def _tables(connection: Connection, known: Schema) -> ResultTable:
    heads = ("schema", "name", "kind", "columns")
    rows = tuple((table.schema, table.name, table.kind, len(table.columns)) for table in known.tables)
    return _table(heads if known.default else heads[1:], rows if known.default else tuple(row[1:] for row in rows))


def _columns(connection: Connection, known: Schema, name: str) -> ResultTable:
    prefix, _, last = name.rpartition(".")
    table = known.find(last, prefix)
    if table is None:
        raise UnknownNameError.among("table", name, (table.full_name for table in known.tables))
    rows = tuple((column.name, column.type, column.nullable, column.key) for column in table.columns)
    return _table(("column", "type", "nullable", "key"), rows)


def _table(heads: tuple[str, ...], rows: tuple[Any, ...]) -> ResultTable:
    columns = tuple(Column(name=head) for head in heads)
    return ResultTable(columns=columns, count=len(rows), page=rows)

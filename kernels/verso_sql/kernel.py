"""The SQL kernel: runs cells statement by statement on its connections, in one worker thread."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from verso.api.errors import MagicError, UnknownNameError
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    DiagnoseReply,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InspectReply,
    InspectRequest,
)
from verso.api.values import TypedValue
from verso.api.variables import VariableInfo
from verso_sql import completion, inspection
from verso_sql.cell import CellRun
from verso_sql.connections import BUILT_IN, Connections
from verso_sql.options import read_options
from verso_sql.runner import StatementRunner
from verso_sql.statement import Statement, UnfinishedError, line_and_column
from verso_sql.statements import is_plain, split
from verso_sql.variables import Variables
from verso_sql.worker import Worker


async def create(context: KernelContext) -> SqlKernel:
    """See `verso.api.kernel.Kernelspec.create`."""
    return SqlKernel(context)


class SqlKernel(Kernel):
    """SQL on DuckDB in memory and on what `#!sql-connect` opened. See `verso.api.kernel.Kernel`."""

    def __init__(self, context: KernelContext) -> None:
        self._connections = Connections(context.directory)
        self._variables = Variables(context.exchange)
        self._runner = StatementRunner(self._connections, self._variables, context.exchange, context.settings)
        self._count = 0
        self._cell: CellRun | None = None

    @property
    def connections(self) -> Connections:
        """The open connections; their methods are called through `in_worker`."""
        return self._connections

    async def in_worker(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a blocking function in the kernel's thread."""
        return await (await self._started()).run(function, *arguments)

    async def _started(self) -> Worker:
        if self._runner.worker is None:
            self._runner.worker = Worker("verso-sql")
            await self._runner.worker.run(self._open)
        return self._runner.worker

    async def start(self) -> KernelInfo:
        connection = await self.in_worker(self._connections.find, BUILT_IN)
        return KernelInfo(
            language="SQL",
            version=connection.product,
            program="in process",
            arrow=importlib.util.find_spec("pyarrow") is not None,
            detail={"connection": connection.name},
        )

    def _open(self) -> None:
        self._connections.open_built_in()
        if importlib.util.find_spec("pyarrow") is not None:
            self._variables.arrow = importlib.import_module("verso_sql.arrow_tables")

    async def shutdown(self) -> None:
        worker = self._runner.worker
        if worker is None:
            return
        await self.interrupt()
        try:
            async with asyncio.timeout(5):
                await worker.run(self._close)
        except TimeoutError:
            # The driver never came back; its thread is a daemon and ends with the program.
            pass
        worker.close()
        self._runner.worker = None

    def _close(self) -> None:
        self._variables.clear()
        self._connections.close_all()
        self._connections.default = BUILT_IN

    async def interrupt(self) -> None:
        if self._cell is not None:
            self._cell.stop()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        self._count += 1
        run = self._cell = CellRun(self._runner, request.code, sink, self._count)
        try:
            return await self._execute(request, run)
        finally:
            self._cell = None

    async def _execute(self, request: ExecuteRequest, run: CellRun) -> ExecuteReply:
        try:
            options, code = read_options(request.code)
            connection = self._connections.find(options.connection)
            statements = await self._split(code, connection.dialect)
        except MagicError as error:
            return run.failed(type(error).__name__, str(error), error.line or 1, error.column or 1)
        except UnknownNameError as error:
            hint = "open it with #!sql-connect"
            return run.failed("UnknownNameError", f"{error.what}\n  {error.next_step}; {hint}", 1, 1)
        except UnfinishedError as error:
            line, column = line_and_column(request.code, error.offset)
            return run.failed("SyntaxError", f"{error}\n  close the {error.what}", line, column)
        return await run.all(connection, statements, options)

    async def _split(self, code: str, dialect: str) -> tuple[Statement, ...]:
        await self._started()
        if is_plain(code, dialect):
            return split(code, dialect)
        # The tokenizer is imported when first needed, which takes too long for the loop.
        found: tuple[Statement, ...] = await self.in_worker(split, code, dialect)
        return found

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        reply: CompleteReply = await self.in_worker(
            completion.complete, request.code, request.position, self._connections, self._variables
        )
        return reply

    async def inspect(self, request: InspectRequest) -> InspectReply:
        reply: InspectReply = await self.in_worker(
            inspection.inspect, request.code, request.position, self._connections, self._variables
        )
        return reply

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        reply: DiagnoseReply = await self.in_worker(_diagnose, request.code, self._connections, self._variables)
        return reply

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(self._variables.info(name) for name in self._variables.names())

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        typed: TypedValue = await self.in_worker(lambda: self._variables.typed(name, arrow=arrow))
        return typed

    async def set_variable(self, name: str, value: TypedValue) -> None:
        await self.in_worker(self._variables.share, name, value)


def _diagnose(code: str, connections: Connections, variables: Variables) -> DiagnoseReply:
    reply: DiagnoseReply = importlib.import_module("verso_sql.diagnostics").diagnose(code, connections, variables)
    return reply

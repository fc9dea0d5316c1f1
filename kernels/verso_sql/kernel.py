"""The SQL kernel: runs cells statement by statement on its connections, in one worker thread."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import threading
from typing import Any

from verso.api.errors import MagicError, UnknownNameError, VariableError
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
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.values import TypedValue
from verso.api.variables import VariableChanges, VariableInfo
from verso_sql import completion, inspection
from verso_sql.binding import BoundStatement, UnknownReferenceError, bind
from verso_sql.connection import Connection, Done, Outcome, Reading, StatementError, StoppedError
from verso_sql.connections import BUILT_IN, Connections
from verso_sql.display import bundle
from verso_sql.options import CellOptions, read_options
from verso_sql.statements import Reference, Statement, UnfinishedError, line_and_column, split
from verso_sql.tables import ResultTable
from verso_sql.variables import Variables
from verso_sql.worker import Worker

LAST_RESULT = "lastSqlResult"
"""The name of a result that the cell gave none, as in the program whose notebooks we read."""

PAGE_SIZE = 50
MAX_ROWS = 1_000_000
"""Most rows that are read of a result without a name. The settings `pageSize` and `maxRows` say otherwise."""

_CANCEL_EVERY = 0.05
_GIVE_UP_AFTER = 10.0
"""Seconds after which a driver that does not stop is left alone: its thread goes on, the connection is dropped."""

_READING_VERBS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "EXPLAIN", "SHOW", "DESCRIBE", "SUMMARIZE", "TABLE"})


async def create(context: KernelContext) -> SqlKernel:
    """See `verso.api.kernel.Kernelspec.create`."""
    return SqlKernel(context)


class SqlKernel(Kernel):
    """SQL on DuckDB in memory and on what `#!sql-connect` opened. See `verso.api.kernel.Kernel`."""

    def __init__(self, context: KernelContext) -> None:
        self._context = context
        self._worker: Worker | None = None
        self._connections = Connections(context.directory, context.settings)
        self._variables = Variables(context.exchange)
        self._running: tuple[Connection, threading.Event] | None = None
        self._count = 0

    @property
    def connections(self) -> Connections:
        """The open connections; their methods are called through `in_worker`."""
        return self._connections

    async def in_worker(self, function: Any, *arguments: Any) -> Any:
        """Calls a blocking function in the kernel's thread."""
        if self._worker is None:
            await self.start()
        assert self._worker is not None
        return await self._worker.run(function, *arguments)

    async def start(self) -> KernelInfo:
        if self._worker is None:
            self._worker = Worker("verso-sql")
            await self._worker.run(self._open)
        connection = await self._worker.run(self._connections.find, BUILT_IN)
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
        worker, self._worker = self._worker, None
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

    def _close(self) -> None:
        self._variables.clear()
        self._connections.close_all()
        self._connections.default = BUILT_IN

    async def interrupt(self) -> None:
        if self._running is not None:
            self._running[1].set()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        self._count += 1
        run = _Run(self, request.code, sink, self._count)
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
        # The tokenizer is imported when first needed, which takes too long for the loop.
        found: tuple[Statement, ...] = await self.in_worker(split, code, dialect)
        return found

    def prepare(self, statement: Statement, connection: Connection) -> BoundStatement:
        """A statement with its `@name`s bound to variables, in the worker thread. `VariableError`."""

        def value(reference: Reference) -> Any:
            try:
                typed = self._variables.value(reference.name)
                if reference.in_list and typed["t"] in ("list", "set"):
                    return [connection.parameter(item) for item in typed["v"]]
                return connection.parameter(typed)
            except VariableError as error:
                what = f"@{reference.name} can't be bound: {error.what}"
                raise UnknownReferenceError(what, reference.start, next_step=error.next_step) from None

        return bind(statement, self._variables.known, value, connection.placeholders)

    def perform(self, statement: Statement, connection: Connection, reading: Reading) -> list[Outcome]:
        """Runs one statement, in the worker thread."""
        reading.check()
        bound = self.prepare(statement, connection)
        tables = self._variables.tables if connection.reads_shared_tables else _no_tables
        outcomes = connection.execute(bound, tables, reading)
        if statement.verb not in _READING_VERBS:
            self._connections.forget_schema(connection)
        return outcomes

    async def stoppable(self, connection: Connection, stopped: threading.Event, job: Any, *arguments: Any) -> Any:
        """Runs a job in the worker thread; once `stopped` is set, cancels it again and again until it ends."""
        assert self._worker is not None
        self._running = (connection, stopped)
        task = asyncio.ensure_future(self._worker.run(job, *arguments))
        patience = _GIVE_UP_AFTER
        try:
            while not task.done():
                await asyncio.wait((task,), timeout=_CANCEL_EVERY)
                if stopped.is_set() and not task.done():
                    await asyncio.to_thread(_cancel, connection)
                    patience -= _CANCEL_EVERY
                    if patience <= 0:
                        self._abandon(connection)
                        raise AbandonedError(connection.name)
            return task.result()
        except asyncio.CancelledError:
            stopped.set()
            await asyncio.to_thread(_cancel, connection)
            raise
        finally:
            self._running = None

    def _abandon(self, connection: Connection) -> None:
        """Leaves a driver that does not come back to its thread, and goes on in a new one without the connection."""
        self._worker = Worker("verso-sql")
        self._connections.drop(connection)

    def hint(self, error: StatementError, connection: Connection) -> str:
        """What to do about a refused statement, in the worker thread."""
        missing = error.missing.rpartition(".")[2]
        if not missing:
            return error.hint
        if missing in self._variables.table_names() and not connection.reads_shared_tables:
            return (
                f"{missing!r} is a table of the notebook, which {connection.product} can't see: "
                "query it on the DuckDB connection (--connection duckdb), or bind values of it with @name"
            )
        if self._variables.known(missing) and connection.reads_shared_tables:
            return f"{missing!r} is a variable but no table: bind it with @{missing}"
        for name in self._connections.names():
            other = self._connections.find(name)
            schema = self._connections.known_schema(other)
            if other is not connection and (schema is None or schema.find(missing)) and self._has(other, missing):
                return f"connection {name!r} has such a table: begin the cell with --connection {name}"
        return error.hint or "make it in a cell above, or see #!sql-schema"

    def _has(self, connection: Connection, table: str) -> bool:
        try:
            return self._connections.schema(connection).find(table) is not None
        except Exception:
            # A hint is worth no second error.
            return False

    def keep(self, name: str, table: ResultTable) -> VariableChanges:
        """Gives a result a name; what changed by that."""
        was = self._variables.known(name)
        if table.cut:
            return VariableChanges(removed=(name,)) if self._variables.forget(name) else VariableChanges()
        self._variables.keep(name, table)
        info = (self._variables.info(name),)
        return VariableChanges(changed=info) if was else VariableChanges(added=info)

    def reading(self, options: CellOptions, stopped: threading.Event) -> Reading:
        """How the results of a cell are read."""
        settings = self._context.settings
        return Reading(
            page_size=options.page_size or _positive(settings.get("pageSize"), PAGE_SIZE),
            limit=None if options.name else _positive(settings.get("maxRows"), MAX_ROWS),
            exchange=self._context.exchange,
            stopped=stopped,
        )

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


class AbandonedError(Exception):
    """A statement did not stop when asked to; the text is the connection's name."""


class _Run:
    """The execution of one cell."""

    def __init__(self, kernel: SqlKernel, code: str, sink: Sink, count: int) -> None:
        self._kernel = kernel
        self._code = code
        self._sink = sink
        self._count = count
        self._changes = VariableChanges()
        self._stopped = threading.Event()
        self._timed_out = False

    async def all(
        self, connection: Connection, statements: tuple[Statement, ...], options: CellOptions
    ) -> ExecuteReply:
        reading = self._kernel.reading(options, self._stopped)
        timer = None
        if options.timeout:
            timer = asyncio.get_running_loop().call_later(options.timeout, self._time_out)
        try:
            for place, statement in enumerate(statements):
                reply = await self._one(connection, statement, reading, options, place == len(statements) - 1)
                if reply is not None:
                    return reply
        finally:
            if timer is not None:
                timer.cancel()
        return self._reply("ok")

    async def _one(
        self, connection: Connection, statement: Statement, reading: Reading, options: CellOptions, last: bool
    ) -> ExecuteReply | None:
        """Runs a statement and shows what it gave; a reply when the cell ends with it."""
        kernel = self._kernel
        try:
            outcomes = await kernel.stoppable(connection, self._stopped, kernel.perform, statement, connection, reading)
        except AbandonedError as error:
            return self._refused(
                statement,
                "KernelUnresponsiveError",
                f"the statement did not stop, so connection {error} was dropped\n  open it again with #!sql-connect",
                0,
            )
        except StoppedError:
            if self._timed_out:
                return self._refused(statement, "TimeoutError", f"stopped after {options.timeout:g} seconds", 0)
            return self._reply("cancelled")
        except UnknownReferenceError as error:
            return self._refused(statement, "VariableError", str(error), error.offset)
        except StatementError as error:
            hint = await kernel.in_worker(kernel.hint, error, connection)
            message = f"{error.message}\n  {hint}" if hint else error.message
            return self._refused(statement, error.name, message, error.offset or 0, code=error.code)
        for place, outcome in enumerate(outcomes):
            self._show(outcome, options, last and place == len(outcomes) - 1)
        return None

    def _show(self, outcome: Outcome, options: CellOptions, last: bool) -> None:
        if isinstance(outcome, Done):
            self._tell(outcome, options)
            return
        self._changes = _merged(self._changes, self._kernel.keep(options.name or LAST_RESULT, outcome))
        if not options.display:
            return
        data = bundle(outcome)
        if last:
            self._sink.put(ExecuteResult(data=data, execution_count=self._count))
        else:
            self._sink.put(DisplayData(data=data))

    def _tell(self, done: Done, options: CellOptions) -> None:
        for notice in done.notices:
            self._sink.put(Stream(name="stderr", text=f"{notice}\n"))
        if options.display and done.count is not None:
            rows = f"{done.count:,} row{'s' * (done.count != 1)}"
            self._sink.put(Stream(name="stdout", text=f"{rows} affected\n"))

    def _time_out(self) -> None:
        self._timed_out = True
        self._stopped.set()

    def _refused(self, statement: Statement, name: str, message: str, offset: int, *, code: str = "") -> ExecuteReply:
        line, column = line_and_column(self._code, statement.start + offset)
        return self.failed(name, message, line, column, code=code)

    def failed(self, name: str, message: str, line: int, column: int, *, code: str = "") -> ExecuteReply:
        """Puts the error out; the reply that goes with it."""
        source = self._code.split("\n")[line - 1] if line <= self._code.count("\n") + 1 else ""
        shown, caret = _excerpt(source, column)
        self._sink.put(
            Error(
                ename=name,
                evalue=message,
                traceback=(f"{name}: {message}", f"line {line}, column {column}", f"  {shown}", f"  {caret}"),
                line=line,
                column=column,
                detail={"code": code} if code else {},
            )
        )
        return self._reply("error")

    def _reply(self, status: Any) -> ExecuteReply:
        return ExecuteReply(status=status, execution_count=self._count, changes=self._changes)


def _excerpt(source: str, column: int) -> tuple[str, str]:
    """The part of a line around a column, and a caret below it."""
    start = max(0, column - 80)
    shown = source[start : start + 120]
    indent = "".join("\t" if character == "\t" else " " for character in source[start : column - 1])
    return shown, f"{indent}^"


def _merged(first: VariableChanges, second: VariableChanges) -> VariableChanges:
    """The changes of several results of one cell: a name is said once, as it is at the end."""
    added = {info.name: info for info in first.added}
    changed = {info.name: info for info in first.changed}
    removed = dict.fromkeys(first.removed)
    for info in (*second.added, *second.changed):
        if info.name in removed:
            del removed[info.name]
            changed[info.name] = info
        elif info.name in added or (info in second.added and info.name not in changed):
            added[info.name] = info
        else:
            changed[info.name] = info
    for name in second.removed:
        if added.pop(name, None) is None:
            changed.pop(name, None)
            removed[name] = None
    return VariableChanges(added=tuple(added.values()), changed=tuple(changed.values()), removed=tuple(removed))


def _no_tables(words: frozenset[str]) -> dict[str, Any]:
    return {}


def _cancel(connection: Connection) -> None:
    try:
        connection.cancel()
    except Exception:
        # The statement may have ended meanwhile, and a lost connection has nothing to stop.
        pass


def _positive(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


def _diagnose(code: str, connections: Connections, variables: Variables) -> DiagnoseReply:
    reply: DiagnoseReply = importlib.import_module("verso_sql.diagnostics").diagnose(code, connections, variables)
    return reply

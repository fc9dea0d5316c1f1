"""Runs statements of a kernel on its connections, stops them, and keeps what they gave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import VariableError
from verso.api.record import Record
from verso.api.variables import VariableChanges
from verso_sql.binding import BoundStatement, UnknownReferenceError, bind
from verso_sql.connection import Connection, Outcome, Reading, StatementError
from verso_sql.connections import BUILT_IN, Connections
from verso_sql.options import CellOptions
from verso_sql.statement import Reference, Statement
from verso_sql.tables import ResultTable
from verso_sql.variables import Variables
from verso_sql.worker import Worker

PAGE_SIZE = 50
MAX_ROWS = 1_000_000
"""Most rows that are read of a result without a name. The settings `pageSize` and `maxRows` say otherwise."""

_CANCEL_EVERY = 0.05
_GIVE_UP_AFTER = 10.0
"""Seconds after which a driver that does not stop is left alone: its thread goes on, the connection is dropped."""

_READING_VERBS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "EXPLAIN", "SHOW", "DESCRIBE", "SUMMARIZE", "TABLE"})


class AbandonedError(Exception):
    """A statement did not stop when asked to; the text is the connection's name."""


class _Running(Record):
    """A statement that runs. `ended` is set by the worker thread when it has left the driver."""

    connection: Connection
    stopped: threading.Event
    ended: threading.Event
    outcome: asyncio.Future[list[Outcome]]


class StatementRunner:
    """Statements on connections, in one worker thread. `settings`: of the notebook for this kernel."""

    def __init__(
        self, connections: Connections, variables: Variables, exchange: Path, settings: Mapping[str, Any]
    ) -> None:
        self.worker: Worker | None = None
        self._connections = connections
        self._variables = variables
        self._exchange = exchange
        self._settings = settings
        self._running: _Running | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def run(self, statement: Statement, connection: Connection, reading: Reading) -> list[Outcome]:
        """What a statement gave. `StatementError`, `UnknownReferenceError`; `StoppedError` once `reading.stopped` is
        set and `stop` was called; `AbandonedError` when that had no effect. A cancelled task stops the statement."""
        assert self.worker is not None
        ended = threading.Event()
        outcome = self.worker.submit(self._perform, statement, connection, reading, ended)
        running = _Running(connection=connection, stopped=reading.stopped, ended=ended, outcome=outcome)
        self._running = running
        if reading.stopped.is_set():
            self.stop()
        try:
            return await outcome
        except asyncio.CancelledError:
            self.stop()
            raise
        finally:
            self._running = None

    def stop(self) -> None:
        """Stops what runs, if anything does; returns at once."""
        running = self._running
        if running is not None and (self._stopping is None or self._stopping.done()):
            running.stopped.set()
            self._stopping = asyncio.create_task(self._stop(running))

    async def _stop(self, running: _Running) -> None:
        """Cancels again and again: a statement that is just about to begin does not notice the first time."""
        patience = _GIVE_UP_AFTER
        while not running.ended.is_set():
            await asyncio.to_thread(_cancel, running.connection)
            await asyncio.sleep(_CANCEL_EVERY)
            patience -= _CANCEL_EVERY
            if patience <= 0:
                self.worker = Worker("verso-sql")
                self._connections.drop(running.connection)
                if running.connection.name == BUILT_IN:
                    await self.worker.run(self._connections.open_built_in)
                if not running.outcome.done():
                    running.outcome.set_exception(AbandonedError(running.connection.name))
                return

    def _perform(
        self, statement: Statement, connection: Connection, reading: Reading, ended: threading.Event
    ) -> list[Outcome]:
        try:
            reading.check()
            bound = self._bind(statement, connection)
            tables = self._variables.tables if connection.reads_shared_tables else _no_tables
            outcomes = connection.execute(bound, tables, reading)
            if statement.verb not in _READING_VERBS:
                self._connections.forget_schema(connection)
            return outcomes
        finally:
            ended.set()

    def _bind(self, statement: Statement, connection: Connection) -> BoundStatement:
        """A statement with its `@name`s bound to variables. `UnknownReferenceError`."""

        def value(reference: Reference) -> Any:
            try:
                typed = self._variables.value(reference.name)
                if typed["t"] == "utf16":
                    raise VariableError("text with half a surrogate pair has no form in SQL")
                if reference.in_list and typed["t"] in ("list", "set"):
                    return [connection.parameter(item) for item in typed["v"]]
                return connection.parameter(typed)
            except VariableError as error:
                what = f"@{reference.name} can't be bound: {error.what}"
                raise UnknownReferenceError(what, reference.start, next_step=error.next_step) from None

        return bind(statement, self._variables.known, value, connection.placeholders)

    async def hint(self, error: StatementError, connection: Connection) -> str:
        """What to do about a refused statement."""
        assert self.worker is not None
        return await self.worker.run(self._hint, error, connection)

    def _hint(self, error: StatementError, connection: Connection) -> str:
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
        settings = self._settings
        return Reading(
            page_size=options.page_size or _positive(settings.get("pageSize"), PAGE_SIZE),
            limit=None if options.name else _positive(settings.get("maxRows"), MAX_ROWS),
            exchange=self._exchange,
            stopped=stopped,
        )


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

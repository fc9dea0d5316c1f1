"""A connection to a database: what the kernel asks of it, whichever driver is behind."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from verso.api.record import Record
from verso.api.values import TypedValue
from verso_sql.binding import BoundStatement, Placeholders
from verso_sql.schema import Schema, SchemaTable
from verso_sql.tables import ResultTable


class StatementError(Exception):
    """The database refused a statement. `name`: the kind of error; `offset`: where in the statement as written,
    None when it does not say; `hint`: what to do; `missing`: the table that is not there."""

    def __init__(
        self, name: str, message: str, *, offset: int | None = None, hint: str = "", missing: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.offset = offset
        self.hint = hint
        self.missing = missing
        self.code = code


class StoppedError(Exception):
    """The statement was stopped because its cell was interrupted."""


class Reading(Record):
    """How results are read. `page_size`: rows to show. `limit`: most rows to keep, None for all.
    `exchange`: folder for table files. `stopped`: set when the cell was interrupted."""

    page_size: int
    limit: int | None
    exchange: Path
    stopped: threading.Event

    def check(self) -> None:
        """Raises `StoppedError` once the cell was interrupted."""
        if self.stopped.is_set():
            raise StoppedError


class Done(Record):
    """A statement that has no rows. `count`: rows it changed, None where that has no meaning.
    `notices`: what the server said meanwhile."""

    count: int | None = None
    notices: tuple[str, ...] = ()


Outcome = ResultTable | Done


class Connection(ABC):
    """An open connection. All methods but `cancel` are called in the kernel's worker thread and may block."""

    name: str
    dialect: str
    """sqlglot's name for the language, empty when it does not know it."""
    product: str
    """Name and version of the database."""
    shown: str
    """The connection string without its password."""
    placeholders: Placeholders
    reads_shared_tables: bool = False
    """Whether statements can name the notebook's tables."""

    @abstractmethod
    def execute(
        self, bound: BoundStatement, tables: Callable[[frozenset[str]], Mapping[str, Any]], reading: Reading
    ) -> list[Outcome]:
        """Runs one statement to its end and returns what it gave, in order. `tables`: shared tables by name.

        `StatementError`; `StoppedError`, after which the connection goes on working."""

    @abstractmethod
    def cancel(self) -> bool:
        """Stops the statement that runs, from another thread; whether the driver can do that."""

    @abstractmethod
    def parameter(self, value: TypedValue) -> Any:
        """A typed value as the driver takes it. `VariableError` for a type that the database has not."""

    @abstractmethod
    def schema(self) -> Schema:
        """The tables as they are now."""

    @abstractmethod
    def close(self) -> None:
        """Closes the connection; a second time is harmless."""

    def row_estimate(self, table: SchemaTable) -> int | None:
        """About how many rows a table has; None when the database can't say quickly."""
        return table.rows

"""The connections of a kernel, by name; one of them is what cells use that name none."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from urllib.parse import unquote

from verso.api.errors import KernelStartError, UnknownNameError
from verso.api.record import Record
from verso_sql.connection import Connection
from verso_sql.connection_strings import DRIVERS, Target
from verso_sql.schema import Schema

BUILT_IN = "duckdb"
"""The name of the DuckDB database in memory that is always there."""


class _Open(Record):
    connection: Connection
    schemas: list[Schema]


class Connections:
    """Opens, finds and closes connections. Called in the worker thread, except for names.

    A connection's schema is read when first asked for, and again after a statement that may have changed it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, _Open] = {}
        self.default = BUILT_IN

    def open_built_in(self) -> Connection:
        """The DuckDB database in memory."""
        return self._keep(self._duckdb(BUILT_IN, "", "DuckDB in memory"))

    def open(self, name: str, target: Target) -> Connection:
        """Opens a connection, in the place of one that has this name. `KernelStartError`, and the old one stays."""
        if target.dialect == "duckdb":
            connection = self._duckdb(name, self._file(target.url), target.shown)
        else:
            connection = self._sqlalchemy(name, target)
        return self._keep(connection)

    def find(self, name: str = "") -> Connection:
        """The connection of a name, or the default one. `UnknownNameError`."""
        try:
            return self._open[name or self.default].connection
        except KeyError:
            raise UnknownNameError.among("connection", name, self._open) from None

    def names(self) -> tuple[str, ...]:
        """The names of the open connections, in the order in which they were opened."""
        return tuple(self._open)

    def close(self, name: str) -> None:
        """Closes a connection; when it was the default one, that is the built-in again. `UnknownNameError`."""
        self.find(name).close()
        del self._open[name]
        if self.default == name:
            self.default = BUILT_IN
        if name == BUILT_IN:
            self.open_built_in()

    def drop(self, connection: Connection) -> None:
        """Forgets a connection that does not answer, without closing it."""
        self._open.pop(connection.name, None)
        if self.default == connection.name:
            self.default = BUILT_IN

    def close_all(self) -> None:
        """Closes every connection."""
        for held in self._open.values():
            held.connection.close()
        self._open.clear()

    def schema(self, connection: Connection) -> Schema:
        """The tables of a connection, read once."""
        schemas = self._open[connection.name].schemas
        if not schemas:
            schemas.append(connection.schema())
        return schemas[0]

    def known_schema(self, connection: Connection) -> Schema | None:
        """The tables as they were read before; None when they were not yet."""
        return next(iter(self._open[connection.name].schemas), None)

    def forget_schema(self, connection: Connection) -> None:
        """A statement may have changed the tables."""
        self._open[connection.name].schemas.clear()

    def _keep(self, connection: Connection) -> Connection:
        replaced = self._open.pop(connection.name, None)
        if replaced is not None:
            replaced.connection.close()
        self._open[connection.name] = _Open(connection=connection, schemas=[])
        return connection

    def _duckdb(self, name: str, path: str, shown: str) -> Connection:
        try:
            module = importlib.import_module("verso_sql.duckdb_connection")
        except ImportError as error:
            raise KernelStartError(f"DuckDB can't be loaded: {error}", next_step="pip install duckdb") from error
        opened: Connection = module.open_connection(name, path, shown)
        return opened

    def _sqlalchemy(self, name: str, target: Target) -> Connection:
        if importlib.util.find_spec("sqlalchemy") is None:
            raise KernelStartError(
                f"{target.shown} needs SQLAlchemy, which is not installed", next_step=DRIVERS["sqlalchemy"]
            )
        if target.dialect == "sqlite":
            query = target.url.partition("?")
            target = target.replace(url=f"sqlite:///{self._file(target.url)}{query[1]}{query[2]}")
        module = importlib.import_module("verso_sql.sqlalchemy_connection")
        opened: Connection = module.open_connection(name, target)
        return opened

    def _file(self, url: str) -> str:
        """The path in a URL of a database that is a file, from the notebook's folder; empty for one in memory."""
        path = unquote(url.partition(":///")[2].partition("?")[0])
        return str(self._directory / path) if path and path != ":memory:" else ""

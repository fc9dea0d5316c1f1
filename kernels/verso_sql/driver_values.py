"""Typed values as each driver takes them, and names for the types of what it returns."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from verso.api.errors import VariableError
from verso.api.values import TypedValue, decode

_JSON_FOR_NESTED = frozenset({"sqlite", "mysql", "mariadb", "mssql", "oracle"})


def parameter(typed: TypedValue, database: str) -> Any:
    """The Python value by which a driver of `database` (SQLAlchemy's name) binds a typed value.

    Numbers, text, dates and bytes go as they are. SQLite has neither decimals nor dates: a decimal goes as a number
    when that is exact and else as text, dates as ISO text. Lists and maps are arrays and JSON in PostgreSQL, JSON text
    elsewhere. `VariableError` for what the database has no type for.
    """
    value = decode(typed, _no_table)
    if isinstance(value, (set, frozenset)):
        value = list(value)
    if isinstance(value, int) and not isinstance(value, bool) and database != "postgresql":
        if not -(2**63) <= value < 2**63:
            raise VariableError(f"{database} has no integers of more than 64 bits")
        return value
    if isinstance(value, dict) and database == "postgresql":
        return importlib.import_module("psycopg.types.json").Jsonb(value, dumps=_json)
    if isinstance(value, (dict, list)) and database in _JSON_FOR_NESTED:
        return _json(value)
    if isinstance(value, uuid.UUID) and database != "postgresql":
        return str(value)
    return _for_sqlite(value) if database == "sqlite" else value


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        near = float(value)
        return near if decimal.Decimal(repr(near)) == value else str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        raise VariableError("SQLite has no type for a duration", next_step="bind its seconds")
    return value


def _no_table(value: TypedValue) -> Any:
    raise VariableError("it is a table", next_step="only the DuckDB connection reads the notebook's tables")


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def type_name(described: Sequence[Any], values: Sequence[Any], database: str) -> str:
    """A name for a result column's type: the driver's where it has one, else by the values."""
    shown = getattr(described, "type_display", None)
    if shown:
        return str(shown)
    kinds = {type(value) for value in values if value is not None}
    if database == "sqlite":
        names = {_SQLITE.get(kind, "ANY") for kind in kinds}
        return names.pop() if len(names) == 1 else "ANY" if names else ""
    names = {_GENERAL.get(kind, kind.__name__.upper()) for kind in kinds}
    return names.pop() if len(names) == 1 else ""


_SQLITE = {int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}
_GENERAL = {
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "DOUBLE",
    decimal.Decimal: "DECIMAL",
    str: "TEXT",
    bytes: "BINARY",
    dt.date: "DATE",
    dt.time: "TIME",
    dt.datetime: "DATETIME",
    dt.timedelta: "INTERVAL",
    uuid.UUID: "UUID",
}

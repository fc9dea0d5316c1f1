"""The names that SQL cells know: their own results, and what other kernels shared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from verso.api.errors import VariableError
from verso.api.previews import table_info, variable_info
from verso.api.values import TypedValue, decode
from verso.api.variables import VariableInfo
from verso_sql.tables import Column, ResultTable, RowBody, typed_rows

FEW_ROWS: Final = 1_000
"""So many rows of another kernel go to DuckDB as values. More go through Arrow, which scans faster, but imports pandas
wherever it is installed as soon as it sees a Python list: one to two seconds, once."""


class Variables:
    """Named results and shared values. Called in the worker thread where values are read, elsewhere for names.

    `arrow`: the module `verso_sql.arrow_tables`, once it is loaded; None where pyarrow is not installed."""

    def __init__(self, exchange: Path) -> None:
        self._exchange = exchange
        self.arrow: Any = None
        self._results: dict[str, ResultTable] = {}
        self._shared: dict[str, TypedValue] = {}
        self._sources: dict[str, Any] = {}

    def names(self) -> tuple[str, ...]:
        """All names, in the order in which they came."""
        return (*self._results, *self._shared)

    def known(self, name: str) -> bool:
        """Whether there is such a name."""
        return name in self._results or name in self._shared

    def keep(self, name: str, table: ResultTable) -> None:
        """Gives a result a name; what had that name is forgotten."""
        self.forget(name)
        self._results[name] = table

    def share(self, name: str, value: TypedValue) -> None:
        """Takes a value of another kernel. `VariableError` for a table that can't be read here."""
        if _in_file(value) and self.arrow is None:
            raise VariableError(
                f"the table {name!r} came as an Arrow file", next_step='pip install "verso-notebook[sql]"'
            )
        self.forget(name)
        self._shared[name] = value
        if _in_file(value):
            # Mapped at once: the engine deletes the file when the name it came from gets a new value.
            self._sources[name] = self.arrow.open_file(value["v"]["arrow"])

    def forget(self, name: str) -> bool:
        """Removes a name; whether there was one."""
        self._sources.pop(name, None)
        result = self._results.pop(name, None)
        if result is not None and result.body is not None:
            result.body.discard()
        return self._shared.pop(name, None) is not None or result is not None

    def clear(self) -> None:
        """Removes every name."""
        for name in self.names():
            self.forget(name)

    def typed(self, name: str, *, arrow: bool) -> TypedValue:
        """A name's value. `VariableError`."""
        if name in self._results:
            return self._results[name].typed(arrow=arrow, exchange=self._exchange)
        try:
            value = self._shared[name]
        except KeyError:
            raise VariableError(
                f"SQL has no variable {name!r}", next_step=f"known: {', '.join(self.names()) or 'none'}"
            ) from None
        if not _in_file(value) or (arrow and Path(value["v"]["arrow"]).exists()):
            return value
        return self._written(name, value, arrow=arrow)

    def value(self, name: str) -> TypedValue:
        """The value of a name that is bound as a parameter: a result of one row and one column is that value."""
        table = self._results.get(name)
        if table is not None and table.count == 1 and len(table.columns) == 1 and table.body is not None:
            return typed_rows(table.page or table.body.rows())[0][0]
        return self.typed(name, arrow=True)

    def tables(self, words: frozenset[str]) -> Mapping[str, Any]:
        """The tables among `words`: `pyarrow.Table`, or `RowBody` where Arrow is not there or can't hold the values.
        Lists of maps are tables as well."""
        found = {}
        for name in words & {*self._results, *self._shared}:
            if name not in self._sources:
                self._sources[name] = self._source(name)
            if self._sources[name] is not None:
                found[name] = self._sources[name]
        return found

    def table_names(self) -> tuple[str, ...]:
        """The names that can stand in FROM."""
        shared = (name for name, value in self._shared.items() if value["t"] == "table" or _is_records(value))
        return (*self._results, *shared)

    def columns(self, name: str) -> tuple[Column, ...]:
        """The columns of a table; empty for anything else."""
        if name in self._results:
            return self._results[name].columns
        value = self._shared.get(name)
        if value is not None and value["t"] == "table":
            return tuple(Column(name=c["name"], type=str(c.get("type", ""))) for c in value["v"]["columns"])
        return _record_columns(value) if value is not None and _is_records(value) else ()

    def info(self, name: str) -> VariableInfo:
        """A name as it is listed."""
        if name in self._results:
            table = self._results[name]
            return table_info(name, table.count, [column.name for column in table.columns])
        return variable_info(name, self._shared[name])

    def _source(self, name: str) -> Any:
        if name in self._results:
            body = self._results[name].body
            if body is None:
                return None
            table = body.arrow_table()
            return body if table is None else table
        value = self._shared[name]
        if value["t"] == "table":
            content = value["v"]
            columns = tuple(Column(name=c["name"], type=str(c.get("type", ""))) for c in content["columns"])
            rows = [tuple(decode(cell) for cell in row) for row in content["rows"]]
        elif _is_records(value):
            columns = _record_columns(value)
            records = decode(value)
            rows = [tuple(record.get(column.name) for column in columns) for record in records]
        else:
            return None
        return self._from_rows(columns, rows)

    def _from_rows(self, columns: tuple[Column, ...], rows: list[Any]) -> Any:
        body = self.arrow.from_rows(columns, rows) if self.arrow is not None and len(rows) > FEW_ROWS else None
        return body.arrow_table() if body is not None else RowBody(columns, rows)

    def _written(self, name: str, value: TypedValue, *, arrow: bool) -> TypedValue:
        """A table that came in a file: in a new one, or as rows."""
        content = value["v"]
        columns = tuple(Column(name=c["name"], type=str(c.get("type", ""))) for c in content["columns"])
        body = self.arrow.ArrowBody(columns, table=self._sources[name])
        inline = {key: item for key, item in content.items() if key != "arrow"}
        if arrow:
            return {"t": "table", "v": {**inline, "arrow": str(body.arrow_file(self._exchange))}}
        return {"t": "table", "v": {**inline, "rows": typed_rows(body.rows())}}


def _in_file(value: TypedValue) -> bool:
    return value["t"] == "table" and "arrow" in value["v"]


def _is_records(value: TypedValue) -> bool:
    content = value.get("v")
    return (
        value["t"] == "list"
        and isinstance(content, list)
        and bool(content)
        and all(item.get("t") == "map" and item["v"] for item in content)
    )


def _record_columns(value: TypedValue) -> tuple[Column, ...]:
    names: dict[str, None] = {}
    for item in value["v"]:
        names.update(dict.fromkeys(key for key, _ in item["v"]))
    return tuple(Column(name=name) for name in names)

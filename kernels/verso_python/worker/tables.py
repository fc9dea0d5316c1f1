"""Tables: frames of pandas, polars and pyarrow ↔ Arrow files or rows."""

from __future__ import annotations

import binascii
import importlib
import os
import sys

from .kinds import Any


class Tables:
    """Writes and reads tables with what this interpreter has. `values`, `meaning`: the modules `values` and `arrow` of
    `verso.api`."""

    def __init__(self, values: Any, meaning: Any) -> None:
        self._values = values
        self._meaning = meaning

    def write(self, value: Any, folder: str) -> Any:
        """A table as a typed value: by an Arrow file in `folder` where there is one and a library that can, else by
        rows. None for what is no table."""
        kind = type(value)
        home = kind.__module__.partition(".")[0]
        if home == "pandas" and hasattr(value, "columns") and hasattr(value, "iloc"):
            return self._pandas(value, folder)
        if home == "polars" and kind.__name__ in ("DataFrame", "LazyFrame"):
            return self._polars(value.collect() if kind.__name__ == "LazyFrame" else value, folder)
        if home in ("pyarrow", "duckdb", "_duckdb"):
            return self._arrow(value, folder)
        return None

    def read(self, typed: Any) -> Any:
        """The object for a table: of pandas where that is, else polars, else pyarrow, else a list of dicts."""
        content = typed["v"]
        if "arrow" in content:
            return self._from_file(content["arrow"])
        names = [column["name"] for column in content["columns"]]
        rows = [[self._values.decode(item, self.read) for item in row] for row in content["rows"]]
        pandas = _library("pandas")
        if pandas is not None:
            return _frame(pandas, names, rows) if rows else pandas.DataFrame({name: [] for name in names})
        polars = _library("polars")
        if polars is not None:
            return polars.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
        return [dict(zip(names, row)) for row in rows]

    def _from_file(self, path: str) -> Any:
        """Mapped into memory: columns that the library can take as they are are never copied."""
        arrow = _library("pyarrow")
        if arrow is not None:
            with arrow.memory_map(path) as source:
                table = importlib.import_module("pyarrow.ipc").open_file(source).read_all()
            table = self._meaning.meant(arrow, table)
            if _library("pandas") is not None:
                return self._to_pandas(table)
            polars = _library("polars")
            return table if polars is None else polars.from_arrow(table)
        polars = _library("polars")
        if polars is None:
            raise ValueError("neither pyarrow nor polars is there to read an Arrow file")
        return polars.read_ipc(path, memory_map=True)

    def _to_pandas(self, table: Any) -> Any:
        maps = {"maps_as_pydicts": "lossy"} if any(str(kind).startswith("map<") for kind in table.schema.types) else {}
        frame = table.to_pandas(**maps)
        for name, items in self._meaning.objects(table).items():
            frame[name] = sys.modules["pandas"].Series(items, dtype=object)
        return frame

    def _pandas(self, frame: Any, folder: str) -> Any:
        if not _is_default(frame.index):
            frame = frame.reset_index()
        if not _all_text(frame.columns):
            frame = frame.set_axis([_text(name) for name in frame.columns], axis=1)
        arrow = _library("pyarrow") if folder else None
        if arrow is not None:
            try:
                return _to_file(arrow, arrow.Table.from_pandas(frame, preserve_index=False), folder)
            except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError):
                pass  # a column of several types: by rows, each value is what it is
        columns = [{"name": str(name), "type": str(kind)} for name, kind in zip(frame.columns, frame.dtypes)]
        lists = [self._column(frame.iloc[:, place]) for place in range(frame.shape[1])]
        return self._rows(columns, frame.shape[0], lists)

    def _column(self, series: Any) -> list[Any]:
        missing = series.isna().tolist()
        return [None if gone else item for item, gone in zip(series.tolist(), missing)]

    def _polars(self, frame: Any, folder: str) -> Any:
        if folder:
            path = _fresh(folder)
            frame.write_ipc(path, compression="uncompressed", compat_level=_compatible())
            columns = [{"name": name, "type": str(kind)} for name, kind in frame.schema.items()]
            return {"t": "table", "v": {"columns": columns, "count": frame.height, "arrow": path}}
        columns = [{"name": name, "type": str(kind)} for name, kind in frame.schema.items()]
        return self._rows(columns, frame.height, [frame[name].to_list() for name in frame.columns])

    def _arrow(self, value: Any, folder: str) -> Any:
        arrow = _library("pyarrow")
        if arrow is None:
            return None
        if hasattr(value, "read_all"):
            value = value.read_all()
        elif hasattr(value, "to_arrow_table"):
            kinds = [self._meaning.kind_of(str(kind)) for kind in value.types]
            value = value.to_arrow_table()
            value = value.cast(self._meaning.noted(value.schema, kinds))
        elif type(value).__name__ == "RecordBatch":
            value = arrow.Table.from_batches([value])
        if not isinstance(value, arrow.Table):
            return None
        if folder:
            return _to_file(arrow, value, folder)
        value = self._meaning.meant(arrow, value)
        columns = [{"name": field.name, "type": str(field.type)} for field in value.schema]
        exact = self._meaning.objects(value)
        lists = [exact.get(field.name) or _items(column) for field, column in zip(value.schema, value.columns)]
        return self._rows(columns, value.num_rows, lists)

    def _rows(self, columns: list[Any], count: int, lists: list[list[Any]]) -> Any:
        from .scalars import plain, with_nanoseconds

        _check_names(columns)

        def other(value: Any) -> Any:
            exact = with_nanoseconds(value)
            if exact is not None:
                return exact
            found, simpler = plain(value)
            return self._values.encode(simpler, other) if found else None

        encoded = [[self._values.encode(item, other) for item in items] for items in lists]
        rows = [list(row) for row in zip(*encoded)] if encoded else [[] for _ in range(count)]
        return {"t": "table", "v": {"columns": columns, "count": count, "rows": rows}}


def _frame(pandas: Any, names: list[str], rows: list[list[Any]]) -> Any:
    """The frame of rows. pandas makes floats of integers among nulls, and can't hold half a surrogate pair in a column
    of text: such columns are of objects."""
    try:
        frame = pandas.DataFrame(rows, columns=names)
    except UnicodeEncodeError:
        return pandas.DataFrame(rows, columns=names, dtype=object)
    for place, items in enumerate(zip(*rows)):
        if frame.dtypes.iloc[place].kind == "f" and any(type(item) is int and abs(item) > 2**53 for item in items):
            frame.isetitem(place, pandas.Series(items, dtype=object))
    return frame


def _items(column: Any) -> list[Any]:
    items: list[Any] = column.to_pylist()
    if str(column.type).startswith("map<"):
        return [None if pairs is None else dict(pairs) for pairs in items]
    return items


def _check_names(columns: list[Any]) -> None:
    names = [column["name"] for column in columns]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise ValueError("two columns are called %r" % twice[0])


def _to_file(arrow: Any, table: Any, folder: str) -> Any:
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    _check_names(columns)
    path = _fresh(folder)
    ipc = importlib.import_module("pyarrow.ipc")
    with arrow.OSFile(path, "wb") as sink, ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"t": "table", "v": {"columns": columns, "count": table.num_rows, "arrow": path}}


def _fresh(folder: str) -> str:
    return os.path.join(folder, "python-%s.arrow" % binascii.b2a_hex(os.urandom(12)).decode("ascii"))


def _library(name: str) -> Any:
    """The library, imported; None when it is not there."""
    try:
        return sys.modules.get(name) or importlib.import_module(name)
    except ImportError:
        return None


def _is_default(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1 and index.name is None


def _text(name: Any) -> str:
    """A column's name; levels of several are joined."""
    return "_".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _all_text(names: Any) -> bool:
    return all(isinstance(name, str) for name in names)


def _compatible() -> Any:
    """Arrow types that every reader knows (polars' own string views are not among them)."""
    polars = sys.modules["polars"]
    return polars.CompatLevel.oldest() if hasattr(polars, "CompatLevel") else None

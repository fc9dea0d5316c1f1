"""Values of data libraries ↔ typed values: tables as Arrow files or rows, arrays and scalars as plain values."""

from __future__ import annotations

import binascii
import importlib
import os
import sys
from typing import Any

from . import values as values  # type: ignore[attr-defined]  # verso/api/values.py, sent beside


def has_arrow() -> Any:
    """Whether Arrow files can be read and written here."""
    return _library("pyarrow") is not None


def encode(value: Any, folder: Any) -> Any:
    """A value as a typed value. `values.Untransferable`."""
    return values.encode(value, lambda other: _other(other, folder))


def decode(typed: Any) -> Any:
    """The object of a typed value; a table is a pandas frame where pandas is, else a polars or Arrow table, else a list
    of dicts. `ValueError`."""
    return values.decode(typed, _read)


def _other(value: Any, folder: Any) -> Any:
    table = _table(value)
    if table is not None:
        return _write(table, folder)
    found, simpler = _plain(value)
    return values.encode(simpler, lambda other: _other(other, folder)) if found else None


def _table(value: Any) -> Any:
    """An Arrow table, or a list of columns without pyarrow; None for what is no table."""
    home, name = type(value).__module__.partition(".")[0], type(value).__name__
    arrow = _library("pyarrow")
    if home == "pandas" and name == "DataFrame":
        index = value.index
        if type(index).__name__ != "RangeIndex" or index.start != 0 or index.step != 1 or index.name is not None:
            value = value.reset_index()
        names = ["_".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value.columns]
        value = value.set_axis(names, axis=1)
        if arrow is not None:
            return arrow.Table.from_pandas(value, preserve_index=False)
        columns = [value.iloc[:, place] for place in range(len(names))]
        cells = [[None if gone else item for item, gone in zip(c.tolist(), c.isna().tolist())] for c in columns]
        return [(each, str(kind), items) for each, kind, items in zip(names, value.dtypes, cells)]
    if home == "polars" and name in ("DataFrame", "LazyFrame"):
        value = value.collect() if name == "LazyFrame" else value
        if arrow is not None:
            return value.to_arrow()
        return [(each, str(value[each].dtype), value[each].to_list()) for each in value.columns]
    if arrow is not None and home in ("pyarrow", "duckdb", "_duckdb"):
        if hasattr(value, "read_all"):
            value = value.read_all()
        elif hasattr(value, "to_arrow_table"):
            value = value.to_arrow_table()
        elif name == "RecordBatch":
            value = arrow.Table.from_batches([value])
        return value if isinstance(value, arrow.Table) else None
    return None


def _write(table: Any, folder: Any) -> Any:
    if isinstance(table, list):
        columns = [{"name": name, "type": kind} for name, kind, _ in table]
        lists, count = [items for _, _, items in table], len(table[0][2]) if table else 0
    else:
        columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
        count = table.num_rows
        if folder and os.path.isdir(folder):
            path = os.path.join(folder, "jupyter-%s.arrow" % binascii.b2a_hex(os.urandom(12)).decode("ascii"))
            arrow, ipc = _library("pyarrow"), importlib.import_module("pyarrow.ipc")
            with arrow.OSFile(path, "wb") as sink, ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            return {"t": "table", "v": {"columns": columns, "count": count, "arrow": path}}
        lists = [column.to_pylist() for column in table.columns]
    cells = [[encode(item, "") for item in items] for items in lists]
    rows = [list(row) for row in zip(*cells)] if cells else [[] for _ in range(count)]
    return {"t": "table", "v": {"columns": columns, "count": count, "rows": rows}}


def _read(typed: Any) -> Any:
    content = typed["v"]
    pandas, polars, arrow = _library("pandas"), _library("polars"), _library("pyarrow")
    if "arrow" in content:
        if arrow is None:
            raise ValueError("pyarrow is not there to read an Arrow file")
        with arrow.memory_map(content["arrow"]) as source:
            table = importlib.import_module("pyarrow.ipc").open_file(source).read_all()
        return table.to_pandas() if pandas is not None else table if polars is None else polars.from_arrow(table)
    names = [column["name"] for column in content["columns"]]
    rows = [[decode(item) for item in row] for row in content["rows"]]
    if pandas is not None:
        return pandas.DataFrame(rows, columns=names) if rows else pandas.DataFrame({name: [] for name in names})
    if polars is not None:
        return polars.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return [dict(zip(names, row)) for row in rows]


def _plain(value: Any) -> Any:
    """Whether `value` stands for a plain value, and which."""
    kind = type(value)
    home, name = kind.__module__.partition(".")[0], kind.__name__
    if home == "numpy":
        return _numpy(value)
    if home == "pandas":
        return _pandas(value, name)
    if home == "polars" and name == "Series":
        return True, value.to_list()
    if home == "pyarrow":
        if hasattr(value, "to_pylist"):
            return True, value.to_pylist()
        return hasattr(value, "as_py"), value.as_py() if hasattr(value, "as_py") else None
    if kind is range or (home, name) in (("collections", "deque"), ("array", "array")):
        return True, list(value)
    if home in ("pathlib", "ipaddress", "zoneinfo"):
        return True, str(value)
    if any(base.__module__ == "enum" and base.__name__ == "Enum" for base in kind.__mro__):
        return True, value.value
    if hasattr(kind, "__dataclass_fields__"):
        return True, {field: getattr(value, field) for field in kind.__dataclass_fields__}
    return False, None


def _numpy(value: Any) -> Any:
    numpy = sys.modules["numpy"]
    dtype = getattr(value, "dtype", None)
    if dtype is None or dtype.kind == "V":
        return False, None
    if dtype.kind not in "mM":
        simpler = value.tolist()
        return type(simpler) is not type(value), simpler
    if value.ndim:
        return True, [_numpy(item)[1] for item in value]
    if numpy.isnat(value):
        return True, None
    simpler = value.astype(dtype.kind + "8[us]").item()
    return True, simpler.date() if dtype.str.endswith("[D]") and dtype.kind == "M" else simpler


def _pandas(value: Any, name: Any) -> Any:
    if name in ("NAType", "NaTType"):
        return True, None
    if name == "Timestamp":
        return True, value.to_pydatetime(warn=False)
    if name == "Timedelta":
        return True, value.to_pytimedelta()
    if hasattr(value, "tolist"):  # Series, Index, arrays
        return True, [None if item is not item and not isinstance(item, float) else item for item in value.tolist()]
    return False, None


def _library(name: Any) -> Any:
    try:
        return sys.modules.get(name) or importlib.import_module(name)
    except ImportError:
        return None

"""Tables in the engine's own process: typed values ↔ what the embedding program works with."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from verso.api.arrow import meant, objects
from verso.api.values import TypedValue, decode, encode


def table_from_typed(typed: TypedValue) -> Any:
    """A pandas frame where pandas and pyarrow are, an Arrow table where only pyarrow is, else a list of dicts."""
    content = typed["v"]
    if "arrow" in content:
        table = _read_arrow(content["arrow"])
        return _to_pandas(table) if importlib.util.find_spec("pandas") else table
    names = [column["name"] for column in content["columns"]]
    rows = [[decode(value, table_from_typed) for value in row] for row in content["rows"]]
    return [dict(zip(names, row, strict=True)) for row in rows]


def typed_from_table(value: Any) -> TypedValue | None:
    """A frame or Arrow table as a typed value with its rows inline; None for anything else."""
    if hasattr(value, "to_arrow"):
        value = value.to_arrow()
    elif type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "columns"):
        value = importlib.import_module("pyarrow").Table.from_pandas(value, preserve_index=False)
    if not (hasattr(value, "schema") and hasattr(value, "to_pylist")):
        return None
    columns = [{"name": column.name, "type": str(column.type)} for column in value.schema]
    rows = [[encode(row[column["name"]]) for column in columns] for row in value.to_pylist()]
    return {"t": "table", "v": {"columns": columns, "count": len(rows), "rows": rows}}


def _read_arrow(path: str) -> Any:
    arrow = importlib.import_module("pyarrow")
    with arrow.memory_map(path) as source:
        return meant(arrow, arrow.ipc.open_file(source).read_all())


def _to_pandas(table: Any) -> Any:
    frame = table.to_pandas(maps_as_pydicts="lossy")
    for name, items in objects(table).items():
        frame[name] = importlib.import_module("pandas").Series(items, dtype=object)
    return frame

"""Tables to PowerShell and back, in rows and in Arrow files."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from verso_powershell import tables
from verso_powershell.read_values import from_powershell
from verso_powershell.write_values import to_powershell

from verso.api.values import TypedValue, Untransferable, decode, encode

INT = {"t": "int32", "v": "1"}


def record(**values: Any) -> TypedValue:
    return {"t": "custom", "v": [[name, to_powershell(encode(value))] for name, value in values.items()]}


def array(*items: TypedValue) -> TypedValue:
    return {"t": "array", "of": "System.Object", "v": list(items)}


def rows_of(table: TypedValue) -> list[list[Any]]:
    return [[decode(cell) for cell in row] for row in table["v"]["rows"]]


def test_records_are_a_table() -> None:
    table = from_powershell(array(record(name="a", n=1), record(n=2.5, name=None)))
    assert table["t"] == "table" and table["v"]["count"] == 2
    assert table["v"]["columns"] == [{"name": "name", "type": "string"}, {"name": "n", "type": "float"}]
    assert rows_of(table) == [["a", 1.0], [None, 2.5]]


@pytest.mark.parametrize(
    "items",
    [
        [record(a=1), record(b=1)],
        [record(a=1), record(a=1, b=2)],
        [record(a=1), record(a="text")],
        [record(a=[1])],
        [record(a=2**53 + 1), record(a=0.5)],
        [record()],
        [record(a=1), to_powershell(encode(1))],
    ],
)
def test_other_lists_stay_lists(items: list[TypedValue]) -> None:
    assert from_powershell(array(*items))["t"] == "list"


def test_records_inside_of_something_stay_a_list() -> None:
    value = from_powershell({"t": "custom", "v": [["rows", array(record(a=1))]]})
    assert decode(value) == {"rows": [{"a": 1}]}


def test_a_datatable_there_and_back() -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    cells: list[list[Any]] = [[1, "a", decimal.Decimal("1.50"), moment, True], [2**40, None, None, None, None]]
    names = ["id", "name", "price", "at", "ok"]
    table = {
        "t": "table",
        "v": {
            "columns": [{"name": name, "type": ""} for name in names],
            "count": 2,
            "rows": [[encode(cell) for cell in row] for row in cells],
        },
    }
    sent = to_powershell(table, "prices")
    assert (sent["t"], sent["name"]) == ("datatable", "prices")
    kinds = [column["type"] for column in sent["columns"]]
    # A DateTime column would forget that the moment is UTC.
    expected = ["Int64", "String", "Decimal", "DateTimeOffset", "Boolean"]
    assert kinds == [f"System.{kind}" for kind in expected]
    assert {cell["t"] for cell in sent["v"][0]} == {"int64", "string", "decimal", "datetimeoffset", "bool"}
    back = from_powershell(sent)
    assert rows_of(back) == cells
    assert [column["type"] for column in back["v"]["columns"]] == ["int", "string", "decimal", "datetime", "bool"]


def test_columns_need_names_of_their_own() -> None:
    cell = encode(1)
    for names in (["a", "a"], ["a", ""]):
        columns = [{"name": name, "type": "int"} for name in names]
        with pytest.raises(Untransferable, match="names of their own"):
            to_powershell({"t": "table", "v": {"columns": columns, "count": 1, "rows": [[cell, cell]]}})


def test_an_empty_table_keeps_its_types() -> None:
    content = {"columns": [{"name": "n", "type": "int"}, {"name": "x", "type": "what"}], "count": 0, "rows": []}
    sent = to_powershell({"t": "table", "v": content})
    assert [column["type"] for column in sent["columns"]] == ["System.Int64", "System.Object"]


VALUES: list[list[Any]] = [
    [1, 2**62, None],
    [0.5, float("inf"), None],
    ["a", "😀", None],
    [True, False, None],
    [b"\x00\xff", b"", None],
    [decimal.Decimal("1.50"), decimal.Decimal("-2.25"), None],
    [dt.date(2020, 2, 29), dt.date(1, 1, 1), None],
    [dt.time(1, 2, 3, 4), dt.time(), None],
    [dt.datetime(1999, 12, 31, 23, 59, 59, 999999), dt.datetime(1, 1, 1), None],
    [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(1900, 1, 1, 1, tzinfo=dt.UTC), None],
    [dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))), None, None],
    [dt.timedelta(days=-3, microseconds=5), dt.timedelta(), None],
    [None, None, None],
]


def test_an_arrow_file_holds_the_same_values(tmp_path: Path) -> None:
    columns = [(f"c{place}", "") for place in range(len(VALUES))]
    rows = [[encode(column[place]) for column in VALUES] for place in range(3)]
    table = tables.from_rows(columns, rows)
    written = tables.to_arrow(table, tmp_path)
    path = Path(written["v"]["arrow"])
    assert path.parent == tmp_path and "rows" not in written["v"] and written["v"]["count"] == 3
    back = tables.with_rows(written)
    assert rows_of(back) == [[column[place] for column in VALUES] for place in range(3)]
    offsets = [cell["v"][-6:] for cell in back["v"]["rows"][0] if cell["t"] == "datetime"]
    assert offsets[1:] == ["+00:00", "+05:30"]


def test_ticks_survive_arrow(tmp_path: Path) -> None:
    cells = [{"t": "datetime", "v": "2026-01-01T00:00:00.1234567"}, {"t": "datetime", "v": "2026-01-01T00:00:00"}]
    written = tables.to_arrow(tables.from_rows([("at", "")], [[cell] for cell in cells]), tmp_path)
    back = tables.with_rows(written)["v"]["rows"]
    assert [row[0]["v"] for row in back] == ["2026-01-01T00:00:00.123456700", "2026-01-01T00:00:00"]
    assert to_powershell(back[0][0]) == cells[0]


@pytest.mark.parametrize(
    "column",
    [
        [{"t": "uuid", "v": "00000000-0000-0000-0000-000000000001"}],
        [{"t": "int", "v": str(2**70)}],
        [encode(1), encode("a")],
        [encode(dt.datetime(2026, 1, 1)), encode(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))],
        [{"t": "utf16", "v": "ANg="}],
        [encode([1])],
        [{"t": "datetime", "v": "9000-01-01T00:00:00.1234567"}],
    ],
)
def test_what_arrow_has_no_exact_type_for_stays_in_rows(column: list[TypedValue], tmp_path: Path) -> None:
    table = tables.from_rows([("c", "")], [[cell] for cell in column])
    assert tables.to_arrow(table, tmp_path) is table
    assert list(tmp_path.iterdir()) == []


def test_files_of_other_kernels_are_read(tmp_path: Path) -> None:
    whole = pyarrow.table(
        {
            "d": pyarrow.array(["x", "y", "x"]).dictionary_encode(),
            "t": pyarrow.array([0, 1, None], pyarrow.timestamp("s", tz="Europe/Paris")),
            "m": pyarrow.array([1, None, 3], pyarrow.time32("ms")),
            "s": pyarrow.array([{"a": 1}, None, {"a": 2}]),
            "f": pyarrow.array([0.5, None, 1.5], pyarrow.float32()),
        }
    )
    path = tmp_path / "other.arrow"
    with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole, max_chunksize=2)
    columns = [{"name": name, "type": ""} for name in whole.schema.names]
    table = tables.with_rows({"t": "table", "v": {"columns": columns, "count": 3, "arrow": str(path)}})
    assert rows_of(table)[0] == [
        "x",
        dt.datetime(1970, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        dt.time(0, 0, 0, 1000),
        {"a": 1},
        0.5,
    ]
    assert rows_of(table)[1][4] is None
    sent = to_powershell(table, "t")
    assert [c["type"].removeprefix("System.") for c in sent["columns"]] == [
        "String",
        "DateTimeOffset",
        "TimeOnly",
        "Object",
        "Double",
    ]

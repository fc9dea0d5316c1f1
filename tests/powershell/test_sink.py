"""Where errors are, as the notebook shows them."""

from __future__ import annotations

from typing import Any

from verso_powershell.sink import CellSink

from verso.api.messages import ExecuteRequest
from verso.api.outputs import Error
from verso.testing.sinks import RecordingSink

SOURCES = {"cell-1": "function f {\n  '😀'; Get-Item nope\n}", "cell-2": "'x'\nf\nInvoke-Expression $text"}


def shown(**detail: Any) -> Error:
    """An error of the worker while cell-2 runs, as the engine gets it."""
    sink = RecordingSink()
    request = ExecuteRequest(code=SOURCES["cell-2"], name="cell-2")
    place = {"line": detail["line"], "column": detail["column"]}
    CellSink(sink, request, SOURCES, {}).put(Error(ename="E", **place, detail=detail))
    return sink.errors[0]


def test_an_error_of_this_cell_has_its_place() -> None:
    error = shown(cell="cell-2", line=2, column=1, stack=["at <ScriptBlock>, cell-2: line 2"])
    assert (error.line, error.column) == (2, 1)


def test_an_error_of_an_earlier_cell_has_the_line_that_led_there() -> None:
    stack = ["at f, cell-1: line 2", "at <ScriptBlock>, cell-2: line 2"]
    error = shown(cell="cell-1", line=2, column=9, stack=stack)
    assert (error.line, error.column) == (2, 0)
    assert (error.detail["cell"], error.detail["line"], error.detail["column"]) == ("cell-1", 2, 8)


def test_an_error_of_a_script_has_the_line_that_led_there() -> None:
    stack = ["at <ScriptBlock>, /work/tool.ps1: line 7", "at <ScriptBlock>, cell-2: line 1"]
    error = shown(cell="/work/tool.ps1", line=7, column=3, stack=stack)
    assert (error.line, error.column, error.detail["line"], error.detail["column"]) == (1, 0, 7, 3)


def test_an_error_of_a_text_that_is_run_has_no_column() -> None:
    stack = ["at <ScriptBlock>, <No file>: line 1", "at <ScriptBlock>, cell-2: line 3"]
    error = shown(cell="cell-2", line=3, column=40, stack=stack)
    assert (error.line, error.column, error.detail["column"]) == (3, 0, 0)


def test_an_error_of_no_cell_has_no_place() -> None:
    error = shown(cell=None, line=9, column=2, stack=[])
    assert (error.line, error.column, error.detail["line"]) == (0, 0, 9)

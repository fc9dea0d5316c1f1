"""The reports as data that other programs can read, whatever the cells put out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verso.api.events import CellFinished
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import DisplayData, Error, Stream
from verso.cli.report import json_line, junit_xml, report_document
from verso.engine.runner import RunResult


def result_of(*outputs: Any, status: CellStatus = CellStatus.OK) -> RunResult:
    cell = Cell(id=CellId("a"), outputs=outputs)
    finished = CellFinished(cell_id=cell.id, index=0, status=status, elapsed=0.5, cell=cell, kernel="python")
    return RunResult(cells=(finished,), elapsed=1.0)


def strict(text: str) -> Any:
    """What a JSON reader that keeps to the standard makes of a text."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text.encode("utf-8", "backslashreplace"), parse_constant=refuse)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"a": float("nan"), "b": [float("inf"), -float("inf")]}, {"a": None, "b": [None, None]}),
        ({1: "int", (1, 2): "tuple", None: float("nan")}, {"1": "int", "(1, 2)": "tuple", "None": None}),
        ({"half": "\ud83d"}, {"half": "\ud83d"}),
    ],
)
def test_json_of_what_json_lacks(content: Mapping[Any, Any], expected: object) -> None:
    result = result_of(DisplayData(data={"application/json": content}))
    document = report_document("nb", {"f": float("nan")}, result, {}, None)
    read = strict(json_line(document))
    assert read["cells"][0]["outputs"][0]["data"]["application/json"] == expected
    assert read["parameters"] == {"f": "nan"}


@given(st.text(), st.text(), st.text())
def test_junit_is_xml_whatever_the_texts(name: str, text: str, words: str) -> None:
    error = Error(ename=text, evalue=words, traceback=(words, text))
    result = result_of(Stream(text=text), error, status=CellStatus.ERROR)
    minidom.parseString(junit_xml(name, result, {"a": words}).encode())

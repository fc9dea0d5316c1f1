"""What `verso run` reports as data: the JSON document, one JSON line an event, and JUnit's XML."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, assert_never
from xml.etree import ElementTree

from verso.api.events import (
    CellFinished,
    CellOutput,
    CellQueued,
    CellStale,
    CellStarted,
    Event,
    KernelStateChanged,
    NotebookChanged,
    Notice,
    RunFinished,
    RunStarted,
    VariableChanged,
)
from verso.api.messages import OutputMessage
from verso.api.notebook import CellStatus
from verso.api.outputs import Error, Output
from verso.engine.runner import RunResult

_TYPES = {
    "Stream": "stream",
    "DisplayData": "display_data",
    "ExecuteResult": "execute_result",
    "Error": "error",
    "UpdateDisplayData": "update_display_data",
    "ClearOutput": "clear_output",
    "Progress": "progress",
}


_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_document(
    notebook: str,
    parameters: Mapping[str, Any],
    result: RunResult,
    languages: Mapping[str, str | None],
    variables: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The document of `--output json`: `{notebook, parameters, cells, summary, variables?}`.

    `languages`: cell id → kernel name. Elapsed times are in seconds.
    """
    document: dict[str, Any] = {
        "notebook": notebook,
        "parameters": {name: plain_parameter(value) for name, value in parameters.items()},
        "cells": [cell_object(cell, languages.get(cell.cell_id)) for cell in result.cells],
        "summary": summary(result),
    }
    if variables is not None:
        document["variables"] = variables
    return document


def summary(result: RunResult) -> dict[str, Any]:
    """Counts of cells by how they ended, and the seconds of the run. `failed` holds those that timed out as well;
    `timed_out` says how many these are."""
    counts = Counter(cell.status for cell in result.cells)
    return {
        "total": len(result.cells),
        "ok": counts[CellStatus.OK],
        "failed": counts[CellStatus.ERROR] + counts[CellStatus.TIMED_OUT],
        "timed_out": counts[CellStatus.TIMED_OUT],
        "cancelled": counts[CellStatus.CANCELLED],
        "skipped": counts[CellStatus.SKIPPED],
        "elapsed": round(result.elapsed, 6),
    }


def cell_object(cell: CellFinished, language: str | None) -> dict[str, Any]:
    """A finished cell as the report shows it."""
    shown: dict[str, Any] = {
        "index": cell.index,
        "id": cell.cell_id,
        "type": cell.cell.type,
        "language": language,
        "status": str(cell.status),
        "elapsed": round(cell.elapsed, 6),
        "outputs": [output_object(output) for output in cell.cell.outputs] if _ran(cell) else [],
    }
    if cell.reason:
        shown["reason"] = cell.reason
    if cell.kernel_died:
        shown["kernel_died"] = True
    return shown


def output_object(output: Output | OutputMessage) -> dict[str, Any]:
    """An output as JSON: its `type` in the words of the Jupyter protocol, and the fields that say something."""
    shown: dict[str, Any] = {"type": _TYPES[type(output).__name__]}
    required = ("name", "text", "data", "ename", "evalue", "traceback", "activity", "wait")
    for name in output.fields:
        value = getattr(output, name)
        if name in required or value not in (None, "", (), {}, 0):
            shown[name] = list(value) if isinstance(value, tuple) else value
    return shown


def event_object(event: Event) -> dict[str, Any]:
    """An event as one line of `--output jsonl`."""
    match event:
        case RunStarted():
            return {"event": "run_started", "cells": list(event.cells)}
        case CellQueued():
            return {"event": "cell_queued", "id": event.cell_id, "index": event.index}
        case CellStarted():
            return {"event": "cell_started", "id": event.cell_id, "index": event.index, "kernel": event.kernel}
        case CellOutput():
            return {
                "event": "cell_output",
                "id": event.cell_id,
                "index": event.index,
                "output": output_object(event.output),
            }
        case CellFinished():
            shown = cell_object(event, event.kernel or None)
            del shown["outputs"]
            return {"event": "cell_finished", **shown}
        case VariableChanged():
            variable = event.variable
            return {
                "event": "variable_changed",
                "name": variable.name,
                "owner": variable.owner,
                "version": variable.version,
                "type": variable.info.type,
                "preview": variable.info.preview,
                "removed": event.removed,
            }
        case CellStale():
            return {"event": "cell_stale", "id": event.cell_id, "index": event.index, "variable": event.variable}
        case KernelStateChanged():
            return {
                "event": "kernel_state",
                "kernel": event.kernel,
                "state": str(event.state),
                **({"reason": event.reason} if event.reason else {}),
            }
        case NotebookChanged():
            return {"event": "notebook_changed", "cells": list(event.cells)}
        case Notice():
            return {"event": "notice", "severity": event.severity, "message": event.message}
        case RunFinished():
            reason = {"reason": event.reason} if event.reason else {}
            return {"event": "run_finished", "elapsed": round(event.elapsed, 6), **reason}
    assert_never(event)


def junit_xml(notebook: str, result: RunResult, languages: Mapping[str, str | None]) -> str:
    """The run as a JUnit test suite: one test case a cell, failures with their error, skipped ones as such."""
    counts = summary(result)
    suite = ElementTree.Element(
        "testsuite",
        name=_xml_safe(notebook),
        tests=str(counts["total"]),
        failures=str(counts["failed"]),
        errors=str(counts["cancelled"]),
        skipped=str(counts["skipped"]),
        time=f"{result.elapsed:.6f}",
    )
    for cell in result.cells:
        name = _xml_safe(f"cell {cell.index} ({languages.get(cell.cell_id) or cell.cell.type})")
        case = ElementTree.SubElement(
            suite, "testcase", classname=_xml_safe(notebook), name=name, time=f"{cell.elapsed:.6f}"
        )
        _add_outcome(case, cell)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def plain_parameter(value: object) -> Any:
    """A parameter's value as JSON: dates as ISO 8601 text, numbers that JSON lacks (nan, inf) as `-p` takes them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def json_line(value: Any) -> str:
    """One line of JSON (RFC 8259), readable text as it is. What a cell put out and JSON lacks becomes what JavaScript
    makes of it: null for nan and inf, text for keys."""
    try:
        return _dumps(value)
    except (ValueError, TypeError):
        return _dumps(_plain(value))


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _ran(cell: CellFinished) -> bool:
    # A skipped cell may hold outputs of an earlier run: they are no result of this one.
    return cell.status is not CellStatus.SKIPPED


def _add_outcome(case: ElementTree.Element, cell: CellFinished) -> None:
    errors = [output for output in cell.cell.outputs if isinstance(output, Error)]
    streams = {"stdout": "system-out", "stderr": "system-err"}
    if cell.status is CellStatus.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=_xml_safe(cell.reason))
    elif cell.status is not CellStatus.OK:
        tag = "error" if cell.status is CellStatus.CANCELLED else "failure"
        last = errors[-1] if errors else Error(ename=str(cell.status), evalue=cell.reason)
        failure = ElementTree.SubElement(case, tag, type=_xml_safe(last.ename), message=_xml_safe(last.evalue))
        failure.text = _xml_safe("\n".join(last.traceback))
    if not _ran(cell):
        return
    for name, element in streams.items():
        text = "".join(output.text for output in cell.cell.outputs if getattr(output, "name", "") == name)  # type: ignore[union-attr]
        if text:
            ElementTree.SubElement(case, element).text = _xml_safe(text)


def _xml_safe(text: str) -> str:
    """Text without the characters that XML 1.0 does not allow (section 2.2)."""
    return _NOT_XML.sub("", text)

"""Cells and outputs as nbformat 4.5 has them."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

from verso.api.formats import ReadOptions
from verso.api.notebook import Cell, CellId
from verso.api.outputs import DisplayData, Error, ExecuteResult, Output, Stream
from verso.formats.cells import LANGUAGE_TYPES, derived_id, unix_lines
from verso.formats.ipynb_kernels import cell_language, with_cell_language, without_cell_language
from verso.formats.json_object import JsonObject
from verso.formats.json_text import compact_json
from verso.formats.kept_keys import KnownKeys
from verso.formats.verso_file import cell_of as verso_cell_of
from verso.formats.verso_outputs import output_of as verso_output_of
from verso.formats.verso_outputs import output_value as verso_output_value

_JUPYTER_TYPES: Final = {"markdown": "markdown", "raw": "raw", "parameters": "raw"}
_CELL: Final = frozenset({"id", "cell_type", "metadata", "source", "outputs", "execution_count", "attachments"})
_OURS: Final = KnownKeys("format", "as", "cell", "outputs")
_SAME_NAMES: Final = ("id", "type", "language", "source", "outputs", "metadata", "attachments")
_OUR_CELL: Final = KnownKeys(*_SAME_NAMES, "executionCount", "extra")
_DIFFERENCE: Final = KnownKeys("check", "set", "unset")
_SPLIT: Final = ("image/svg+xml", "application/javascript")
_CHECKED: Final = frozenset({"tags", "name", "format", "collapsed", "scrolled", "jupyter", "execution"})
"""Metadata of a cell that the notebook format's schema has rules for."""

_JSON: Final = re.compile(r"application/(.*\+)?json$")
"""The MIME types whose content is a JSON value, as the schema has it."""


# --- reading --------------------------------------------------------------------------------------------


def cell_of(found: Mapping[str, Any], *, path: str, position: int, options: ReadOptions) -> Cell:
    """The cell of a valid nbformat 4 cell; its id is empty when a file with ids lacks it."""
    cell = _plain_cell(found)
    if "id" not in found:
        cell = cell.replace(id=derived_id(position, cell.source))
    metadata = found["metadata"]
    ours = metadata.get("verso")
    if not _is_ours(ours):
        return cell
    cell = cell.replace(metadata={key: value for key, value in cell.metadata.items() if key != "verso"})
    return _with_ours(cell, ours, found, path=f"{path}.metadata.verso", source=options.source)


def _plain_cell(found: Mapping[str, Any]) -> Cell:
    kind = found["cell_type"]
    metadata = dict(found["metadata"])
    language = None
    if kind == "code":
        language = cell_language(metadata)
        metadata = without_cell_language(metadata)
        if language is not None and language in LANGUAGE_TYPES:
            kind, language = language, LANGUAGE_TYPES[language]
    return Cell(
        id=CellId(found.get("id", "")),
        type=kind,
        language=language,
        source=unix_lines(_text(found["source"])),
        outputs=tuple(_output_of(output) for output in found.get("outputs", ())),
        execution_count=found.get("execution_count"),
        metadata=metadata,
        attachments={name: _bundle_of(bundle) for name, bundle in found.get("attachments", {}).items()},
        extra={key: value for key, value in found.items() if key not in _CELL},
    )


def _output_of(found: Mapping[str, Any]) -> Output:
    match found["output_type"]:
        case "stream":
            return Stream(
                name=found["name"], text=_text(found["text"]), extra=_others(found, "output_type", "name", "text")
            )
        case "error":
            return Error(
                ename=found["ename"],
                evalue=found["evalue"],
                traceback=tuple(found["traceback"]),
                extra=_others(found, "output_type", "ename", "evalue", "traceback"),
            )
        case "execute_result":
            return ExecuteResult(
                data=_bundle_of(found["data"]),
                metadata=found["metadata"],
                execution_count=found["execution_count"],
                extra=_others(found, "output_type", "data", "metadata", "execution_count"),
            )
        case _:
            return DisplayData(
                data=_bundle_of(found["data"]),
                metadata=found["metadata"],
                extra=_others(found, "output_type", "data", "metadata"),
            )


def _others(found: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in known}


def _bundle_of(found: Mapping[str, Any]) -> dict[str, Any]:
    return {mime: content if _JSON.match(mime) else _text(content) for mime, content in found.items()}


def _text(content: Any) -> Any:
    """nbformat's multi-line text: a string or a list of strings that are put together."""
    return "".join(content) if isinstance(content, list) and all(isinstance(x, str) for x in content) else content


# --- writing --------------------------------------------------------------------------------------------


def cell_value(cell: Cell, valid_id: CellId, is_valid: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """The nbformat 4.5 cell; `cell_of` is its inverse. `is_valid`: asked when the format has a say in a cell's
    metadata; what it refuses is put where Jupyter does not look."""
    kind = _JUPYTER_TYPES.get(cell.type, "code")
    metadata = dict(cell.metadata)
    found: dict[str, Any] = {
        **{key: value for key, value in cell.extra.items() if key not in _CELL},
        "cell_type": kind,
        "id": valid_id,
        "metadata": metadata,
        "source": _lines(cell.source),
    }
    if kind == "code":
        language = cell.language
        if language is None and cell.type in LANGUAGE_TYPES:
            language = cell.type
        found["metadata"] = metadata = with_cell_language(metadata, language)
        found["execution_count"] = _count(cell.execution_count)
        found["outputs"] = [_output_value(output) for output in cell.outputs]
    elif cell.attachments:
        found["attachments"] = {name: _bundle_value(bundle) for name, bundle in cell.attachments.items()}
    if not metadata.keys().isdisjoint(_CHECKED) and not is_valid(found):
        found["metadata"] = metadata = {}
    ours = _ours(cell, found)
    if ours:
        found["metadata"] = {**metadata, "verso": ours}
    return found


def _output_value(output: Output) -> dict[str, Any]:
    match output:
        case Stream():
            return {**output.extra, "output_type": "stream", "name": output.shown_as, "text": _lines(output.text)}
        case DisplayData():
            return {
                **output.extra,
                "output_type": "display_data",
                "data": _bundle_value(output.data),
                "metadata": output.metadata,
            }
        case ExecuteResult():
            return {
                **output.extra,
                "output_type": "execute_result",
                "data": _bundle_value(output.data),
                "metadata": output.metadata,
                "execution_count": _count(output.execution_count),
            }
        case Error():
            return {
                **output.extra,
                "output_type": "error",
                "ename": output.ename,
                "evalue": output.evalue,
                "traceback": list(output.traceback),
            }
        case _:
            assert_never(output)


def _count(count: int | None) -> int | None:
    """An execution count as the notebook format takes it: none below 0."""
    return count if count is None or count >= 0 else None


def _bundle_value(data: Mapping[str, Any]) -> dict[str, Any]:
    return {mime: _content_value(mime, content) for mime, content in data.items()}


def _content_value(mime: str, content: Any) -> Any:
    if _JSON.match(mime):
        return content
    text = content if isinstance(content, str) else compact_json(content)
    return _lines(text) if mime.startswith("text/") or mime in _SPLIT else text


def _lines(text: str) -> list[str]:
    """Text as Jupyter writes it: a list of lines with their ends, so that a change is a line in a diff."""
    return text.splitlines(keepends=True)


# --- what Jupyter has no place for ----------------------------------------------------------------------
# A cell's `metadata.verso`: {"format": 1, "as": [cell_type, language], "cell": {…}, "outputs": {"0": {…}}}.
# `cell` holds the fields that differ, as in a .verso file, and counts while the cell is still as `as` says;
# `outputs`, by index, what differs of an output, and counts while the output is still the one with that `check`.


def _ours(cell: Cell, found: Mapping[str, Any]) -> dict[str, Any]:
    back = _plain_cell(found)
    names = ("id", "type", "language", "source", "metadata", "attachments", "extra")
    fields = {name: getattr(cell, name) for name in names if getattr(cell, name) != getattr(back, name)}
    if "verso" in cell.metadata:
        fields["metadata"] = cell.metadata
    if cell.execution_count != back.execution_count:
        fields["executionCount"] = cell.execution_count
    if len(cell.outputs) != len(back.outputs):
        fields["outputs"] = [verso_output_value(output) for output in cell.outputs]
    outputs = {
        str(index): _difference(output, output_back)
        for index, (output, output_back) in enumerate(zip(cell.outputs, back.outputs, strict=False))
        if output != output_back
    }
    if not fields and not outputs:
        return {}
    ours: dict[str, Any] = {"format": 1}
    if fields:
        ours |= {"as": [found["cell_type"], back.language], "cell": fields}
    if outputs:
        ours["outputs"] = outputs
    return ours


def _with_ours(cell: Cell, ours: Mapping[str, Any], found: Mapping[str, Any], *, path: str, source: str) -> Cell:
    parts = JsonObject(ours, _OURS, path=path, source=source)
    fields = JsonObject(parts.members("cell"), _OUR_CELL, path=f"{path}.cell", source=source)
    if fields.fields and parts.fields.get("as") == [found["cell_type"], cell.language]:
        kept = verso_cell_of(
            {key: value for key, value in fields.fields.items() if key not in ("executionCount", "extra")},
            path=fields.path,
            source=source,
        )
        changes = {name: getattr(kept, name) for name in fields.fields if name in _SAME_NAMES}
        if "executionCount" in fields.fields:
            changes["execution_count"] = fields.number("executionCount")
        if "extra" in fields.fields:
            changes["extra"] = fields.members("extra")
        cell = cell.replace(**changes)
    differences = parts.members("outputs")
    if not differences:
        return cell
    return cell.replace(
        outputs=tuple(
            _restored(output, differences.get(str(index)), path=f"{path}.outputs.{index}", source=source)
            for index, output in enumerate(cell.outputs)
        )
    )


def _difference(output: Output, back: Output) -> dict[str, Any]:
    wanted, there = _ordered_value(output), _ordered_value(back)
    return {
        "check": _check(there),
        "set": {key: value for key, value in wanted.items() if key not in there or there[key] != value},
        "unset": [key for key in there if key not in wanted],
    }


def _restored(output: Output, difference: object, *, path: str, source: str) -> Output:
    if difference is None:
        return output
    parts = JsonObject(difference, _DIFFERENCE, path=path, source=source)
    there = _ordered_value(output)
    if parts.text("check") != _check(there):
        return output
    unset = parts.texts("unset")
    wanted = {key: value for key, value in there.items() if key not in unset} | parts.members("set")
    return verso_output_of(wanted, path=path, source=source)


def _ordered_value(output: Output) -> Mapping[str, Any]:
    """The output as in a `.verso` file, however its bundle is ordered: Jupyter sorts the keys of every object."""
    if isinstance(output, (DisplayData, ExecuteResult)):
        output = output.replace(data=json.loads(json.dumps(dict(output.data), sort_keys=True)))
    return verso_output_value(output)


def _check(value: Mapping[str, Any]) -> str:
    return format(zlib.crc32(json.dumps(value, sort_keys=True).encode()), "08x")


def _is_ours(value: object) -> bool:
    return isinstance(value, dict) and value.get("format") == 1

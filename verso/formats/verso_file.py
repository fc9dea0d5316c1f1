"""The `.verso` file, version 1.0: UTF-8 JSON, two spaces, keys in a fixed order (docs/formats.md).

A superset of what the existing .NET program writes: it opens our files and we read all of its.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from verso.api.errors import FormatError
from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import EXECUTION, Cell, CellId, Notebook
from verso.api.parameters import Parameter
from verso.formats.cells import mended_ids, unix_lines
from verso.formats.json_object import JsonObject, kind_of
from verso.formats.json_text import Put, read_json, write_json
from verso.formats.kept_keys import KnownKeys, without
from verso.formats.verso_outputs import output_of, output_value

VERSION: Final = "1.0"

LATER_VERSION: Final = "verso:version"
"""The key in `Notebook.extra` of the version of a file that is of a later minor one: it is written back."""

_TOP: Final = KnownKeys("verso", "metadata", "cells", "layouts", "extensionSettings")
_METADATA: Final = KnownKeys(
    "title",
    "created",
    "modified",
    "defaultKernel",
    "activeLayout",
    "preferredTheme",
    "extensions",
    "parameters",
)
_EXTENSIONS: Final = KnownKeys("required", "optional")
_PARAMETER: Final = KnownKeys("type", "description", "default", "required", "order")
_CELL: Final = KnownKeys("id", "type", "language", "source", "outputs", "metadata", "attachments")
_MAJOR: Final = re.compile(r"(\d+)(\.\d+)*")
_LATER: Final = re.compile(r"1\.[1-9]\d*")


def read(text: str, options: ReadOptions) -> Notebook:
    """The notebook of a `.verso` text. `FormatError` with line and column, or the JSON path, and what was expected."""
    value = read_json(text, options.source)
    top = JsonObject(value, _TOP, path="$", source=options.source)
    version = _version_of(top)
    if _LATER.fullmatch(version):
        top.kept[LATER_VERSION] = version
    if "nbformat" in top.kept and "verso" not in top.fields:
        raise FormatError(
            "this is a Jupyter notebook, not a .verso file",
            where=options.source,
            next_step="read it as ipynb: --from ipynb, or name it .ipynb",
        )
    if "cells" not in top.fields and "verso" not in top.fields:
        top.refuse("cells", "a list of cells", None)
    cells, warnings = mended_ids(
        cell_of(item, path=f"$.cells[{index}]", source=options.source) for index, item in enumerate(top.items("cells"))
    )
    notebook = notebook_of(top.members("metadata"), path="$.metadata", source=options.source)
    return notebook.replace(
        cells=cells,
        layouts=top.members("layouts"),
        extension_settings=settings_of(top),
        extra=top.kept,
        warnings=warnings,
    )


def write(notebook: Notebook, options: WriteOptions) -> str:
    """The `.verso` text of a notebook; the same notebook gives the same text."""
    pieces: list[str] = []
    write_to(notebook, options, pieces.append)
    return "".join(pieces)


def write_to(notebook: Notebook, options: WriteOptions, put: Put) -> None:
    """Hands the `.verso` text of a notebook over in pieces."""
    later = notebook.extra.get(LATER_VERSION)
    later = later if isinstance(later, str) and _LATER.fullmatch(later) else None
    fields: dict[str, Any] = {
        "verso": later or VERSION,
        "metadata": metadata_value(notebook),
        "cells": [cell_value(cell) for cell in notebook.cells],
    }
    if notebook.layouts:
        fields["layouts"] = notebook.layouts
    if notebook.extension_settings:
        fields["extensionSettings"] = notebook.extension_settings
    extra = without(notebook.extra, LATER_VERSION) if later else notebook.extra
    write_json(_TOP.join(fields, extra), put, indent=2)
    put("\n")


def _version_of(top: JsonObject) -> str:
    """The format's version; the keys of a later minor one are kept like all that are unknown."""
    version = top.fields.get("verso", VERSION)
    match = _MAJOR.fullmatch(str(version)) if type(version) in (str, int, float) else None
    if match is None:
        found = repr(version) if type(version) is str else kind_of(version)
        raise FormatError(f'expected a format version like "1.0", found {found}', where=f"{top.source}: $.verso")
    if int(match[1]) > 1:
        raise FormatError(
            f"the file is of format version {version}, and this program reads up to 1.x",
            where=f"{top.source}: $.verso",
            next_step=f"use a version of Verso that reads format {match[1]}.x",
        )
    return str(version)


# --- the document's metadata ----------------------------------------------------------------------------


def notebook_of(value: object, *, path: str, source: str) -> Notebook:
    """The notebook, still without cells, that a metadata object describes."""
    metadata = JsonObject(value, _METADATA, path=path, source=source)
    extensions = JsonObject(metadata.members("extensions"), _EXTENSIONS, path=f"{path}.extensions", source=source)
    if extensions.kept:
        metadata.kept["extensions"] = extensions.kept
    parameters = metadata.members("parameters")
    return Notebook(
        title=metadata.text("title"),
        created=metadata.text("created"),
        modified=metadata.text("modified"),
        default_kernel=metadata.text("defaultKernel"),
        active_layout=metadata.text("activeLayout"),
        preferred_theme=metadata.text("preferredTheme"),
        required_extensions=extensions.texts("required"),
        optional_extensions=extensions.texts("optional"),
        parameters=tuple(
            _parameter_of(name, item, path=f"{path}.parameters.{name}", source=source)
            for name, item in parameters.items()
        ),
        metadata=metadata.kept,
    )


def settings_of(parts: JsonObject) -> dict[str, Any]:
    """The settings of extensions under `extensionSettings`: extension → name → value."""
    settings = parts.members("extensionSettings")
    for name, values in settings.items():
        if type(values) is not dict:
            parts.refuse(f"extensionSettings.{name}", "an object", values)
    return settings


def metadata_value(notebook: Notebook) -> Mapping[str, Any]:
    """The metadata object of a notebook; `notebook_of` is its inverse."""
    kept = notebook.metadata
    fields: dict[str, Any] = {
        "title": notebook.title,
        "created": notebook.created,
        "modified": notebook.modified,
        "defaultKernel": notebook.default_kernel,
        "activeLayout": notebook.active_layout,
        "preferredTheme": notebook.preferred_theme,
    }
    fields = {key: value for key, value in fields.items() if value is not None}
    extensions = {
        key: list(names)
        for key, names in (("required", notebook.required_extensions), ("optional", notebook.optional_extensions))
        if names
    }
    kept_extensions = kept.get("extensions")
    if isinstance(kept_extensions, Mapping) and kept_extensions:
        fields["extensions"] = _EXTENSIONS.join(extensions, kept_extensions)
        kept = without(kept, "extensions")
    elif extensions:
        fields["extensions"] = extensions
    if notebook.parameters:
        fields["parameters"] = {parameter.name: _parameter_value(parameter) for parameter in notebook.parameters}
    return _METADATA.join(fields, kept)


def _parameter_of(name: str, value: object, *, path: str, source: str) -> Parameter:
    parameter = JsonObject(value, _PARAMETER, path=path, source=source)
    return Parameter(
        name=name,
        type=parameter.text("type", "string"),
        description=parameter.text("description"),
        default=parameter.fields.get("default"),
        required=parameter.flag("required"),
        order=parameter.number("order"),
        extra=parameter.kept,
    )


def _parameter_value(parameter: Parameter) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"type": parameter.type}
    if parameter.description is not None:
        fields["description"] = parameter.description
    if parameter.default is not None:
        fields["default"] = parameter.default
    if parameter.required:
        fields["required"] = True
    if parameter.order is not None:
        fields["order"] = parameter.order
    return _PARAMETER.join(fields, parameter.extra)


# --- cells ----------------------------------------------------------------------------------------------


def cell_of(value: object, *, path: str, source: str) -> Cell:
    """The cell that a JSON object describes; its id is empty when it has none."""
    cell = JsonObject(value, _CELL, path=path, source=source)
    metadata, count = _execution_count_of(cell.members("metadata"))
    attachments = cell.members("attachments")
    for name, bundle in attachments.items():
        if type(bundle) is not dict:
            cell.refuse(f"attachments.{name}", "an object", bundle)
    return Cell(
        id=CellId(cell.text("id", "")),
        type=cell.text("type") or "code",
        language=cell.text("language"),
        source=unix_lines(cell.lines("source")),
        outputs=tuple(
            output_of(item, path=f"{path}.outputs[{index}]", source=source)
            for index, item in enumerate(cell.items("outputs"))
        ),
        execution_count=count,
        metadata=metadata,
        attachments=attachments,
        extra=cell.kept,
    )


def cell_value(cell: Cell) -> Mapping[str, Any]:
    """The JSON object of a cell; `cell_of` is its inverse."""
    fields: dict[str, Any] = {"id": cell.id, "type": cell.type}
    if cell.language is not None:
        fields["language"] = cell.language
    fields["source"] = cell.source
    if cell.outputs:
        fields["outputs"] = [output_value(output) for output in cell.outputs]
    metadata = cell.metadata
    if cell.execution_count is not None:
        metadata = _with_execution_count(metadata, cell.execution_count)
    if metadata:
        fields["metadata"] = metadata
    if cell.attachments:
        fields["attachments"] = cell.attachments
    return _CELL.join(fields, cell.extra)


def _execution_count_of(metadata: dict[str, Any]) -> tuple[Mapping[str, Any], int | None]:
    execution = metadata.get(EXECUTION)
    if not isinstance(execution, dict) or type(execution.get("executionCount")) is not int:
        return metadata, None
    rest = {key: value for key, value in execution.items() if key != "executionCount"}
    left = {key: value if key != EXECUTION else rest for key, value in metadata.items() if key != EXECUTION or rest}
    return left, execution["executionCount"]


def _with_execution_count(metadata: Mapping[str, Any], count: int) -> Mapping[str, Any]:
    execution = metadata.get(EXECUTION)
    known = execution if isinstance(execution, Mapping) else {}
    return {**metadata, EXECUTION: {"executionCount": count, **known}}

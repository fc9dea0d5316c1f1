"""The Jupyter notebook, nbformat 4 (older ones are upgraded), checked with nbformat.

What only `.verso` has is kept under `metadata.verso` of the notebook and its cells: each part is written as Jupyter
has it, read back, and what differs is put beside it. So nothing is lost by going through Jupyter, and a plain
Jupyter notebook gets no additions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import nbformat

from verso.api.errors import FormatError
from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import CellId, Notebook
from verso.formats.cells import mended_ids
from verso.formats.ipynb_cells import cell_of, cell_value
from verso.formats.ipynb_faults import MAJOR, fault_of, is_valid
from verso.formats.ipynb_kernels import default_kernel, with_default_kernel, without_default_kernel
from verso.formats.json_object import JsonObject, kind_of
from verso.formats.json_text import Put, read_json, write_json
from verso.formats.kept_keys import KnownKeys
from verso.formats.verso_file import metadata_value, notebook_of, settings_of

MINOR: Final = 5
_TOP: Final = ("cells", "metadata", "nbformat", "nbformat_minor")
_OURS: Final = KnownKeys("format", "document", "metadata", "parameterOrder", "layouts", "extensionSettings", "extra")
_NO_ID: Final = re.compile(r"[^a-zA-Z0-9_-]")


def read(text: str, options: ReadOptions) -> Notebook:
    """The notebook of an `.ipynb` text. `FormatError` with line and column, or the JSON path of what is not as
    the notebook format asks for. Keys that the format does not know are kept, as Jupyter does."""
    found = read_json(text, options.source)
    notes: list[str] = []
    found = _upgraded(found, text, options.source, notes)
    _check(found, options.source)
    metadata = dict(found["metadata"])
    ours = metadata.pop("verso", None)
    if not _is_ours(ours):
        if ours is not None:
            metadata["verso"] = ours
        ours = {}
    notebook = _notebook_of(metadata, options)
    if ours:
        notebook = _with_ours(notebook, ours, options.source)
    cells = (
        cell_of(cell, path=f"$.cells[{index}]", position=index, options=options)
        for index, cell in enumerate(found["cells"])
    )
    mended, warnings = mended_ids(cells)
    extra = {key: value for key, value in found.items() if key not in _TOP}
    return notebook.replace(cells=mended, extra={**notebook.extra, **extra}, warnings=(*notes, *warnings))


def write(notebook: Notebook, options: WriteOptions) -> str:
    """The `.ipynb` text of a notebook: nbformat 4.5, keys sorted, one space, as Jupyter writes it."""
    pieces: list[str] = []
    write_to(notebook, options, pieces.append)
    return "".join(pieces)


def write_to(notebook: Notebook, options: WriteOptions, put: Put) -> None:
    """Hands the `.ipynb` text over in pieces."""
    reading = ReadOptions(languages=options.languages)
    metadata = _metadata_value(notebook, reading)
    ids = _valid_ids(notebook)
    value = {
        **notebook.extra,
        "cells": [cell_value(cell, next(ids), _is_valid_cell) for cell in notebook.cells],
        "metadata": metadata,
        "nbformat": MAJOR,
        "nbformat_minor": MINOR,
    }
    write_json(value, put, indent=1, sort_keys=True)
    put("\n")


# --- versions and validation ----------------------------------------------------------------------------


def _upgraded(value: object, text: str, source: str, notes: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormatError(f"expected an object, found {kind_of(value)}", where=f"{source}: $")
    found: dict[str, Any] = value
    major = found.get("nbformat")
    if type(major) is not int:
        hint = "read it as verso: --from verso, or name it .verso" if "verso" in found else ""
        raise FormatError(
            f"expected the notebook format's version, a whole number, found {kind_of(major)}",
            where=f"{source}: $.nbformat",
            next_step=hint,
        )
    if major > MAJOR or major < 1:
        raise FormatError(
            f"the notebook is of nbformat {major}, and this program reads 1 to {MAJOR}",
            where=f"{source}: $.nbformat",
            next_step="save it as version 4 with the Jupyter that wrote it",
        )
    if major < MAJOR:
        try:
            found = nbformat.convert(nbformat.reader.reads(text), MAJOR)  # type: ignore[no-untyped-call]
        except Exception as error:  # the upgrade trusts its input: anything can come of a wrong one
            reason = f"{type(error).__name__}: {error}"
            raise FormatError(
                f"the notebook is of nbformat {major} and can't be upgraded to {MAJOR}: {reason}",
                where=f"{source}: $",
            ) from None
        _tidy_upgraded(found, value)
        notes.append(f"the notebook was of nbformat {major}: it was upgraded to {MAJOR}.{MINOR}")
    minor = found.get("nbformat_minor")
    if type(minor) is not int or minor < 0:
        found_here = minor if type(minor) is int else kind_of(minor)
        raise FormatError(f"expected a whole number from 0, found {found_here}", where=f"{source}: $.nbformat_minor")
    return found


def _tidy_upgraded(found: dict[str, Any], old: dict[str, Any]) -> None:
    """Keeps the name that nbformat drops, and takes out what would not be the same at the next reading."""
    for cell in found["cells"]:
        cell.pop("id", None)  # made at random
    metadata = found["metadata"]
    for key in ("orig_nbformat", "orig_nbformat_minor"):
        metadata.pop(key, None)
    name = old["metadata"].get("name") if isinstance(old.get("metadata"), dict) else None
    if isinstance(name, str) and name:
        metadata.setdefault("title", name)


def _check(found: dict[str, Any], source: str) -> None:
    fault = fault_of(found)
    if fault is not None:
        path, what = fault
        raise FormatError(what, where=f"{source}: {path}")
    for index, cell in enumerate(found["cells"]):
        if not isinstance(cell.get("id", ""), str):
            raise FormatError(f"expected text, found {kind_of(cell['id'])}", where=f"{source}: $.cells[{index}].id")


def _is_valid_cell(cell: Mapping[str, Any]) -> bool:
    return is_valid({"cells": [cell], "metadata": {}, "nbformat": MAJOR, "nbformat_minor": MINOR})


# --- the notebook's metadata ----------------------------------------------------------------------------


def _notebook_of(metadata: dict[str, Any], options: ReadOptions) -> Notebook:
    title = metadata.get("title")
    rest = without_default_kernel(metadata, options.languages)
    return Notebook(
        title=title if isinstance(title, str) else None,
        default_kernel=default_kernel(metadata, options.languages),
        metadata={key: value for key, value in rest.items() if not (key == "title" and isinstance(title, str))},
    )


def _metadata_value(notebook: Notebook, options: ReadOptions) -> dict[str, Any]:
    metadata = dict(notebook.metadata)
    if notebook.title is not None:
        metadata["title"] = notebook.title
    if notebook.default_kernel is not None:
        metadata = with_default_kernel(metadata, notebook.default_kernel, options.languages)
    empty = {"cells": [], "metadata": metadata, "nbformat": MAJOR, "nbformat_minor": MINOR}
    if not is_valid(empty):
        metadata = {}
    ours = _ours(notebook, _notebook_of(metadata, options))
    return {**metadata, "verso": ours} if ours else metadata


def _ours(notebook: Notebook, back: Notebook) -> dict[str, Any]:
    """What `back`, the notebook that Jupyter's part of the metadata reads as, lacks."""
    document = dict(metadata_value(notebook.replace(title=None, default_kernel=None, metadata={})))
    if notebook.default_kernel != back.default_kernel:
        document["defaultKernel"] = notebook.default_kernel
    if notebook.title != back.title:
        document["title"] = notebook.title
    names = [parameter.name for parameter in notebook.parameters]
    ours = {
        "document": document,
        "parameterOrder": names if names != sorted(names) else [],  # Jupyter sorts the keys of every object
        "layouts": notebook.layouts,
        "extensionSettings": notebook.extension_settings,
        "extra": {key: value for key, value in notebook.extra.items() if key in _TOP},
    }
    ours = {key: value for key, value in ours.items() if value}
    if notebook.metadata != back.metadata or "verso" in notebook.metadata:
        ours["metadata"] = notebook.metadata
    return {"format": 1, **ours} if ours else {}


def _is_ours(value: object) -> bool:
    return isinstance(value, dict) and value.get("format") == 1


def _with_ours(notebook: Notebook, ours: Mapping[str, Any], source: str) -> Notebook:
    parts = JsonObject(ours, _OURS, path="$.metadata.verso", source=source)
    fields = parts.members("document")
    document = notebook_of(fields, path=f"{parts.path}.document", source=source)
    order = {name: place for place, name in enumerate(parts.texts("parameterOrder"))}
    return document.replace(
        title=document.title if "title" in fields else notebook.title,
        default_kernel=document.default_kernel if "defaultKernel" in fields else notebook.default_kernel,
        parameters=tuple(sorted(document.parameters, key=lambda parameter: order.get(parameter.name, len(order)))),
        metadata=parts.members("metadata") if "metadata" in ours else notebook.metadata,
        layouts=parts.members("layouts"),
        extension_settings=settings_of(parts),
        extra=parts.members("extra"),
    )


def _valid_ids(notebook: Notebook) -> Iterator[CellId]:
    """For each cell an id that Jupyter accepts: 1 to 64 letters, digits, `-` and `_`, unique."""
    taken = {cell.id for cell in notebook.cells}
    for position, cell in enumerate(notebook.cells):
        valid = _NO_ID.sub("-", cell.id)[:64]
        if valid != cell.id:
            valid = f"{valid[:50]}-{position}"
            while valid in taken:
                valid += "-"
            taken.add(CellId(valid))
        yield CellId(valid)

"""The `.dib` file of Polyglot Notebooks: cells after `#!kernel` lines, metadata after `#!meta` (docs/formats.md).

It has no outputs, ids or cell metadata, and no way to escape a line that is a separator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verso.api.errors import FormatError
from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import Cell, Notebook
from verso.formats.cells import DOTNET_KERNELS, LANGUAGE_TYPES, cell_named, unix_lines
from verso.formats.dib_kernels import names_of, normalised
from verso.formats.json_object import JsonObject, kind_of
from verso.formats.json_text import compact_json, read_json
from verso.formats.kept_keys import KnownKeys
from verso.formats.verso_file import metadata_value, notebook_of, settings_of

NEWLINE: Final = "newline"
"""The key in `Notebook.extra` that says that a file's lines end with `\\r\\n`."""

_META: Final = "#!meta"
_DEFAULT: Final = "csharp"
_OURS: Final = KnownKeys("format", "document", "layouts", "extensionSettings")


def read(text: str, options: ReadOptions) -> Notebook:
    """The notebook of a `.dib` text. `FormatError` with the line for metadata that is no JSON object, that comes
    twice, or that gives one alias to two kernels. An empty file is one empty cell of the default kernel."""
    lines = text.replace("\r\n", "\n").split("\n")
    metadata, start, end = _metadata_of(lines, options.source)
    names = names_of(metadata, options.languages, where=f"{options.source}:{start + 1}")
    named = _default_kernel_of(metadata)
    default = names.get(named or _DEFAULT, named or _DEFAULT)
    sections: list[tuple[str, list[str]]] = [(default, [])]
    for number, line in enumerate(lines):
        if start <= number < end:
            continue
        kernel = names.get(line[2:]) if line.startswith("#!") else None
        if kernel is not None:
            sections.append((kernel, []))
        elif line == _META:
            raise FormatError("the metadata comes twice", where=f"{options.source}:{number + 1}")
        else:
            sections[-1][1].append(line)
    filled = [(kernel, source) for kernel, part in sections if (source := _trimmed(part))]
    if not filled and start == end:
        filled = [(default, "")]
    cells = tuple(cell_named(kernel, position=place, source=source) for place, (kernel, source) in enumerate(filled))
    notebook = _notebook_of(metadata, options.source)
    extra = {NEWLINE: "\r\n"} if text.find("\n") > 0 and text[text.find("\n") - 1] == "\r" else {}
    return notebook.replace(default_kernel=notebook.default_kernel or named, cells=cells, extra=extra)


def write(notebook: Notebook, options: WriteOptions) -> str:
    """The `.dib` text: metadata (when there is any), then each cell that is not empty."""
    default = normalised(notebook.default_kernel or _DEFAULT)
    parts: list[str] = []
    kernels: list[str] = []
    for cell in notebook.cells:
        source = _trimmed(unix_lines(cell.source).split("\n"))
        if source:
            kernel = _kernel_of(cell, default)
            parts += [f"#!{kernel}", "", source, ""]
            kernels.append(kernel)
    metadata = _metadata_value(notebook, kernels)
    if metadata:
        parts = [_META, "", compact_json(metadata), "", *parts]
    text = "\n".join(parts)
    return text.replace("\n", "\r\n") if notebook.extra.get(NEWLINE) == "\r\n" else text


def _trimmed(lines: list[str]) -> str:
    """The lines without empty ones at either end."""
    return "\n".join(lines).strip("\n")


def _kernel_of(cell: Cell, default: str) -> str:
    if cell.language is None and cell.type in LANGUAGE_TYPES:
        return cell.type
    return normalised(cell.language or (default if cell.type == "code" else cell.type))


# --- metadata -------------------------------------------------------------------------------------------


def _metadata_of(lines: list[str], source: str) -> tuple[dict[str, Any], int, int]:
    """The metadata, and the lines (from, to before) where it stands; none is empty, at no lines."""
    start = next((number for number, line in enumerate(lines) if line.startswith(_META)), None)
    if start is None:
        return {}, 0, 0
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("#!")), len(lines))
    text = "\n".join([lines[start].removeprefix(_META), *lines[start + 1 : end]])
    if not text.strip():
        return {}, start, end
    found = read_json(text, source, first_line=start + 1)
    if not isinstance(found, dict):
        raise FormatError(
            f"expected the metadata as a JSON object, found {kind_of(found)}", where=f"{source}:{start + 1}"
        )
    return found, start, end


def _default_kernel_of(metadata: Mapping[str, Any]) -> str | None:
    info = metadata.get("kernelInfo")
    name = info.get("defaultKernelName") if isinstance(info, dict) else None
    return name if isinstance(name, str) and name else None


def _notebook_of(metadata: dict[str, Any], source: str) -> Notebook:
    ours = metadata.get("verso")
    if not isinstance(ours, dict) or ours.get("format") != 1:
        return Notebook(metadata=metadata)
    parts = JsonObject(ours, _OURS, path="#!meta: $.verso", source=source)
    document = notebook_of(parts.members("document"), path=f"{parts.path}.document", source=source)
    return document.replace(
        metadata={key: value for key, value in metadata.items() if key != "verso"},
        layouts=parts.members("layouts"),
        extension_settings=settings_of(parts),
    )


def _metadata_value(notebook: Notebook, kernels: list[str]) -> dict[str, Any]:
    """The metadata object: what it was, the default kernel, kernels that a reader can't know, and what only
    `.verso` has a place for under `verso`."""
    metadata = dict(notebook.metadata)
    if not _has_readable_kernels(metadata):
        del metadata["kernelInfo"]
    info = metadata.get("kernelInfo")
    info = dict(info) if isinstance(info, Mapping) else {}
    if notebook.default_kernel and info.get("defaultKernelName") != notebook.default_kernel:
        info["defaultKernelName"] = normalised(notebook.default_kernel)
        names = dict.fromkeys(name for name in (info["defaultKernelName"], *kernels) if name != "markdown")
        info.setdefault("items", [{"name": name} for name in names])
    items = info.get("items")
    items = items if isinstance(items, list) else []
    known = {*DOTNET_KERNELS, *(item.get("name") for item in items if isinstance(item, dict))}
    unknown = [{"name": name} for name in dict.fromkeys(kernels) if name not in known]
    if unknown:
        info["items"] = [*items, *unknown]
    if info:
        metadata = {**({} if "kernelInfo" in metadata else {"kernelInfo": info}), **metadata}
        metadata["kernelInfo"] = info
    document = metadata_value(notebook.replace(default_kernel=None, metadata={}))
    ours = {
        "document": document,
        "layouts": notebook.layouts,
        "extensionSettings": notebook.extension_settings,
    }
    ours = {key: value for key, value in ours.items() if value}
    return {**metadata, "verso": {"format": 1, **ours}} if ours else metadata


def _has_readable_kernels(metadata: Mapping[str, Any]) -> bool:
    """Whether a `.dib` with this metadata could be read: in other formats, `kernelInfo` can be anything."""
    try:
        names_of(metadata, {}, where="")
    except FormatError:
        return False
    return True

"""What formats have in common about cells: ids for files without them, and which names are cell types."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Final

from verso.api.notebook import Cell, CellId

_IDS: Final = uuid.UUID("6f1c9d3e-5b7a-4d55-9c41-2a7c8e0b9f10")

LANGUAGE_TYPES: Final[Mapping[str, str | None]] = {
    "markdown": None,
    "html": None,
    "mermaid": None,
    "http": None,
    "sql": "sql",
    "raw": None,
    "parameters": None,
}
"""Cell types that files without types write where others have a language → the cell's `language`."""

DOTNET_KERNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "csharp": ("c#", "C#", "cs"),
    "fsharp": ("f#", "F#", "fs"),
    "pwsh": ("powershell",),
    "python": (),
    "javascript": ("js",),
    "sql": (),
    "kql": (),
    "html": (),
    "http": (),
    "mermaid": (),
    "value": (),
    "markdown": ("md",),
}
"""The kernels of Polyglot Notebooks and their aliases."""


def derived_id(position: int, source: str) -> CellId:
    """An id for a cell that the file gives none: the same whenever the same file is read."""
    return CellId(str(uuid.uuid5(_IDS, f"{position}\n{source.encode('utf-8', 'backslashreplace').decode()}")))


def mended_ids(cells: Iterable[Cell]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """The cells with a new id for each that has none (empty) or one that a cell before it has, and what was done."""
    mended: list[Cell] = []
    warnings: list[str] = []
    seen: set[str] = set()
    for position, cell in enumerate(cells):
        if not cell.id or cell.id in seen:
            fault = f"has the id {cell.id!r} of another cell" if cell.id else "has no id"
            warnings.append(f"cell {position + 1} {fault}: it got a new one")
            cell = cell.replace(id=derived_id(position, cell.source))
        seen.add(cell.id)
        mended.append(cell)
    return tuple(mended), tuple(warnings)


def cell_named(name: str, *, position: int, source: str) -> Cell:
    """The cell that a file without cell types means by `name`, a language or one of `LANGUAGE_TYPES`."""
    if name in LANGUAGE_TYPES:
        return Cell(id=derived_id(position, source), type=name, language=LANGUAGE_TYPES[name], source=source)
    return Cell(id=derived_id(position, source), language=name, source=source)


def unix_lines(text: str) -> str:
    """The text with `\\n` newlines."""
    return text.replace("\r\n", "\n") if "\r\n" in text else text

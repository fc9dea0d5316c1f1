"""What a notebook needs before it runs: kernels, cell types and extensions, checked without starting anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from verso.api.celltypes import CellType
from verso.api.errors import MissingComponentError
from verso.api.notebook import Cell, Notebook
from verso.engine.kernels import KernelPool
from verso.engine.plugins import Plugins

DEFAULT_KERNEL: Final = "python"
_CONNECTED: Final = re.compile(r"^#!connect\b.*?--kernel-name[ =]+['\"]?([\w:.+-]+)", re.MULTILINE)
_SWITCHED: Final = re.compile(r"^#!([A-Za-z][\w:.+-]*)[ \t]*$", re.MULTILINE)


class Languages:
    """Which kernel a cell of a notebook asks for. `default`: for cells that name none, instead of the notebook's."""

    def __init__(self, plugins: Plugins, pool: KernelPool, default: str | None) -> None:
        self.default = default
        self._plugins = plugins
        self._pool = pool

    def cell_type(self, cell: Cell) -> CellType:
        """The cell's type. `MissingComponentError`."""
        found = self._plugins.cell_types.get(cell.type)
        if found is None:
            known = ", ".join(self._plugins.cell_types.names())
            raise MissingComponentError(
                f"nothing here runs cells of type {cell.type!r}",
                next_step=f"install the extension that brings the type; known types: {known}",
            )
        return found

    def language(self, cell: Cell, notebook: Notebook) -> str | None:
        """The name or alias of the kernel that the cell asks for; None for a cell that is not executed."""
        kind = self.cell_type(cell)
        if kind.kernel is not None:
            return cell.language if cell.language and self._same_kernel(cell.language, kind.kernel) else kind.kernel
        if not kind.executes:
            return None
        return cell.language or self.default or notebook.default_kernel or DEFAULT_KERNEL

    def quick(self, cell: Cell, notebook: Notebook) -> str | None:
        """As `language`, with None for a cell of an unknown type."""
        return self.language(cell, notebook) if cell.type in self._plugins.cell_types else None

    def _same_kernel(self, language: str, kernel: str) -> bool:
        spec = self._pool.find(language)
        return spec is not None and kernel in (spec.name, spec.runs_in)


def check_requirements(
    notebook: Notebook, cells: Iterable[Cell], languages: Languages, pool: KernelPool, plugins: Plugins
) -> None:
    """`MissingComponentError` that lists everything the cells (and the notebook's required extensions) lack here,
    each with how to get it. Nothing is started."""
    faults: dict[str, str] = {}
    chosen = list(cells)
    connected = {name for cell in chosen for name in _CONNECTED.findall(cell.source)}
    needed: dict[str, None] = {}
    for cell in chosen:
        try:
            language = languages.language(cell, notebook)
        except MissingComponentError as error:
            faults.setdefault(error.what, error.next_step)
            continue
        if language is None:
            continue
        needed[language] = None
        needed.update((name, None) for name in _SWITCHED.findall(cell.source) if pool.find(name) is not None)
    for name in needed:
        if name not in connected:
            _check_kernel(name, pool, faults)
    if languages.default is not None and pool.find(languages.default) is None:
        _check_kernel(languages.default, pool, faults)
    _check_extensions(notebook, plugins, faults)
    if faults:
        lines = [f"{what}{f' — {how}' if how else ''}" for what, how in faults.items()]
        raise MissingComponentError(
            lines[0] if len(lines) == 1 else "the notebook needs what is not here:\n  - " + "\n  - ".join(lines),
            next_step="nothing was run",
        )


def _check_kernel(name: str, pool: KernelPool, faults: dict[str, str]) -> None:
    spec = pool.find(name)
    if spec is None:
        faults.setdefault(f"there is no kernel {name!r}", f"known: {', '.join(pool.names())}")
        return
    found = pool.availability(spec)
    if not found.found:
        what = f"kernel {pool.home(spec).name!r} can't start here"
        faults.setdefault(f"{what}: {found.detail}" if found.detail else what, found.how_to_get)


def _check_extensions(notebook: Notebook, plugins: Plugins, faults: dict[str, str]) -> None:
    if not notebook.required_extensions:
        return
    known = {name for origin in plugins.origins() if not origin.blocked for name in (origin.name, origin.package)}
    known |= {name.replace("-", ".") for name in known}
    for name in notebook.required_extensions:
        if name not in known and name.lower() not in known:
            faults.setdefault(f"the notebook requires the extension {name!r}", f"pip install {name}")

"""The hooks: what a plugin can bring. Each is called once, without arguments, and returns descriptions.

They are synchronous and cheap: nothing heavy is imported to answer them. A plugin that raises is reported
with its name and left out; two plugins that claim one name are an error that names both.
"""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.celltypes import CellType
from verso.api.commands import Command
from verso.api.formats import Format
from verso.api.kernel import KernelFamily, Kernelspec, ModulePath
from verso.api.layouts import Layout
from verso.api.magics import Connector, Magic
from verso.api.marks import hookspec
from verso.api.rendering import Exporter, Renderer
from verso.api.themes import Theme


@hookspec
def verso_kernels() -> Sequence[Kernelspec | KernelFamily]:  # type: ignore[empty-body]
    """The kernels of this plugin."""


@hookspec
def verso_module_paths() -> Sequence[ModulePath]:  # type: ignore[empty-body]
    """Folders of modules that this plugin ships for cells of a language, whichever plugin brings its kernel."""


@hookspec
def verso_cell_types() -> Sequence[CellType]:  # type: ignore[empty-body]
    """The cell types of this plugin."""


@hookspec
def verso_formats() -> Sequence[Format]:  # type: ignore[empty-body]
    """The file formats of this plugin."""


@hookspec
def verso_renderers() -> Sequence[Renderer]:  # type: ignore[empty-body]
    """The renderers of this plugin."""


@hookspec
def verso_exporters() -> Sequence[Exporter]:  # type: ignore[empty-body]
    """The exporters of this plugin."""


@hookspec
def verso_magics() -> Sequence[Magic]:  # type: ignore[empty-body]
    """The magics of this plugin."""


@hookspec
def verso_connectors() -> Sequence[Connector]:  # type: ignore[empty-body]
    """The ways to `#!connect` to a kernel of this plugin."""


@hookspec
def verso_themes() -> Sequence[Theme]:  # type: ignore[empty-body]
    """The themes of this plugin."""


@hookspec
def verso_layouts() -> Sequence[Layout]:  # type: ignore[empty-body]
    """The layouts of this plugin."""


@hookspec
def verso_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """The commands of this plugin for the `verso` program."""

"""What this plugin brings: the Mermaid kernel, its cell type, and the view of `text/vnd.mermaid` in pages."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.celltypes import CellType
from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl
from verso.api.mime import MERMAID
from verso.api.rendering import Renderer


@hookimpl
def verso_kernels() -> Sequence[Kernelspec]:
    """Runs in the engine's process; drawing needs the `mermaid` extra, and pages draw by themselves without it."""
    return (
        Kernelspec(
            name="mermaid",
            title="Mermaid",
            create="verso_mermaid.kernel:create",
            aliases=("mmd",),
            suffixes=(".mmd", ".mermaid"),
            comment="%%",
            mentions=r"@([^\W\d]\w*)",
            settings_id="verso.mermaid",
            highlight="text",
        ),
    )


@hookimpl
def verso_cell_types() -> Sequence[CellType]:
    """The cell type `mermaid`."""
    return (CellType(name="mermaid", title="Mermaid", kernel="mermaid"),)


@hookimpl
def verso_renderers() -> Sequence[Renderer]:
    """Diagrams that were not drawn yet: by the page's own script, or as text."""
    return (
        Renderer(name="text/vnd.mermaid as HTML", mime=MERMAID, render="verso_mermaid.page:render"),
        Renderer(
            name="text/vnd.mermaid as ASCII",
            mime=MERMAID,
            surface="terminal",
            priority=1,
            render="verso_mermaid.terminal:render",
        ),
    )

"""What this extension brings: views of DOT (`text/vnd.graphviz`) outputs, and PowerShell modules for graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from verso.api.kernel import ModulePath
from verso.api.marks import hookimpl
from verso.api.rendering import Renderer

_MIME = "text/vnd.graphviz"


@hookimpl
def verso_renderers() -> Sequence[Renderer]:
    """DOT as a picture in pages and as a list of edges in terminals."""
    return (
        Renderer(name="graphviz", mime=_MIME, render="verso_graph.views:page_view"),
        Renderer(name="graphviz-terminal", mime=_MIME, render="verso_graph.views:terminal_view", surface="terminal"),
    )


@hookimpl
def verso_module_paths() -> Sequence[ModulePath]:
    """PSQuickGraph and PSGraphView for PowerShell cells, for where the PowerShell Gallery can't be reached."""
    return (ModulePath(kernel="powershell", folder=Path(__file__).parent / "powershell"),)

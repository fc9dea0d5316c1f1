"""What this plugin brings: the Markdown kernel, its cell type and the renderers of `text/markdown` and `text/latex`."""

from __future__ import annotations

from verso.api.celltypes import CellType
from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl
from verso.api.mime import LATEX, MARKDOWN
from verso.api.rendering import Renderer


@hookimpl
def verso_kernels() -> tuple[Kernelspec, ...]:
    return (
        Kernelspec(
            name="markdown",
            title="Markdown",
            create="verso_markdown.kernel:create",
            aliases=("md",),
            suffixes=(".md", ".markdown"),
            comment="",
            mentions=r"@([^\W\d]\w*)",
            settings_id="verso.markdown",
            highlight="markdown",
        ),
    )


@hookimpl
def verso_cell_types() -> tuple[CellType, ...]:
    return (CellType(name="markdown", title="Markdown", kernel="markdown"),)


@hookimpl
def verso_renderers() -> tuple[Renderer, ...]:
    return (
        Renderer(name="text/markdown as HTML", mime=MARKDOWN, render="verso_markdown.document:render"),
        Renderer(name="text/latex as HTML", mime=LATEX, render="verso_markdown.math:render"),
    )

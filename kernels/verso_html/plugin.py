"""What this plugin brings: the HTML kernel and its cell type."""

from __future__ import annotations

from verso.api.celltypes import CellType
from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> tuple[Kernelspec, ...]:
    return (
        Kernelspec(
            name="html",
            title="HTML",
            create="verso_html.kernel:create",
            suffixes=(".html", ".htm"),
            comment="",
            mentions=r"@([^\W\d]\w*)",
            settings_id="verso.html",
            highlight="html",
        ),
    )


@hookimpl
def verso_cell_types() -> tuple[CellType, ...]:
    return (CellType(name="html", title="HTML", kernel="html"),)

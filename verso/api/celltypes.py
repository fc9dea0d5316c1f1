"""Cell types: what stands in a cell's `type`, and which kernel runs it."""

from __future__ import annotations

from verso.api.record import Record


class CellType(Record):
    """A cell type. `kernel`: name of the kernelspec that runs it; None where the cell's language says it (code), and
    for types that do not execute at all (raw, parameters: `executes` is false). `shows_source`: whether a rendered
    document shows the source beside the output."""

    name: str
    title: str
    kernel: str | None = None
    executes: bool = True
    shows_source: bool = False

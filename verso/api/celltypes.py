"""Cell types: what stands in a cell's `type`, and which kernel runs it."""

from __future__ import annotations

from verso.api.record import Record


class CellType(Record):
    """A cell type. `kernel`: name of the kernelspec that runs it; None for a type that does not execute
    (raw, parameters). `shows_source`: whether a rendered document shows the source beside the output."""

    name: str
    title: str
    kernel: str | None = None
    shows_source: bool = False

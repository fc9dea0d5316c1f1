"""Layouts: where a document's cells stand on the page."""

from __future__ import annotations

from collections.abc import Callable

from verso.api.notebook import CellId, Notebook
from verso.api.record import Record


class Placement(Record):
    """Where one cell stands: `row` and `column` from 0, `width` of 12 columns, `height` in rows (0: as needed).

    `shows`: `all` of the cell, its `output` only, or `nothing`."""

    cell_id: CellId
    row: int = 0
    column: int = 0
    width: int = 12
    height: int = 0
    shows: str = "all"


LayoutFunction = Callable[[Notebook], tuple[Placement, ...]]


class Layout(Record):
    """Describes a layout: `place` is `package.module:name` of a function from a notebook to its placements."""

    name: str
    title: str
    place: str | LayoutFunction

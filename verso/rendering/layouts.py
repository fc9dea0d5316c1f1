"""The built-in layouts: notebook, dashboard and presentation.

A cell's `metadata["verso:visibility"][layout]` is `visible`, `hidden`, `outputonly` or `collapsed`
(the `.verso` format); a collapsed cell shows its output only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verso.api.layouts import Placement
from verso.api.notebook import Cell, Notebook

COLUMNS = 12
_SHOWS = {"hidden": "nothing", "outputonly": "output", "collapsed": "output"}
_NEW_SLIDE = frozenset({"slide", "subslide"})
_NOT_ON_SLIDES = frozenset({"skip", "notes"})


def notebook(document: Notebook) -> tuple[Placement, ...]:
    """All cells in order, one below the other, over the full width."""
    return tuple(
        Placement(cell_id=cell.id, row=row, shows=_shows(cell, "notebook", "all"))
        for row, cell in enumerate(document.cells)
    )


def dashboard(document: Notebook) -> tuple[Placement, ...]:
    """Outputs on a grid of 12 columns, where `layouts.dashboard.cells` of the notebook says, top to bottom.

    A cell that is not placed there comes below the others over the full width; numbers out of range are moved
    to the nearest that are in it.
    """
    placed = _mapping(_mapping(document.layouts.get("dashboard")).get("cells"))
    positions = [_position(cell, placed[cell.id]) for cell in document.cells if cell.id in placed]
    below = max((place.row + max(place.height, 1) for place in positions), default=0)
    others = [cell for cell in document.cells if cell.id not in placed]
    rest = [
        Placement(cell_id=cell.id, row=below + row, shows=_shows(cell, "dashboard", "output"))
        for row, cell in enumerate(others)
    ]
    return tuple(sorted((*positions, *rest), key=lambda place: (place.row, place.column)))


def presentation(document: Notebook) -> tuple[Placement, ...]:
    """One slide a `row`: a new one begins at each cell whose `metadata.slideshow.slide_type` is `slide` or `subslide`
    (nbformat, "slideshow"), or, where no cell says so, at each Markdown heading of level 1 or 2. `skip` and
    `notes` are left out; code cells show their output unless tagged `show-code`."""
    explicit = any(_slide_type(cell) in _NEW_SLIDE for cell in document.cells)
    slide = 0
    places: list[Placement] = []
    for cell in document.cells:
        kind = _slide_type(cell)
        begins = kind in _NEW_SLIDE if explicit else _begins_with_heading(cell)
        usual = "nothing" if kind in _NOT_ON_SLIDES else "all" if "show-code" in cell.tags else "output"
        shows = _shows(cell, "presentation", usual)
        if begins and any(place.row == slide and place.shows != "nothing" for place in places):
            slide += 1
        places.append(Placement(cell_id=cell.id, row=slide, shows=shows))
    return tuple(places)


def _shows(cell: Cell, layout: str, usual: str) -> str:
    visibility = _mapping(cell.metadata.get("verso:visibility")).get(layout)
    if visibility == "visible":
        return "all" if layout == "notebook" else usual
    return _SHOWS.get(visibility, usual) if isinstance(visibility, str) else usual


def _position(cell: Cell, given: Any) -> Placement:
    position = _mapping(given)
    width = _number(position, "width", COLUMNS, least=1, most=COLUMNS)
    visible = position.get("visible", True) is not False
    return Placement(
        cell_id=cell.id,
        row=_number(position, "row", 0),
        column=_number(position, "col", 0, most=COLUMNS - width),
        width=width,
        height=_number(position, "height", 0),
        shows=_shows(cell, "dashboard", "output") if visible else "nothing",
    )


def _number(position: Mapping[str, Any], key: str, usual: int, *, least: int = 0, most: int = 10_000) -> int:
    value = position.get(key, usual)
    whole = int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else usual
    return min(max(whole, least), most)


def _slide_type(cell: Cell) -> str:
    kind = _mapping(cell.metadata.get("slideshow")).get("slide_type")
    return kind if isinstance(kind, str) else ""


def _begins_with_heading(cell: Cell) -> bool:
    return cell.type == "markdown" and cell.source.lstrip().startswith(("# ", "## "))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

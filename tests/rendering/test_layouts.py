"""Where the built-in layouts put cells."""

from __future__ import annotations

from typing import Any

from verso.api.notebook import Cell, CellId, Notebook
from verso.rendering.layouts import dashboard, notebook, presentation


def _cell(name: str, type_: str = "code", source: str = "x", **metadata: Any) -> Cell:
    return Cell(id=CellId(name), type=type_, source=source, metadata=metadata)


def test_notebook_keeps_the_order() -> None:
    places = notebook(
        Notebook(cells=(_cell("a"), _cell("b").replace(metadata={"verso:visibility": {"notebook": "hidden"}})))
    )
    assert [(p.cell_id, p.row, p.shows) for p in places] == [("a", 0, "all"), ("b", 1, "nothing")]


def test_dashboard_places_cells_on_the_grid() -> None:
    grid = {
        "b": {"row": 0, "col": 6, "width": 6, "height": 4, "visible": True},
        "a": {"row": 0, "col": 0, "width": 6, "height": 4},
        "c": {"row": 1, "visible": False},
        "d": {"row": -3, "col": 11, "width": 99, "height": "tall"},
    }
    cells = tuple(_cell(name) for name in "abcde")
    places = {p.cell_id: p for p in dashboard(Notebook(cells=cells, layouts={"dashboard": {"cells": grid}}))}
    assert [(places[CellId(n)].row, places[CellId(n)].column, places[CellId(n)].width) for n in "ab"] == [
        (0, 0, 6),
        (0, 6, 6),
    ]
    assert places[CellId("c")].shows == "nothing"
    assert (places[CellId("d")].row, places[CellId("d")].column, places[CellId("d")].width) == (0, 0, 12)
    assert places[CellId("e")].row >= 4 and places[CellId("e")].shows == "output"


def test_dashboard_of_a_notebook_that_places_nothing_or_nonsense() -> None:
    for layouts in ({}, {"dashboard": 3}, {"dashboard": {"cells": [1]}}, {"dashboard": {"cells": {"a": None}}}):
        [place] = dashboard(Notebook(cells=(_cell("a"),), layouts=layouts))
        assert (place.row, place.width) == (0, 12)


def test_visibility_of_a_cell() -> None:
    cells = (
        _cell("a").replace(metadata={"verso:visibility": {"dashboard": "hidden"}}),
        _cell("b").replace(metadata={"verso:visibility": {"dashboard": "outputonly"}}),
        _cell("c").replace(metadata={"verso:visibility": "nonsense"}),
    )
    assert [p.shows for p in dashboard(Notebook(cells=cells))] == ["nothing", "output", "output"]


def test_slides_begin_at_headings_or_where_cells_say() -> None:
    cells = (_cell("a", "markdown", "# T"), _cell("b"), _cell("c", "markdown", "## S"), _cell("d", "markdown", "### n"))
    assert [p.row for p in presentation(Notebook(cells=cells))] == [0, 0, 1, 1]
    said = (
        _cell("a", slideshow={"slide_type": "slide"}),
        _cell("b", slideshow={"slide_type": "notes"}),
        _cell("c", "markdown", "# no slide of its own"),
        _cell("d", slideshow={"slide_type": "subslide"}, tags=["show-code"]),
    )
    places = presentation(Notebook(cells=said))
    assert [p.row for p in places] == [0, 0, 0, 1]
    assert [p.shows for p in places] == ["output", "nothing", "output", "all"]

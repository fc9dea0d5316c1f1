"""Edits of a notebook, as values: what any front end sends and a session applies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from verso.api.errors import UnknownNameError, VersoError
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.record import Record, field


class InsertCell(Record):
    """Puts a cell before the one at `index` (from 0); at the end when `index` is None or past it."""

    cell: Cell
    index: int | None = None


class RemoveCell(Record):
    """Takes a cell out."""

    cell_id: CellId


class MoveCell(Record):
    """Puts a cell at `index`, counted without the cell itself."""

    cell_id: CellId
    index: int


class ChangeCell(Record):
    """Changes fields of a cell by name (`source`, `type`, `language`, `metadata` …), never its id."""

    cell_id: CellId
    changes: Mapping[str, Any]


class ClearOutputs(Record):
    """Forgets the outputs of the given cells, of all when None, and what is known of their last execution."""

    cell_ids: tuple[CellId, ...] | None = None


class ChangeNotebook(Record):
    """Changes fields of the notebook by name (`title`, `parameters`, `extension_settings` …), never its cells."""

    changes: Mapping[str, Any] = field(default_factory=dict)


R = TypeVar("R", Cell, Notebook)

Edit = InsertCell | RemoveCell | MoveCell | ChangeCell | ClearOutputs | ChangeNotebook


def apply_edit(notebook: Notebook, edit: Edit) -> Notebook:
    """The notebook after an edit. `UnknownNameError` for a cell that is not there; `VersoError` for an id that
    is taken or a field that can't be changed."""
    cells = list(notebook.cells)
    match edit:
        case InsertCell():
            if any(cell.id == edit.cell.id for cell in cells):
                raise VersoError(f"there is a cell with the id {edit.cell.id!r} already", next_step="give it a new id")
            cells.insert(len(cells) if edit.index is None else edit.index, edit.cell)
        case RemoveCell():
            del cells[cell_index(notebook, edit.cell_id)]
        case MoveCell():
            cell = cells.pop(cell_index(notebook, edit.cell_id))
            cells.insert(edit.index, cell)
        case ChangeCell():
            place = cell_index(notebook, edit.cell_id)
            cells[place] = _changed(cells[place], edit.changes, frozenset({"id"}))
        case ClearOutputs():
            chosen = None if edit.cell_ids is None else set(edit.cell_ids)
            cells = [cell.cleared() if chosen is None or cell.id in chosen else cell for cell in cells]
        case ChangeNotebook():
            return _changed(notebook, edit.changes, frozenset({"cells"}))
    return notebook.replace(cells=tuple(cells))


def cell_index(notebook: Notebook, cell_id: str) -> int:
    """Where the cell stands, from 0. `UnknownNameError` lists the ids."""
    for place, cell in enumerate(notebook.cells):
        if cell.id == cell_id:
            return place
    raise UnknownNameError.among("cell", cell_id, [cell.id for cell in notebook.cells])


def _changed(value: R, changes: Mapping[str, Any], fixed: frozenset[str]) -> R:
    wrong = [name for name in changes if name in fixed or name not in value.fields]
    if wrong:
        raise VersoError(f"a {type(value).__name__.lower()} has no field {wrong[0]!r} that can be changed")
    return value.replace(**changes)

"""The document of a session: its cells as they are now, and the outputs that go into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from verso.api.edits import Edit, apply_edit
from verso.api.errors import UnknownNameError, VersoError
from verso.api.notebook import EXECUTION, Cell, CellId, CellStatus, Notebook
from verso.engine.outputs import CellOutputs, Displays, Limits

CellReference = str | int | Cell
"""A cell's id, or its place in the notebook from 0."""


class Document:
    """A notebook that is being edited and executed. `VersoError` for one in which two cells have one id."""

    def __init__(self, notebook: Notebook, limits: Limits) -> None:
        _refuse_duplicates(notebook)
        self._notebook = notebook
        self._limits = limits
        self._displays = Displays()
        self._outputs: dict[CellId, CellOutputs] = {}
        self._changed = False
        self._take_cells()

    # -- as it is

    @property
    def notebook(self) -> Notebook:
        """The notebook as it is now, with the outputs so far."""
        if self._changed:
            self._notebook = self._notebook.replace(cells=tuple(self._cells))
            self._changed = False
        return self._notebook

    @property
    def head(self) -> Notebook:
        """The notebook for all but its cells, which may be old: cheap while cells change."""
        return self._notebook

    def cell(self, reference: CellReference) -> Cell:
        """A cell. `UnknownNameError`."""
        return self._cells[self.place(reference)]

    def cells(self) -> tuple[Cell, ...]:
        """All cells, in order."""
        return tuple(self._cells)

    def ids(self) -> tuple[CellId, ...]:
        """The ids of all cells, in order."""
        return tuple(self._places)

    def find(self, cell_id: CellId) -> int | None:
        """Where a cell stands, from 0; None when it is not (or no longer) there."""
        return self._places.get(cell_id)

    def place(self, reference: CellReference) -> int:
        """Where a cell stands, from 0. `UnknownNameError` for an id, an index or a cell that is not there."""
        if isinstance(reference, Cell):
            reference = reference.id
        if isinstance(reference, int):
            if 0 <= reference < len(self._cells):
                return reference
            raise UnknownNameError(
                f"there is no cell {reference}", next_step=f"the notebook has cells 0 to {len(self._cells) - 1}"
            )
        try:
            return self._places[CellId(reference)]
        except KeyError:
            raise UnknownNameError.among("cell", reference, self._places) from None

    def select(
        self,
        cells: Iterable[CellReference] | CellReference | None,
        tags: Iterable[str] | str,
        start: CellReference | None,
    ) -> list[int]:
        """Places of the cells named in the order given; of those with one of the tags; from `start` on; of all when
        nothing is said. One cell or tag may stand by itself. `UnknownNameError` for one that is not there."""
        if isinstance(cells, (str, int, Cell)):
            cells = (cells,)
        wanted = (tags,) if isinstance(tags, str) else tuple(tags)
        known = {tag for cell in self._cells for tag in cell.tags} if wanted else set()
        for tag in wanted:
            if tag not in known:
                raise UnknownNameError.among("tag", tag, known)
        chosen = [self.place(reference) for reference in cells] if cells is not None else []
        if wanted:
            tagged = [place for place, cell in enumerate(self._cells) if set(wanted) & set(cell.tags)]
            chosen += [place for place in tagged if place not in chosen]
        elif cells is None:
            chosen = list(range(len(self._cells)))
        first = 0 if start is None else self.place(start)
        return [place for place in chosen if place >= first]

    # -- as it changes

    def edit(self, edit: Edit) -> None:
        """Applies an edit. `UnknownNameError`, `VersoError`; nothing is changed then."""
        self._notebook = apply_edit(self.notebook, edit)
        self._take_cells()
        for cell_id in [cell_id for cell_id in self._outputs if cell_id not in self._places]:
            self._outputs.pop(cell_id).release()

    def empty_outputs(self, cell: Cell) -> CellOutputs:
        """Outputs for a new execution of a cell; those of the earlier one stay the cell's until `begin`."""
        return CellOutputs(cell.id, self._limits, self._displays)

    def begin(self, outputs: CellOutputs) -> None:
        """An execution of a cell starts, with these outputs; displays of the earlier one take no more updates."""
        cell_id = CellId(outputs.cell_id)
        earlier = self._outputs.get(cell_id)
        if earlier is not None:
            earlier.release()
        self._outputs[cell_id] = outputs

    def finish(
        self,
        cell: Cell,
        outputs: CellOutputs,
        execution_count: int | None,
        status: CellStatus,
        elapsed: float,
        reason: str,
    ) -> Cell:
        """Puts what came of an execution into the cell (which may have been edited meanwhile) and returns it."""
        place = self._places.get(cell.id)
        info: dict[str, Any] = {"status": str(status), "elapsed": round(elapsed, 6)}
        if reason:
            info["reason"] = reason
        current = self._cells[place] if place is not None else cell
        current = current.replace(
            outputs=outputs.outputs(),
            execution_count=execution_count,
            metadata={**current.metadata, EXECUTION: info},
        )
        if place is not None:
            self._cells[place] = current
            self._changed = True
        return current

    def refresh(self, outputs: CellOutputs) -> None:
        """Takes over outputs of a cell that changed after it had finished (an update, a background child's text)."""
        place = self._places.get(CellId(outputs.cell_id))
        if place is not None and self._outputs.get(CellId(outputs.cell_id)) is outputs:
            self._cells[place] = self._cells[place].replace(outputs=outputs.outputs())
            self._changed = True

    def _take_cells(self) -> None:
        self._cells = list(self._notebook.cells)
        self._places = {cell.id: place for place, cell in enumerate(self._cells)}
        self._changed = False


def _refuse_duplicates(notebook: Notebook) -> None:
    # Formats give such cells new ids when they read a file; this one was made by a program.
    counts = Counter(cell.id for cell in notebook.cells)
    twice = [cell_id for cell_id, count in counts.items() if count > 1]
    if twice:
        raise VersoError(
            f"{counts[twice[0]]} cells have the id {twice[0]!r}", next_step="give each cell an id of its own"
        )

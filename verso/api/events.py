"""What happens in a session, as values that any front end can follow."""

from __future__ import annotations

from enum import StrEnum

from verso.api.messages import OutputMessage
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.record import Record
from verso.api.variables import SharedVariable


class KernelState(StrEnum):
    """What a kernel is doing."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    RESTARTING = "restarting"
    DEAD = "dead"
    STOPPED = "stopped"


class RunStarted(Record):
    """A run of `cells`, in this order, begins."""

    cells: tuple[CellId, ...]


class CellQueued(Record):
    """The cell waits for its kernel. `index`: its place in the notebook, from 0."""

    cell_id: CellId
    index: int


class CellStarted(Record):
    """The cell's code begins to execute. `kernel`: the name of the spec, empty for cells without one."""

    cell_id: CellId
    index: int
    kernel: str


class CellOutput(Record):
    """One output, as it came: in order, not merged, before any limit on what is kept."""

    cell_id: CellId
    index: int
    output: OutputMessage


class CellFinished(Record):
    """The cell is done. `cell` holds what is kept of its outputs; `elapsed` is in seconds.

    `kernel_died`: its kernel ended meanwhile. `reason`: why it was skipped, cancelled or timed out, or empty.
    """

    cell_id: CellId
    index: int
    status: CellStatus
    elapsed: float
    cell: Cell
    kernel: str = ""
    kernel_died: bool = False
    reason: str = ""


class VariableChanged(Record):
    """A name of the shared space got a new value; `removed` when it is gone."""

    variable: SharedVariable
    removed: bool = False


class CellStale(Record):
    """The cell used an older version of `variable` than there is now."""

    cell_id: CellId
    index: int
    variable: str


class KernelStateChanged(Record):
    """A kernel changed its state. `reason`: why it is dead, or empty."""

    kernel: str
    state: KernelState
    reason: str = ""


class NotebookChanged(Record):
    """An edit was applied: cells were added, changed, moved or removed. `cells`: the ids now, in order."""

    cells: tuple[CellId, ...]


class Notice(Record):
    """Something worth telling that belongs to no cell's output: a mended file, a broken plugin."""

    message: str
    severity: str = "warning"


class RunFinished(Record):
    """The run ended. `reason` when it ended early: `timed_out`, `cancelled`, `failed`, else empty; seconds."""

    elapsed: float
    reason: str = ""


Event = (
    RunStarted
    | CellQueued
    | CellStarted
    | CellOutput
    | CellFinished
    | VariableChanged
    | CellStale
    | KernelStateChanged
    | NotebookChanged
    | Notice
    | RunFinished
)

"""A notebook and its cells as values: what a format reads and writes and the engine runs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NewType

from verso.api.outputs import Output
from verso.api.parameters import Parameter
from verso.api.record import Record, field

CellId = NewType("CellId", str)
"""Names a cell within its notebook; any non-empty string, kept as the file had it."""

EXECUTION: Final = "verso:execution"
"""Key of a cell's metadata under which its last execution is kept: `{"status", "elapsed", "reason"?}`, elapsed in
seconds. In a `.verso` file `executionCount` stands there as well."""


def new_cell_id() -> CellId:
    """A fresh id: a random GUID in its usual form."""
    return CellId(str(uuid.uuid4()))


class CellStatus(StrEnum):
    """How a cell's last execution ended. Only `OK` is success."""

    OK = "ok"
    ERROR = "error"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"


class Cell(Record):
    """One cell.

    `type`: `code markdown html mermaid sql http parameters raw` or an extension's. `language`: a kernel's
    name or alias, `None` for the notebook's default (code) or where the type says it. `source` has `\\n`
    newlines. `metadata`: JSON, unknown keys included; tags are `metadata["tags"]`. `attachments`: file name
    → MIME bundle (nbformat 4). `extra`: keys beside these that the file had, kept for writing it back.
    """

    id: CellId = field(default_factory=new_cell_id)
    type: str = "code"
    language: str | None = None
    source: str = ""
    outputs: tuple[Output, ...] = ()
    execution_count: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """The cell's tags; anything in their place that is no list of strings counts as none."""
        tags = self.metadata.get("tags")
        return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, (list, tuple)) else ()

    def cleared(self) -> Cell:
        """The cell as if it had never been executed: without outputs and what is known of its last execution."""
        metadata = {key: value for key, value in self.metadata.items() if key != EXECUTION}
        return self.replace(outputs=(), execution_count=None, metadata=metadata)


class Notebook(Record):
    """A document: cells, parameters, and what belongs to the whole.

    `created`, `modified`: ISO 8601 text as the file had it. `layouts`: layout id → its JSON.
    `extension_settings`: extension id → name → JSON value, only what differs from the default.
    `metadata`: keys of the file's metadata object beside those that have a field of their own. `extra`: top-level keys
    likewise. `warnings`: what reading mended (a duplicate id, say), for the front end to show; never written.
    """

    title: str | None = None
    created: str | None = None
    modified: str | None = None
    default_kernel: str | None = None
    active_layout: str | None = None
    preferred_theme: str | None = None
    required_extensions: tuple[str, ...] = ()
    optional_extensions: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    cells: tuple[Cell, ...] = ()
    layouts: Mapping[str, Any] = field(default_factory=dict)
    extension_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

"""Everything that an engine and a kernel say to each other.

Names and meaning follow the Jupyter messaging protocol 5.4 where it has the word; `Progress`, `Stopping` and
the kinds of `InputRequest` are ours. On the way to and from a worker process each message is one line of
JSON (`verso.wire`, docs/wire.md).

Positions in code are in Unicode code points from 0; lines and columns count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from verso.api.mime import MimeBundle
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.record import Record, field
from verso.api.variables import VariableChanges

# --- requests -------------------------------------------------------------------------------------------


class ExecuteRequest(Record):
    """Run `code`. `name` is what tracebacks call it (`cell-3`: the cell's place in the notebook, from 1).

    `language`: the name or alias by which the cell asked for this kernel. `allow_input`: whether questions can
    be answered. `metadata`: the cell's own, for per-cell settings.
    """

    code: str
    name: str = "cell"
    cell_id: str = ""
    language: str = ""
    allow_input: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)


class CompleteRequest(Record):
    """What could stand at `position` in `code`?"""

    code: str
    position: int
    language: str = ""


class InspectRequest(Record):
    """What is the thing at `position` in `code`?"""

    code: str
    position: int
    language: str = ""


class DiagnoseRequest(Record):
    """What is wrong with `code`, without running it?"""

    code: str
    language: str = ""


# --- replies --------------------------------------------------------------------------------------------


class ExecuteReply(Record):
    """How the execution ended. `error` means that an `Error` was put out before.

    `execution_count`: the kernel's own counter, where it has one. `changes`: what became of its variables.
    `arrow`: what `KernelInfo.arrow` is from now on, where the execution changed it (a package was installed).
    `detail`: what the kernel knows beyond this (exit code of the last program, errors reported), JSON values.
    """

    status: Literal["ok", "error", "cancelled"] = "ok"
    execution_count: int | None = None
    changes: VariableChanges = field(default_factory=VariableChanges)
    arrow: bool | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Completion(Record):
    """One proposal. `text` replaces the range of the reply; `kind` as in LSP, lower case (function, keyword …)."""

    text: str
    label: str = ""
    kind: str = ""
    detail: str = ""


class CompleteReply(Record):
    """Proposals for the range from `start` to `end`, best first. `more`: there are others beyond these."""

    start: int
    end: int
    completions: tuple[Completion, ...] = ()
    more: bool = False


class InspectReply(Record):
    """What is known of the thing asked about; `found` is false and `data` empty when there is nothing."""

    found: bool = False
    data: MimeBundle = field(default_factory=dict)


class Diagnostic(Record):
    """Something wrong (or doubtful) in code that was not run. The end is after the last character."""

    message: str
    severity: Literal["error", "warning", "information", "hint"] = "error"
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    code: str = ""
    source: str = ""


class DiagnoseReply(Record):
    """The diagnostics of a piece of code, in order. `incomplete`: it lacks its end, as while typing."""

    diagnostics: tuple[Diagnostic, ...] = ()
    incomplete: bool = False


# --- what a kernel puts out while it executes -----------------------------------------------------------


class UpdateDisplayData(Record):
    """New content for every display shown with this `display_id`, wherever in the notebook it is."""

    data: MimeBundle
    display_id: DisplayId
    metadata: Mapping[str, Any] = field(default_factory=dict)


class ClearOutput(Record):
    """Forget what the cell put out so far. `wait`: not before the next output comes, against flicker."""

    wait: bool = False


class Progress(Record):
    """How far something is; shown while the cell runs and not kept. `percent`: 0–100, -1 when not known.

    `parent` nests one activity in another; `completed` removes the bar. Bars still open at the reply go with it.
    """

    activity: str
    status: str = ""
    operation: str = ""
    percent: float = -1.0
    seconds_remaining: float = -1.0
    id: str = ""
    parent: str = ""
    completed: bool = False


class Choice(Record):
    """One answer of a `choice` question: `key` is what to type."""

    label: str
    key: str
    help: str = ""


class InputRequest(Record):
    """A question to the person at the notebook.

    `kind`: `line` (free text), `secret` (never shown nor saved), `field` (a named, typed value; `field_type` is
    the language's type), `choice` (one of `choices`, `default` its index or None).
    """

    prompt: str = ""
    kind: Literal["line", "secret", "field", "choice"] = "line"
    caption: str = ""
    message: str = ""
    field: str = ""
    field_type: str = ""
    help: str = ""
    choices: tuple[Choice, ...] = ()
    default: int | None = None


OutputMessage = Stream | DisplayData | UpdateDisplayData | ExecuteResult | Error | ClearOutput | Progress

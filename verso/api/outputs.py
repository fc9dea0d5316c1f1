"""What a cell put out, as it is kept in the notebook.

The same four values are messages on the way from the kernel (`verso.api.messages`); names and meaning
follow the Jupyter messaging protocol 5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NewType

from verso.api.mime import MimeBundle
from verso.api.record import Record, field

DisplayId = NewType("DisplayId", str)
"""Names a display so that a later `UpdateDisplayData` can change it, in whichever cell it is shown."""


class Stream(Record):
    """Text that code printed. `name`: stdout, stderr, or a shell's own: warning verbose debug information."""

    name: str = "stdout"
    text: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown_as(self) -> str:
        """`stdout` or `stderr`, for what knows only these two (Jupyter, a page): warnings are shown as stderr."""
        return "stderr" if self.name in ("stderr", "warning") else "stdout"


class DisplayData(Record):
    """A value shown on purpose: a MIME bundle with the richest view and `text/plain` together.

    `metadata` is by MIME type or free; `extra` keeps keys of a file that Verso does not know.
    """

    data: MimeBundle
    metadata: Mapping[str, Any] = field(default_factory=dict)
    display_id: DisplayId | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class ExecuteResult(Record):
    """The value of a cell's last expression.

    A value that grows is shown early: while `metadata` has `partial` true, updates of its `display_id` follow, and the
    last of them has it no more. It is there, and whole, when the cell ends.
    """

    data: MimeBundle
    metadata: Mapping[str, Any] = field(default_factory=dict)
    execution_count: int | None = None
    display_id: DisplayId | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class Error(Record):
    """Why a cell, or a statement of it, failed.

    `traceback`: lines as the language's own console shows them (may hold ANSI colours), without the last
    newline. `line`, `column`: from 1 within the cell's source, 0 when not known. `detail`: what the kernel
    knows beyond this, JSON values (PowerShell: category, stack, parse_errors). `fatal`: false for a reported
    error after which the cell went on.
    """

    ename: str
    evalue: str = ""
    traceback: tuple[str, ...] = ()
    line: int = 0
    column: int = 0
    fatal: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


Output = Stream | DisplayData | ExecuteResult | Error

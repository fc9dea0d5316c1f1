"""The one error tree. Each error says what is wrong, where, and what to do next.

An exception in a user's cell is not in here: it is an `Error` output (`verso.api.outputs`).
"""

from __future__ import annotations

from collections.abc import Iterable


class VersoError(Exception):
    """Base of every error that Verso raises.

    `what`: the sentence that says what is wrong. `where`: file, cell, line or JSON path, or empty.
    `next_step`: what the reader can do about it, or empty. `str()` joins the three.
    """

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        self.what = what
        self.where = where
        self.next_step = next_step
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.next_step}" if self.next_step else head


class NotebookUnreadableError(VersoError):
    """The file is missing, is a directory, or may not be read."""


class NotebookUnwritableError(VersoError):
    """The target can't be written: read-only, no space, no such folder. The old file is as it was."""


class FormatError(VersoError):
    """The text is not what its format asks for. `where` names the file and the line or JSON path."""


class ParameterError(VersoError):
    """A notebook parameter is missing, unknown, or its value is not of its type."""


class MissingComponentError(VersoError):
    """A kernel, cell type or extension that the notebook needs is not there."""


class UnknownNameError(VersoError):
    """A name that nothing answers to: a cell, tag, format, exporter, kernel or plugin."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], *, where: str = "") -> UnknownNameError:
        """The error for `name`, listing the `known` names of that `kind`."""
        listed = ", ".join(sorted(known)) or "none"
        return cls(f"there is no {kind} {name!r}", where=where, next_step=f"known: {listed}")


class KernelError(VersoError):
    """Something went wrong with a kernel, not with the user's code."""


class KernelStartError(KernelError):
    """The kernel did not start: program missing, refused, silent for too long, or of a wrong version."""


class KernelDiedError(KernelError):
    """The kernel's process ended while it was needed. The message has the cause and the last words."""


class KernelUnresponsiveError(KernelError):
    """The kernel did not answer or stop within the time allowed and was killed."""


class ProtocolError(KernelError):
    """A worker sent a message that the protocol does not allow."""


class VariableError(VersoError):
    """A variable is unknown, can't take that name in the target language, or its value can't travel."""


class MagicError(VersoError):
    """A magic line is wrong. `line` and `column` count from 1 within the cell."""

    def __init__(self, what: str, *, line: int = 0, column: int = 0, where: str = "", next_step: str = "") -> None:
        super().__init__(what, where=where or (f"line {line}, column {column}" if line else ""), next_step=next_step)
        self.line = line
        self.column = column


class AlreadyToldError(VersoError):
    """What went wrong is among the cell's outputs already: a magic raises it to end the cell without a word more."""


class PluginError(VersoError):
    """A plugin can't be loaded, is of a wrong version, or claims a name that another one holds."""


class RenderError(VersoError):
    """A renderer or exporter can't show this content. Never a silently wrong picture."""


class InputNotAvailableError(VersoError):
    """A cell asked for input and nobody is there to answer."""

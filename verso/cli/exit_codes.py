"""What the `verso` program's exit codes mean, and which error leads to which."""

from __future__ import annotations

from enum import IntEnum

from verso.api.errors import (
    FormatError,
    MissingComponentError,
    NotebookUnreadableError,
    NotebookUnwritableError,
    ParameterError,
    PluginError,
    UnknownNameError,
    VersoError,
)


class ExitCode(IntEnum):
    """Exit codes; part of the public contract (docs/cli.md)."""

    OK = 0
    CELL_FAILED = 1
    TIMED_OUT = 2
    UNREADABLE = 3
    BAD_FORMAT = 4
    BAD_PARAMETERS = 5
    MISSING_COMPONENT = 6
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


_CODES: tuple[tuple[type[VersoError], ExitCode], ...] = (
    (NotebookUnreadableError, ExitCode.UNREADABLE),
    (NotebookUnwritableError, ExitCode.UNREADABLE),
    (FormatError, ExitCode.BAD_FORMAT),
    (ParameterError, ExitCode.BAD_PARAMETERS),
    (MissingComponentError, ExitCode.MISSING_COMPONENT),
    (PluginError, ExitCode.MISSING_COMPONENT),
    (UnknownNameError, ExitCode.USAGE),
)


def exit_code(error: VersoError) -> ExitCode:
    """The code for an error that ended the program."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return ExitCode.CELL_FAILED

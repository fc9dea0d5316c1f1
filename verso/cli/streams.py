"""The program's standard streams, and where a report goes: both may be closed, full, or left by their reader."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Final, TextIO

from verso.api.errors import NotebookUnwritableError
from verso.formats.atomic import unwritable

_READER_GONE: Final = (errno.EPIPE, errno.EIO)
"""The other end of the pipe is closed; the terminal hung up."""


def prepare_standard_streams() -> None:
    """Makes the standard streams safe to use: closed ones lead nowhere, and a character that their encoding lacks is
    written as an escape."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed by who started us: the next file that is opened would take its number
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for the process's life
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def standard_output_is_data() -> None:
    """From now on, standard output is UTF-8 whatever the locale says: JSON and XML are."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def flush_standard_streams() -> OSError | None:
    """Writes what the standard streams still hold; what stopped that, if something did."""
    failure: OSError | None = None
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            failure = failure or error
            abandon(stream)
    return failure


def abandon(stream: TextIO) -> None:
    """Lets what is still written to a stream that failed lead nowhere, so that ending the program does not fail too
    (Python's documentation of SIGPIPE)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class ReportTarget(io.TextIOBase):
    """A text stream that a run reports to, which goes on when the stream fails: the run has more to do than to report.

    `failure`: why nothing more is written, or None. `reader_gone` is called, in whatever thread writes, when nobody
    reads any more; that is no failure.
    """

    def __init__(self, stream: TextIO, name: str, reader_gone: Callable[[], None]) -> None:
        self.failure: NotebookUnwritableError | None = None
        self._stream = stream
        self._name = name
        self._reader_gone = reader_gone

    def write(self, text: str) -> int:
        """Writes text, or nothing once the stream failed."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Hands on what was written."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's descriptor."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's encoding."""
        return self._stream.encoding

    def _give_up(self, error: OSError) -> None:
        abandon(self._stream)
        if error.errno in _READER_GONE:
            self._reader_gone()
        else:
            self.failure = self.failure or unwritable(self._name, error)

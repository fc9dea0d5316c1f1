"""Shows a run as plain text: what cells print goes where programs' output goes, live and uncoloured."""

from __future__ import annotations

import re
from typing import Final, Protocol

from verso.api import mime
from verso.api.events import CellFinished, CellOutput, CellStarted, Event, Notice, RunFinished, RunStarted
from verso.api.messages import UpdateDisplayData
from verso.api.notebook import CellStatus
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.engine.text import overwrite

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ON_STDERR: Final = frozenset({"stderr", "warning", "verbose", "debug"})


class Writer(Protocol):
    """What text is written to."""

    def write(self, text: str, /) -> object:
        """Writes text."""

    def flush(self) -> None:
        """Hands on what was written."""


class PlainReporter:
    """A listener that writes outputs as they come: results and stdout to `out`, stderr and errors to `err`.

    `verbosity`: -1 only what cells put out, 0 also a summary on `err`, 1 also a line for each cell.
    """

    def __init__(self, out: Writer, err: Writer, verbosity: int = 0) -> None:
        self._out = out
        self._err = err
        self._verbosity = verbosity
        self._total = 0
        self._statuses: dict[CellStatus, int] = {}
        self._line_open = {id(out): False, id(err): False}
        self._held: dict[int, str] = {}
        self._growing: dict[DisplayId | None, mime.MimeBundle] = {}

    def __call__(self, event: Event) -> None:
        """Takes one event."""
        match event:
            case CellOutput():
                self._show_output(event)
            case CellStarted() if self._verbosity > 0:
                self._note(f"[{event.index}] {event.kernel} …")
            case CellFinished():
                self._statuses[event.status] = self._statuses.get(event.status, 0) + 1
                for display_id in list(self._growing):  # it ended before they were whole
                    self._show(plain_view(self._growing.pop(display_id)))
                self._end_lines()
                if self._verbosity > 0:
                    reason = f" ({event.reason})" if event.reason else ""
                    self._note(f"[{event.index}] {event.status} in {event.elapsed:.2f} s{reason}")
            case RunStarted():
                self._total = len(event.cells)
            case Notice():
                self._note(f"verso: {event.message}")
            case RunFinished() if self._verbosity >= 0:
                self._note(summary_line(self._total, self._statuses, event))
            case _:
                pass

    def _show_output(self, event: CellOutput) -> None:
        match event.output:
            case Stream(name=name, text=text):
                self._write(self._err if name in _ON_STDERR else self._out, text)
            case ExecuteResult() | UpdateDisplayData() as result if is_growing(result):
                self._growing[result.display_id] = result.data  # text that was written can't be changed
            case DisplayData() | ExecuteResult() | UpdateDisplayData() as display:
                self._growing.pop(display.display_id, None)
                self._show(plain_view(display.data))
            case Error() as error:
                self._end_lines()
                self._write(self._err, plain_error(error) + "\n")
            case _:
                pass

    def _show(self, text: str) -> None:
        self._write(self._out, text if text.endswith("\n") else text + "\n")

    def _note(self, text: str) -> None:
        self._end_lines()
        self._write(self._err, text + "\n")

    def _write(self, target: Writer, text: str) -> None:
        """Writes text at once, but for a line that a progress bar rewrites: of that, what is left when it ends."""
        text = self._held.pop(id(target), "") + without_ansi(text)
        done, newline, rest = text.rpartition("\n")
        if "\r" in rest:
            self._held[id(target)] = rest
            rest = ""
        shown = overwrite(done + newline) + rest
        if not shown:
            return
        if self._line_open[id(target)] and text.startswith("\r"):
            shown = "\n" + shown
        target.write(shown)
        target.flush()
        self._line_open[id(target)] = not shown.endswith("\n")

    def _end_lines(self) -> None:
        for target in (self._out, self._err):
            held = overwrite(self._held.pop(id(target), ""))
            if held or self._line_open[id(target)]:
                target.write(held + "\n")
                self._line_open[id(target)] = False
        self._out.flush()


def is_growing(shown: ExecuteResult | UpdateDisplayData) -> bool:
    """Whether more of a result is to come, as updates."""
    return shown.metadata.get("partial") is True and shown.display_id is not None


def plain_view(data: mime.MimeBundle) -> str:
    """A bundle as text: its `text/plain`, else the richest text view, else a note of type and size."""
    if mime.PLAIN in data and not _has_picture(data):
        return str(data[mime.PLAIN])
    kind = mime.richest(data)
    content = data[kind]
    if mime.is_binary(kind) or kind == mime.SVG:
        size = len(content) * 3 // 4 if mime.is_binary(kind) else len(content.encode())
        note, text = f"[{kind}, {_bytes(size)}]", str(data.get(mime.PLAIN, ""))
        separator = "\n" if "\n" in text else " "  # a drawing in characters begins on a line of its own
        return f"{note}{separator}{text}".rstrip()
    return str(data.get(mime.PLAIN, content))


def plain_error(error: Error) -> str:
    """An error as its language's console shows it."""
    text = "\n".join(error.traceback) if error.traceback else f"{error.ename}: {error.evalue}"
    return without_ansi(text)


def without_ansi(text: str) -> str:
    """Text without terminal control sequences."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def summary_line(total: int, statuses: dict[CellStatus, int], end: RunFinished) -> str:
    """`5 cells: 4 ok, 1 error in 1.20 s`."""
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in statuses.items()) or "nothing ran"
    reason = f" ({end.reason.replace('_', ' ')})" if end.reason else ""
    return f"{total} cell{'s' * (total != 1)}: {counts} in {end.elapsed:.2f} s{reason}"


def _has_picture(data: mime.MimeBundle) -> bool:
    return mime.HTML not in data and any(kind.startswith("image/") for kind in data)


def _bytes(size: int) -> str:
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"

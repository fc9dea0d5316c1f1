"""Shows a run in a terminal, with rich: cells with headings, outputs as they come, progress with elapsed time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from verso.api import mime
from verso.api.events import (
    CellFinished,
    CellOutput,
    CellStarted,
    Event,
    KernelStateChanged,
    Notice,
    RunFinished,
    RunStarted,
)
from verso.api.messages import Progress, UpdateDisplayData
from verso.api.notebook import CellStatus
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.rendering import View
from verso.cli.plain import is_growing, summary_line

_MARKS = {
    CellStatus.OK: ("✓", "green"),
    CellStatus.ERROR: ("✗", "red"),
    CellStatus.CANCELLED: ("■", "yellow"),
    CellStatus.TIMED_OUT: ("⏱", "red"),
    CellStatus.SKIPPED: ("–", "dim"),
}
_STREAM_STYLES = {"stderr": "red", "warning": "yellow", "verbose": "cyan", "debug": "dim"}

Show = Callable[[Mapping[str, Any], Mapping[str, Any]], View]


class TerminalReporter:
    """A listener that draws on a rich console. A context manager: leaving puts the terminal back in order.

    `show`: the terminal view of a bundle and its metadata.
    """

    def __init__(self, console: Console, show: Show, verbosity: int = 0) -> None:
        self._console = console
        self._show = show
        self._verbosity = verbosity
        self._total = 0
        self._done = 0
        self._statuses: dict[CellStatus, int] = {}
        self._started = time.monotonic()
        self._running = ""
        self._bars: dict[str, Progress] = {}
        self._growing: dict[DisplayId | None, Text] = {}
        self._open_line = ""
        self._open_style = ""
        self._live = Live(get_renderable=self._status, console=console, refresh_per_second=10, transient=True)

    def __enter__(self) -> TerminalReporter:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Takes one event."""
        match event:
            case RunStarted():
                self._total = len(event.cells)
            case CellStarted():
                self._begin(event)
            case CellOutput():
                self._output(event)
            case CellFinished():
                self._end(event)
            case KernelStateChanged() if event.reason:
                self._print(Text(event.reason.splitlines()[0], style="yellow"))
            case Notice():
                self._print(Text(event.message, style="yellow"))
            case RunFinished():
                self._live.stop()
                if self._verbosity >= 0:
                    ok = set(self._statuses) <= {CellStatus.OK}
                    line = summary_line(self._total, self._statuses, event)
                    self._console.print(Text(line, style="bold green" if ok and not event.reason else "bold red"))
            case _:
                pass

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """A context in which the line at the bottom is gone: somebody types at the terminal."""
        self._flush_line()
        drawing = self._live.is_started
        self._live.stop()
        try:
            yield
        finally:
            if drawing:
                self._live.start()

    # -- cells

    def _begin(self, event: CellStarted) -> None:
        self._started = time.monotonic()
        self._running = event.kernel
        if self._verbosity >= 0:
            self._print(Rule(Text(f"{event.index} · {event.kernel}", style="dim"), style="dim", align="left"))

    def _end(self, event: CellFinished) -> None:
        self._flush_line()
        for display_id in list(self._growing):  # it ended before they were whole
            self._print(self._growing.pop(display_id))
        self._bars.clear()
        self._running = ""
        self._done += 1
        self._statuses[event.status] = self._statuses.get(event.status, 0) + 1
        worth_a_line = event.kernel or event.status is not CellStatus.OK
        if worth_a_line and (self._verbosity > 0 or event.status is not CellStatus.OK or event.elapsed >= 1.0):
            mark, style = _MARKS[event.status]
            reason = f" ({event.reason.replace('_', ' ')})" if event.reason else ""
            status = event.status.replace("_", " ")
            self._print(Text(f"{mark} {status} in {event.elapsed:.2f} s{reason}", style=style))

    # -- outputs

    def _output(self, event: CellOutput) -> None:
        match event.output:
            case Stream(name=name, text=text):
                self._stream(name, text)
            case ExecuteResult() | UpdateDisplayData() as result if is_growing(result):
                self._growing[result.display_id] = self._view(result.data, result.metadata)
            case DisplayData() | ExecuteResult() | UpdateDisplayData() as display:
                self._growing.pop(display.display_id, None)
                self._flush_line()
                self._print(self._view(display.data, display.metadata))
            case Error() as error:
                self._flush_line()
                lines = error.traceback or (f"{error.ename}: {error.evalue}",)
                self._print(Text.from_ansi("\n".join(lines), style="red"))
            case Progress() as progress:
                if progress.completed:
                    self._bars.pop(progress.id or progress.activity, None)
                else:
                    self._bars[progress.id or progress.activity] = progress
            case _:
                pass

    def _stream(self, name: str, text: str) -> None:
        style = _STREAM_STYLES.get(name, "")
        if style != self._open_style:
            self._flush_line()
        self._open_style = style
        done, newline, rest = (self._open_line + text).rpartition("\n")
        if newline:
            self._print(Text.from_ansi(done.replace("\r\n", "\n"), style=style))
        # A progress bar rewrites its line: what counts is behind the last carriage return.
        self._open_line = rest.rstrip("\r").rpartition("\r")[2] if "\r" in rest else rest

    def _view(self, data: mime.MimeBundle, metadata: Mapping[str, Any]) -> Text:
        return Text.from_ansi(self._show(data, metadata).content.rstrip("\n"))

    def _flush_line(self) -> None:
        if self._open_line:
            self._print(Text.from_ansi(self._open_line, style=self._open_style))
        self._open_line = ""

    def _print(self, renderable: Any) -> None:
        self._console.print(renderable, soft_wrap=isinstance(renderable, Text))

    # -- the line at the bottom

    def _status(self) -> Any:
        if not self._running and not self._total:
            return Text("")
        elapsed = time.monotonic() - self._started
        head = Table.grid(padding=(0, 1))
        label = f"{self._running or 'starting'} · {self._done}/{self._total} cells · {elapsed:.1f} s"
        head.add_row(Spinner("dots"), Text(label, style="dim"))
        bars = [Padding(_bar(progress), (0, 0, 0, 2 * level)) for level, progress in _nested(self._bars.copy())]
        lines = [Text.from_ansi(self._open_line)] if self._open_line else []
        return Group(*self._newest(), *lines, *bars, head)

    def _newest(self) -> list[Text]:
        """The last lines of what is growing: as many as half of the terminal holds."""
        lines = [line for text in tuple(self._growing.values()) for line in text.split("\n")]
        return lines[-max(1, self._console.height // 2) :]


def _nested(shown: Mapping[str, Progress], within: str = "", level: int = 0) -> Iterator[tuple[int, Progress]]:
    """The activities, each followed by those within it, and how deep each is. `within`: the one to begin below."""
    for name, progress in shown.items():
        parent = progress.parent if progress.parent in shown and progress.parent != name else ""
        if parent == within:
            yield level, progress
            if name:
                yield from _nested(shown, name, level + 1)


def _bar(progress: Progress) -> Any:
    row = Table.grid(padding=(0, 1))
    left = timedelta(seconds=round(progress.seconds_remaining)) if progress.seconds_remaining >= 0 else None
    percent = f"{progress.percent:.0f} %" if progress.percent >= 0 else ""
    words = (percent, progress.status, progress.operation, f"{left} left" if left is not None else "")
    bar = [ProgressBar(total=100, completed=progress.percent, width=30)] if progress.percent >= 0 else []
    row.add_row(Text(progress.activity, style="bold"), *bar, Text(" ".join(filter(None, words))))
    return row

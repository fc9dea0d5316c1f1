"""Outputs as plain text, where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from verso.api.events import CellFinished, CellOutput, CellStarted
from verso.api.messages import OutputMessage, Progress, UpdateDisplayData
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import DisplayId, ExecuteResult
from verso.api.rendering import View
from verso.cli.plain import PlainReporter, plain_view, without_ansi
from verso.cli.terminal import TerminalReporter

CELL = CellId("a")
TABLE = DisplayId("t")
BEGUN = ExecuteResult(data={"text/plain": "i\n1"}, metadata={"partial": True}, display_id=TABLE)
GROWN = UpdateDisplayData(data={"text/plain": "i\n1\n2"}, metadata={"partial": True}, display_id=TABLE)
WHOLE = UpdateDisplayData(data={"text/plain": "i\n1\n2\n3"}, metadata={"partial": False}, display_id=TABLE)


def output(message: OutputMessage) -> CellOutput:
    return CellOutput(cell_id=CELL, index=0, output=message)


def finished() -> CellFinished:
    return CellFinished(cell_id=CELL, index=0, status=CellStatus.CANCELLED, elapsed=1.0, cell=Cell(id=CELL))


def test_a_result_that_grows_is_written_when_it_is_whole() -> None:
    out = io.StringIO()
    reporter = PlainReporter(out, io.StringIO())
    for message in (BEGUN, GROWN):
        reporter(output(message))
    assert out.getvalue() == ""
    reporter(output(WHOLE))
    assert out.getvalue() == "i\n1\n2\n3\n"
    reporter(finished())
    assert out.getvalue() == "i\n1\n2\n3\n"


def test_a_result_that_was_never_whole_is_not_lost() -> None:
    out = io.StringIO()
    reporter = PlainReporter(out, io.StringIO())
    for event in (output(BEGUN), output(GROWN), finished()):
        reporter(event)
    assert out.getvalue() == "i\n1\n2\n"


def test_a_terminal_shows_what_grows_at_the_bottom_and_keeps_it_once() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, height=4)
    reporter = TerminalReporter(console, lambda data, metadata: View(content=str(data["text/plain"])), verbosity=-1)
    reporter(CellStarted(cell_id=CELL, index=0, kernel="powershell"))
    reporter(output(BEGUN))
    reporter(output(GROWN))
    assert screen.getvalue() == ""
    bottom = rendered(console, reporter)
    assert bottom[:2] == ["1", "2"] and "powershell" in bottom[2], "as many of the last lines as there is room for"
    reporter(output(WHOLE))
    assert screen.getvalue() == "i\n1\n2\n3\n"
    assert "powershell" in rendered(console, reporter)[0]


def test_activities_are_nested_and_say_how_long_they_take() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    reporter = TerminalReporter(console, lambda data, metadata: View(content=""), verbosity=-1)
    reporter(CellStarted(cell_id=CELL, index=0, kernel="powershell"))
    for bar in (
        Progress(activity="Copy", status="file 3", id="1.2", parent="1.1", operation="reading", seconds_remaining=90),
        Progress(activity="Back up", status="disk 1", percent=50, id="1.1"),
        Progress(activity="Alone", id="2.1", parent="2.1"),
    ):
        reporter(output(bar))
    first, second, third, _ = rendered(console, reporter)
    assert first.startswith("Back up") and first.endswith("50 % disk 1")
    assert second == "  Copy file 3 reading 0:01:30 left" and third == "Alone"


def rendered(console: Console, reporter: TerminalReporter) -> list[str]:
    """The lines at the bottom."""
    with console.capture() as capture:
        console.print(reporter._status())
    return [without_ansi(line).rstrip() for line in capture.get().splitlines()]


def test_a_picture_is_named_with_its_size_and_what_it_says_in_words() -> None:
    assert plain_view({"image/svg+xml": "<svg/>", "text/plain": "Graph()"}) == "[image/svg+xml, 0.0 kB] Graph()"
    assert plain_view({"image/png": "AAAA"}) == "[image/png, 0.0 kB]"


def test_a_drawing_in_characters_keeps_its_columns() -> None:
    drawing = "  ┌─┐\n  │A│\n  └─┘"
    assert plain_view({"image/svg+xml": "<svg/>", "text/plain": drawing}).splitlines()[1:] == drawing.splitlines()

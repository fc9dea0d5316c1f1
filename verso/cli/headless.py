"""One run without a screen: the session, what it reports and where to, what is saved, and the exit code."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import click

from verso.api.errors import NotebookUnwritableError, VersoError
from verso.api.events import Event, Notice
from verso.api.notebook import CellStatus, Notebook
from verso.api.record import Record
from verso.cli.exit_codes import ExitCode
from verso.cli.plain import PlainReporter
from verso.cli.signals import StopSignals
from verso.cli.streams import ReportTarget
from verso.engine.documents import write_notebook
from verso.engine.outputs import Limits
from verso.engine.plugins import Plugins
from verso.engine.runner import RunResult
from verso.engine.session import Session, open_session
from verso.formats.atomic import FileState, file_state, unwritable, write_file
from verso.formats.files import STANDARD

DATA = ("json", "jsonl", "junit")
"""Reports that programs read."""


class RunOptions(Record):
    """What the command line asked for. Timeouts in seconds. `source_state`: that of the notebook's file before it was
    read, when it is to be saved there."""

    source: str
    read_as: str
    parameters: Mapping[str, Any]
    cells: tuple[str, ...]
    tags: tuple[str, ...]
    stop_on_error: bool
    timeout: float | None
    cell_timeout: float | None
    output: str
    output_file: Path | None
    save_to: str | None
    save_as: str
    source_state: FileState
    default_kernel: str | None
    program: str | None
    verbosity: int
    with_variables: bool
    full_output: Path | None
    interactive: bool


async def run_notebook(notebook: Notebook, plugins: Plugins, options: RunOptions) -> int:
    """Runs as asked and returns the exit code. Raises `VersoError` for what stops it before anything ran, and
    `NotebookUnwritableError` for a report or notebook that can't be written, after all else is done."""
    asking = _terminal_input() if options.interactive else None
    with StopSignals() as stop, ExitStack() as stack:  # reports go on while the kernels end
        async with open_session(
            notebook,
            plugins=plugins,
            directory=None if options.source == STANDARD else Path(options.source).resolve().parent,
            parameters=options.parameters,
            options={"python": {"program": options.program}} if options.program else {},
            default_kernel=options.default_kernel,
            answer=asking.answer if asking else None,
            limits=Limits(full_output=options.full_output),
        ) as session:
            stop.session = session
            cells = cell_references(options.cells, session)
            session.check(session.select(cells, tags=options.tags))
            out = _report_target(options, stop, stack)
            reporter = _reporter(options, session, out, stop, stack)
            session.subscribe(reporter)
            if asking is not None:
                asking.undisturbed = getattr(reporter, "undisturbed", asking.undisturbed)
            for notice in session.notices():
                reporter(Notice(message=notice))
            result = await session.run(
                cells,
                tags=options.tags,
                stop_on_error=options.stop_on_error,
                timeout=options.timeout,
                cell_timeout=options.cell_timeout,
                ahead=True,
            )
            variables = await _variables(session) if options.with_variables and not stop.received else None
            saving, saved = None, None
            if options.save_to not in (None, STANDARD):
                saved = session.notebook
                saving = asyncio.create_task(_save(saved, plugins, options))  # goes on while the kernels end
            failure: VersoError | None = None
            try:
                _write_report(options, session, result, variables, out)
            except NotebookUnwritableError as error:
                failure = error
        unsaved, options = (None, options) if saving is None else await saving
        if unsaved is None and options.save_to is not None and session.notebook is not saved:
            # Threads and `atexit` functions had a last word.
            unsaved, _ = await _save(session.notebook, plugins, options)
        failure = unsaved or failure or out.failure
        if failure is not None:
            raise failure
        return final_code(result, stop.received)


def cell_references(given: tuple[str, ...], session: Session) -> list[str | int] | None:
    """Ids and indexes as the session takes them: text that is no id and is a number is an index."""
    ids = {cell.id for cell in session.notebook.cells}
    chosen = [int(text) if text not in ids and text.isascii() and text.isdigit() else text for text in given]
    return chosen or None


def final_code(result: RunResult, received: signal.Signals | None) -> ExitCode:
    """The exit code of a run: a signal first, then a time limit, then a failure."""
    if received is not None:
        return ExitCode.INTERRUPTED if received is signal.SIGINT else ExitCode.TERMINATED
    statuses = {cell.status for cell in result.cells}
    if result.reason == "timed_out" or CellStatus.TIMED_OUT in statuses:
        return ExitCode.TIMED_OUT
    if result.reason == "cancelled" or CellStatus.CANCELLED in statuses:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if result.ok else ExitCode.CELL_FAILED


# -- saving


async def _save(notebook: Notebook, plugins: Plugins, options: RunOptions) -> tuple[VersoError | None, RunOptions]:
    """Writes the executed notebook. Why that failed, with the place where it was rescued to; and the options with
    which to write once more, over what was written here alone."""
    target = options.save_to or STANDARD
    try:
        _refuse_changed(options)
        state = await asyncio.to_thread(write_notebook, notebook, target, plugins, write_as=options.save_as)
    except VersoError as error:
        rescued = await asyncio.to_thread(_rescue, notebook, target, plugins)
        steps = [error.next_step, f"the executed notebook is in {rescued}" if rescued else ""]
        return NotebookUnwritableError(error.what, where=error.where, next_step="; ".join(filter(None, steps))), options
    return None, options.replace(source_state=state) if options.source_state is not None else options


def _refuse_changed(options: RunOptions) -> None:
    """`NotebookUnwritableError` for a file that somebody else wrote (a cell, an editor) since it was read."""
    if options.source_state is not None and file_state(Path(options.source)) not in (None, options.source_state):
        raise NotebookUnwritableError("was changed while it ran, and is left as it is now", where=options.source)


def _rescue(notebook: Notebook, target: str, plugins: Plugins) -> Path | None:
    stem = "notebook" if target == STANDARD else Path(target).stem
    path = Path(tempfile.gettempdir()) / f"{stem}-executed-{os.urandom(4).hex()}.verso"
    try:
        write_notebook(notebook, path, plugins, write_as="verso")
    except VersoError:
        return None
    return path


# -- reporting


def _report_target(options: RunOptions, stop: StopSignals, stack: ExitStack) -> ReportTarget:
    """Standard output, or the file of a report that is written while cells run (others are written at the end)."""
    if options.output_file is None or options.output in ("json", "junit"):
        return ReportTarget(sys.stdout, "standard output", stop.stop)
    path = options.output_file
    try:
        file = stack.enter_context(path.open("w", encoding="utf-8", errors="backslashreplace"))
    except OSError as error:
        raise unwritable(str(path), error) from None
    return ReportTarget(file, str(path), stop.stop)


def _reporter(
    options: RunOptions, session: Session, out: ReportTarget, stop: StopSignals, stack: ExitStack
) -> Callable[[Event], None]:
    if options.output == "text":
        if options.output_file is not None:
            return PlainReporter(out, out, options.verbosity)
        if sys.stdout.isatty():
            return _terminal_reporter(options, session.plugins, out, stack)
        return PlainReporter(out, ReportTarget(sys.stderr, "standard error", stop.stop), options.verbosity)
    if options.output == "jsonl":
        report = _reports()

        def write_line(event: Event) -> None:
            out.write(report.json_line(report.event_object(event)) + "\n")
            out.flush()

        return write_line
    return _warn


def _terminal_reporter(
    options: RunOptions, plugins: Plugins, out: ReportTarget, stack: ExitStack
) -> Callable[[Event], None]:
    # rich takes as long to import as a small notebook to run: only where a terminal shows its work.
    make = importlib.import_module("verso.cli.screen").terminal_reporter
    reporter: AbstractContextManager[Callable[[Event], None]] = make(plugins, options.verbosity, out)
    return stack.enter_context(reporter)


def _terminal_input() -> Any:
    # Brings what only systems with POSIX terminals have.
    return importlib.import_module("verso.cli.input").TerminalInput()


def _reports() -> Any:
    # Brings an XML library in: only for runs that report as data.
    return importlib.import_module("verso.cli.report")


def _warn(event: Event) -> None:
    if isinstance(event, Notice):
        click.echo(f"verso: {event.message}", err=True)


async def _variables(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, handle in session.variables.items():
        shared = handle.shared
        entry: dict[str, Any] = {
            "owner": shared.owner,
            "version": shared.version,
            "type": shared.info.type,
            "preview": shared.info.preview,
        }
        found[name] = entry
        try:
            entry["value"] = await handle.showable()
        except VersoError as error:
            entry["problem"] = error.what
    return found


def _write_report(
    options: RunOptions,
    session: Session,
    result: RunResult,
    variables: dict[str, Any] | None,
    out: ReportTarget,
) -> None:
    """Writes a report that is one document. `NotebookUnwritableError` for its file."""
    if options.output not in ("json", "junit"):
        return
    report = _reports()
    languages: dict[str, str | None] = {cell.cell_id: session.language(cell.cell_id) for cell in result.cells}
    if options.output == "junit":
        text = report.junit_xml(options.source, result, languages)
    else:
        document = report.report_document(options.source, session.parameters, result, languages, variables)
        text = report.json_line(document) + "\n"
    if options.output_file is not None:
        write_file(options.output_file, text)
        return
    out.write(text)
    out.flush()

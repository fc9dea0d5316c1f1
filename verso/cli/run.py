"""`verso run`: runs a notebook without a screen, streams what it puts out, saves it, and says how it went."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from verso.api.errors import ParameterError, VariableError
from verso.api.events import Event, Notice
from verso.api.notebook import CellStatus, Notebook
from verso.api.record import Record
from verso.cli.exit_codes import ExitCode
from verso.cli.input import terminal_answer
from verso.cli.parameters import given_parameters
from verso.cli.plain import PlainReporter
from verso.engine.documents import read_notebook, write_notebook
from verso.engine.outputs import Limits
from verso.engine.plugins import Plugins
from verso.engine.runner import RunResult
from verso.engine.session import Session, open_session

OUTPUTS = ("text", "json", "jsonl", "junit", "none")
STDIO = "-"
SECONDS = click.FloatRange(min=0, min_open=True)


class RunOptions(Record):
    """What the command line asked for. Timeouts in seconds."""

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
    default_kernel: str | None
    program: str | None
    verbosity: int
    with_variables: bool
    full_output: Path | None
    interactive: bool


@click.command()
@click.argument("notebook", metavar="NOTEBOOK")
@click.option("-p", "--param", "pairs", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeatable.")
@click.option("--params-file", type=click.Path(path_type=Path), help="JSON, TOML or YAML file of parameters.")
@click.option("--cell", "cells", multiple=True, metavar="ID|INDEX", help="Run this cell only (from 0); in order given.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Run the cells that have this tag; repeatable.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first cell that fails.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS", help="Time limit of the whole run.")
@click.option("--cell-timeout", type=SECONDS, metavar="SECONDS", help="Time limit of each cell.")
@click.option("--output", type=click.Choice(OUTPUTS), help="How to report [text; json with --output-file].")
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report here.")
@click.option("--save", is_flag=True, help="Keep the outputs in the notebook itself.")
@click.option("--output-notebook", metavar="PATH", help="Write the executed notebook here (- is stdout).")
@click.option(
    "--from", "read_as", metavar="FORMAT", default="", help="The notebook's format, when its name does not say it."
)
@click.option(
    "--to", "save_as", metavar="FORMAT", default="", help="Format of --output-notebook, when its name does not say it."
)
@click.option("--kernel", "default_kernel", metavar="NAME", help="Kernel of the cells that name none.")
@click.option("--python", "program", metavar="PATH", help="Python interpreter for Python cells.")
@click.option("--variables", "with_variables", is_flag=True, help="Put the shared variables into the JSON report.")
@click.option("--full-output", type=click.Path(path_type=Path, file_okay=False), help="Keep all output in this folder.")
@click.option("-q", "--quiet", is_flag=True, help="Only what the cells put out.")
@click.option("-v", "--verbose", is_flag=True, help="Also when each cell starts and ends.")
def run(
    notebook: str,
    pairs: tuple[str, ...],
    params_file: Path | None,
    cells: tuple[str, ...],
    tags: tuple[str, ...],
    fail_fast: bool,
    timeout: float | None,
    cell_timeout: float | None,
    output: str | None,
    output_file: Path | None,
    save: bool,
    output_notebook: str | None,
    read_as: str,
    save_as: str,
    default_kernel: str | None,
    program: str | None,
    with_variables: bool,
    full_output: Path | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Runs a notebook (- is standard input).

    Exit codes: 0 all cells ok, 1 a cell failed, 2 timed out, 3 a file is not there or can't be read or written,
    4 bad format, 5 parameters missing or wrong, 6 a kernel, cell type or extension is missing, 64 wrong usage,
    130 interrupted, 143 terminated.
    """
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    if save and notebook == STDIO:
        raise click.UsageError("--save needs a file: standard input can't be written back")
    if save and output_notebook:
        raise click.UsageError("--save and --output-notebook exclude each other")
    if output_notebook == STDIO and output is None and output_file is None:
        output = "none"
    options = RunOptions(
        source=notebook,
        read_as=read_as,
        parameters=given_parameters(pairs, params_file),
        cells=cells,
        tags=tags,
        stop_on_error=fail_fast,
        timeout=timeout,
        cell_timeout=cell_timeout,
        output=output or ("json" if output_file else "text"),
        output_file=output_file,
        save_to=notebook if save else output_notebook,
        save_as=read_as if save else save_as,
        default_kernel=default_kernel,
        program=program,
        verbosity=int(verbose) - int(quiet),
        with_variables=with_variables,
        full_output=full_output,
        interactive=notebook != STDIO and sys.stdin is not None and sys.stdin.isatty(),
    )
    plugins = Plugins.load()
    document = read_notebook(notebook, plugins, read_as=read_as)
    if full_output is not None:
        full_output.mkdir(parents=True, exist_ok=True)
    return asyncio.run(run_notebook(document, plugins, options))


async def run_notebook(notebook: Notebook, plugins: Plugins, options: RunOptions) -> int:
    """Runs as asked and returns the exit code. Raises `VersoError` for what stops it before anything ran."""
    async with open_session(
        notebook,
        plugins=plugins,
        directory=None if options.source == STDIO else Path(options.source).resolve().parent,
        parameters=options.parameters,
        options={"python": {"program": options.program}} if options.program else {},
        default_kernel=options.default_kernel,
        answer=terminal_answer if options.interactive else None,
        limits=Limits(full_output=options.full_output),
    ) as session:
        cells = cell_references(options.cells, session)
        session.check(session.select(cells, tags=options.tags))
        stop = StopSignals(session)
        with ExitStack() as stack:
            out = _report_target(options, stack)
            reporter = _reporter(options, session, out, stack)
            session.subscribe(reporter)
            for notice in session.notices():
                reporter(Notice(message=notice))
            with stop:
                result = await session.run(
                    cells,
                    tags=options.tags,
                    stop_on_error=options.stop_on_error,
                    timeout=options.timeout,
                    cell_timeout=options.cell_timeout,
                )
                variables = await _variables(session) if options.with_variables and not stop.received else None
                if options.save_to is not None:
                    await asyncio.to_thread(
                        write_notebook, session.notebook, options.save_to, plugins, write_as=options.save_as
                    )
            _write_report(options, session, result, variables, out)
        return final_code(result, stop.received)


def cell_references(given: tuple[str, ...], session: Session) -> list[str | int] | None:
    """Ids and indexes as the session takes them: text that is no id and is a number is an index."""
    ids = {cell.id for cell in session.notebook.cells}
    chosen = [int(text) if text not in ids and text.isdigit() else text for text in given]
    return chosen or None


def final_code(result: RunResult, received: signal.Signals | None) -> ExitCode:
    """The exit code of a run: a signal first, then a time limit, then a failure."""
    if received is not None:
        return ExitCode.TERMINATED if received is signal.SIGTERM else ExitCode.INTERRUPTED
    statuses = {cell.status for cell in result.cells}
    if result.reason == "timed_out" or CellStatus.TIMED_OUT in statuses:
        return ExitCode.TIMED_OUT
    if result.reason == "cancelled" or CellStatus.CANCELLED in statuses:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if result.ok else ExitCode.CELL_FAILED


class StopSignals:
    """SIGINT and SIGTERM stop the session; what ran is shown and saved. The first one interrupts the running cell,
    a second one ends the kernels at once. `received` is the first one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stopping: set[asyncio.Task[None]] = set()
        self.received: signal.Signals | None = None

    def __enter__(self) -> StopSignals:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, partial(self._stop, number))
        return self

    def __exit__(self, *exception: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)

    def _stop(self, number: signal.Signals) -> None:
        again = self.received is not None
        self.received = self.received or number
        ending = self._session.kill() if again else self._session.interrupt()
        task = asyncio.ensure_future(ending)
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)


def _report_target(options: RunOptions, stack: ExitStack) -> TextIO:
    if options.output_file is None:
        return sys.stdout
    try:
        options.output_file.parent.mkdir(parents=True, exist_ok=True)
        return stack.enter_context(options.output_file.open("w", encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"the report can't be written: {error}", where=str(options.output_file)) from None


def _reporter(options: RunOptions, session: Session, out: TextIO, stack: ExitStack) -> Callable[[Event], None]:
    if options.output == "text":
        if options.output_file is None and sys.stdout.isatty():
            return _terminal_reporter(options, session.plugins, stack)
        return PlainReporter(out, sys.stderr if options.output_file is None else out, options.verbosity)
    if options.output == "jsonl":
        report = _reports()

        def write_line(event: Event) -> None:
            out.write(report.json_line(report.event_object(event)) + "\n")
            out.flush()

        return write_line
    return _warn


def _terminal_reporter(options: RunOptions, plugins: Plugins, stack: ExitStack) -> Callable[[Event], None]:
    # rich takes as long to import as a small notebook to run: only where a terminal shows its work.
    make = importlib.import_module("verso.cli.screen").terminal_reporter
    reporter: AbstractContextManager[Callable[[Event], None]] = make(plugins, options.verbosity)
    return stack.enter_context(reporter)


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
        try:
            entry["value"] = await handle.typed()
        except VariableError as error:
            entry["problem"] = error.what
        found[name] = entry
    return found


def _write_report(
    options: RunOptions, session: Session, result: RunResult, variables: dict[str, Any] | None, out: TextIO
) -> None:
    if options.output not in ("json", "junit"):
        return
    report = _reports()
    languages: dict[str, str | None] = {cell.cell_id: session.language(cell.cell_id) for cell in result.cells}
    if options.output == "junit":
        text = report.junit_xml(options.source, result, languages)
    else:
        document = report.report_document(options.source, session.parameters, result, languages, variables)
        text = report.json_line(document) + "\n"
    out.write(text)
    out.flush()

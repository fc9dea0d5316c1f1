"""`verso run`: runs a notebook without a screen, streams what it puts out, saves it, and says how it went."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from pathlib import Path
from typing import Any

import click

from verso.cli.headless import DATA, RunOptions, run_notebook
from verso.cli.installed import installed_plugins
from verso.cli.parameters import given_parameters
from verso.cli.streams import standard_output_is_data
from verso.engine.documents import check_target, read_notebook
from verso.formats.atomic import check_writable, file_state, unwritable
from verso.formats.files import STANDARD

OUTPUTS = ("text", "json", "jsonl", "junit", "none")


class Seconds(click.FloatRange):
    """A time limit: a number above 0."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. `click.BadParameter`."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return seconds


SECONDS = Seconds(min=0, min_open=True)


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
    output_given = output is not None or output_file is not None
    output = output or ("json" if output_file else "none" if output_notebook == STANDARD else "text")
    if output_file is not None and str(output_file) == STANDARD:
        output_file = None
    from_standard = params_file is not None and str(params_file) == STANDARD
    if from_standard and notebook == STANDARD:
        raise click.UsageError("the notebook and the parameters can't both come from standard input")
    _check_saving(notebook, save, output_notebook, save_as)
    _check_report(notebook, output if output_given else "none", output_file, output_notebook, with_variables)
    if output in DATA and output_file is None:
        standard_output_is_data()
    options = RunOptions(
        source=notebook,
        read_as=read_as,
        parameters=given_parameters(pairs, params_file),
        cells=cells,
        tags=tags,
        stop_on_error=fail_fast,
        timeout=timeout,
        cell_timeout=cell_timeout,
        output=output,
        output_file=output_file,
        save_to=notebook if save else output_notebook,
        save_as=read_as if save else save_as,
        source_state=file_state(Path(notebook)) if save else None,
        default_kernel=default_kernel,
        program=None if program is None else _from_here(program),
        verbosity=int(verbose) - int(quiet),
        with_variables=with_variables,
        full_output=full_output,
        interactive=notebook != STANDARD and not from_standard and sys.stdin.isatty(),
    )
    plugins = installed_plugins()
    document = read_notebook(notebook, plugins, read_as=read_as)
    if options.save_to is not None:
        check_target(options.save_to, plugins, write_as=options.save_as)
    _make_folder(full_output)
    if output_file is not None:
        _make_folder(output_file.parent)
        check_writable(output_file)
    return asyncio.run(run_notebook(document, plugins, options))


def _check_saving(notebook: str, save: bool, output_notebook: str | None, save_as: str) -> None:
    if save and notebook == STANDARD:
        raise click.UsageError("--save needs a file: standard input can't be written back")
    if save and output_notebook:
        raise click.UsageError("--save and --output-notebook exclude each other")
    if save_as and not output_notebook:
        raise click.UsageError("--to is the format of --output-notebook, which is not given")


def _check_report(
    notebook: str, output: str, output_file: Path | None, output_notebook: str | None, with_variables: bool
) -> None:
    if with_variables and output != "json":
        raise click.UsageError("--variables goes into the JSON report: add --output json")
    if output_file is None and output_notebook == STANDARD and output != "none":
        raise click.UsageError("the report and the notebook can't both go to standard output: add --output-file")
    for other in (notebook, output_notebook):
        if output_file is not None and other not in (None, STANDARD) and _same_file(output_file, Path(str(other))):
            raise click.UsageError(f"--output-file {output_file} would overwrite the notebook")


def _from_here(program: str) -> str:
    """A program's path as the shell means it, whatever the notebook's folder is; a bare name is looked up on PATH."""
    path = Path(program).expanduser()
    return str(path.absolute()) if os.sep in program else program


def _same_file(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _make_folder(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(str(folder), error) from None

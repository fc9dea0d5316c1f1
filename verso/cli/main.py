"""The entry point: which command, and how errors become messages and exit codes."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
import threading
from typing import Any, NoReturn

import click

from verso import __version__
from verso.api.errors import VersoError
from verso.cli.exit_codes import ExitCode, exit_code
from verso.cli.installed import installed_plugins
from verso.cli.streams import abandon, flush_standard_streams, prepare_standard_streams
from verso.formats.atomic import unwritable

_COMMANDS = {
    "run": ("verso.cli.run:run", "Runs a notebook and exits with the code that says how it went."),
    "convert": ("verso.cli.convert:convert", "Turns a notebook into another format, losing as little as it can."),
    "export": ("verso.cli.export:export", "Writes a notebook as a document: a page, Markdown, a script."),
    "info": ("verso.cli.info:info", "Shows what is in a notebook and what it needs."),
    "kernels": ("verso.cli.kernels:kernels", "Lists the kernels and whether they can start here."),
    "plugins": ("verso.cli.plugins:plugins", "Lists the plugins and where they came from."),
}


class LazyGroup(click.Group):
    """Imports a command when it is called; the commands of plugins stand beside the built-in ones."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Built-in commands first, then those of plugins."""
        return [*_COMMANDS, *sorted(command.name for command in installed_plugins().commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name in _COMMANDS:
            module, _, name = _COMMANDS[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        plugins = installed_plugins()
        found = plugins.commands.get(cmd_name)
        return None if found is None else plugins.resolve(found.command, what=f"command {cmd_name!r}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, without importing the commands."""
        rows = [(name, summary) for name, (_, summary) in _COMMANDS.items()]
        rows += [(command.name, command.summary) for command in installed_plugins().commands]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="verso %(version)s")
def verso() -> None:
    """Runs and converts notebooks of many languages."""


def main(arguments: list[str] | None = None) -> Any:
    """Runs the program and ends the process with its exit code (docs/cli.md)."""
    # Nearly all that a short run makes lives to its end: looking for garbage every 700 objects costs a twentieth of it.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    prepare_standard_streams()
    code = _run(arguments)
    failure = flush_standard_streams()
    if failure is not None and not isinstance(failure, BrokenPipeError):
        _say(str(unwritable("standard output", failure)))
        code = code or ExitCode.UNREADABLE
    _leave(int(code or 0))


def _leave(code: int) -> NoReturn:
    """Ends the process. All is said and saved: work that was given up and can't be stopped (of a library that computes
    in a thread of its own) is not waited for."""
    if threading.active_count() > 1:
        os._exit(code)
    gc.freeze()  # nor is garbage looked for in the end
    sys.exit(code)


def _run(arguments: list[str] | None) -> Any:
    try:
        return verso.main(args=arguments, prog_name="verso", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except VersoError as error:
        _say(str(error))
        return exit_code(error)
    except BrokenPipeError:
        # The reader of our output is gone (`verso … | head`): nothing more to say, and nothing to say it to.
        abandon(sys.stdout)
        return ExitCode.CELL_FAILED
    except OSError as error:
        if error.filename is not None:
            raise
        abandon(sys.stdout)
        _say(str(unwritable("standard output", error)))
        return ExitCode.UNREADABLE


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(f"verso: {text}", err=True)

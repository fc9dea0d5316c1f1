"""What the program says of itself, in the form in which the pages say it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import click

import verso.api
from verso.api import hookspecs
from verso.cli.main import verso as program
from verso.engine.plugins import Plugins


def hooks() -> dict[str, str]:
    """Each hook's signature by its name: `verso_themes() -> Sequence[Theme]`."""
    found = {}
    for name, function in vars(hookspecs).items():
        if hasattr(function, "verso_spec"):
            found[name] = f"{name}{inspect.signature(function)}".replace("'", "")
    return found


def commands() -> dict[str, click.Command]:
    """The commands of the program by name."""
    assert isinstance(program, click.Group)
    context = click.Context(program)
    found = {name: program.get_command(context, name) for name in program.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def options(command: click.Command) -> dict[str, str]:
    """The options of a command, spelt as in a table (`-p, --param NAME=VALUE`), with their help."""
    context = click.Context(command, parent=click.Context(program, **program.context_settings))
    found = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            metavar = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
            found[f"{', '.join(parameter.opts)}{metavar}"] = parameter.help or ""
    return found


def magics(plugins: Plugins) -> dict[str, dict[str, Any]]:
    """The magics by name: their summary and options."""
    return {
        magic.name: {"summary": magic.summary, "options": {option.name for option in magic.options}}
        for magic in plugins.magics
    }


def api_modules() -> Iterator[ModuleType]:
    """Every module of the public API."""
    yield verso.api
    for found in pkgutil.iter_modules(verso.api.__path__):
        yield importlib.import_module(f"verso.api.{found.name}")


def undocumented(module: ModuleType) -> Iterator[str]:
    """The public names of a module that have no docstring: classes, functions, methods and properties."""
    if not module.__doc__:
        yield module.__name__
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(value) and not value.__doc__:
            yield f"{module.__name__}.{name}"
        if inspect.isclass(value):
            yield from _undocumented_in(value)


def _undocumented_in(kind: type) -> Iterator[str]:
    if not kind.__dict__.get("__doc__"):
        yield f"{kind.__module__}.{kind.__qualname__}"
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(value, (property, classmethod, staticmethod)) or inspect.isfunction(value):
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if not getattr(function, "__doc__", None):
                yield f"{kind.__module__}.{kind.__qualname__}.{name}"

"""`verso jupyter`: installs Verso as a Jupyter kernel, and takes it out again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from verso.engine.plugins import Plugins
from verso.jupyter.kernelspec import DEFAULT_NAME, install_kernelspec, remove_kernelspec

F = TypeVar("F", bound=Callable[..., Any])

_PLACES = (
    click.option("--user", "place", flag_value="user", help="For this user, in every Jupyter (the default)."),
    click.option("--sys-prefix", "place", flag_value="sys-prefix", help="Into the environment that runs Verso."),
    click.option("--prefix", type=click.Path(path_type=Path), help="Into PREFIX/share/jupyter/kernels."),
)


def _with_place(function: F) -> F:
    for option in reversed(_PLACES):
        function = option(function)
    return function


@click.group()
def jupyter() -> None:
    """Puts Verso into JupyterLab and VS Code as a Jupyter kernel."""


@jupyter.command()
@_with_place
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of the kernelspec.")
@click.option("--display-name", default="Verso", show_default=True, help="What Jupyter shows.")
@click.option("--default-kernel", default="python", show_default=True, help="Language of cells without #!LANGUAGE.")
def install(place: str | None, prefix: Path | None, name: str, display_name: str, default_kernel: str) -> int:
    """Writes the kernelspec; choose the kernel Verso in a notebook then. One that is there is replaced."""
    spec = Plugins.load().kernelspec(default_kernel)
    folder = install_kernelspec(name, display_name, spec, user=_is_user(place, prefix), prefix=_prefix(place, prefix))
    click.echo(f"Installed the Jupyter kernel {name!r} in {folder}")
    click.echo(f"JupyterLab and VS Code show it as {display_name!r}; cells begin with #!sql, #!javascript, …")
    return 0


@jupyter.command()
@_with_place
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of the kernelspec.")
def uninstall(place: str | None, prefix: Path | None, name: str) -> int:
    """Removes the kernelspec."""
    folder = remove_kernelspec(name, user=_is_user(place, prefix), prefix=_prefix(place, prefix))
    click.echo(f"Removed {folder}")
    return 0


def _is_user(place: str | None, prefix: Path | None) -> bool:
    if place and prefix:
        raise click.UsageError(f"choose one of --{place} and --prefix")
    return place != "sys-prefix" and prefix is None


def _prefix(place: str | None, prefix: Path | None) -> Path | None:
    return Path(sys.prefix) if place == "sys-prefix" else prefix

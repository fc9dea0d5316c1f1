"""Which interpreter runs a notebook's Python cells."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from verso.api.errors import KernelStartError
from verso.api.kernel import KernelContext

MARK = "# /// script"
"""The line that begins inline dependencies (PEP 723)."""


async def choose(context: KernelContext) -> str:
    """The program for this notebook: what its reader asked for (`--python`), what its settings name, what its inline
    dependencies need, else the interpreter that runs Verso. `KernelStartError` for one that is not there."""
    for wanted, origin in ((context.options.get("program"), "--python"), (context.settings.get("program"), "settings")):
        if wanted:
            return _existing(str(wanted), origin, context.directory)
    if declares_dependencies(context.sources):
        # Loaded for such notebooks only: tomllib and the search for uv are no part of a usual start.
        environment = importlib.import_module("verso_python.environment")
        return str(await environment.make_environment(context.sources, context.directory))
    return sys.executable


def find(program: str, directory: Path | None = None) -> str | None:
    """The path of an interpreter given as a path (also of the folder of a virtual environment) or a name on PATH."""
    path = Path(program).expanduser()
    named = os.sep not in program and program == str(path)
    if directory is not None and not named:
        path = directory / path
    for candidate in (path / "bin" / "python", path / "Scripts" / "python.exe"):
        if path.is_dir() and candidate.is_file():
            return str(candidate)
    return shutil.which(program if named else str(path))


def declares_dependencies(sources: Sequence[str]) -> bool:
    """Whether a cell has a block of inline dependencies."""
    return any(MARK in source for source in sources)


def _existing(program: str, origin: str, directory: Path) -> str:
    found = find(program, directory)
    if found is None:
        raise KernelStartError(
            f"there is no Python interpreter {program!r}",
            where=origin,
            next_step="give the path of a Python (3.9 or later) or of a virtual environment",
        )
    return found

"""Opens and saves notebooks with the installed formats."""

from __future__ import annotations

import asyncio
from pathlib import Path

from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import Notebook
from verso.engine.plugins import Plugins
from verso.formats.atomic import FileState
from verso.formats.files import STANDARD, NotebookFiles


async def notebook_from(source: Notebook | str | Path, plugins: Plugins) -> tuple[Notebook, Path | None]:
    """The notebook and the folder it lives in (None for one that is no file). Raises what reading raises."""
    if isinstance(source, Notebook):
        return source, None
    notebook = await asyncio.to_thread(read_notebook, source, plugins)
    return notebook, None if str(source) == STANDARD else Path(source).absolute().parent


def read_notebook(source: str | Path, plugins: Plugins, *, read_as: str = "") -> Notebook:
    """Reads a file, or standard input for `-`. Blocking. Raises what `NotebookFiles.read` raises."""
    options = ReadOptions(languages=plugins.languages(), comments=_comments(plugins), suffixes=_suffixes(plugins))
    return NotebookFiles(plugins.formats, plugins.resolve).read(source, format=read_as, options=options)


def write_notebook(notebook: Notebook, target: str | Path, plugins: Plugins, *, write_as: str = "") -> FileState:
    """Writes a file atomically, or standard output for `-`. Blocking. Returns and raises what `NotebookFiles.write`
    does."""
    files = NotebookFiles(plugins.formats, plugins.resolve)
    return files.write(notebook, target, format=write_as, options=write_options(plugins))


def check_target(target: str | Path, plugins: Plugins, *, write_as: str = "") -> None:
    """Raises what `write_notebook` would raise as things are now. Raises what `NotebookFiles.check` raises."""
    NotebookFiles(plugins.formats, plugins.resolve).check(target, format=write_as, options=write_options(plugins))


def write_options(plugins: Plugins) -> WriteOptions:
    """What writers are told of the installed kernels."""
    return WriteOptions(languages=plugins.languages(), comments=_comments(plugins), suffixes=_suffixes(plugins))


def _comments(plugins: Plugins) -> dict[str, str]:
    return {spec.name: spec.comment for spec in plugins.kernels}


def _suffixes(plugins: Plugins) -> dict[str, str]:
    found: dict[str, str] = {}
    for spec in plugins.kernels:
        for suffix in spec.suffixes:
            found.setdefault(suffix, spec.name)
    return found

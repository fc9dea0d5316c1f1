"""Finds the entry points of one group without the cost of `importlib.metadata`.

That module brings the `email`, `zipfile` and `csv` packages in: an eighth of the time in which a notebook of one
cell has to start and finish. Files are laid out as the packaging specifications say ("Entry points", "Recording
installed projects"): `<distribution>.dist-info/entry_points.txt` (or `.egg-info`) in a folder of `sys.path`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from verso.api.record import Record

_ENDINGS = (".dist-info", ".egg-info")


class EntryPoint(Record):
    """One entry point. `value` is `module` or `module:name`; `folder`: the metadata of its distribution."""

    name: str
    value: str
    folder: str

    def load(self) -> Any:
        """The module, or the object in it. Raises what importing raises."""
        module, _, name = self.value.partition(":")
        found: Any = importlib.import_module(module.strip())
        for part in filter(None, name.strip().split(".")):
            found = getattr(found, part)
        return found


def find_entry_points(group: str, path: Iterable[str] | None = None) -> list[EntryPoint]:
    """The entry points of a group in the folders of `path` (`sys.path`), one of each name (the first found), by name.

    Of a distribution that is installed twice, only the first counts, as for its modules.
    """
    found: dict[str, EntryPoint] = {}
    seen: set[str] = set()
    for folder in _metadata_folders(sys.path if path is None else path):
        distribution = os.path.basename(folder).partition("-")[0].lower()  # noqa: PTH119 - hundreds of folders
        if distribution in seen:
            continue
        seen.add(distribution)
        for name, value in _read(folder, group):
            found.setdefault(name, EntryPoint(name=name, value=value, folder=folder))
    return [found[name] for name in sorted(found)]


def _metadata_folders(path: Iterable[str]) -> Iterator[str]:
    for entry in path:
        try:
            names = sorted(os.listdir(entry or "."))  # noqa: PTH208 - a Path for each of them costs more than the read
        except OSError:
            continue
        yield from (f"{entry or '.'}/{name}" for name in names if name.endswith(_ENDINGS))


def _read(folder: str, group: str) -> Iterator[tuple[str, str]]:
    try:
        with open(f"{folder}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return
    head = f"[{group}]"
    if head not in text:
        return
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == head
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()

"""Which `#!name` lines of a `.dib` file begin a cell, and of which kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verso.api.errors import FormatError
from verso.formats.cells import DOTNET_KERNELS
from verso.formats.json_object import JsonObject
from verso.formats.kept_keys import KnownKeys

_INFO: Final = KnownKeys("defaultKernelName", "items")
_ITEM: Final = KnownKeys("name", "languageName", "aliases")
_DOTNET_NAMES: Final = {alias: name for name, aliases in DOTNET_KERNELS.items() for alias in (name, *aliases)}


def names_of(metadata: Mapping[str, Any], languages: Mapping[str, str], *, where: str) -> dict[str, str]:
    """Every name and alias that begins a cell → the kernel's name in the file.

    The file's own `kernelInfo` comes first, then Polyglot Notebooks' kernels, then the installed `languages`.
    `FormatError` when two of the file's kernels claim one name.
    """
    names: dict[str, str] = {}
    for name, aliases in _items(metadata, where):
        for alias in (name, *aliases):
            if names.setdefault(alias, name) != name:
                raise FormatError(
                    f"the kernels {names[alias]!r} and {name!r} both claim the name {alias!r}", where=where
                )
    for alias, name in _DOTNET_NAMES.items():
        names.setdefault(alias, name)
    for alias, name in languages.items():
        names.setdefault(alias, names.get(name, name))
    return names


def normalised(name: str) -> str:
    """The name by which Polyglot Notebooks know a kernel; a name that they do not know as it is."""
    return _DOTNET_NAMES.get(name, name)


def _items(metadata: Mapping[str, Any], where: str) -> list[tuple[str, tuple[str, ...]]]:
    if metadata.get("kernelInfo") is None:
        return []
    info = JsonObject(metadata["kernelInfo"], _INFO, path="$.kernelInfo", source=where)
    info.text("defaultKernelName")
    items = []
    for index, value in enumerate(info.items("items")):
        item = JsonObject(value, _ITEM, path=f"$.kernelInfo.items[{index}]", source=where)
        name = item.text("name")
        if not name:
            item.refuse("name", "a kernel's name", name)
        items.append((name, item.texts("aliases")))
    return items

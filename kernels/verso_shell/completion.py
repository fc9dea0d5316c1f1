"""Completion of shell code: variables, commands and files, as they are where the shell is now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from verso.api.messages import CompleteReply, CompleteRequest, Completion
from verso_shell.snapshot import OWN_PREFIX, Snapshot

MOST: Final = 500
"""Proposals shown; more exist where the reply says so."""

_WORD: Final = re.compile(r"(?:\\.|[^\s;|&()<>\"'`=:])*\Z")
_VARIABLE: Final = re.compile(r"\$(\{[#!]?)?([A-Za-z_]\w*)?\Z", re.ASCII)
_COMMAND_BEFORE: Final = re.compile(
    r"(?:^|[;|&(`{!]|\$\(|\b(?:then|do|else|elif|if|while|until|time|exec|command|sudo|env|nohup))\s*\Z"
)
_SPECIAL: Final = re.compile(r"([\s\\'\"$`&|;<>()*?\[\]#~!{}])")


def complete(request: CompleteRequest, snapshot: Snapshot, names: Iterable[str]) -> CompleteReply:
    """Proposals at a position. `names`: the shell's functions, aliases, builtins and keywords."""
    before = request.code[: request.position].rpartition("\n")[2]
    variable = _VARIABLE.search(before)
    if variable:
        start = request.position - len(variable[2] or "")
        found = _variables(variable[2] or "", snapshot)
        return _reply(start, request.position, found)
    word = _WORD.search(before)
    text = word[0] if word else ""
    start = request.position - len(text)
    typed = re.sub(r"\\(.)", r"\1", text)
    if _COMMAND_BEFORE.search(before[: len(before) - len(text)]) and "/" not in typed:
        return _reply(start, request.position, _commands(typed, snapshot, names))
    return _reply(start, request.position, _files(typed, snapshot))


def _reply(start: int, end: int, found: list[Completion]) -> CompleteReply:
    return CompleteReply(start=start, end=end, completions=tuple(found[:MOST]), more=len(found) > MOST)


def _variables(prefix: str, snapshot: Snapshot) -> list[Completion]:
    return [
        Completion(text=name, kind="variable", detail=variable.kind)
        for name, variable in sorted(snapshot.variables.items())
        if name.startswith(prefix) and not name.startswith(OWN_PREFIX)
    ]


def _commands(prefix: str, snapshot: Snapshot, names: Iterable[str]) -> list[Completion]:
    found = {name: "function" for name in names if name.startswith(prefix)}
    path = snapshot.variables.get("PATH")
    folders = path.value if path is not None and isinstance(path.value, str) else os.defpath
    for folder in folders.split(":") if prefix else ():
        try:
            entries = os.scandir(folder or ".")
        except OSError:
            continue
        with entries:
            for entry in entries:
                if entry.name.startswith(prefix) and os.access(entry.path, os.X_OK):
                    found.setdefault(entry.name, "file")
    return [Completion(text=name, kind=found[name]) for name in sorted(found)]


def _files(prefix: str, snapshot: Snapshot) -> list[Completion]:
    head, slash, start = prefix.rpartition("/")
    home = snapshot.variables.get("HOME")
    shown = f"{head}{slash}"
    folder = shown or "."
    if folder.startswith("~/") and home is not None:
        folder = f"{home.value}{folder[1:]}"
    try:
        entries = sorted(os.scandir(Path(snapshot.directory or ".") / folder), key=lambda entry: entry.name)
    except OSError:
        return []
    found = []
    for entry in entries:
        if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith(".")):
            is_folder = entry.is_dir()
            name = _SPECIAL.sub(r"\\\1", entry.name) + ("/" if is_folder else "")
            found.append(Completion(text=f"{shown}{name}", kind="folder" if is_folder else "file"))
    return found

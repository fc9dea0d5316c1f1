"""Finds the program that runs JavaScript: what the notebook names, node on PATH, the `deno` extra."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import KernelStartError
from verso.api.record import Record

OLDEST_NODE = 20

HOW_TO_GET = (
    f"install Node.js {OLDEST_NODE} or newer (apt install nodejs, brew install node, winget install OpenJS.NodeJS), "
    "or Deno from PyPI: pip install 'verso-notebook[deno]'; "
    'or name the program in the notebook\'s settings: "extensionSettings": {"verso.javascript": {"program": …}}'
)

_NODE_FLAGS = ("--no-force-async-hooks-checks",)
_DENO_FLAGS = ("run", "--quiet", "--allow-all", "--no-config", "--node-modules-dir=none")


class Runtime(Record):
    """A program and the arguments that come before the worker's file."""

    program: str
    flags: tuple[str, ...] = ()

    @property
    def is_deno(self) -> bool:
        """Whether this is Deno and not Node."""
        return _is_deno(self.program)


def find_runtime(options: Mapping[str, str], settings: Mapping[str, Any]) -> Runtime:
    """The runtime for a notebook. `KernelStartError` when there is none, with what was looked for and what to do."""
    named = options.get("program") or settings.get("program")
    if named:
        found = shutil.which(str(Path(str(named)).expanduser()))
        if found is None:
            raise KernelStartError(
                f"the JavaScript program {named!r} that the notebook names is not there", next_step=HOW_TO_GET
            )
        return _runtime(found)
    found = shutil.which("node") or shutil.which("nodejs") or deno_from_extra() or shutil.which("deno")
    if found is None:
        raise KernelStartError(
            "no JavaScript runtime was found: looked for node on PATH and for the deno extra", next_step=HOW_TO_GET
        )
    return _runtime(found)


def has_parser() -> bool:
    """Whether the parsers of the `javascript` extra are installed."""
    modules = ("tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript")
    return all(importlib.util.find_spec(module) is not None for module in modules)


def _runtime(program: str) -> Runtime:
    return Runtime(program=program, flags=_DENO_FLAGS if _is_deno(program) else _NODE_FLAGS)


def _is_deno(program: str) -> bool:
    return Path(program).stem.lower() == "deno"


def deno_from_extra() -> str | None:
    """The program in the wheel of the PyPI package `deno`, which puts it beside the interpreter."""
    if importlib.util.find_spec("deno") is None:
        return None
    module = importlib.import_module("deno")
    try:
        return str(module.find_deno_bin())
    except (AttributeError, FileNotFoundError):
        return None

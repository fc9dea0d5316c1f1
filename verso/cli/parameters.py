"""Parameters from the command line and from files."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from verso.api.errors import NotebookUnreadableError, ParameterError
from verso.formats.files import STANDARD


def given_parameters(pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """Name → value: those of the file, then `name=value` texts, which win. `ParameterError`."""
    given = {} if file is None else read_parameters(file)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"-p takes name=value, and {pair!r} is not of that form")
        given[name] = value
    return given


def read_parameters(file: Path) -> dict[str, Any]:
    """The object in a JSON, TOML or YAML file (YAML where PyYAML is installed); JSON on standard input for `-`.

    `NotebookUnreadableError` when it can't be read, `ParameterError` when it holds no object.
    """
    standard = str(file) == STANDARD
    where = "standard input" if standard else str(file)
    try:
        text = (sys.stdin.buffer.read() if standard else file.read_bytes()).decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotebookUnreadableError(f"can't be read: {reason}", where=where) from None
    except UnicodeDecodeError as error:
        raise NotebookUnreadableError(f"can't be read as UTF-8: {error.reason}", where=where) from None
    try:
        values = _parse(file, text)
    except ParameterError:
        raise
    except Exception as error:
        raise ParameterError(f"is not valid: {error}", where=where) from None
    if not isinstance(values, dict):
        raise ParameterError("does not hold an object of name: value", where=where)
    return values


def _parse(file: Path, text: str) -> Any:
    if file.suffix == ".toml":
        return importlib.import_module("tomllib").loads(text)
    if file.suffix in (".yaml", ".yml"):
        try:
            yaml = importlib.import_module("yaml")
        except ImportError:
            raise ParameterError("YAML can't be read here", where=str(file), next_step="pip install pyyaml") from None
        return yaml.safe_load(text)
    return json.loads(text)

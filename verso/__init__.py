"""Verso: the polyglot notebook engine for Python.

`open_session` runs notebooks inside a program; `run` is the same for a script without a loop of its own. The
public API for plugins is `verso.api`.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "open_session": "verso.engine.session",
    "Session": "verso.engine.session",
    "RunResult": "verso.engine.runner",
    "run": "verso.engine.synchronous",
    "Run": "verso.engine.synchronous",
    "Plugins": "verso.engine.plugins",
    "Limits": "verso.engine.outputs",
}

__all__ = ["Limits", "Plugins", "Run", "RunResult", "Session", "__version__", "open_session", "run"]


def __dir__() -> list[str]:
    return [*__all__, "api"]


def __getattr__(name: str) -> Any:
    # `import verso.api` must not bring the engine in: a plugin needs the standard library only.
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'verso' has no attribute {name!r}")

"""IPython's magics and `!command`, where the interpreter has IPython."""

from __future__ import annotations

import re

from .display import Display
from .kinds import Any
from .variables import Variables

_MAGIC = re.compile(r"(?m)^\s*(%%?\w|!|\?)|=\s*[%!]|\?\??\s*$")


def looks_like_magic(text: str) -> bool:
    """Whether a cell that is no Python may be meant for IPython."""
    return _MAGIC.search(text) is not None


class MagicsUnavailableError(ImportError):
    """A cell uses IPython's syntax and the interpreter has no IPython."""


class Magics:
    """A shell of IPython's that shares the namespace, made when the first cell needs it."""

    def __init__(self, namespace: dict[str, Any], display: Display, variables: Variables) -> None:
        self._namespace = namespace
        self._display = display
        self._variables = variables
        self._shell: Any = None

    def transform(self, text: str, error: SyntaxError) -> str:
        """The cell as Python. `SyntaxError`: it is none of IPython's either. `MagicsUnavailableError`: no IPython."""
        raise error

"""IPython's magics and `!command`, where the interpreter has IPython; `%matplotlib` works without it."""

from __future__ import annotations

import sys

from .display import Display
from .kinds import Any
from .variables import Variables


class MagicsUnavailableError(Exception):
    """A cell uses IPython's syntax and the interpreter has no IPython."""


class Magics:
    """Cells that are no Python, read as IPython reads them. The shell behind it shares the namespace; it is made when
    the first cell needs it."""

    def __init__(self, namespace: dict[str, Any], display: Display, variables: Variables) -> None:
        self._namespace = namespace
        self._display = display
        self._variables = variables
        self._shell: Any = None

    def shell(self) -> Any:
        """The shell; None where there is no IPython. What `get_ipython()` returns."""
        if self._shell is None:
            try:
                from .ipython import make_shell
            except ImportError:
                return None
            self._shell = make_shell(self._namespace, self._display, self._variables)
        return self._shell

    def begin(self, text: str) -> None:
        """Tells IPython's extensions (`autoreload`) of a cell."""
        if self._shell is not None:
            self._shell.begin(text)

    def end(self) -> None:
        """The cell has run."""
        if self._shell is not None:
            self._shell.end()

    def transform(self, text: str, error: SyntaxError) -> str:
        """The cell as Python.

        The `error` again when IPython has no reading of it either; `MagicsUnavailableError` when IPython is not there.
        """
        text = _without_matplotlib(text)
        try:
            compile(text, "<cell>", "exec", 0x2000 | 0x400, True)
            return text
        except (SyntaxError, ValueError):
            pass
        word = _magic_in(text)
        if not word:
            raise error
        shell = self.shell()
        if shell is None:
            raise MagicsUnavailableError(
                "%s is IPython's, and this interpreter has no IPython; get it with: %s -m pip install ipython"
                % (word, sys.executable)
            )
        python: str = shell.transform_cell(text)
        return python


def _without_matplotlib(text: str) -> str:
    """The cell without lines as `%matplotlib inline`, which say what is so anyway."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        words = line.split()
        if words[:1] == ["%matplotlib"] and (len(words) == 1 or words[1] in ("inline", "notebook", "widget", "agg")):
            lines[place] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def _magic_in(text: str) -> str:
    """The first thing in the cell that looks like IPython's: `%time`, `!`, `?`; empty when nothing does."""
    import re

    found = re.search(
        r"^[ \t]*(%%?[A-Za-z_]\w*|!{1,2}|\?)|=\s*(%[A-Za-z_]\w*|!)|[\w)\]](\?\??)[ \t]*$", text, re.MULTILINE
    )
    return next(part for part in found.groups() if part) if found is not None else ""

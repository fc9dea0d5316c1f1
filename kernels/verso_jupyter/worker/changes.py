"""The user's variables in IPython's namespace, and what a cell did to them."""

from __future__ import annotations

import ast
import keyword
import sys
from typing import Any

from .previews import describe, fingerprint

_Module = type(sys)
_NOT_VARIABLES = (
    _Module,
    type(lambda: None),
    type,
    type(len),
    type(str.join),
    type(_Module.__init__),
    type((lambda self: None).__get__(0)),
)
"""Types of things that belong to their language: they are neither listed nor shared."""

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
"""Types whose values can't change: the same object means the same value."""


class Namespace:
    """IPython's namespace seen as variables; names that begin with `_` and IPython's own are not among them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._space = shell.user_ns
        self._known = {}
        self._bound: set[str] = set()
        for name, value in self._variables():
            self._known[name] = _mark(value)
        shell.events.register("pre_run_cell", self._note)

    def changes(self) -> Any:
        """What became of the variables since the last call."""
        added, changed, removed = [], [], []
        present = dict(self._variables())
        for name in [name for name in self._known if name not in present]:
            del self._known[name]
            removed.append(name)
        for name, value in present.items():
            if name not in self._known:
                self._known[name] = _mark(value)
                added.append(describe(name, value))
            elif name in self._bound or not _same(value, self._known[name]):
                self._known[name] = _mark(value)
                changed.append(describe(name, value))
        self._bound = set()
        return {"added": added, "changed": changed, "removed": removed}

    def infos(self) -> Any:
        """All variables, in the order in which their names were first used."""
        return [describe(name, value) for name, value in self._variables()]

    def get(self, name: Any) -> Any:
        """A variable's value. `KeyError`."""
        return dict(self._variables())[name]

    def give(self, name: Any, value: Any) -> Any:
        """Gives a name a value that came from elsewhere: no change of this kernel's. `ValueError` for no name."""
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError("%r can't be the name of a variable in Python" % name)
        self._space[name] = value
        self._shell.user_ns_hidden.pop(name, None)
        self._known[name] = _mark(value)

    def _variables(self) -> Any:
        hidden = self._shell.user_ns_hidden
        for name, value in list(self._space.items()):
            if name.startswith("_") or isinstance(value, _NOT_VARIABLES):
                continue
            if (name in hidden and hidden[name] is value) or name in ("In", "Out"):
                continue
            yield name, value

    def _note(self, info: Any = None) -> None:
        """A cell is about to run: which names it binds itself."""
        try:
            code = info.transformed_cell or info.raw_cell
            self._bound |= set(_bound(ast.parse(code).body))
        except Exception:  # not Python, or a front end's own kind of cell: values are compared anyway
            return


def _bound(nodes: Any) -> Any:
    """Names that statements bind outside of functions, classes and comprehensions."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from _bound(ast.iter_child_nodes(node))


def _mark(value: Any) -> Any:
    return (value, None) if type(value) in _PLAIN else (id(value), fingerprint(value))


def _same(value: Any, mark: Any) -> Any:
    if type(value) in _PLAIN:
        return value is mark[0] and mark[1] is None
    return mark == (id(value), fingerprint(value))

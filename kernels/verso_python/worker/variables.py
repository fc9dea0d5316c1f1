"""The user's variables: which there are, and what a cell did to them."""

from __future__ import annotations

import keyword
import sys

from .fingerprints import fingerprint
from .kinds import Any, Message
from .names import Names
from .previews import describe

MANY = 500
"""Up to so many names all are compared after each cell; beyond, those that the cell may have changed."""

_ModuleType = type(sys)
_FunctionType = type(lambda: None)
_MethodType = type((lambda self: None).__get__(0))
_NOT_VARIABLES: tuple[type, ...] = (
    _ModuleType,
    _FunctionType,
    type,
    type(len),
    type(str.join),
    type(_ModuleType.__init__),
    _MethodType,
)
"""Types of things that belong to their language: they are neither listed nor shared."""


class Variables:
    """The namespace seen as variables. Names that begin with `_` and those of the worker are not among them."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._space = namespace
        self._hidden: frozenset[str] = frozenset()
        self._known: dict[str, tuple[int, Any]] = {}
        self._declared: set[str] = set()
        self._names: Names | None = None
        self._seen: set[str] = set()
        self._inside: set[str] = set()
        self._near: dict[str, bool] = {}
        self._length = 0

    def hide(self, names: set[str]) -> None:
        """Names in the namespace that are not the user's (`In`, `get_ipython`)."""
        self._hidden |= names
        for name in names:
            self._known.pop(name, None)

    def begin(self, codes: list[Any] | None) -> None:
        """A cell with this code is about to run; None when there is no telling what it binds."""
        self._names = None if codes is None else Names(codes)
        if self._names is not None:
            self._declared |= self._names.declared
            self._near = {name: name in self._space for name in self._names.bound | self._declared}
        self._length = len(self._space)

    def expect(self, names: int) -> None:
        """The worker itself has put so many more names into the namespace since the cell began."""
        self._length += names

    def changes(self) -> Message:
        """What became of the variables since the last call, as the wire has it."""
        added: list[Message] = []
        changed: list[Message] = []
        removed: list[str] = []
        self._seen = self._mentioned()
        for name in self._candidates():
            known = self._known.get(name)
            value = self._space.get(name, _ABSENT)
            if value is _ABSENT or not self._is_variable(name, value):
                if known is not None:
                    del self._known[name]
                    removed.append(name)
                continue
            if known is None:
                self._known[name] = _mark(value)
                added.append(describe(name, value))
            elif self._touched(name, value, known):
                changed.append(describe(name, value))
        replaced = self._names.replaced - self._inside if self._names is not None and not self._names.dynamic else ()
        return {"added": added, "changed": changed, "removed": removed, "replaced": list(replaced)}

    def infos(self) -> list[Message]:
        """All variables, in the order in which their names were first used."""
        return [describe(name, value) for name, value in list(self._space.items()) if self._is_variable(name, value)]

    def get(self, name: str) -> Any:
        """A variable's value. `KeyError` for a name that is none, also when it is a module or function."""
        value = self._space[name]
        if not self._is_variable(name, value):
            raise KeyError(name)
        return value

    def give(self, name: str, value: Any) -> None:
        """Gives a name a value that came from elsewhere: no change of this kernel's. `ValueError` for no name."""
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError("%r can't be the name of a variable in Python" % name)
        self._space[name] = value
        self._known[name] = _mark(value)

    def _is_variable(self, name: str, value: Any) -> bool:
        return (
            not name.startswith("_")
            and name not in self._hidden
            and not issubclass(type(value), _NOT_VARIABLES)  # `isinstance` would ask the value itself
            and not type(value).__module__.startswith("verso_worker.")
        )

    def _candidates(self) -> list[str]:
        """Names that may have changed: all where that is cheap or nothing is known, else those near the cell."""
        names = self._names
        if names is None or names.dynamic or len(self._space) <= MANY:
            return list({**self._known, **dict.fromkeys(self._space)})
        gained = sum((name in self._space) - before for name, before in self._near.items())
        if len(self._space) != self._length + gained:
            return list({**self._known, **dict.fromkeys(self._space)})
        return [*self._near, *(self._seen - self._near.keys())]

    def _mentioned(self) -> set[str]:
        """Variables that the cell names, itself or in the user's functions that it names; the latter are `_inside`."""
        self._inside = set()
        if self._names is None:
            return set(self._known)
        found = self._names.mentioned & self._space.keys()
        queue = list(found)
        while queue:
            value = self._space[queue.pop()]
            if type(value) is _FunctionType and value.__globals__ is self._space:
                inside = set(value.__code__.co_names) & self._space.keys()
                self._inside |= inside
                new = inside - found
                found |= new
                queue.extend(new)
        return found

    def _touched(self, name: str, value: Any, known: tuple[int, Any]) -> bool:
        """Whether the cell gave the name a value (be it the same), or what it holds is not as it was."""
        bound = self._names is not None and name in self._names.bound
        if id(value) == known[0] and not bound and self._names is not None and name not in self._seen:
            return False
        now = self._known[name] = _mark(value)
        return bound or now != known


def _mark(value: Any) -> tuple[int, Any]:
    return id(value), fingerprint(value)


_ABSENT = object()

"""Which names a cell binds, reads and mentions, read from its code objects: cheap, and nothing is run."""

from __future__ import annotations

import opcode

from .kinds import Any

DYNAMIC = frozenset(
    ("globals", "exec", "eval", "vars", "locals", "setattr", "delattr", "__dict__", "run_path", "get_ipython")
)
"""Names with which code can bind variables that the compiler does not see."""

_STORES = opcode.opmap["STORE_NAME"]
_DELETES = opcode.opmap["DELETE_NAME"]
_LOADS = opcode.opmap["LOAD_NAME"]
_OF_GLOBALS = frozenset(opcode.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL"))
_EXTENDED = opcode.opmap["EXTENDED_ARG"]
_JUMPS = frozenset((*opcode.hasjrel, *opcode.hasjabs))


class Names:
    """What a cell names. `bound`: variables that it assigns or deletes itself. `declared`: `global` in its functions.
    `mentioned`: every name in it. `replaced`: variables that it assigns and has not read before; one that it assigns
    behind a branch only when it reads it nowhere. `dynamic`: it may bind others."""

    __slots__ = ("_branched", "_maybe", "_read", "bound", "declared", "dynamic", "mentioned", "replaced")

    def __init__(self, codes: list[Any]) -> None:
        self.bound: set[str] = set()
        self.declared: set[str] = set()
        self.mentioned: set[str] = set()
        self.replaced: set[str] = set()
        self.dynamic = False
        self._branched = False
        self._maybe: set[str] = set()
        self._read: set[str] = set()
        for code in codes:
            self._follow(code)
        self.dynamic = self.dynamic or not DYNAMIC.isdisjoint(self.mentioned)
        self.replaced |= self._maybe
        self.replaced -= self._read

    def _follow(self, code: Any) -> None:
        """The cell's own code, in the order in which it stands."""
        names = code.co_names
        self.mentioned.update(names)
        for operation, argument in _operations(code) if names else ():
            if operation == _STORES:
                name = names[argument]
                self.bound.add(name)
                if name not in self._read:
                    (self._maybe if self._branched else self.replaced).add(name)
            elif operation in (_LOADS, _DELETES):
                name = names[argument]
                if operation == _DELETES:
                    self.bound.add(name)
                if name not in self.replaced:
                    self._read.add(name)
            elif operation in _OF_GLOBALS:
                self.declared.add(names[argument])
            elif operation in _JUMPS:
                self._branched = True
        self._look_inside(code)

    def _look_inside(self, code: Any) -> None:
        """Functions, classes and comprehensions: they run at any time, so what they mention counts as read."""
        for constant in code.co_consts:
            if type(constant) is type(code):
                self.mentioned.update(constant.co_names)
                self._read.update(constant.co_names)
                self.declared.update(
                    constant.co_names[argument]
                    for operation, argument in _operations(constant)
                    if operation in _OF_GLOBALS
                )
                self._look_inside(constant)
            elif constant == ("*",):
                self.dynamic = True


def _operations(code: Any) -> list[tuple[int, int]]:
    """Operation and argument of each instruction, in order."""
    found = []
    high = 0
    codes = code.co_code
    for place in range(0, len(codes), 2):
        operation = codes[place]
        if operation == _EXTENDED:
            high = (high | codes[place + 1]) << 8
        else:
            found.append((operation, high | codes[place + 1]))
            high = 0
    return found

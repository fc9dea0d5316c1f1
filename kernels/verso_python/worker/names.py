"""Which names a cell binds and mentions, read from its code objects: cheap, exact, and nothing is run."""

from __future__ import annotations

import opcode

from .kinds import Any

DYNAMIC = frozenset(
    ("globals", "exec", "eval", "vars", "locals", "setattr", "delattr", "__dict__", "run_path", "get_ipython")
)
"""Names with which code can bind variables that the compiler does not see."""

_OF_MODULE = frozenset(opcode.opmap[name] for name in ("STORE_NAME", "DELETE_NAME"))
_OF_GLOBALS = frozenset(opcode.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL"))
_EXTENDED = opcode.opmap["EXTENDED_ARG"]


class Names:
    """What a cell names. `bound`: variables that it assigns or deletes itself. `declared`: `global` in its functions.
    `mentioned`: every name in it. `dynamic`: it may bind others."""

    __slots__ = ("bound", "declared", "dynamic", "mentioned")

    def __init__(self, codes: list[Any]) -> None:
        self.bound: set[str] = set()
        self.declared: set[str] = set()
        self.mentioned: set[str] = set()
        self.dynamic = False
        for code in codes:
            self._read(code, True)
        self.dynamic = self.dynamic or not DYNAMIC.isdisjoint(self.mentioned)

    def _read(self, code: Any, outermost: bool) -> None:
        names = code.co_names
        self.mentioned.update(names)
        if names:
            plain, of_globals = stored(code)
            self.declared.update(of_globals)
            if outermost:
                self.bound.update(plain)
        for constant in code.co_consts:
            if type(constant) is type(code):
                self._read(constant, False)
            elif constant == ("*",):
                self.dynamic = True


def stored(code: Any) -> tuple[set[str], set[str]]:
    """Names that the code object stores or deletes: as its own, and declared `global`."""
    names = code.co_names
    own: set[str] = set()
    declared: set[str] = set()
    high = 0
    codes = code.co_code
    for place in range(0, len(codes), 2):
        operation = codes[place]
        if operation == _EXTENDED:
            high = (high | codes[place + 1]) << 8
            continue
        if operation in _OF_MODULE:
            own.add(names[high | codes[place + 1]])
        elif operation in _OF_GLOBALS:
            declared.add(names[high | codes[place + 1]])
        high = 0
    return own, declared

"""What is known about variables: their kernel, type and preview, and what a cell changed."""

from __future__ import annotations

from typing import Final

from verso.api.record import Record

PREVIEW_LENGTH: Final = 120
"""Longest preview, in characters; a longer one ends in `…`."""

PARAMETERS_OWNER: Final = "parameters"
"""The owner of a variable that came in as a notebook parameter, in the place of a kernel's name."""

NOTEBOOK_OWNER: Final = "notebook"
"""The owner of a variable that `#!set` or the embedding program made, in the place of a kernel's name."""


class VariableInfo(Record):
    """A variable as its kernel describes it, without its value.

    `type`: the language's own name for the value's type. `preview`: one line. `count`: length of a
    collection, rows of a table; `None` where it has none. `shape`: `3 x 5` for tables and arrays, or empty.
    `secret`: the value holds something that must not be shown or saved; the preview does not.
    """

    name: str
    type: str = ""
    preview: str = ""
    count: int | None = None
    shape: str = ""
    secret: bool = False


class VariableChanges(Record):
    """What a cell did to its kernel's variables. `removed` holds names; `replaced` those that got a value and were not
    read before: the cell does not depend on what they held. A kernel that can't tell leaves it empty."""

    added: tuple[VariableInfo, ...] = ()
    changed: tuple[VariableInfo, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


class SharedVariable(Record):
    """A name in the notebook's shared space.

    `owner`: the kernel that gave it its value (or `PARAMETERS_OWNER`, `NOTEBOOK_OWNER`). `version`: 1 for the
    first value of the name, one more with each change. `time`: seconds since the epoch of that change. `secret`: the
    value is or holds something that is in no preview, and must not be shown or saved.
    """

    name: str
    owner: str
    version: int
    info: VariableInfo
    time: float
    secret: bool = False

"""The shared space of variables: who owns a name, which version it has, and who has seen which.

Values stay with their kernels. The space knows names, types and previews, and asks the owner for a value only
when a cell of another kernel names the variable and has not that version yet. A table's file is asked for
once per version, however many cells read it, and deleted when the version is gone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from verso.api.notebook import CellId
from verso.api.record import Record
from verso.api.secrets import MASK, Secrets
from verso.api.values import TypedValue
from verso.api.variables import SharedVariable, VariableChanges, VariableInfo

_Made = tuple[str, CellId]
"""A name, and the cell that made the value that was read."""


class Wanted(Record):
    """A variable that a kernel lacks before a cell runs."""

    name: str
    owner: str
    version: int


class _Entry:
    __slots__ = ("info", "owner", "producer", "secret", "table", "time", "value", "version")

    def __init__(self) -> None:
        self.version = 0
        self.owner = ""
        self.info = VariableInfo(name="")
        self.time = 0.0
        self.producer: CellId | None = None
        self.secret = False
        self.value: TypedValue | None = None
        self.table: TypedValue | None = None


class SharedSpace:
    """The names of one session. `changed` is called with each new state of a name (removed: True when gone).
    `secrets` are masked in previews; the text of a secret variable is added to them."""

    def __init__(self, changed: Callable[[SharedVariable, bool], None], secrets: Secrets | None = None) -> None:
        self._changed = changed
        self._secrets = Secrets() if secrets is None else secrets
        self._entries: dict[str, _Entry] = {}
        self._folded: dict[str, str] = {}
        self._seen: dict[str, dict[str, int]] = {}
        self._readers: dict[_Made, dict[CellId, None]] = {}
        self._reads: dict[CellId, set[_Made]] = {}
        self._stale: dict[CellId, set[str]] = {}

    # -- asking

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._entries))

    def get(self, name: str) -> SharedVariable | None:
        """What is known of a name."""
        entry = self._entries.get(name)
        return _shared(name, entry) if entry else None

    def all(self) -> tuple[SharedVariable, ...]:
        """Every variable, by name."""
        return tuple(_shared(name, self._entries[name]) for name in self.names())

    def named_in(self, code: str, mentions: str, *, ignores_case: bool = False) -> list[str]:
        """The shared names that `mentions` (`Kernelspec.mentions`) finds in `code`, in order of first appearance."""
        if not self._entries:
            return []
        found = dict.fromkeys(re.findall(mentions, code))
        if ignores_case:
            found = dict.fromkeys(
                name if name in self._entries else self._folded.get(name.lower(), "") for name in found
            )
        return [name for name in found if name in self._entries]

    def wanted(self, kernel: str, names: Iterable[str]) -> list[Wanted]:
        """Which of the names another owner changed since the kernel last got or made them."""
        seen = self._seen.get(kernel, {})
        found = []
        for name in names:
            entry = self._entries[name]
            if entry.owner != kernel and seen.get(name) != entry.version:
                found.append(Wanted(name=name, owner=entry.owner, version=entry.version))
        return found

    def held_value(self, name: str, *, arrow: bool) -> TypedValue | None:
        """The value if the space holds it itself: parameters, `#!set`, and a table that was written already."""
        entry = self._entries[name]
        if entry.value is not None:
            return entry.value
        return entry.table if arrow else None

    # -- telling

    def define(
        self, info: VariableInfo, value: TypedValue, owner: str, cell: CellId | None = None, *, secret: bool = False
    ) -> tuple[SharedVariable, list[tuple[CellId, str]]]:
        """Gives a name a value that the space holds, and the cell that did. A table in a file is held for who can read
        it; `owner` must be a kernel then. A secret's preview shows nothing, and its text is masked from then on.
        Returns what is known of the name, and who became stale as `record` does."""
        if secret:
            info = VariableInfo(name=info.name, type=info.type, preview=MASK)
            if value["t"] == "string":
                self._secrets.add(value["v"])
        entry = self._renew(info, owner, cell)
        entry.secret = secret
        if value["t"] == "table" and "arrow" in value["v"]:
            entry.table = value
        else:
            entry.value = value
        return self._tell(info.name, entry), self._mark_stale(info.name, cell)

    def record(self, kernel: str, cell: CellId | None, changes: VariableChanges) -> list[tuple[CellId, str]]:
        """Takes in what a cell did to its kernel's variables; returns the cells that became stale and were not before,
        with the name."""
        stale: list[tuple[CellId, str]] = []
        for name in changes.removed:
            entry = self._entries.get(name)
            if entry is not None and entry.owner == kernel:
                self._forget(name)
        for info in (*changes.added, *changes.changed):
            self._tell(info.name, self._renew(info, kernel, cell))
            stale += self._mark_stale(info.name, cell)
        return stale

    def begin(self, cell: CellId) -> None:
        """A cell starts: what it read when it ran before no longer counts."""
        self._stale.pop(cell, None)
        for made in self._reads.pop(cell, ()):
            self._readers[made].pop(cell, None)

    def note_use(self, cell: CellId, names: Iterable[str]) -> None:
        """Remembers what a part of a cell is about to read, and which cells had made it."""
        read = self._reads.setdefault(cell, set())
        for name in names:
            entry = self._entries.get(name)
            if entry is not None and entry.producer is not None:
                made = (name, entry.producer)
                read.add(made)
                self._readers.setdefault(made, {})[cell] = None

    def note_given(self, kernel: str, name: str, version: int) -> None:
        """The kernel now has this version."""
        self._seen.setdefault(kernel, {})[name] = version

    def hold_table(self, name: str, version: int, value: TypedValue) -> None:
        """Keeps a table's file for other readers of the same version."""
        entry = self._entries.get(name)
        if entry is not None and entry.version == version:
            entry.table = value

    def kernel_gone(self, kernel: str) -> None:
        """Forgets a kernel that died or restarted: its variables leave the space, and what it had been given."""
        self._seen.pop(kernel, None)
        for name in [name for name, entry in self._entries.items() if entry.owner == kernel]:
            self._forget(name)

    # -- inside

    def _renew(self, info: VariableInfo, owner: str, producer: CellId | None) -> _Entry:
        entry = self._entries.get(info.name)
        if entry is None:
            entry = self._entries[info.name] = _Entry()
            self._folded[info.name.lower()] = info.name
        if self._secrets:
            info = info.replace(preview=self._secrets.mask_cut(info.preview))
        self._drop_table(entry)
        entry.version += 1
        entry.owner, entry.info, entry.producer = owner, info, producer
        entry.time = time.time()
        entry.value, entry.secret = None, False
        return entry

    def _tell(self, name: str, entry: _Entry) -> SharedVariable:
        shared = _shared(name, entry)
        self._changed(shared, False)
        return shared

    def _forget(self, name: str) -> None:
        entry = self._entries.pop(name)
        self._folded.pop(name.lower(), None)
        self._drop_table(entry)
        for seen in self._seen.values():
            seen.pop(name, None)  # versions start anew if the name comes back
        self._changed(_shared(name, entry), True)

    def _mark_stale(self, name: str, producer: CellId | None) -> list[tuple[CellId, str]]:
        """Who read what the cell had made of the name before, and who read what those made of it in turn.

        Behind a cell that is stale already are only such: when a notebook runs again, no cell is looked at twice.
        """
        if producer is None:
            return []
        found: list[tuple[CellId, str]] = []
        makers = [producer]
        while makers:
            for cell in self._readers.get((name, makers.pop()), ()):
                if cell != producer and name not in self._stale.get(cell, ()):
                    self._stale.setdefault(cell, set()).add(name)
                    found.append((cell, name))
                    makers.append(cell)
        return found

    def _drop_table(self, entry: _Entry) -> None:
        # Readers that mapped the file keep its pages after the name is gone (POSIX unlink).
        table, entry.table = entry.table, None
        if table is not None and not any(_is_in(other, table) for other in self._entries.values()):
            Path(table["v"]["arrow"]).unlink(missing_ok=True)


def _shared(name: str, entry: _Entry) -> SharedVariable:
    return SharedVariable(
        name=name,
        owner=entry.owner,
        version=entry.version,
        info=entry.info,
        time=entry.time,
        secret=entry.secret or entry.info.secret,
    )


def _is_in(entry: _Entry, table: TypedValue) -> bool:
    """Whether the entry's table is in the same file: two names may have one."""
    return entry.table is not None and entry.table["v"]["arrow"] == table["v"]["arrow"]

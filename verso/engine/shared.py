"""The shared variables as an embedding program sees them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from verso.api.errors import VariableError
from verso.api.previews import variable_info
from verso.api.secrets import Secrets
from verso.api.values import TypedValue, decode, encode
from verso.api.variables import NOTEBOOK_OWNER, SharedVariable
from verso.engine.masking import masked_value
from verso.engine.sharing import Sharing
from verso.engine.tables import table_from_typed, typed_from_table
from verso.engine.variables import SharedSpace


class VariableHandle:
    """One shared variable. `.shared` is what is known of it; `await handle` asks its kernel for the value."""

    def __init__(self, shared: SharedVariable, sharing: Sharing, secrets: Secrets) -> None:
        self.shared = shared
        self._sharing = sharing
        self._secrets = secrets

    def __await__(self) -> Generator[Any, None, Any]:
        return self.value().__await__()

    async def value(self) -> Any:
        """The value as a Python object: a table is a pandas frame where pandas is, else an Arrow table, else a list
        of dicts. `VariableError` when it can't travel."""
        return decode(await self._sharing.value(self.shared.name, arrow=True), table_from_typed)

    async def typed(self) -> TypedValue:
        """The value as it travels between kernels, tables with their rows inline. `VariableError`."""
        return await self._sharing.value(self.shared.name, arrow=False)

    async def showable(self) -> TypedValue:
        """As `typed`, to be shown or saved: what is secret in it is masked. `VariableError`, also for a value that may
        not be shown at all."""
        if self.shared.secret:
            raise VariableError("it is a secret")
        return masked_value(await self.typed(), self._secrets)

    def __repr__(self) -> str:
        return f"<variable {self.shared.name} of {self.shared.owner}: {self.shared.info.preview}>"


class SharedVariables(Mapping[str, VariableHandle]):
    """The names of the shared space → handles. `VariableError` (a `KeyError` too) for an unknown name."""

    def __init__(self, space: SharedSpace, sharing: Sharing, secrets: Secrets) -> None:
        self._space = space
        self._sharing = sharing
        self._secrets = secrets

    def __getitem__(self, name: str) -> VariableHandle:
        shared = self._space.get(name)
        if shared is None:
            raise UnknownVariableError(
                f"there is no shared variable {name!r}", next_step=f"shared: {', '.join(self._space.names()) or 'none'}"
            )
        return VariableHandle(shared, self._sharing, self._secrets)

    def __iter__(self) -> Iterator[str]:
        return iter(self._space.names())

    def __len__(self) -> int:
        return len(self._space.names())

    def set(self, name: str, value: Any, *, secret: bool = False) -> None:
        """Gives a name a value; kernels get it when a cell names it. A `secret` is masked in whatever is shown or
        saved: its texts and whole numbers, however deep within it. `verso.api.values.Untransferable`."""
        typed = encode(value, typed_from_table)
        for text in _texts(typed) if secret else ():
            self._secrets.add(text)
        self._space.define(variable_info(name, typed), typed, NOTEBOOK_OWNER, secret=secret)

    async def read(self) -> dict[str, Any]:
        """All values by name; those that can't travel are left out."""
        found = {}
        for name in self:
            try:
                found[name] = await self[name]
            except VariableError:
                continue
        return found


def _texts(value: TypedValue) -> Iterator[str]:
    """The texts within a value (not the keys of its maps), and its whole numbers as text."""
    content: Any = value.get("v")
    match value["t"]:
        case "string" | "int":
            yield content
        case "list" | "set":
            for item in content:
                yield from _texts(item)
        case "map":
            for _, item in content:
                yield from _texts(item)


class UnknownVariableError(VariableError, KeyError):
    """No shared variable has this name."""

    __str__ = VariableError.__str__

"""`@name` → a parameter of the driver: the value is bound by its type and never becomes text of the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from verso.api.errors import VariableError
from verso.api.record import Record
from verso_sql.statement import Reference, Statement

NO_ROW = "(SELECT NULL WHERE 1 = 0)"
"""What `IN (@names)` reads when the list is empty: nothing is in it."""


class UnknownReferenceError(VariableError):
    """No variable has the name of a reference. `offset`: where it stands in the statement."""

    def __init__(self, what: str, offset: int, *, next_step: str = "") -> None:
        super().__init__(what, next_step=next_step)
        self.offset = offset


class Placeholders(Record):
    """How a driver writes parameters: `style` is `dollar` (DuckDB) or a DB-API 2.0 paramstyle. With `format` and
    `pyformat`, `%` means a placeholder, so the other ones are doubled when there are parameters."""

    style: str

    def write(self, name: str, number: int) -> str:
        """The placeholder for a parameter: by name or by its number from 1."""
        return {
            "dollar": f"${name}",
            "qmark": "?",
            "format": "%s",
            "pyformat": f"%({name})s",
            "named": f":{name}",
            "numeric": f":{number}",
            "numeric_dollar": f"${number}",
        }[self.style]

    @property
    def by_name(self) -> bool:
        return self.style in ("dollar", "pyformat", "named")


class BoundStatement(Record):
    """A statement ready for a driver. `text` holds placeholders; `values` is a mapping or a sequence, empty for a
    statement without parameters. `edits`: (start, end, length) of each reference in the original and what stands
    there in the text that the server sees."""

    statement: Statement
    text: str
    values: Any = ()
    edits: tuple[tuple[int, int, int], ...] = ()

    def original_offset(self, offset: int) -> int:
        """An offset in the text that the server sees as an offset in the statement as written."""
        shift = 0
        for start, end, length in self.edits:
            if offset < start + shift:
                break
            if offset < start + shift + length:
                return start
            shift += length - (end - start)
        return offset - shift


def bind(
    statement: Statement,
    known: Callable[[str], bool],
    value: Callable[[Reference], Any],
    placeholders: Placeholders,
) -> BoundStatement:
    """`statement` with its references bound. `value` gives what the driver takes and may raise `VariableError`.

    `UnknownReferenceError` for a name that is not `known`, unless the database may know it (`Reference.own`).
    """
    references = [reference for reference in statement.references if known(reference.name) or not reference.own]
    if not references:
        return BoundStatement(statement=statement, text=statement.text)
    writer = _Writer(placeholders)
    end = 0
    for reference in references:
        if not known(reference.name):
            raise UnknownReferenceError(
                f"there is no variable {reference.name!r} for @{reference.name}",
                reference.start,
                next_step="make it in a cell above; an operator @ has a space after it",
            )
        writer.text(statement.text[end : reference.start])
        writer.parameter(reference, value(reference))
        end = reference.end
    writer.text(statement.text[end:])
    return BoundStatement(
        statement=statement, text="".join(writer.parts), values=writer.values(), edits=tuple(writer.edits)
    )


class _Writer:
    """Puts a statement together piece by piece."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._named: dict[str, Any] = {}
        self._listed: list[Any] = []
        self.parts: list[str] = []
        self.edits: list[tuple[int, int, int]] = []

    def text(self, text: str) -> None:
        self.parts.append(text.replace("%", "%%") if "format" in self._placeholders.style else text)

    def parameter(self, reference: Reference, value: Any) -> None:
        if reference.in_list and isinstance(value, (list, tuple, set, frozenset)):
            items = [self._one(f"{reference.name}_{place}", item) for place, item in enumerate(value, 1)]
            written = ", ".join(items) or NO_ROW
        else:
            written = self._one(reference.name, value)
        self.parts.append(written)
        self.edits.append((reference.start, reference.end, self._seen_length(reference.name, written)))

    def values(self) -> Mapping[str, Any] | tuple[Any, ...]:
        return self._named if self._placeholders.by_name else tuple(self._listed)

    def _one(self, name: str, value: Any) -> str:
        if self._placeholders.by_name:
            self._named[name] = value
        else:
            self._listed.append(value)
        return self._placeholders.write(name, len(self._listed))

    def _seen_length(self, name: str, written: str) -> int:
        # psycopg sends $1, $2 … in the order in which the names first stand in the text.
        if self._placeholders.style == "pyformat":
            return len(f"${list(self._named).index(name) + 1}") if name in self._named else len(written)
        return len(written)

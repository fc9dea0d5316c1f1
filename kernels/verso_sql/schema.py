"""What a database holds, as completion, inspection and diagnostics need it."""

from __future__ import annotations

from collections.abc import Iterable

from verso.api.record import Record


class SchemaColumn(Record):
    """A column of a table. `type`: the database's own name."""

    name: str
    type: str
    nullable: bool = True
    key: bool = False


class SchemaTable(Record):
    """A table or view. `schema` is empty in databases without; `rows`: an estimate, None where there is none."""

    name: str
    schema: str = ""
    kind: str = "table"
    columns: tuple[SchemaColumn, ...] = ()
    rows: int | None = None

    @property
    def full_name(self) -> str:
        """`schema.name`, or the name alone."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Schema(Record):
    """All tables and views. `default`: the schema whose tables need no prefix. `functions`: their names."""

    tables: tuple[SchemaTable, ...] = ()
    default: str = ""
    functions: tuple[str, ...] = ()

    def find(self, name: str, schema: str = "") -> SchemaTable | None:
        """The table of a name, letter case ignored; of several that of the default schema first."""
        matching = [
            table
            for table in self.tables
            if table.name.lower() == name.lower() and (not schema or table.schema.lower() == schema.lower())
        ]
        return min(matching, key=lambda table: table.schema != self.default, default=None)

    def schemas(self) -> tuple[str, ...]:
        """The names of the schemas that hold tables."""
        return tuple(sorted({table.schema for table in self.tables if table.schema}))


def with_columns(tables: Iterable[tuple[SchemaTable, Iterable[SchemaColumn]]]) -> tuple[SchemaTable, ...]:
    """Tables with their columns, by schema and name."""
    made = (table.replace(columns=tuple(columns)) for table, columns in tables)
    return tuple(sorted(made, key=lambda table: (table.schema, table.name)))

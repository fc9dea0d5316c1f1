"""What this plugin brings: the SQL kernel, its cell type and the magics that speak to its connections."""

from __future__ import annotations

from verso.api.celltypes import CellType
from verso.api.kernel import Kernelspec
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> tuple[Kernelspec, ...]:
    return (
        Kernelspec(
            name="sql",
            title="SQL",
            create="verso_sql.kernel:create",
            suffixes=(".sql",),
            comment="--",
            mentions=r"(?<!--name )\b[^\W\d]\w*",
            ignores_case=True,
            settings_id="verso.sql",
            highlight="sql",
        ),
    )


@hookimpl
def verso_cell_types() -> tuple[CellType, ...]:
    return (CellType(name="sql", title="SQL", kernel="sql", shows_source=True),)


@hookimpl
def verso_magics() -> tuple[Magic, ...]:
    return (
        Magic(
            name="sql-connect",
            summary="Opens a database connection for SQL cells.",
            run="verso_sql.magics:connect",
            options=(
                MagicOption(name="--name", help="what cells call it: --connection NAME", required=True),
                MagicOption(
                    name="--connection-string",
                    help="SQLAlchemy URL, e.g. postgresql://me:$env:PGPASS@host/db; $env:X and $var:X are resolved",
                    required=True,
                ),
                MagicOption(
                    name="--provider", help="duckdb, sqlite, postgresql, mysql … where the string does not say"
                ),
                MagicOption(name="--default", help="cells without --connection use it", flag=True),
            ),
            examples=(
                '#!sql-connect --name shop --connection-string "sqlite:///shop.db"',
                '#!sql-connect --name crm --connection-string "postgresql://me:$env:CRM_PASSWORD@host/crm" --default',
            ),
        ),
        Magic(
            name="sql-disconnect",
            summary="Closes a database connection.",
            run="verso_sql.magics:disconnect",
            options=(MagicOption(name="--name", help="the connection's name", required=True),),
            examples=("#!sql-disconnect --name shop",),
        ),
        Magic(
            name="sql-schema",
            summary="Shows the tables of a connection, or the columns of one.",
            run="verso_sql.magics:schema",
            options=(
                MagicOption(name="--connection", help="the connection's name; the default one when left out"),
                MagicOption(name="--table", help="show this table's columns"),
                MagicOption(name="--refresh", help="ask the database anew", flag=True),
            ),
            examples=("#!sql-schema", "#!sql-schema --connection shop --table orders"),
        ),
    )

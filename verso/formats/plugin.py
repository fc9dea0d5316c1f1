"""The file formats that come with Verso."""

from __future__ import annotations

from verso.api.formats import Format
from verso.api.marks import hookimpl

SCRIPT_SUFFIXES = (
    *(".py", ".ps1", ".js", ".mjs", ".ts", ".sql", ".sh", ".bash", ".zsh"),
    *(".r", ".R", ".jl", ".cs", ".csx", ".fsx", ".rb", ".lua"),
)


@hookimpl
def verso_formats() -> tuple[Format, ...]:
    return (
        Format(
            name="verso",
            title="Verso notebook",
            suffixes=(".verso",),
            read="verso.formats.verso_file:read",
            write="verso.formats.verso_file:write",
            write_to="verso.formats.verso_file:write_to",
            sniff='{"verso"',
        ),
        Format(
            name="ipynb",
            title="Jupyter notebook",
            suffixes=(".ipynb",),
            read="verso.formats.ipynb:read",
            write="verso.formats.ipynb:write",
            write_to="verso.formats.ipynb:write_to",
            sniff='{"cells"',
        ),
        Format(
            name="dib",
            title="Polyglot Notebooks script",
            suffixes=(".dib",),
            read="verso.formats.dib:read",
            write="verso.formats.dib:write",
            keeps_outputs=False,
            sniff="#!meta",
        ),
        Format(
            name="script",
            title="script with # %% cells",
            suffixes=SCRIPT_SUFFIXES,
            read="verso.formats.script:read",
            write="verso.formats.script:write",
            keeps_outputs=False,
            sniff="# %%",
        ),
    )

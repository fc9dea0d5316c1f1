"""What the engine itself brings, by the same door as everybody: the built-in cell types and magics."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.celltypes import CellType
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl

_NAME = MagicOption(name="--name", short="-n", required=True, help="the variable's name")


@hookimpl
def verso_cell_types() -> Sequence[CellType]:
    """The types of the `.verso` format."""
    return (
        CellType(name="code", title="Code", shows_source=True),
        CellType(name="parameters", title="Parameters", executes=False),
        CellType(name="raw", title="Raw", executes=False, shows_source=True),
    )


@hookimpl
def verso_magics() -> Sequence[Magic]:
    """The magics that concern no single language."""
    here = "verso.engine.builtin_magics"
    return (
        Magic(
            name="about",
            summary="Shows versions and programs of Verso and of the kernels that run.",
            run=f"{here}:about",
        ),
        Magic(
            name="connect",
            summary="Connects to a kernel under a name of your own.",
            run=f"{here}:connect",
            options=(
                MagicOption(name="connector", required=True, help="what to connect with"),
                MagicOption(name="arguments", rest=True, help="the connector's own options"),
            ),
            examples=("#!connect jupyter --kernel-name r --kernel-spec ir",),
        ),
        Magic(
            name="extension",
            summary="Says that this notebook needs an extension; an error where it is not installed.",
            run=f"{here}:extension",
            options=(MagicOption(name="name", required=True, help="a plugin's or package's name"),),
        ),
        Magic(
            name="import",
            summary="Runs another notebook or script here.",
            run=f"{here}:import_notebook",
            options=(
                MagicOption(name="path", required=True, help="the file, relative to this notebook"),
                MagicOption(name="--param", short="-p", repeatable=True, help="name=value for the other's parameters"),
            ),
            examples=("#!import ./helpers.verso -p region=eu",),
        ),
        Magic(name="lsmagic", summary="Lists the magics.", run=f"{here}:lsmagic"),
        Magic(
            name="restart",
            summary="Restarts a kernel; what it held is gone.",
            run=f"{here}:restart",
            options=(MagicOption(name="kernel", help="its name; the cell's own when left out"),),
        ),
        Magic(
            name="set",
            summary="Gives a variable a value, here and in the shared space.",
            run=f"{here}:set_variable",
            options=(
                _NAME,
                MagicOption(
                    name="--value", required=True, help="text, JSON, @kernel:name, @input[:prompt], @password[:prompt]"
                ),
            ),
            examples=("#!set --name limit --value 10", "#!set --name key --value @password:API key"),
        ),
        Magic(
            name="share",
            summary="Takes a variable over from another kernel.",
            run=f"{here}:share",
            options=(
                MagicOption(name="--from", required=True, help="the kernel that has it"),
                MagicOption(name="name", required=True, help="the variable's name there"),
                MagicOption(name="--as", help="its name here"),
            ),
            examples=("#!share --from sql totals --as t",),
        ),
        Magic(name="time", summary="Shows how long the cell's code took.", run=f"{here}:time_cell"),
        Magic(
            name="value",
            summary="Keeps text as a shared variable: the lines below, a file, or a URL.",
            run=f"{here}:keep_value",
            takes_body=True,
            options=(
                _NAME,
                MagicOption(name="--from-file", help="path of a text file, relative to the notebook"),
                MagicOption(name="--from-url", help="http(s) address"),
                MagicOption(name="--from-value", help="the text itself"),
                MagicOption(name="--mime-type", help="also show it, as this MIME type"),
            ),
        ),
        Magic(name="who", summary="Lists the names of the shared variables.", run=f"{here}:who"),
        Magic(name="whos", summary="Lists the shared variables with owner, type and preview.", run=f"{here}:whos"),
    )

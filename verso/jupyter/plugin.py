"""What this plugin brings: `verso jupyter`."""

from __future__ import annotations

from verso.api.commands import Command
from verso.api.marks import hookimpl


@hookimpl
def verso_commands() -> tuple[Command, ...]:
    """The command that puts Verso into Jupyter."""
    return (
        Command(
            name="jupyter",
            summary="Puts Verso into JupyterLab and VS Code as a Jupyter kernel.",
            command="verso.jupyter.command:jupyter",
        ),
    )

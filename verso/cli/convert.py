"""`verso convert`: a notebook into another format."""

from __future__ import annotations

import click

from verso.cli.installed import installed_plugins
from verso.engine.documents import read_notebook, write_notebook


@click.command()
@click.argument("source", metavar="SOURCE")
@click.argument("target", metavar="TARGET")
@click.option("--from", "read_as", metavar="FORMAT", default="", help="The source's format [by its suffix].")
@click.option("--to", "write_as", metavar="FORMAT", default="", help="The target's format [by its suffix].")
@click.option("--clear-outputs", is_flag=True, help="Leave the outputs out.")
def convert(source: str, target: str, read_as: str, write_as: str, clear_outputs: bool) -> int:
    """Reads SOURCE and writes it as TARGET (- is standard input or output)."""
    plugins = installed_plugins()
    notebook = read_notebook(source, plugins, read_as=read_as)
    for warning in notebook.warnings:
        click.echo(f"verso: {source}: {warning}", err=True)
    if clear_outputs:
        notebook = notebook.replace(cells=tuple(cell.cleared() for cell in notebook.cells))
    write_notebook(notebook, target, plugins, write_as=write_as)
    return 0

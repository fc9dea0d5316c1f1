"""`verso export`: a notebook as a document."""

from __future__ import annotations

from pathlib import Path

import click

from verso.api.errors import UnknownNameError
from verso.cli.installed import installed_plugins
from verso.engine.documents import read_notebook
from verso.engine.exporting import export_text, exporter_names
from verso.engine.plugins import Plugins
from verso.formats.files import STANDARD, NotebookFiles


@click.command()
@click.argument("notebook", metavar="NOTEBOOK")
@click.option("--to", "exporter", metavar="NAME", default="", help="What to make: html, markdown, script, ipynb, dib …")
@click.option("-o", "--output", "target", metavar="PATH", help="Where to (- is stdout) [beside the notebook].")
@click.option("--from", "read_as", metavar="FORMAT", default="", help="The notebook's format [by its suffix].")
@click.option("--theme", default="", help="The theme's name [the notebook's, light and dark].")
@click.option("--layout", default="", help="The layout's name [the notebook's].")
@click.option("--no-code", is_flag=True, help="Leave the sources out.")
@click.option("--trusted", is_flag=True, help="Run JavaScript outputs, in sandboxed frames: your own only.")
def export(
    notebook: str,
    exporter: str,
    target: str | None,
    read_as: str,
    theme: str,
    layout: str,
    no_code: bool,
    trusted: bool,
) -> int:
    """Writes NOTEBOOK (- is standard input) as a document, with the outputs it holds; nothing is run."""
    plugins = installed_plugins()
    document = read_notebook(notebook, plugins, read_as=read_as)
    name = exporter or _by_suffix(target, plugins)
    text, suffix = export_text(
        document,
        name,
        plugins,
        title=document.title or ("" if notebook == STANDARD else Path(notebook).stem),
        directory=None if notebook == STANDARD else Path(notebook).absolute().parent,
        theme=theme,
        layout=layout,
        code=not no_code,
        trusted=trusted,
        suffix="" if target in (None, STANDARD) else Path(target or "").suffix,
    )
    chosen = target or (STANDARD if notebook == STANDARD else str(Path(notebook).with_suffix(suffix)))
    if target is None and chosen != STANDARD and Path(chosen) == Path(notebook):
        raise click.UsageError(f"{chosen} is the notebook itself: say where to with -o")
    NotebookFiles(plugins.formats, plugins.resolve).write_text(text, chosen)
    if chosen != STANDARD:
        click.echo(chosen, err=True)
    return 0


def _by_suffix(target: str | None, plugins: Plugins) -> str:
    """The exporter whose suffix the target has; `html` when nothing says otherwise."""
    if target in (None, STANDARD):
        return "html"
    suffix = Path(target or "").suffix
    for exporter in plugins.exporters:
        if exporter.suffix and exporter.suffix == suffix:
            return exporter.name
    for form in plugins.formats:
        if suffix in form.suffixes:
            return form.name
    raise UnknownNameError.among("exporter for files ending in", suffix, exporter_names(plugins))

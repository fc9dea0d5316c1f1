"""`verso info`: what is in a notebook and what it needs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from verso.api.errors import MissingComponentError
from verso.api.notebook import Notebook
from verso.api.outputs import Error
from verso.cli.installed import installed_plugins
from verso.cli.listing import show_json, show_rows
from verso.engine.documents import read_notebook
from verso.engine.kernels import KernelPool, LaunchContext
from verso.engine.plugins import Plugins
from verso.engine.requirements import Languages, check_requirements


@click.command()
@click.argument("notebook", metavar="NOTEBOOK")
@click.option("--from", "read_as", metavar="FORMAT", default="", help="The notebook's format [by its suffix].")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def info(notebook: str, read_as: str, as_json: bool) -> int:
    """Shows title, cells, languages, parameters, and what is missing to run it here."""
    plugins = installed_plugins()
    document = read_notebook(notebook, plugins, read_as=read_as)
    shown = describe_notebook(document, notebook, plugins)
    if as_json:
        show_json(shown)
        return 0
    for name in ("notebook", "title", "default_kernel", "created", "modified"):
        if shown[name]:
            click.echo(f"{name.replace('_', ' ')}: {shown[name]}")
    click.echo(
        f"cells: {shown['cells']} ({', '.join(f'{count} {kind}' for kind, count in shown['languages'].items())})"
    )
    if shown["tags"]:
        click.echo(f"tags: {', '.join(shown['tags'])}")
    if shown["parameters"]:
        click.echo("parameters:")
        show_rows(
            ("  name", "type", "default", "required", "description"),
            (
                (f"  {p['name']}", p["type"], str(p["default"]), "yes" if p["required"] else "", p["description"] or "")
                for p in shown["parameters"]
            ),
        )
    for line in (*shown["warnings"], *filter(None, [shown["missing"]])):
        click.echo(f"! {line}")
    return 0


def describe_notebook(notebook: Notebook, source: str, plugins: Plugins) -> dict[str, Any]:
    """What `verso info --json` prints; nothing is run."""
    launch = LaunchContext(directory=Path.cwd(), exchange=Path.cwd())
    pool = KernelPool(plugins, lambda spec: launch, lambda event: None, lambda kernel: None)
    languages = Languages(plugins, pool, None)
    counts = Counter(languages.quick(cell, notebook) or cell.type for cell in notebook.cells)
    missing = ""
    try:
        check_requirements(notebook, notebook.cells, languages, pool, plugins)
    except MissingComponentError as error:
        missing = error.what
    return {
        "notebook": source,
        "title": notebook.title,
        "default_kernel": notebook.default_kernel,
        "created": notebook.created,
        "modified": notebook.modified,
        "cells": len(notebook.cells),
        "languages": dict(counts),
        "outputs": sum(len(cell.outputs) for cell in notebook.cells),
        "errors": sum(isinstance(output, Error) for cell in notebook.cells for output in cell.outputs),
        "tags": sorted({tag for cell in notebook.cells for tag in cell.tags}),
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "default": parameter.default,
                "required": parameter.required,
                "description": parameter.description,
            }
            for parameter in notebook.parameters
        ],
        "required_extensions": list(notebook.required_extensions),
        "warnings": list(notebook.warnings),
        "missing": missing,
    }

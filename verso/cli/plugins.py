"""`verso plugins`: what is installed, where it came from, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from verso.cli.installed import installed_plugins
from verso.cli.listing import show_json, show_rows
from verso.engine.plugins import Catalog, PluginOrigin, Plugins


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def plugins(as_json: bool) -> int:
    """Lists the plugins with their packages and what they bring."""
    loaded = installed_plugins()
    problems = {problem.plugin: problem.message for problem in loaded.problems}
    if as_json:
        show_json([_object(origin, loaded, problems) for origin in loaded.origins()])
        return 0
    show_rows(
        ("plugin", "package", "version", "state", "brings"),
        (
            (
                origin.name,
                origin.package or "(handed in)",
                origin.version,
                _state(origin, problems),
                _brings(origin, loaded),
            )
            for origin in loaded.origins()
        ),
    )
    for name, message in problems.items():
        click.echo(f"\n{name}: {message}")
    return 0


def _state(origin: PluginOrigin, problems: dict[str, str]) -> str:
    if origin.blocked:
        return "blocked"
    return "broken" if origin.name in problems else "ok"


def _brings(origin: PluginOrigin, loaded: Plugins) -> str:
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in _contributions(origin.name, loaded).items())


def _contributions(plugin: str, loaded: Plugins) -> dict[str, list[str]]:
    catalogs: Iterable[Catalog[Any]] = loaded.catalogs()
    found = {}
    for catalog in catalogs:
        names = [name for name in catalog.primary_names() if catalog.owner(name) == plugin]
        if names:
            found[catalog.kind] = names
    return found


def _object(origin: PluginOrigin, loaded: Plugins, problems: dict[str, str]) -> dict[str, Any]:
    return {
        "name": origin.name,
        "package": origin.package,
        "version": origin.version,
        "module": origin.module,
        "state": _state(origin, problems),
        "problem": problems.get(origin.name, ""),
        "brings": _contributions(origin.name, loaded),
    }

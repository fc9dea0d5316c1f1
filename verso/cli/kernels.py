"""`verso kernels`: which languages there are and whether they can run here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from verso.api.errors import PluginError
from verso.api.kernel import Availability, Kernelspec
from verso.cli.installed import installed_plugins
from verso.cli.listing import show_json, show_rows
from verso.engine.kernels import LaunchContext
from verso.engine.plugins import Plugins


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def kernels(as_json: bool) -> int:
    """Lists the kernels, their aliases, and what is missing for those that can't start here."""
    plugins = installed_plugins()
    members = [name for family in plugins.families for name in plugins.resolve(family.names)()]
    specs = sorted(plugins.kernels, key=lambda spec: spec.name) + [plugins.kernelspec(name) for name in members]
    found = {spec.name: availability(spec, plugins) for spec in specs}
    if as_json:
        show_json([_object(spec, found[spec.name], plugins) for spec in specs])
        return 0
    rows = [
        (
            spec.name,
            ", ".join(spec.aliases),
            spec.title,
            "yes" if found[spec.name].found else "no",
            _detail(found[spec.name]),
        )
        for spec in specs
    ]
    show_rows(("kernel", "aliases", "language", "here", "detail"), rows)
    for spec in specs:
        if not found[spec.name].found:
            click.echo(f"\n{what_is_missing(spec, found[spec.name])}")
    return 0


def availability(spec: Kernelspec, plugins: Plugins) -> Availability:
    """Whether a kernel could start, without a notebook. A probe that can't be loaded says no."""
    home = plugins.kernelspec(spec.runs_in) if spec.runs_in else spec
    if home.probe is None:
        return Availability(found=True, detail="in process")
    try:
        probe = plugins.resolve(home.probe, what=f"kernel {home.name!r}")
        found: Availability = probe(LaunchContext(directory=Path.cwd(), exchange=Path.cwd()))
    except PluginError as error:
        return Availability(found=False, detail=error.what, how_to_get=error.next_step)
    return found


def what_is_missing(spec: Kernelspec, found: Availability) -> str:
    """Why a kernel can't start and, on a line of its own, how to change that."""
    silent = "can't start here" if found.how_to_get else "can't start here, and its probe does not say why"
    reason = f"{spec.name}: {found.detail or silent}"
    return f"{reason}\n  {found.how_to_get}" if found.how_to_get else reason


def _detail(found: Availability) -> str:
    return found.detail.splitlines()[0] if found.found and found.detail else ""


def _object(spec: Kernelspec, found: Availability, plugins: Plugins) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "aliases": list(spec.aliases),
        "suffixes": list(spec.suffixes),
        "found": found.found,
        "detail": found.detail,
        "how_to_get": found.how_to_get,
        "plugin": _owner(spec, plugins),
    }


def _owner(spec: Kernelspec, plugins: Plugins) -> str:
    if spec.name in plugins.kernels:
        return plugins.kernels.owner(spec.name)
    family = next(family for family in plugins.families if spec.name.startswith(family.prefix))
    return plugins.families.owner(family.prefix)

"""`verso kernels`: a kernel that can't start here says why, and how to get it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from verso.api.kernel import Availability, Kernelspec
from verso.cli import kernels as command
from verso.cli.installed import installed_plugins
from verso.engine.kernels import LaunchContext

BARE = ("javascript", "http", "powershell", "bash", "zsh", "sh", "sqlite3", "lua")


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any program and without the packages of the extras."""
    find_spec = importlib.util.find_spec
    extras = {"httpx2", "tree_sitter", "tree_sitter_javascript"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name in extras else find_spec(name, *rest)
    )
    monkeypatch.setattr("shutil.which", lambda *arguments, **options: None)


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", BARE)
def test_a_probe_says_what_is_missing_and_how_to_get_it(name: str, tmp_path: Path) -> None:
    plugins = installed_plugins()
    spec = plugins.kernelspec(name)
    probe = plugins.resolve(spec.probe, what=name)
    found = probe(LaunchContext(directory=tmp_path, exchange=tmp_path, settings={"program": "/nowhere/" + name}))
    assert (found.found, bool(found.detail), bool(found.how_to_get)) == (False, True, True), found


@pytest.mark.usefixtures("nothing_installed")
def test_the_list_ends_with_what_is_missing() -> None:
    shown = CliRunner().invoke(command.kernels).stdout
    assert '\nhttp: httpx2 is not installed\n  pip install "verso-notebook[http]"\n' in shown


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Availability(found=False), "x: can't start here, and its probe does not say why"),
        (Availability(found=False, detail="no x"), "x: no x"),
        (Availability(found=False, how_to_get="get x"), "x: can't start here\n  get x"),
        (Availability(found=False, detail="no x", how_to_get="get x"), "x: no x\n  get x"),
    ],
)
def test_no_reason_is_ever_empty(found: Availability, text: str) -> None:
    assert command.what_is_missing(Kernelspec(name="x", title="X"), found) == text


def test_settings_of_all_kernels_are_named_alike() -> None:
    names = {spec.name: spec.settings_id for spec in installed_plugins().kernels if spec.settings_id}
    assert {"python", "javascript", "typescript", "powershell", "sql"} <= set(names)
    assert [name for name, settings_id in names.items() if not settings_id.startswith("verso.")] == []

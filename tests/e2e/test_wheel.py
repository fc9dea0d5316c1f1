"""The wheel that the tree builds, installed where there is no checkout: commands, kernels, exported pages."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")


def call(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel; what it depends on comes from this environment."""
    if not UV.exists():
        pytest.skip("uv is not in this environment (make setup puts it there)")
    folder = tmp_path_factory.mktemp("wheel")
    built = call(UV, "build", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    if built.returncode and "hatchling" in built.stderr:
        pytest.skip(f"the build backend can't be fetched here: {built.stderr.strip().splitlines()[-1]}")
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    assert call(UV, "venv", "--python", sys.executable, environment, cwd=folder).returncode == 0
    python = environment / "bin" / "python"
    done = call(UV, "pip", "install", "--offline", "--no-deps", "--python", python, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages,) = environment.glob("lib/python*/site-packages")
    # A folder that a .pth file names adds its packages, but not the .pth file by which this checkout is installed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin"


def test_the_program_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    done = call(installed / "python", "-c", "import verso, verso_python; print(verso.__file__)", cwd=tmp_path)
    assert str(installed.parent) in done.stdout, done.stderr


def test_each_kernel_of_the_base_installation_runs(installed: Path, tmp_path: Path) -> None:
    cells = [
        {"id": "py", "language": "python", "source": "x = 6 * 7\nx"},
        {"id": "md", "type": "markdown", "source": "# @x"},
        {"id": "html", "type": "html", "source": "<b>@x</b>"},
        {"id": "sql", "type": "sql", "source": "select 1 as one"},
        {"id": "mermaid", "type": "mermaid", "source": "graph TD; A-->B"},
    ]
    (tmp_path / "nb.verso").write_text(json.dumps({"verso": "1.0", "cells": cells}))
    done = call(installed / "verso", "run", "nb.verso", "--output", "json", "--save", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [cell["status"] for cell in json.loads(done.stdout)["cells"]] == ["ok"] * 5
    page = call(installed / "verso", "export", "nb.verso", "-o", "nb.html", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    text = (tmp_path / "nb.html").read_text(encoding="utf-8")
    assert "<h1" in text
    assert "42" in text


@pytest.mark.parametrize("arguments", [["kernels", "--json"], ["plugins", "--json"]])
def test_what_is_listed_came_with_the_wheel(installed: Path, tmp_path: Path, arguments: list[str]) -> None:
    listed, here = (
        json.loads(call(program, *arguments, cwd=tmp_path).stdout)
        for program in (installed / "verso", Path(sys.executable).with_name("verso"))
    )
    assert {each["name"] for each in listed} == {each["name"] for each in here}


def test_every_file_that_is_no_python_is_in_the_wheel(installed: Path) -> None:
    """Workers in other languages, styles, scripts: what packages read beside their modules."""
    (packages,) = installed.parent.glob("lib/python*/site-packages")
    tracked = subprocess.run(
        ["git", "ls-files", "verso", "kernels", "extensions"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode:
        pytest.skip("this is no git checkout: nothing says which files belong to it")
    missing = []
    for name in tracked.stdout.splitlines():
        inside = Path(name).relative_to(Path(name).parts[0]) if not name.startswith("verso/") else Path(name)
        if not (packages / inside).exists():
            missing.append(name)
    assert missing == []

"""The sample plugin is a plugin: it keeps the contract, and installs on its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DICE = Path(__file__).parents[2] / "samples/plugins/dice"
VERSO = Path(sys.executable).with_name("verso")


def test_it_keeps_the_contract_of_kernels():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], capture_output=True, text=True, cwd=DICE
    )
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout


def test_it_is_short():
    assert len((DICE / "verso_dice.py").read_text().splitlines()) <= 40


def test_it_installs_and_is_found(tmp_path: Path):
    uv = shutil.which("uv", path=str(VERSO.parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    target = tmp_path / "site"
    source = shutil.copytree(DICE, tmp_path / "dice")
    command = [uv, "pip", "install", "-q", "--no-deps", "--python", sys.executable, "--target", target, source]
    subprocess.run(command, check=True)
    environment = {**os.environ, "PYTHONPATH": str(target)}
    listed = subprocess.run([VERSO, "kernels"], capture_output=True, text=True, env=environment, check=True).stdout
    assert "dice" in listed

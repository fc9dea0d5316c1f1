"""Kernelspecs for the tests, in a folder of their own: what is installed on the machine is not touched."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kernelspecs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which Jupyter finds `bash`, and in which a test may put more; IPython keeps to a folder as well."""
    folder = tmp_path_factory.mktemp("jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    install(
        folder / "kernels", "bash", "Bash", "bash", (sys.executable, "-m", "bash_kernel", "-f", "{connection_file}")
    )
    return folder / "kernels"


def install(folder: Path, name: str, title: str, language: str, argv: tuple[str, ...], **more: object) -> None:
    """Writes a kernelspec."""
    home = folder / name
    home.mkdir(parents=True)
    spec = {"argv": list(argv), "display_name": title, "language": language, **more}
    (home / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")

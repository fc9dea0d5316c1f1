"""Verso's kernelspec in a folder of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from verso.cli.main import verso as program


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `verso jupyter install --prefix` put the kernelspec `verso`."""
    folder = tmp_path_factory.mktemp("prefix")
    done = CliRunner().invoke(program, ["jupyter", "install", "--prefix", str(folder)], standalone_mode=False)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def jupyter_finds_verso(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jupyter looks for kernelspecs there, and writes its runtime files to a folder of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield

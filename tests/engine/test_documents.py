"""Files as the engine opens them, with the installed plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from verso.engine.documents import read_notebook, write_notebook
from verso.engine.plugins import Plugins

PLUGINS = Plugins.load()
SUFFIXES = [(spec.name, suffix) for spec in PLUGINS.kernels for suffix in spec.suffixes]


@pytest.mark.parametrize(("kernel", "suffix"), SUFFIXES)
def test_a_script_is_in_the_language_of_its_suffix(kernel: str, suffix: str, tmp_path: Path) -> None:
    """Of each suffix that a kernel has, not the first alone."""
    path = tmp_path / f"script{suffix}"
    path.write_text("x\n")
    notebook = read_notebook(path, PLUGINS)
    assert (notebook.default_kernel, [cell.source for cell in notebook.cells]) == (kernel, ["x"])
    write_notebook(notebook, path, PLUGINS)
    assert path.read_text() == "x\n"

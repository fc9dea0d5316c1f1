"""`verso jupyter install` and `uninstall`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jupyter_client.kernelspec import KernelSpecManager

from verso.api.errors import UnknownNameError, VersoError
from verso.cli.main import verso as program


def invoke(*arguments: str) -> Result:
    # As part of the program: click keeps a command's `--help` as it was when it was first called.
    return CliRunner().invoke(program, ("jupyter", *arguments), standalone_mode=False)


def test_a_kernelspec_that_jupyter_reads(prefix: Path):
    folder = prefix / "share" / "jupyter" / "kernels" / "verso"
    manager = KernelSpecManager(kernel_dirs=[str(folder.parent)])
    spec = manager.get_kernel_spec("verso")
    assert spec.display_name == "Verso" and spec.language == "python" and spec.interrupt_mode == "message"
    assert spec.argv[:3] == [sys.executable, "-m", "verso.jupyter"]
    assert (folder / "logo-svg.svg").is_file()


def test_another_name_and_default_kernel(tmp_path: Path):
    options = ("--name", "verso-sql", "--display-name", "Verso SQL", "--default-kernel", "sql")
    done = invoke("install", "--prefix", str(tmp_path), *options)
    assert done.exit_code == 0 and "'Verso SQL'" in done.output
    folder = tmp_path / "share" / "jupyter" / "kernels" / "verso-sql"
    content = json.loads((folder / "kernel.json").read_text())
    assert content["argv"][-1] == content["language"] == "sql"
    done = invoke("uninstall", "--prefix", str(tmp_path), "--name", "verso-sql")
    assert done.exit_code == 0 and not folder.exists()


def test_for_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert invoke("install").exit_code == 0
    assert (tmp_path / "kernels" / "verso" / "kernel.json").is_file()
    assert invoke("uninstall").exit_code == 0
    assert not (tmp_path / "kernels" / "verso").exists()


def test_what_is_wrong_is_told(tmp_path: Path):
    (tmp_path / "share").write_text("a file")
    error = invoke("install", "--prefix", str(tmp_path)).exception
    assert isinstance(error, VersoError) and "can't be written" in error.what and error.next_step
    error = invoke("install", "--prefix", str(tmp_path / "other"), "--name", "not allowed!").exception
    assert isinstance(error, VersoError) and "Invalid kernel name" in error.what
    assert isinstance(invoke("install", "--default-kernel", "nobody").exception, UnknownNameError)
    assert isinstance(invoke("uninstall", "--prefix", str(tmp_path / "none")).exception, UnknownNameError)

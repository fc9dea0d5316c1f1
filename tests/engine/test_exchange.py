"""The session's folder: gone afterwards, also after a process that was killed; never taken from one that lives."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from verso.api.errors import NotebookUnwritableError
from verso.engine.exchange import SETTLED, exchange_folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def age(folder: Path) -> None:
    old = time.time() - 2 * SETTLED
    os.utime(folder, (old, old))


def test_the_folder_is_gone_afterwards(temporary: Path) -> None:
    with exchange_folder() as folder:
        (folder / "table.arrow").write_bytes(b"x")
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_has_is_not(temporary: Path) -> None:
    program = "from verso.engine.exchange import *\nwith exchange_folder() as f: print(f, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    age(folder)
    with exchange_folder():
        assert folder.exists()
    process.kill()
    process.communicate()
    with exchange_folder():
        assert not folder.exists()


def test_a_fresh_folder_is_left_alone_though_nobody_has_locked_it_yet(temporary: Path) -> None:
    with exchange_folder() as folder:
        pass
    folder.mkdir()
    with exchange_folder():
        assert folder.exists()


def test_no_place_for_temporary_files_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(NotebookUnwritableError, match="TMPDIR"), exchange_folder():
        pass

"""The command that accepts the kernel on a real PowerShell, with a stand-in for it: its lines and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.powershell.standin import install, recorded
from tests.powershell.verify import title

ROOT = Path(__file__).parents[2]


def verify(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"VERSO_PWSH": str(program)}
    command = [sys.executable, "-m", "tests.powershell.verify", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environ)


def printing(text: str, folder: Path) -> Path:
    """A program in pwsh's place that runs one cell, which prints `text`."""
    none: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    ran = {"errors": 0, "exit_code": None, "success": True, "last_exit_code": None, "cwd": "/", "ms": 1}
    steps = [
        recorded("hello")[0],
        {"to": {"type": "execute", "id": "r1", "code": "'hello'", "name": "cell-1", "allow_input": False}},
        {"from": {"type": "stream", "id": "r1", "name": "stdout", "text": text}},
        {"from": {"type": "reply", "id": "r1", "status": "ok", **ran, "variables": none}},
        {"to": {"type": "shutdown", "id": "r2"}},
        {"from": {"type": "reply", "id": "r2", "status": "ok"}},
        {"end": True},
    ]
    return install(folder, steps)


def test_a_line_a_test_and_zero_when_all_is_as_it_must_be(tmp_path: Path) -> None:
    program = printing("hello\n", tmp_path)
    done = verify(program, "test_prints", "and", "not", "stderr")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        f"PowerShell: {program}",
        "PASS  contract: prints",
        "1 passed, 0 failed, 0 skipped",
    ]


def test_what_differs_is_shown_and_fails(tmp_path: Path) -> None:
    done = verify(printing("hullo\n", tmp_path), "test_prints", "and", "not", "stderr")
    assert done.returncode == 1
    assert "FAIL  contract: prints\n" in done.stdout and "hullo" in done.stdout
    assert done.stdout.endswith("0 passed, 1 failed, 0 skipped\n")


def test_nothing_run_is_no_success(tmp_path: Path) -> None:
    assert verify(printing("", tmp_path), "nothing_is_called_so").returncode == 1
    missing = verify(tmp_path / "nowhere")
    assert missing.returncode == 2 and "VERSO_PWSH" in missing.stderr and "install PowerShell" in missing.stderr


@pytest.mark.parametrize(
    ("node", "line"),
    [
        ("tests/test_transcripts.py::test_a_transcript[errors-throw]", "transcripts: a transcript, errors-throw"),
        ("tests/test_contract.py::TestIt::test_prints", "contract: prints"),
        ("tests/test_behaviour.py::test_ends[[Thread]::Sleep(1); 'x']", "behaviour: ends, [Thread]::Sleep(1); 'x'"),
    ],
)
def test_a_title_says_what_was_tested(node: str, line: str) -> None:
    assert title(node) == line

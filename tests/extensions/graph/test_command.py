"""`python -m verso_graph render`, as another language's program calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from verso_graph.drawing import Program

from tests.extensions.graph.svgs import groups

DOT = "digraph { a -> b }"


def render(*arguments: str, dot: str = DOT, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "verso_graph", "render", *arguments]
    return subprocess.run(command, input=dot.encode(), capture_output=True, env=environment or None)


def test_svg_from_standard_input(program: Program) -> None:
    done = render("--engine", "dot", "--as", "svg", "--program", program)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(groups(done.stdout, "node")) == 2


def test_from_file_to_file(tmp_path: Path) -> None:
    (tmp_path / "in.dot").write_text("\ufeff" + DOT, encoding="utf-8")
    done = render("--engine", "Neato", "--as", "Png", "-o", str(tmp_path / "out.png"), str(tmp_path / "in.dot"))
    assert (done.returncode, done.stdout) == (0, b"")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "dot", "code", "said"),
    [
        ((), "digraph {", 1, b"syntax error"),
        ((), "", 1, b"empty"),
        (("--engine", "no"), DOT, 2, b"invalid choice"),
        (("nowhere.dot",), DOT, 4, b"nowhere.dot"),
        (("-o", "/no/such/folder/x.svg"), DOT, 4, b"/no/such/folder"),
    ],
)
def test_failures(arguments: tuple[str, ...], dot: str, code: int, said: bytes) -> None:
    done = render(*arguments, dot=dot)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_program_has_its_own_code(tmp_path: Path) -> None:
    done = render("--program", "dot", PATH=str(tmp_path))
    assert done.returncode == 3
    assert b"pip install" in done.stderr

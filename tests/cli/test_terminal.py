"""`verso run` at a terminal: questions and answers, Ctrl-C while it asks, a terminal that goes away."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import VERSO
from verso.api.messages import Choice, InputRequest
from verso.cli.input import question

pexpect = pytest.importorskip("pexpect", reason="pexpect plays the terminal")

ASK = "answer = input('name? ')\nprint('hello', answer)"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts `verso` at a terminal."""
    started = []

    def start(*arguments: str | Path, redirect: str = "") -> Any:
        environment = {**os.environ, "TERM": "xterm"}
        command = shlex.join([str(VERSO), *map(str, arguments)])
        child = pexpect.spawn(
            "/bin/sh", ["-c", f"exec {command} {redirect}"], cwd=tmp_path, env=environment, encoding="utf-8", timeout=30
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def exit_code(child: Any) -> int:
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus is not None
    return int(child.exitstatus)


def test_a_question_is_answered(terminal, write):
    child = terminal("run", write("print('before ', end='')\n" + ASK, "print('next')"))
    child.expect_exact("before ")
    child.expect_exact("name? ")
    child.sendline("Zoë")
    child.expect_exact("hello Zoë")
    child.expect_exact("next")
    assert exit_code(child) == 0


@pytest.mark.parametrize("redirect", ["2>/dev/null", ">/dev/null"])
def test_a_question_is_asked_where_the_terminal_is(terminal, write, redirect):
    child = terminal("run", write(ASK), redirect=redirect)
    child.expect_exact("name? ")
    child.sendline("Zoë")
    assert exit_code(child) == 0


def test_a_secret_is_not_shown(terminal, write):
    child = terminal("run", write("from getpass import getpass\nprint(len(getpass('key? ')))"))
    child.expect_exact("key? ")
    child.sendline("hidden!")
    child.expect_exact("7")
    assert exit_code(child) == 0
    assert "hidden" not in child.before


def test_a_secret_is_not_in_the_report(terminal, write, tmp_path):
    path = write("#!set --name key --value @password:key?\nsize = len(key)")
    child = terminal("run", path, "--variables", "--output-file", str(tmp_path / "report.json"))
    child.expect_exact("key?")
    child.sendline("hidden!")
    assert exit_code(child) == 0
    report = (tmp_path / "report.json").read_text()
    assert "hidden!" not in report
    assert json.loads(report)["variables"]["key"]["problem"] == "it is a secret"
    assert json.loads(report)["variables"]["size"]["value"] == {"t": "int", "v": "7"}


def test_the_end_of_input_is_an_error_of_the_cell(terminal, write):
    child = terminal("run", write(ASK, "print('next')"))
    child.expect_exact("name? ")
    child.sendeof()
    child.expect_exact("next")
    assert exit_code(child) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_question_does_not_keep_a_stopped_run_alive(terminal, write, number, code):
    child = terminal("run", write(ASK))
    child.expect_exact("name? ")
    child.kill(number)
    assert exit_code(child) == code


def test_a_question_does_not_keep_a_run_alive_whose_time_is_over(terminal, write):
    child = terminal("run", write(ASK, "again = input('again? ')\nprint('heard', again)"), "--cell-timeout", "1")
    child.expect_exact("name? ")
    child.expect_exact("again? ")
    child.sendline("yes")
    child.expect_exact("heard yes")
    assert exit_code(child) == 2


def test_a_terminal_that_goes_away_stops_the_run_and_what_ran_is_saved(terminal, write):
    path = write("print('a', flush=True)\nimport time\ntime.sleep(60)")
    child = terminal("run", path, "--save")
    child.expect_exact("a")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, child.child_fd)  # closes our end of the terminal
    os.close(nowhere)
    deadline = time.monotonic() + 30
    while "outputs" not in json.loads(path.read_text(encoding="utf-8"))["cells"][0]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_choices_say_what_to_type():
    request = InputRequest(
        kind="choice",
        caption="Confirm",
        message="Delete it?",
        choices=(Choice(label="Yes", key="Y"), Choice(label="No", key="N")),
        default=1,
        prompt="> ",
    )
    assert question(request) == "Confirm\nDelete it?\n[Y] Yes  [N] No (default)\n> "

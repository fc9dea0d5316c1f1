"""The other commands: convert, export, info, kernels, plugins, version."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.cli.conftest import VERSO


def test_version_and_help(verso):
    assert verso("--version").stdout.startswith("verso ")
    shown = verso("--help").stdout
    for command in ("run", "convert", "export", "info", "kernels", "plugins"):
        assert command in shown


def test_the_module_is_the_program_and_an_interrupt_while_it_loads_is_quiet(verso):
    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60)

    assert python("-m", "verso", "--version").stdout == verso("--version").stdout
    interrupted = "import importlib, signal; from verso.__main__ import main; "
    interrupted += "importlib.import_module = lambda name: signal.raise_signal(signal.SIGINT); main()"
    done = python("-c", interrupted)
    assert (done.returncode, done.stderr) == (130, "")


def test_convert_round_trip_through_every_format(verso, write, tmp_path):
    path = write("x = 1", {"type": "markdown", "source": "# Title"}, "x + 1")
    for suffix in ("ipynb", "dib", "py"):
        assert verso("convert", path, f"there.{suffix}").returncode == 0
        assert verso("convert", f"there.{suffix}", f"back-{suffix}.verso").returncode == 0
        cells = json.loads((tmp_path / f"back-{suffix}.verso").read_text())["cells"]
        assert [(cell["type"], cell["source"]) for cell in cells] == [
            ("code", "x = 1"),
            ("markdown", "# Title"),
            ("code", "x + 1"),
        ], suffix


def test_convert_from_standard_input_to_standard_output(verso, write):
    text = write("x = 1").read_text()
    done = verso("convert", "-", "-", "--to", "dib", input=text)
    assert done.returncode == 0
    assert "#!python\n\nx = 1\n" in done.stdout


def test_clearing_outputs_leaves_nothing_of_the_execution(verso, write, tmp_path):
    path = write("1 + 1", "1 / 0")
    verso("convert", path, "before.verso")
    verso("run", path, "--save")
    assert verso("convert", path, "after.verso", "--clear-outputs").returncode == 0
    assert (tmp_path / "after.verso").read_bytes() == (tmp_path / "before.verso").read_bytes()


def test_convert_refuses_an_unknown_format_by_name(verso, write):
    done = verso("convert", write("1"), "x.verso", "--to", "docx")
    assert done.returncode == 64
    assert "ipynb" in done.stderr


def test_export_makes_a_page_with_nothing_from_elsewhere(verso, write, tmp_path):
    path = write("print('hello page')", title="My page")
    verso("run", path, "--save")
    done = verso("export", path, "--to", "html", "-o", "page.html")
    assert done.returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert "hello page" in page
    assert "My page" in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_export_to_markdown_script_and_formats(verso, write, tmp_path):
    path = write("x = 1", {"type": "markdown", "source": "# Title"})
    for name in ("markdown", "script", "ipynb", "dib"):
        done = verso("export", path, "--to", name, "-o", "-")
        assert done.returncode == 0, done.stderr
        assert "x = 1" in done.stdout
    wrong = verso("export", path, "--to", "docx")
    assert wrong.returncode == 64
    assert "markdown" in wrong.stderr


def test_info_says_what_is_in_it_and_what_is_missing(verso, write):
    path = write(
        "1",
        {"type": "code", "language": "cobol", "source": "x"},
        title="T",
        parameters={"n": {"type": "int", "default": 1, "description": "how many"}},
    )
    shown = verso("info", path).stdout
    for word in ("title: T", "cells: 2", "how many", "'cobol'"):
        assert word in shown
    data = json.loads(verso("info", path, "--json").stdout)
    assert data["cells"] == 2
    assert data["parameters"][0]["name"] == "n"


def test_kernels_and_plugins_list_what_is_here(verso):
    shown = verso("kernels").stdout
    assert "python" in shown
    assert "markdown" in shown
    listed = {entry["name"]: entry for entry in json.loads(verso("kernels", "--json").stdout)}
    assert listed["python"]["found"]
    plugins = {entry["name"]: entry for entry in json.loads(verso("plugins", "--json").stdout)}
    assert plugins["verso-python"]["package"] == "verso-notebook"
    assert {entry["state"] for entry in plugins.values()} == {"ok"}


def test_a_blocked_plugin_is_left_out(write):
    environment = {**os.environ, "VERSO_BLOCK": "verso-python"}
    done = subprocess.run([VERSO, "run", write("1")], capture_output=True, text=True, env=environment)
    assert done.returncode == 6
    assert "'python'" in done.stderr

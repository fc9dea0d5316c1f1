"""Standard streams as the world has them: closed, full, left by their reader, of another encoding, shared."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import VERSO


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell command in which `verso` is the program; the last line on stdout is its exit code."""
    return subprocess.run(
        ["bash", "-c", command.replace("verso ", f"{shlex.quote(str(VERSO))} ", 1)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def test_when_nobody_reads_any_more_the_run_stops_and_what_ran_is_saved(write, tmp_path):
    path = write("import time\nfor i in range(600):\n    print(i, flush=True)\n    time.sleep(0.05)")
    done = shell("verso run nb.verso --save | head -1; echo ${PIPESTATUS[0]}", tmp_path)
    assert done.stdout == "0\n130\n"
    saved = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"]
    assert saved[0]["content"].startswith("0\n1\n")


@pytest.mark.parametrize("output", ["text", "json", "jsonl", "junit"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_report_that_finds_no_space_is_told_and_the_notebook_is_saved(write, tmp_path, output):
    path = write("print('a')")
    done = shell(f"verso run nb.verso --save --output {output} > /dev/full", tmp_path)
    assert done.returncode == 3
    assert "standard output: can't be written: no space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["content"] == "a\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["verso kernels > /dev/full", "verso run nb.verso --output-file /dev/full"])
def test_no_space_is_an_error_for_every_command(write, tmp_path, command):
    write("print('a')")
    done = shell(command, tmp_path)
    assert (done.returncode, "no space left" in done.stderr, "Traceback" in done.stderr) == (3, True, False)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("output", ["text", "json"])
def test_closed_streams_are_no_failure(write, tmp_path, closed, output):
    path = write("print('a')")
    done = shell(f"verso run nb.verso --save --output {output} {closed}", tmp_path)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["content"] == "a\n"


def test_a_notebook_from_a_closed_stdin_is_a_bad_format(tmp_path):
    done = shell("verso run - <&-", tmp_path)
    assert done.returncode == 4
    assert "standard input" in done.stderr


def test_text_that_the_terminals_encoding_lacks_is_escaped_and_json_is_always_utf8(write, tmp_path):
    write("'é ☃'")
    text = shell("verso run nb.verso", tmp_path, PYTHONIOENCODING="ascii")
    assert text.stdout == "'\\xe9 \\u2603'\n"
    data = shell("verso run nb.verso --output json", tmp_path, PYTHONIOENCODING="latin-1")
    assert json.loads(data.stdout)["cells"][0]["outputs"][0]["data"]["text/plain"] == "'é ☃'"


def test_what_plugins_print_while_they_are_imported_is_not_in_the_data(write, tmp_path):
    write("1")
    metadata = tmp_path / "noisy-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[verso]\nnoisy = noisy\n")
    (tmp_path / "noisy.py").write_text("print('noise')\n")
    done = shell("verso run nb.verso --output json", tmp_path, PYTHONPATH=str(tmp_path))
    assert json.loads(done.stdout)["summary"]["ok"] == 1
    assert "noise" in done.stderr


def test_the_report_does_not_take_the_notebooks_place(verso, write):
    path = write("1")
    before = path.read_bytes()
    (path.parent / "link.json").symlink_to(path)
    for target in ("./nb.verso", "link.json"):
        done = verso("run", path, "--output-file", target)
        assert done.returncode == 64
        assert "overwrite the notebook" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--output-notebook", "nope/x.verso"], 3),
        (["--output-notebook", "x.foo"], 4),
        (["--output-notebook", "x.verso", "--to", "nope"], 64),
        (["--output-file", "nb.verso/report.json"], 3),
        (["--full-output", "/proc/nope"], 3),
        (["--to", "ipynb"], 64),
        (["--save", "--to", "ipynb"], 64),
        (["--output", "json", "--output-notebook", "-"], 64),
        (["--variables"], 64),
        (["--timeout", "nan"], 64),
        (["--cell", "²"], 64),
        (["--kernel", "nope"], 6),
    ],
)
def test_what_cannot_end_well_is_told_before_anything_runs(verso, write, tmp_path, arguments, code):
    done = verso("run", write("open('ran', 'w')"), *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_notebook_that_can_not_be_saved_in_the_end_is_rescued_and_the_report_comes(verso, write, tmp_path):
    path = write("import shutil\nprint('a')\nshutil.rmtree('out')")
    (tmp_path / "out").mkdir()
    done = verso("run", path, "--output-notebook", "out/x.ipynb", "--output", "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["summary"]["ok"] == 1
    rescued = Path(done.stderr.rpartition("the executed notebook is in ")[2].strip())
    assert json.loads(rescued.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["content"] == "a\n"
    rescued.unlink()


def test_an_export_without_a_target_does_not_replace_the_notebook(verso, write):
    path = write("1")
    before = path.read_bytes()
    done = verso("export", path, "--to", "verso")
    assert done.returncode == 64
    assert path.read_bytes() == before

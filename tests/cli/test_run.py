"""`verso run`: what it prints, reports, saves, and exits with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import VERSO


def read(path: Path) -> dict:  # type: ignore[type-arg]
    return json.loads(path.read_text(encoding="utf-8"))


def test_outputs_go_where_programs_put_theirs(verso, write):
    done = verso("run", write("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7"))
    assert done.returncode == 0
    assert done.stdout == "out\n42\n"
    assert done.stderr.startswith("err\n1 cell: 1 ok in ")


def test_of_a_progress_bar_only_the_last_state_is_in_a_log(verso, write):
    loop = "for i in range(3):\n    sys.stdout.write(f'\\r{i} of 3'); sys.stdout.flush()"
    source = f"import sys\n{loop}\nprint()\nprint('done')"
    assert verso("run", write(source), "-q").stdout == "2 of 3\ndone\n"
    assert verso("run", write("print('\\r1\\r2', end='')"), "-q").stdout == "2\n"


def test_quiet_says_only_what_the_cells_put_out(verso, write):
    done = verso("run", write("1 + 1", "print('x', end='')"), "-q")
    assert (done.stdout, done.stderr) == ("2\nx\n", "")


def test_verbose_names_each_cell(verso, write):
    done = verso("run", write("1 + 1"), "-v")
    assert "[0] python" in done.stderr
    assert "[0] ok in" in done.stderr


def test_a_failed_cell_exits_1_and_the_others_run(verso, write):
    done = verso("run", write("print('before')\n1/0", "print('after')"))
    assert done.returncode == 1
    assert done.stdout == "before\nafter\n"
    assert "ZeroDivisionError" in done.stderr
    assert "cell-1" in done.stderr


def test_fail_fast_skips_the_rest(verso, write):
    done = verso("run", write("1/0", "print('after')"), "--fail-fast", "--output", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert [cell["status"] for cell in report["cells"]] == ["error", "skipped"]
    assert report["summary"]["failed"] == 1
    assert report["summary"]["skipped"] == 1


def test_text_on_stderr_is_no_failure(verso, write):
    assert verso("run", write("import sys; print('x', file=sys.stderr)")).returncode == 0


def test_the_json_report(verso, write):
    done = verso("run", write("x = 1\nx", {"type": "markdown", "source": "# hi"}), "--output", "json")
    report = json.loads(done.stdout)
    assert list(report) == ["notebook", "parameters", "cells", "summary"]
    assert list(report["cells"][0]) == ["index", "id", "type", "language", "status", "elapsed", "outputs"]
    assert report["cells"][0]["outputs"] == [
        {"type": "execute_result", "data": {"text/plain": "1"}, "execution_count": 1}
    ]
    assert report["cells"][1]["language"] == "markdown"
    assert report["summary"]["total"] == report["summary"]["ok"] == 2


def test_an_output_file_alone_means_json(verso, write, tmp_path):
    done = verso("run", write("1"), "--output-file", "out/report.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert read(tmp_path / "out/report.json")["summary"]["ok"] == 1
    done = verso("run", write("1"), "--output-file", "-")
    assert json.loads(done.stdout)["summary"]["ok"] == 1
    assert not (tmp_path / "-").exists()


def test_json_lines_come_one_an_event(verso, write):
    done = verso("run", write("print('a')"), "--output", "jsonl")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events if event["event"] != "kernel_state"]
    assert names == ["run_started", "cell_queued", "cell_started", "cell_output", "cell_finished", "run_finished"]


def test_junit(verso, write, tmp_path):
    verso("run", write("print('a\\x00b')", "1/0", "2"), "--fail-fast", "--output", "junit", "--output-file", "j.xml")
    suite = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert suite[0].find("system-out").text == "ab\n"  # type: ignore[union-attr]
    assert suite[1].find("failure").get("type") == "ZeroDivisionError"  # type: ignore[union-attr]


def test_variables_in_the_report(verso, write):
    done = verso("run", write("total = 45\nparts = [1, 'a', None]"), "--output", "json", "--variables")
    variables = json.loads(done.stdout)["variables"]
    assert variables["total"]["value"] == {"t": "int", "v": "45"}
    assert variables["parts"]["owner"] == "python"


# --- parameters -----------------------------------------------------------------------------------------


PARAMETERS = {
    "region": {"type": "string", "required": True},
    "limit": {"type": "int", "default": 3},
    "day": {"type": "date", "default": "2026-01-31"},
}


def test_parameters_are_typed_variables(verso, write):
    path = write("print(repr(region), limit + 1, day.isoformat())", parameters=PARAMETERS)
    done = verso("run", path, "-p", "region=eu", "-p", "limit=5", "-q")
    assert done.stdout == "'eu' 6 2026-01-31\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [("p.json", '{"region": "us", "limit": 7}'), ("p.toml", 'region = "us"\nlimit = 7\n')],
)
def test_a_file_of_parameters_and_the_command_line_wins(verso, write, tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    path = write("print(region, limit)", parameters=PARAMETERS)
    assert verso("run", path, "--params-file", name, "-p", "region=eu", "-q").stdout == "eu 7\n"


def test_parameters_from_standard_input(verso, write):
    path = write("print(region, limit)", parameters=PARAMETERS)
    given = '\ufeff{"region": "us", "limit": 7}'
    assert verso("run", path, "--params-file", "-", "-q", input=given).stdout == "us 7\n"
    assert verso("run", "-", "--params-file", "-", input=given).returncode == 64


def test_a_parameter_of_an_unknown_type_exits_5_also_without_a_value(verso, write, tmp_path):
    done = verso("run", write("open('ran', 'w')", parameters={"x": {"type": "complex"}}))
    assert done.returncode == 5
    assert "'complex'" in done.stderr and "datetime" in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["region", "string", "-p name=value"]),
        (["-p", "region=eu", "-p", "limit=many"], ["'limit'", "int", "'many'"]),
        (["-p", "region=eu", "-p", "colour=red"], ["'colour'", "region, limit, day"]),
        (["-p", "region"], ["name=value", "'region'"]),
    ],
)
def test_wrong_parameters_exit_5_before_anything_runs(verso, write, tmp_path, arguments, words):
    path = write("open('ran', 'w')", parameters=PARAMETERS)
    done = verso("run", path, *arguments)
    assert done.returncode == 5
    assert all(word in done.stderr for word in words), done.stderr
    assert not (tmp_path / "ran").exists()


# --- which cells ----------------------------------------------------------------------------------------


def test_cells_run_in_the_order_given_and_tags_select(verso, write):
    path = write(
        "print('a')",
        "print('b')",
        {"type": "code", "language": "python", "source": "print('c')", "metadata": {"tags": ["last"]}},
    )
    assert verso("run", path, "--cell", "c1", "--cell", "0", "-q").stdout == "b\na\n"
    assert verso("run", path, "--tag", "last", "-q").stdout == "c\n"
    wrong = verso("run", path, "--cell", "nope")
    assert wrong.returncode == 64
    assert "c0, c1, c2" in wrong.stderr


# --- saving ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["nb.verso", "-"])
def test_the_last_words_of_threads_are_saved(verso, write, tmp_path, target):
    late = "def late():\n    time.sleep(0.2)\n    print('late')\nthreading.Thread(target=late).start()"
    path = write(f"import threading, time\n{late}\nprint('early')")
    how = ["--save"] if target == "nb.verso" else ["--output-notebook", "-"]
    done = verso("run", path, *how)
    assert done.returncode == 0
    saved = json.loads(done.stdout) if target == "-" else read(path)
    assert saved["cells"][0]["outputs"][0]["content"] == "early\nlate\n"


def test_save_does_not_overwrite_what_was_written_meanwhile(verso, write):
    path = write("text = open('nb.verso').read()\nopen('nb.verso', 'w').write(text + ' ')", "'kept'")
    before = path.read_text()
    done = verso("run", path, "--save")
    assert done.returncode == 3
    assert "changed while it ran" in done.stderr
    assert path.read_text() == before + " "
    rescued = Path(done.stderr.split("the executed notebook is in ")[1].strip())
    assert read(rescued)["cells"][1]["outputs"][0]["content"] == "'kept'"
    rescued.unlink()


def test_save_does_not_overwrite_what_was_written_while_the_kernels_end(verso, write):
    late = """
import atexit, time
from pathlib import Path
def late():
    file = Path('nb.verso')
    while 'early' + chr(92) + 'n' not in file.read_text(): time.sleep(0.01)
    file.write_text(file.read_text() + ' ')
    print('late', flush=True)
atexit.register(late)
print('early')
"""
    path = write(late)
    done = verso("run", path, "--save")
    assert done.returncode == 3
    assert "changed while it ran" in done.stderr
    assert path.read_text().endswith(" ")
    rescued = Path(done.stderr.split("the executed notebook is in ")[1].strip())
    assert read(rescued)["cells"][0]["outputs"][0]["content"] == "early\nlate\n"
    rescued.unlink()


@pytest.mark.parametrize("how", ["jsonl", "text"])
def test_a_report_in_a_file_has_the_last_words_as_well(verso, write, tmp_path, how):
    path = write("import atexit\natexit.register(lambda: print('last ' + 'words', flush=True))")
    assert verso("run", path, "--output", how, "--output-file", "report").returncode == 0
    assert "last words" in (tmp_path / "report").read_text()


def test_save_keeps_outputs_and_unknown_keys(verso, write):
    path = write("print('a')", stranger={"kept": True})
    before = read(path)
    assert verso("run", path, "--save").returncode == 0
    after = read(path)
    assert after["metadata"]["stranger"] == {"kept": True}
    assert after["cells"][0]["outputs"][0]["content"] == "a\n"
    assert after["cells"][0]["id"] == before["cells"][0]["id"]


def test_without_save_the_file_stays_as_it_was(verso, write):
    path = write("print('a')")
    before = path.read_bytes()
    verso("run", path)
    assert path.read_bytes() == before


def test_the_executed_notebook_is_written_also_when_a_cell_fails(verso, write, tmp_path):
    done = verso("run", write("print('a')\n1/0"), "--output-notebook", "done.ipynb")
    assert done.returncode == 1
    outputs = read(tmp_path / "done.ipynb")["cells"][0]["outputs"]
    assert [output["output_type"] for output in outputs] == ["stream", "error"]


def test_standard_input_and_output(verso, write):
    text = write("print('a')").read_text(encoding="utf-8")
    done = verso("run", "-", "--output-notebook", "-", input=text)
    assert done.returncode == 0
    assert json.loads(done.stdout)["cells"][0]["outputs"][0]["content"] == "a\n"


def test_a_target_that_cannot_be_written_is_an_error(verso, write):
    done = verso("run", write("1"), "--output-notebook", "/proc/nope/x.verso")
    assert done.returncode == 3
    assert "/proc/nope" in done.stderr


# --- limits and signals ---------------------------------------------------------------------------------


def test_a_cell_limit_exits_2_and_shows_what_ran(verso, write):
    path = write("print('a', flush=True)\nwhile True: pass", "print('b')")
    done = verso("run", path, "--cell-timeout", "0.5", "--save")
    assert done.returncode == 2
    assert done.stdout == "a\nb\n"
    assert "time limit of 0.5 s" in done.stderr
    assert read(path)["cells"][0]["outputs"][0]["content"] == "a\n"


def test_the_limit_of_the_run_exits_2_and_skips_the_rest(verso, write):
    done = verso("run", write("import time; time.sleep(60)", "print('b')"), "--timeout", "0.5", "--output", "json")
    assert done.returncode == 2
    assert [cell["status"] for cell in json.loads(done.stdout)["cells"]] == ["timed_out", "skipped"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_stops_the_cell_shows_and_saves(write, tmp_path_factory, number, code):
    temporary = tmp_path_factory.mktemp("temporary")
    path = write("import os\nprint(os.getpid(), flush=True)\nwhile True: pass", "print('b')")
    run = subprocess.Popen(
        [VERSO, "run", path, "--save"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=path.parent,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert run.stdout is not None
    worker = int(run.stdout.readline())
    run.send_signal(number)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == code
    assert "b" not in out
    saved = read(path)["cells"][0]["outputs"]
    assert saved[0]["content"] == f"{worker}\n"
    assert saved[-1]["isError"]
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("delay", [0.02, 0.06, 0.1, 0.15, 0.2, 0.3])
def test_interrupting_at_any_moment_leaves_no_process_and_a_whole_file(write, delay):
    marker = f"verso-test-{os.getpid()}-{delay}"
    path = write(f"marker = {marker!r}\nimport time\nfor i in range(1000):\n    print(i)\n    time.sleep(0.01)")
    run = subprocess.Popen(
        [VERSO, "run", path, "--save"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(delay)
    run.send_signal(signal.SIGINT)
    # Before our first line runs, the interpreter itself answers: by the signal, or with 1 from within `site`.
    assert run.wait(timeout=30) in (130, -signal.SIGINT, 1)
    assert read(path)["cells"][0]["id"] == "c0"
    left = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
    assert str(path) not in left


def test_a_kernel_that_dies_is_told_apart(verso, write):
    done = verso("run", write("import os\nprint('last', flush=True)\nos._exit(7)", "print('new')"), "--output", "json")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)["cells"]
    assert first["kernel_died"] is True
    assert first["outputs"][0]["text"] == "last\n"
    assert "7" in first["outputs"][-1]["evalue"]
    assert second["status"] == "ok"


# --- what is wrong with the file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("not json", 4, ["bad.verso"]),
        ("[1, 2]", 4, ["bad.verso"]),
        ('{"verso": "9.0", "cells": []}', 4, ["9.0"]),
        ('{"verso": "1.0", "cells": 5}', 4, ["cells"]),
    ],
)
def test_bad_files_exit_4(verso, tmp_path, text, code, words):
    (tmp_path / "bad.verso").write_text(text, encoding="utf-8")
    done = verso("run", "bad.verso")
    assert done.returncode == code
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


def test_files_that_are_not_there_or_not_readable_exit_3(verso, tmp_path):
    assert verso("run", "nope.verso").returncode == 3
    (tmp_path / "folder.verso").mkdir()
    done = verso("run", "folder.verso")
    assert done.returncode == 3
    assert "folder" in done.stderr


def test_what_is_missing_exits_6_before_anything_runs(verso, write, tmp_path):
    path = write(
        "open('ran', 'w')", {"type": "code", "language": "cobol", "source": "x"}, {"type": "hologram", "source": ""}
    )
    before = path.read_bytes()
    done = verso("run", path, "--save")
    assert done.returncode == 6
    assert "'cobol'" in done.stderr
    assert "'hologram'" in done.stderr
    assert not (tmp_path / "ran").exists()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--nope", "x"],
        ["run", "x", "--output", "yaml"],
        ["nope"],
        ["run", "x", "--timeout", "-1"],
        ["run", "x", "-q", "-v"],
    ],
)
def test_wrong_usage_exits_64(verso, arguments):
    done = verso(*arguments)
    assert done.returncode == 64
    assert "Usage" in done.stderr or "Error" in done.stderr


def test_another_kernel_for_cells_without_one(verso, tmp_path):
    (tmp_path / "n.verso").write_text(
        '{"verso":"1.0","metadata":{},"cells":[{"id":"a","type":"code","source":"# hello"}]}', encoding="utf-8"
    )
    assert verso("run", "n.verso", "--kernel", "markdown", "-q").stdout == "# hello\n"


def test_a_cell_that_deletes_its_folder(verso, write, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    path = write(
        "import os, shutil\nshutil.rmtree(os.getcwd())\nprint('gone')", "print('still here')", name="gone/nb.verso"
    )
    done = verso("run", path, "-q")
    assert done.returncode == 0
    assert done.stdout == "gone\nstill here\n"


def test_output_that_is_not_utf8(verso, write):
    done = verso("run", write("import os\nos.write(1, b'a\\xff\\xfeb\\n');"), "-q")
    assert done.returncode == 0
    assert done.stdout == "a\ufffd\ufffdb\n"


def test_the_path_of_an_interpreter_is_seen_from_where_the_program_is_called(verso, write, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/mypython").symlink_to(sys.executable)
    path = write("import sys\nsys.executable.endswith('tools/mypython')", name="notebooks/nb.verso")
    assert verso("run", path, "--python", "tools/mypython", "-q").stdout == "True\n"


def test_an_interpreter_that_is_not_there_is_told_before_anything_runs(verso, write, tmp_path):
    done = verso("run", write("open('ran', 'w')"), "--python", "nowhere/python")
    assert done.returncode == 6
    assert "nowhere/python" in done.stderr


def test_the_interpreter_that_a_notebook_names_is_seen_from_its_folder(verso, write, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/mypython").symlink_to(sys.executable)
    path = write("import sys\nsys.executable.endswith('notebooks/mypython')", name="notebooks/nb.verso")
    document = {**read(path), "extensionSettings": {"verso.python": {"program": "./mypython"}}}
    path.write_text(json.dumps(document), encoding="utf-8")
    done = verso("run", path, "-q")
    assert (done.stdout, done.stderr) == ("True\n", "")

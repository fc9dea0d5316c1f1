"""What people do in shells, in each of them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from verso_shell import shell as shell_module

from tests.kernels.shell.conftest import SHELLS, SPECS, Start, out, run
from verso.api.errors import KernelDiedError, KernelStartError, KernelUnresponsiveError
from verso.api.kernel import Kernel
from verso.api.messages import CompleteRequest, DiagnoseRequest, ExecuteRequest, InputRequest, InspectRequest
from verso.api.outputs import Stream
from verso.testing.sinks import RecordingSink


@pytest.fixture(params=SHELLS)
async def kernel(request: pytest.FixtureRequest, start: Start) -> Kernel:
    return await start(request.param)


@pytest.fixture
async def bash(start: Start) -> Kernel:
    return await start("bash")


# --- state ------------------------------------------------------------------------------------------------


async def test_folder_variables_functions_and_exit_status_last(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    await out(kernel, "cd inner\nx='a  b'\ngreet() { echo \"hi $1\"; }")
    assert await out(kernel, 'pwd; echo "$x"; greet you') == f"{tmp_path}/inner\na  b\nhi you\n"
    reply, sink = await run(kernel, "(exit 7)")
    assert reply.status == "error" and reply.detail["exit_status"] == 7
    assert sink.errors[-1].evalue == "exit status 7"
    assert await out(kernel, "echo $?") == "7\n"


async def test_the_code_is_not_echoed_cut_or_changed(kernel: Kernel) -> None:
    long = "x" * 20_000
    assert await out(kernel, f"v='{long}'\necho ${{#v}}") == "20000\n"
    lines = "\n".join(f"echo {number}" for number in range(2_000))
    assert await out(kernel, lines) == "".join(f"{number}\n" for number in range(2_000))


async def test_heredocs_loops_and_comments(kernel: Kernel) -> None:
    code = "cat <<'EOF'\nkept $HOME `as is`\n\ttab\nEOF\n# a comment\nfor i in 1 2; do\n\n  echo $i\ndone"
    assert await out(kernel, code) == "kept $HOME `as is`\n\ttab\n1\n2\n"


async def test_programs_see_a_terminal_of_a_sensible_size(kernel: Kernel) -> None:
    code = "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo yes; echo $TERM; stty size; ls --color=auto -d ."
    text = await out(kernel, code)
    assert text.startswith("yes\nxterm-256color\n40 100\n") and "\x1b[" in text


async def test_output_is_live(kernel: Kernel) -> None:
    sink = RecordingSink()
    task = asyncio.create_task(kernel.execute(ExecuteRequest(code="printf 'working'; sleep 60", name="cell-1"), sink))
    await sink.until(lambda sink: sink.text() == "working")
    assert not task.done()
    await kernel.interrupt()
    assert (await task).status == "cancelled"


async def test_progress_keeps_its_carriage_returns(kernel: Kernel) -> None:
    assert await out(kernel, r"printf '10%%\r50%%\r100%%\n'") == "10%\r50%\r100%\n"


async def test_background_jobs_outlive_the_cell_and_can_be_waited_for(kernel: Kernel) -> None:
    assert await out(kernel, "{ sleep 0.3; echo late; } &\necho now") == "now\n"
    assert "late" in await out(kernel, "wait; echo waited")


async def test_unset_variables_under_set_u_are_an_error_and_the_shell_lives(kernel: Kernel) -> None:
    reply, sink = await run(kernel, "x=1; set -u; echo $nowhere; echo never")
    assert reply.status == "error" and "never" not in sink.text("stdout")
    assert "nowhere" in sink.text("stderr")
    assert await out(kernel, "set +u; echo $x") == "1\n"


async def test_traps_work(kernel: Kernel) -> None:
    assert await out(kernel, "trap 'echo got it' USR1; kill -USR1 $$; echo after") == "got it\nafter\n"


async def test_trace_shows_the_cell_and_nothing_of_ours(kernel: Kernel) -> None:
    await run(kernel, "set -x")
    _, sink = await run(kernel, "echo one\nfalse\ntrue")
    assert "echo one" in sink.text("stderr") and "verso" not in sink.shown
    await run(kernel, "set +x")
    assert (await run(kernel, "echo quiet"))[1].text("stderr") == ""


async def test_stdout_sent_elsewhere_for_good_does_not_hang(kernel: Kernel, tmp_path: Path) -> None:
    assert (await run(kernel, "exec >log.txt; echo to the file"))[1].text() == ""
    await run(kernel, "echo again")
    assert (tmp_path / "log.txt").read_text() == "to the file\nagain\n"


async def test_a_cell_that_changes_the_prompt_ends(bash: Kernel) -> None:
    await out(bash, "PS1='$ '; PROMPT_COMMAND='echo prompt'; IFS=:; set -o noclobber")
    assert await out(bash, "echo fine") == "fine\n"


# --- ends and errors --------------------------------------------------------------------------------------


async def test_exit_ends_the_cell_and_a_new_shell_says_so(kernel: Kernel) -> None:
    await run(kernel, "x=1")
    reply, sink = await run(kernel, "echo before; exit 3; echo after")
    assert reply.status == "error" and reply.detail["exit_status"] == 3
    assert sink.text("stdout") == "before\n"
    assert "exit status 3" in sink.errors[-1].evalue and "a new one was started" in sink.errors[-1].evalue
    assert "x" in reply.changes.removed
    assert await out(kernel, 'echo "[$x]"') == "[]\n"
    reply, sink = await run(kernel, "exit 0")
    assert reply.status == "ok" and "a new one was started" in sink.text("stderr")


async def test_a_shell_that_is_killed_is_told(kernel: Kernel) -> None:
    with pytest.raises(KernelDiedError, match="SIGKILL"):
        await run(kernel, "kill -9 $$")


async def test_the_line_of_a_failure_is_told(start: Start) -> None:
    for name in ("bash", "zsh"):
        kernel = await start(name)
        _, sink = await run(kernel, "echo one\n\nno_such_program_here")
        assert sink.errors[-1].line == 3
        assert "no_such_program_here" in sink.errors[-1].evalue


async def test_what_ignores_interrupts_is_killed_and_the_shell_lives(bash: Kernel) -> None:
    await run(bash, "x=1")
    sink = RecordingSink()
    code = "sh -c 'trap \"\" INT; echo started; sleep 100'\necho not reached"
    task = asyncio.create_task(bash.execute(ExecuteRequest(code=code, name="cell-1"), sink))
    await sink.until(lambda sink: "started" in sink.text())
    await bash.interrupt()
    async with asyncio.timeout(20):
        assert (await task).status == "cancelled"
    assert await out(bash, "echo $x") == "1\n"


async def test_a_shell_that_ignores_interrupts_is_killed(bash: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_module, "KILL_AFTER", 3.0)
    sink = RecordingSink()
    code = "trap '' INT; echo started; while :; do :; done"
    task = asyncio.create_task(bash.execute(ExecuteRequest(code=code, name="cell-1"), sink))
    await sink.until(lambda sink: "started" in sink.text())
    await bash.interrupt()
    with pytest.raises(KernelUnresponsiveError, match="did not stop"):
        await task


async def test_an_interrupt_before_the_shell_read_its_line_is_not_lost(kernel: Kernel) -> None:
    for _ in range(10):
        sink = RecordingSink()
        task = asyncio.create_task(kernel.execute(ExecuteRequest(code="sleep 30", name="cell-1"), sink))
        await asyncio.sleep(0)
        while not task.done():
            await kernel.interrupt()
            await asyncio.wait({task}, timeout=0.3)
        assert (await task).status == "cancelled"
    assert await out(kernel, "echo fine") == "fine\n"


async def test_a_shell_that_is_not_there_says_how_to_get_it(start: Start) -> None:
    with pytest.raises(KernelStartError, match="install bash"):
        await start(SPECS["bash"], programs={"bash": "/nowhere/bash"})


# --- questions --------------------------------------------------------------------------------------------


async def test_questions_of_the_shell_and_of_programs(kernel: Kernel) -> None:
    code = "printf 'name? '\nread -r a\npython3 -c \"print('you are', input('age? '))\"\necho \"$a\""
    reply, sink = await run(kernel, code, "žofie", "42")
    # On a busy machine a prompt may be shown before the program is seen to wait: then it is in both places.
    text = sink.text().replace("name? ", "").replace("age? ", "")
    assert reply.status == "ok" and text == "you are 42\nžofie\n"
    assert [(question.prompt, question.kind) for question in sink.questions] == [("name? ", "line"), ("age? ", "line")]


async def test_passwords_are_secret(bash: Kernel) -> None:
    code = "read -rs -p 'Open: ' x; python3 -c 'import getpass; print(getpass.getpass())'; echo; echo $x"
    _, sink = await run(bash, code, "sesame", "tiger")
    assert [question.kind for question in sink.questions] == ["secret", "secret"]
    assert "sesame" in sink.text()


async def test_the_end_of_input_is_the_end_of_input(kernel: Kernel) -> None:
    assert await out(kernel, "cat; echo done", "one", "two", None) == "one\ntwo\ndone\n"


async def test_an_answer_longer_than_a_terminal_line_arrives_whole(kernel: Kernel) -> None:
    assert await out(kernel, "read -r x; echo ${#x}", "y" * 10_000) == "10000\n"


async def test_a_question_that_nobody_answers_ends_the_cell(kernel: Kernel) -> None:
    reply, sink = await run(kernel, "while :; do printf 'more? '; read -r x; done")
    assert reply.status == "error" and sink.errors[-1].ename == "InputNotAvailable"
    assert await out(kernel, "echo fine") == "fine\n"


async def test_a_question_can_be_interrupted(kernel: Kernel) -> None:
    async def never(request: InputRequest) -> str | None:
        await kernel.interrupt()
        await asyncio.sleep(60)
        return None

    reply, _ = await run(kernel, "printf 'name? '; read -r x; echo not reached", never)
    assert reply.status == "cancelled"


# --- what the editor asks ---------------------------------------------------------------------------------


async def proposals(kernel: Kernel, code: str) -> list[str]:
    reply = await kernel.complete(CompleteRequest(code=code, position=len(code)))
    return [code[: reply.start] + proposal.text for proposal in reply.completions]


async def test_completion_of_variables_commands_and_files(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "some file.txt").touch()
    (tmp_path / "sub").mkdir()
    await out(kernel, "my_value=1\nalias my_alias=true")
    assert await proposals(kernel, "echo ${my_va") == ["echo ${my_value"]
    assert "true && printenv" in await proposals(kernel, "true && printen")
    assert "my_alias" in await proposals(kernel, "my_al")
    assert await proposals(kernel, "cat s") == ["cat some\\ file.txt", "cat sub/"]
    assert "__verso" not in " ".join(await proposals(kernel, "__v"))


async def test_inspection_of_commands(kernel: Kernel) -> None:
    await out(kernel, "f() { echo body; }")
    for word, expected in (("cd", "builtin"), ("f", "function"), ("printenv", "/printenv")):
        reply = await kernel.inspect(InspectRequest(code=word, position=1))
        assert reply.found and expected in reply.data["text/plain"]
    assert not (await kernel.inspect(InspectRequest(code="no_such_thing", position=3))).found


async def test_diagnostics_tell_the_line_and_what_is_incomplete(kernel: Kernel) -> None:
    wrong = await kernel.diagnose(DiagnoseRequest(code="echo one\necho two\nif true; then )\n"))
    assert [(fault.severity, fault.line) for fault in wrong.diagnostics][:1] == [("error", 3)]
    assert (await kernel.diagnose(DiagnoseRequest(code="for i in 1 2; do\necho $i"))).incomplete
    assert not (await kernel.diagnose(DiagnoseRequest(code="echo fine"))).diagnostics


# --- nothing is left --------------------------------------------------------------------------------------


async def test_nothing_is_left_behind(start: Start, tmp_path: Path) -> None:
    kernel = await start("bash")
    pids = (
        await out(kernel, "sleep 100 & echo $!; (sleep 100 & echo $!); trap '' HUP; nohup sleep 100 & echo $!")
    ).split()
    folders = list(Path(tempfile.gettempdir()).glob("verso-shell-*"))
    assert folders
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc").exists() else 0
    await kernel.shutdown()
    for pid in map(int, pids):
        with pytest.raises(ProcessLookupError):
            while True:  # a zombie until its new parent has looked
                os.kill(pid, 0)
                if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    raise ProcessLookupError
                await asyncio.sleep(0.01)
    assert not before or len(list(Path("/proc/self/fd").iterdir())) < before


async def test_streams_are_told_apart(kernel: Kernel) -> None:
    _, sink = await run(kernel, "echo out; echo err >&2; ls /no/such/folder")
    assert sink.text("stdout") == "out\n" and sink.text("stderr").startswith("err\n")
    assert all(isinstance(output, Stream) for output in sink.outputs[:-1])


async def test_a_shell_that_can_not_start_leaves_nothing(start: Start, tmp_path: Path) -> None:
    broken = tmp_path / "broken-shell"
    broken.write_text("#!/bin/sh\necho 'no licence' >&2\nexit 5\n")
    broken.chmod(0o755)
    before = set(Path(tempfile.gettempdir()).glob("verso-shell-*"))
    with pytest.raises(KernelStartError, match=r"ended at once \(exit status 5\): no licence"):
        await start(SPECS["bash"], programs={"bash": str(broken)})
    assert set(Path(tempfile.gettempdir()).glob("verso-shell-*")) <= before

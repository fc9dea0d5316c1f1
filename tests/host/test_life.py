"""A worker's life: starting, stopping, dying, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.host.conftest import WORKERS, Make
from verso.api.errors import KernelDiedError, KernelError, KernelStartError, KernelUnresponsiveError
from verso.api.kernel import InterruptPolicy
from verso.api.messages import CompleteRequest, ExecuteRequest
from verso.host import process as processes
from verso.host.worker import WorkerKernel
from verso.testing.sinks import RecordingSink


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


async def gone(*pids: int, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while any(alive(pid) for pid in pids):  # noqa: ASYNC110 (another program's end is no event of ours)
            await asyncio.sleep(0.01)


async def started_child(kernel: WorkerKernel) -> tuple[int, int]:
    """The pids of the worker and of a child that it started in the background."""
    sink = RecordingSink()
    code = "import subprocess; child = subprocess.Popen(['sleep', '60']); print(os.getpid(), child.pid)"
    await kernel.execute(ExecuteRequest(code=code), sink)
    worker, child = map(int, sink.text().split())
    assert alive(worker) and alive(child)
    return worker, child


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# --- start ----------------------------------------------------------------------------------------------------


async def test_start_twice_is_one_worker(make: Make) -> None:
    kernel = make()
    info = await kernel.start()
    assert (info.language, info.version) == ("scripted", "1")
    await kernel.execute(ExecuteRequest(code="x = 1"), RecordingSink())
    assert await kernel.start() == info
    await kernel.execute(ExecuteRequest(code="print(x)"), sink := RecordingSink())
    assert sink.text() == "1\n"


async def test_starts_at_once_are_one_worker(make: Make) -> None:
    kernel = make()
    first, second = await asyncio.gather(kernel.start(), kernel.start())
    assert first is second


async def test_after_a_start_that_failed_it_can_be_tried_again(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    kernel = make(directory=folder)
    with pytest.raises(KernelStartError):
        await kernel.start()
    with pytest.raises(KernelError, match="not started"):
        await kernel.list_variables()
    folder.mkdir()
    assert (await kernel.start()).language == "scripted"


async def test_a_missing_program_is_named(make: Make) -> None:
    with pytest.raises(KernelStartError, match="'no-such-program' was not found"):
        await make(argv=("no-such-program",)).start()


async def test_a_program_that_may_not_run_is_named(make: Make, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    with pytest.raises(KernelStartError, match="may not be run"):
        await make(argv=(str(program),)).start()


async def test_a_missing_folder_is_named(make: Make, tmp_path: Path) -> None:
    with pytest.raises(KernelStartError, match=r"the folder .*/gone"):
        await make(directory=tmp_path / "gone").start()


async def test_the_commands_folder_and_environment_are_used(make: Make, tmp_path: Path) -> None:
    os.environ["VERSO_TEST_REMOVED"] = "here"
    try:
        kernel = make({"ADDED": "1", "VERSO_TEST_REMOVED": None}, directory=tmp_path)
        await kernel.start()
    finally:
        del os.environ["VERSO_TEST_REMOVED"]
    code = "print(os.getcwd(), os.environ['ADDED'], 'VERSO_TEST_REMOVED' in os.environ, os.isatty(0), os.read(0, 1))"
    await kernel.execute(ExecuteRequest(code=code), sink := RecordingSink())
    assert sink.text() == f"{tmp_path} 1 False False b''\n"


async def test_a_worker_that_says_why_it_can_not_start(make: Make) -> None:
    kernel = make(argv=("/bin/sh", "-c", "echo 'no licence' >&2; exit 3"))
    with pytest.raises(KernelStartError, match=r"(?s)did not start: it ended with exit code 3.*no licence"):
        await kernel.start()


async def test_a_silent_worker_is_given_up(make: Make) -> None:
    before = descriptors()
    kernel = make({"WORKER_NO_READY": "1"}, start_timeout=0.3)
    with pytest.raises(KernelStartError, match=r"not ready within 0.3 seconds"):
        await kernel.start()
    assert descriptors() == before


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ('{"type": "stream", "text": "hi"}', "first message is 'stream' and not 'ready'"),
        ('{"type": "ready", "protocol": 2}', "speaks version 2 of the wire protocol, and this engine version 1"),
        ('{"type": "ready"}', "speaks version None"),
        ('{"type": "ready", "protocol": 1, "version": 3}', "'version' must be a string"),
    ],
)
async def test_a_wrong_first_message_is_refused(make: Make, first: str, words: str) -> None:
    with pytest.raises(KernelStartError, match=words):
        await make({"WORKER_FIRST": first}).start()


async def test_garbage_before_ready_is_harmless(make: Make) -> None:
    first = 'motd: welcome\n\n{"type": "ready", "protocol": 1}'
    assert (await make({"WORKER_FIRST": first}).start()).language == "scripted"


async def test_giving_up_a_start_leaves_nothing(make: Make) -> None:
    before = descriptors()
    starting = asyncio.create_task(make({"WORKER_NO_READY": "1"}).start())
    await asyncio.sleep(0.1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert descriptors() == before


async def test_shutdown_while_it_starts(make: Make) -> None:
    before = descriptors()
    kernel = make({"WORKER_NO_READY": "1"})
    starting = asyncio.create_task(kernel.start())
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await kernel.shutdown()
    with pytest.raises(KernelStartError, match="was shut down"):
        await starting
    assert descriptors() == before


# --- shutdown -------------------------------------------------------------------------------------------------


async def test_shutdown_ends_the_worker_and_its_children_and_may_come_twice(make: Make) -> None:
    before = descriptors()
    kernel = make()
    await kernel.start()
    pids = await started_child(kernel)
    await asyncio.gather(kernel.shutdown(), kernel.shutdown())
    await kernel.shutdown()
    await gone(*pids)
    assert descriptors() == before


async def test_shutdown_while_code_runs(make: Make) -> None:
    kernel = make(stop_timeout=30.0)
    await kernel.start()
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code="while True: pass"), RecordingSink()))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        await kernel.shutdown()
    with pytest.raises(KernelDiedError, match="was shut down"):
        await running


async def test_a_worker_that_will_not_end_is_killed(make: Make) -> None:
    kernel = make({"WORKER_STUBBORN": "1"}, stop_timeout=0.2)
    await kernel.start()
    pids = await started_child(kernel)
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code="time.sleep(60)"), RecordingSink()))
    await asyncio.sleep(0.05)
    await kernel.shutdown()
    await gone(*pids)
    with pytest.raises(KernelDiedError):
        await running


async def test_a_shutdown_that_is_given_up_kills(make: Make) -> None:
    kernel = make({"WORKER_STUBBORN": "1"}, stop_timeout=60.0)
    await kernel.start()
    pids = await started_child(kernel)
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code="time.sleep(60)"), RecordingSink()))
    await asyncio.sleep(0.05)
    stopping = asyncio.create_task(kernel.shutdown())
    await asyncio.sleep(0.05)
    stopping.cancel()
    await asyncio.wait({stopping, running}, timeout=10)
    await gone(*pids)


async def test_restart_forgets(kernel: WorkerKernel) -> None:
    await kernel.execute(ExecuteRequest(code="x = 1"), RecordingSink())
    await kernel.restart()
    reply = await kernel.execute(ExecuteRequest(code="x"), sink := RecordingSink())
    assert reply.status == "error" and sink.errors[0].ename == "NameError"


@pytest.mark.parametrize("state", ["idle", "busy", "stubborn"])
async def test_nothing_is_left_when_the_engine_is_killed(state: str) -> None:
    """A real engine process, ended by SIGKILL, so that nothing of it can clean up."""
    engine = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKERS / "engine.py"), state, stdout=subprocess.PIPE
    )
    assert engine.stdout is not None
    worker, child = map(int, (await engine.stdout.readline()).split())
    assert alive(worker) and alive(child)
    engine.kill()
    await engine.wait()
    await gone(worker, child)


# --- death ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("os.kill(os.getpid(), 9)", r"it was ended by SIGKILL(?s:.*)memory"),
        ("os.abort()", r"it was ended by SIGABRT(?s:.*)recursion"),
        ("import ctypes; ctypes.string_at(0)", r"it was ended by SIGSEGV"),
        ("os._exit(7)", r"it ended with exit code 7"),
        ("os._exit(134)", r"it ended with exit code 134, which stands for SIGABRT(?s:.*)recursion"),
        ("os._exit(0)", r"it ended with exit code 0(?s:.*)may have ended its own process"),
    ],
)
async def test_a_death_has_its_cause_and_last_words(kernel: WorkerKernel, code: str, words: str) -> None:
    sink = RecordingSink()
    before = "print('last output'); print('fatal: reactor', file=sys.stderr); sys.stdout.flush(); sys.stderr.flush(); "
    with pytest.raises(KernelDiedError, match=words) as caught:
        await kernel.execute(ExecuteRequest(code=before + code), sink)
    assert "fatal: reactor" in str(caught.value) and "Restart the kernel" in caught.value.next_step
    assert sink.text("stdout") == "last output\n"
    assert sink.text("stderr").startswith("fatal: reactor\n")


async def test_a_message_that_the_death_cut_off_is_said(kernel: WorkerKernel) -> None:
    code = 'channel(b\'{"type":"display_data","data":{"text/plain":"\' + b\'x\' * 30_000); os._exit(1)'
    with pytest.raises(KernelDiedError):
        await kernel.execute(ExecuteRequest(code=code), sink := RecordingSink())
    assert '{"type":"display_data"' in sink.text("stderr") and "characters more" in sink.text("stderr")


async def test_every_request_is_told_and_restart_lives_again(kernel: WorkerKernel) -> None:
    sink = RecordingSink()
    code = "time.sleep(0.1); os.kill(os.getpid(), 9)"
    outcomes = await asyncio.gather(
        kernel.execute(ExecuteRequest(code=code), sink),
        kernel.complete(CompleteRequest(code="", position=0)),
        kernel.list_variables(),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [KernelDiedError] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3
    with pytest.raises(KernelDiedError, match="SIGKILL"):
        await kernel.execute(ExecuteRequest(code="1"), sink)
    await kernel.interrupt()
    await kernel.restart()
    assert (await kernel.execute(ExecuteRequest(code="1"), sink)).status == "ok"


async def test_a_death_between_cells_is_told_to_the_next(kernel: WorkerKernel) -> None:
    code = "import threading; threading.Timer(0.1, os._exit, [5]).start()"
    await kernel.execute(ExecuteRequest(code=code), RecordingSink())
    await asyncio.sleep(0.5)
    with pytest.raises(KernelDiedError, match="exit code 5"):
        await kernel.execute(ExecuteRequest(code="1"), RecordingSink())
    assert (await kernel.start()).language == "scripted"


async def test_children_of_a_dead_worker_end_with_it(kernel: WorkerKernel) -> None:
    worker, child = await started_child(kernel)
    os.kill(worker, signal.SIGKILL)
    await gone(worker, child)


async def test_a_reply_just_before_the_end_counts(kernel: WorkerKernel) -> None:
    reply = await kernel.execute(
        ExecuteRequest(code="send('reply', status='ok', detail={'last': True}); os._exit(0)"), RecordingSink()
    )
    assert reply.detail == {"last": True}


async def test_a_worker_that_closes_its_channel_is_ended(kernel: WorkerKernel) -> None:
    worker, child = await started_child(kernel)
    code = f"import sys; os.close({'int(sys.argv[2])'}); time.sleep(60)"
    with pytest.raises(KernelDiedError, match="closed its channel, went on running and was killed"):
        await kernel.execute(ExecuteRequest(code=code), RecordingSink())
    await gone(worker, child)


async def test_a_worker_is_watched_where_the_system_has_no_pidfd(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    kernel = make()
    await kernel.start()
    with pytest.raises(KernelDiedError, match="exit code 3"):
        await kernel.execute(ExecuteRequest(code="os._exit(3)"), RecordingSink())
    await kernel.restart()
    await kernel.shutdown()


def test_the_group_is_listed_alike_by_proc_and_ps() -> None:
    group = os.getpgrp()
    assert os.getpid() in processes._group_from_proc(group)
    assert os.getpid() in processes._group_from_ps(group)


# --- interrupt ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy", [InterruptPolicy(), InterruptPolicy(ask=True, await_stopping=5.0)], ids=["signal", "ask"]
)
async def test_an_interrupt_keeps_the_state(make: Make, policy: InterruptPolicy) -> None:
    kernel = make(interrupt=policy)
    await kernel.start()
    sink = RecordingSink()
    code = "kept = 42\nprint('on', flush=True)\nwhile True: pass"
    for _ in range(5):
        running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code), sink := RecordingSink()))
        await sink.until(lambda sink: "on" in sink.text())
        await kernel.interrupt()
        assert (await running).status == "cancelled"
    await kernel.execute(ExecuteRequest(code="print(kept)"), sink := RecordingSink())
    assert sink.text() == "42\n"


async def test_an_interrupt_reaches_children(kernel: WorkerKernel) -> None:
    code = "print('on', flush=True); import subprocess; subprocess.run(['sleep', '60'])"
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code), sink := RecordingSink()))
    await sink.until(lambda sink: "on" in sink.text())
    await kernel.interrupt()
    assert (await running).status == "cancelled"


async def test_children_that_ignore_the_interrupt_are_killed(make: Make) -> None:
    kernel = make(interrupt=InterruptPolicy(kill_children_after=0.2, kill_after=20.0))
    await kernel.start()
    code = """
import subprocess
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(subprocess.run("echo on; sleep 60", shell=True))
"""
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code), sink := RecordingSink()))
    await sink.until(lambda sink: "on" in sink.text())
    await kernel.interrupt()
    assert (await running).status == "ok"
    assert "returncode=-9" in sink.text()


async def test_code_that_will_not_stop_is_killed_and_said(make: Make) -> None:
    kernel = make({"WORKER_STUBBORN": "1"}, interrupt=InterruptPolicy(kill_after=0.3))
    await kernel.start()
    running = asyncio.create_task(
        kernel.execute(ExecuteRequest(code="print('on', flush=True); time.sleep(60)"), sink := RecordingSink())
    )
    await sink.until(lambda sink: "on" in sink.text())
    await kernel.interrupt()
    await kernel.interrupt()
    with pytest.raises(
        KernelUnresponsiveError, match=r"did not stop within 0.3 seconds of an interrupt and was killed"
    ):
        await running
    await kernel.restart()
    assert (await kernel.execute(ExecuteRequest(code="1"), RecordingSink())).status == "ok"


async def test_an_interrupt_of_nothing_is_harmless(kernel: WorkerKernel) -> None:
    for _ in range(20):
        await kernel.interrupt()
        assert (await kernel.execute(ExecuteRequest(code="x = 1"), RecordingSink())).status == "ok"
        await kernel.interrupt()


async def test_the_deadline_of_one_interrupt_does_not_hit_the_next_cell(make: Make) -> None:
    kernel = make(interrupt=InterruptPolicy(kill_after=0.3))
    await kernel.start()
    running = asyncio.create_task(
        kernel.execute(ExecuteRequest(code="print('on', flush=True); time.sleep(60)"), sink := RecordingSink())
    )
    await sink.until(lambda sink: "on" in sink.text())
    await kernel.interrupt()
    assert (await running).status == "cancelled"
    begun = time.monotonic()
    assert (await kernel.execute(ExecuteRequest(code="time.sleep(0.6)"), RecordingSink())).status == "ok"
    assert time.monotonic() - begun >= 0.6

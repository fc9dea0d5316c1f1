"""A worker's life: tasks that go on, children, the end of the engine, death; and what `__main__` is like."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from verso_python.kernel import MAIN

from tests.kernels.python.conftest import Make, Runner
from verso.api import values
from verso.api.errors import KernelDiedError
from verso.api.messages import ExecuteRequest
from verso.testing.sinks import RecordingSink


async def test_tasks_go_on_between_and_in_later_cells(python: Runner) -> None:
    code = "import asyncio\nticks = []\nasync def tick():\n    while True:\n        ticks.append(1)\n"
    await python.show(code + "        await asyncio.sleep(0.005)\ntask = asyncio.create_task(tick())")
    await asyncio.sleep(0.3)
    before = await python.value("len(ticks)")
    assert before > 5
    await python.show("await asyncio.sleep(0.1)")
    assert await python.value("len(ticks)") > before
    assert await python.show("task.cancel()") == "True"
    await python.show("try: await task\nexcept asyncio.CancelledError: pass")


async def test_async_in_all_its_forms(python: Runner) -> None:
    code = """
import asyncio
async def numbers():
    for i in range(3):
        await asyncio.sleep(0); yield i
async for n in numbers(): print(n)
async with asyncio.timeout(5): print("in")
[n async for n in numbers()]
"""
    assert await python.show(code) == "0\n1\n2\nin\n\n[0, 1, 2]"
    assert await python.show("asyncio.run(asyncio.sleep(0, 'sync'))") == "'sync'"
    assert await python.show("await asyncio.sleep(0, 'again');") == ""
    assert (
        await python.show("loop = asyncio.get_running_loop()\nawait asyncio.sleep(0)\nloop is asyncio.get_event_loop()")
        == "True"
    )


async def test_main_is_as_in_a_program(python: Runner, tmp_path: Path) -> None:
    assert await python.show("__name__") == "'__main__'"
    assert await python.show("import sys; sys.argv") == "['']"
    assert await python.value("(__import__('os').getcwd(), sys.path[0])") == (str(tmp_path / "notebook"),) * 2
    assert await python.show("__file__ if '__file__' in globals() else 'none'") == "'none'"
    (tmp_path / "notebook" / "beside.py").write_text("answer = 42")
    assert await python.show("import beside; beside.answer") == "42"
    assert await python.value("[p for p in sys.path if 'worker' in p]") == []
    for name in ("session", "display", "names", "channel", "main"):  # the worker claims no bare names
        assert (await python.run(f"import {name}"))[1].errors[0].ename == "ModuleNotFoundError"


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
async def test_functions_and_classes_of_cells_work_in_other_processes(python: Runner, method: str) -> None:
    await python.show(
        "import dataclasses, multiprocessing, pickle\nscale = 10\n"
        '@dataclasses.dataclass\nclass P:\n    """Several\n    lines."""\n    x: int\n'
        "def work(p):\n    print('child prints', flush=True)\n    return P(p.x * scale)"
    )
    code = f"with multiprocessing.get_context('{method}').Pool(1) as pool: done = pool.map(work, [P(1), P(2)])\ndone"
    shown = await python.show(code)
    assert "[P(x=10), P(x=20)]" in shown
    assert "child prints" in shown
    assert await python.show("pickle.loads(pickle.dumps(P(3)))") == "P(x=3)"


async def test_sources_of_functions_and_classes(python: Runner) -> None:
    await python.show("import inspect\ndef f(x):\n    return x + 1\nclass A:\n    b = 1\n\n    def m(self): ...")
    assert await python.show("print(inspect.getsource(f), end='')") == "def f(x):\n    return x + 1\n"
    assert await python.show("print(inspect.getsource(A), end='')") == "class A:\n    b = 1\n\n    def m(self): ...\n"
    assert await python.show("print(inspect.getsource(A.m), end='')") == "    def m(self): ...\n"


async def test_children_do_not_inherit_the_channel(python: Runner) -> None:
    await python.show("import os, subprocess, sys")
    code = "import os; print(sorted(os.listdir('/proc/self/fd')))"
    run = f"subprocess.run([sys.executable, '-c', {code!r}], close_fds=False, capture_output=True, text=True)"
    opened = await python.show(f"print({run}.stdout)")
    assert opened.strip() in ("['0', '1', '2', '3']", "['0', '1', '2']")
    shown = await python.show(
        "if not os.fork(): display('in the child'); sys.stdout.flush(); os._exit(0)\nos.wait(); print('in the parent')"
    )
    assert "in the child" in shown and "in the parent" in shown


async def test_death_is_told(python: Runner) -> None:
    with pytest.raises(KernelDiedError) as caught:
        await python.run("import os, sys\nprint('last words', file=sys.stderr)\nos._exit(7)")
    assert "7" in str(caught.value) and "last words" in str(caught.value)
    await python.kernel.restart()
    assert await python.show("1 + 1") == "2"
    with pytest.raises(KernelDiedError):
        await python.run("import ctypes; ctypes.string_at(0)")


async def test_atexit_runs_at_shutdown(make: Make, tmp_path: Path) -> None:
    python = Runner(await make())
    await python.show(f"import atexit\natexit.register(lambda: open({str(tmp_path / 'left')!r}, 'w').close())")
    await python.kernel.shutdown()
    assert (tmp_path / "left").exists()


async def test_shutdown_stops_a_cell_and_lets_it_clean_up(make: Make, tmp_path: Path) -> None:
    kernel = await make()
    started, cleaned = tmp_path / "started", tmp_path / "cleaned"
    code = (
        f"import atexit, time\natexit.register(lambda: open({str(tmp_path / 'left')!r}, 'w').close())\n"
        f"try:\n    open({str(started)!r}, 'w').close()\n    time.sleep(600)\n"
        f"finally:\n    open({str(cleaned)!r}, 'w').close()"
    )
    running = asyncio.ensure_future(kernel.execute(ExecuteRequest(code=code), RecordingSink()))
    async with asyncio.timeout(20):
        while not started.exists():  # noqa: ASYNC110 - it is another process that makes it
            await asyncio.sleep(0.01)
    await kernel.shutdown()
    await asyncio.gather(running, return_exceptions=True)
    assert cleaned.exists() and (tmp_path / "left").exists()


def test_when_the_engine_is_gone_nothing_is_left(tmp_path: Path) -> None:
    """Without a host: the channel simply ends while a cell waits for a child."""
    reads, to_worker = os.pipe()
    from_worker, writes = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, str(MAIN), str(reads), str(writes), values.__file__],
        pass_fds=(reads, writes),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    )
    os.close(reads)
    os.close(writes)
    code = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '100'])\n"
        "try:\n    print(child.pid, flush=True)\n    child.wait()\nfinally:\n    open('cleaned', 'w').close()"
    )
    os.write(to_worker, b'{"type":"execute","id":"1","code":%s}\n' % _quoted(code))
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    os.close(to_worker)
    os.close(from_worker)
    worker.wait(timeout=20)
    assert (tmp_path / "cleaned").exists()
    end = time.monotonic() + 10
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(child)


def test_a_line_that_is_no_request_is_told_and_skipped(tmp_path: Path) -> None:
    reads, to_worker = os.pipe()
    from_worker, writes = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, str(MAIN), str(reads), str(writes), values.__file__], pass_fds=(reads, writes), cwd=tmp_path
    )
    os.close(reads)
    os.close(writes)
    os.write(to_worker, b'not json\n[1]\n{"id":"x"}\n\n{"type":"sing","id":"2"}\n{"type":"shutdown","id":"3"}\n')
    with os.fdopen(from_worker) as lines:
        messages = [line for line in lines if line.strip()]
    assert worker.wait(timeout=20) == 0
    os.close(to_worker)
    kinds = ["ready", "protocol_error", "protocol_error", "protocol_error", "reply", "reply"]
    assert [kind for kind, line in zip(kinds, messages, strict=True) if f'"type":"{kind}"' in line] == kinds
    assert "sing" in messages[4]


def _quoted(text: str) -> bytes:
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").encode() + b'"'


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"

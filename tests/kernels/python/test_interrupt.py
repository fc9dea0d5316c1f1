"""Interrupts: whatever the cell does, it ends as cancelled and the kernel keeps its state."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.kernels.python.conftest import Runner
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.sinks import RecordingSink

STARTED = "import time, asyncio, subprocess\nstate = 'kept'\nprint('started', flush=True)\n"

CASES = {
    "sleep": "time.sleep(60)",
    "loop": "while True: pass",
    "print": "while True: print('x')",
    "display": "while True: display('x')",
    "await": "await asyncio.sleep(60)",
    "busy coroutine": "async def busy():\n    while True: pass\nawait busy()",
    "asyncio.run": "asyncio.run(asyncio.sleep(60))",
    "gather": "await asyncio.gather(*(asyncio.sleep(60) for _ in range(100)))",
    "child": "subprocess.run(['sleep', '60'])",
    "shell": "import os\nwhile True: os.system('sleep 60'); time.sleep(0.01)",
    "numpy": "import numpy\na = numpy.random.rand(300, 300)\nwhile True: a @ a",
    "join": "import threading\nt = threading.Thread(target=lambda: time.sleep(1))\nt.start()\nwhile True: t.join()",
    "lock": "import threading\nlock = threading.Lock(); lock.acquire(); lock.acquire()",
    "recursion": "def down(n):\n    while n == 900: pass\n    down(n + 1)\ndown(0)",
    "comprehension": "[0 for _ in iter(int, 1)]",
    "repr": "class A:\n    def __repr__(self):\n        while True: pass\nA()",
    "del": "class A:\n    def __del__(self):\n        sum(range(1000))\nwhile True: A()",
}


async def interrupted(python: Runner, code: str, pause: float = 0.05) -> tuple[ExecuteReply, RecordingSink]:
    sink = RecordingSink([None])
    request = ExecuteRequest(code=STARTED + code, name="cell-1", allow_input=True)
    cell = asyncio.create_task(python.kernel.execute(request, sink))
    await sink.until(lambda sink: "started" in sink.text())
    await asyncio.sleep(pause)
    await python.kernel.interrupt()
    return await cell, sink


@pytest.mark.parametrize("case", CASES)
async def test_an_interrupt_stops_it_and_keeps_the_state(python: Runner, case: str) -> None:
    reply, sink = await interrupted(python, CASES[case])
    assert reply.status == "cancelled"
    assert sink.errors[-1].ename == "KeyboardInterrupt"
    assert await python.show("state") == "'kept'"


async def test_the_traceback_of_an_interrupt_names_the_line(python: Runner) -> None:
    _, sink = await interrupted(python, "def spin():\n    while True: pass\nspin()")
    lines = sink.errors[0].traceback
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1:4] == ('  File "<cell-1>", line 6, in <module>', "    spin()", '  File "<cell-1>", line 5, in spin')
    assert (lines[-1], sink.errors[0].line) == ("KeyboardInterrupt", 5)


async def test_code_that_catches_the_interrupt_goes_on(python: Runner) -> None:
    reply, sink = await interrupted(python, "try: time.sleep(60)\nexcept KeyboardInterrupt: print('caught')\n1 + 1")
    assert reply.status == "ok"
    assert "caught" in sink.text()
    assert sink.bundles == [{"text/plain": "2"}]


async def test_a_coroutine_cleans_up(python: Runner) -> None:
    code = "try:\n    await asyncio.sleep(60)\nfinally:\n    await asyncio.sleep(0.01)\n    print('cleaned')"
    reply, sink = await interrupted(python, code)
    assert reply.status == "cancelled"
    assert "cleaned" in sink.text()
    assert await python.show("await asyncio.sleep(0.01, 5)") == "5"


async def test_a_question_is_interrupted(python: Runner) -> None:
    waiting = asyncio.Event()

    async def never(_: object) -> str:
        waiting.set()
        await asyncio.sleep(60)
        return ""

    sink = RecordingSink([never])
    request = ExecuteRequest(code="x = input('name? ')", allow_input=True)
    cell = asyncio.create_task(python.kernel.execute(request, sink))
    await waiting.wait()
    await python.kernel.interrupt()
    assert (await cell).status == "cancelled"
    assert await python.show("1") == "1"


async def test_interrupts_at_any_moment_never_break_the_worker(python: Runner) -> None:
    """A cell of many small outputs, interrupted after every delay from nothing to what it takes."""
    await python.show("import sys\ntotal = 0")
    code = "for i in range(30):\n    print(i); display(i); print(i, file=sys.stderr)\ntotal += 1\ntotal"
    statuses = set()
    for turn in range(120):
        sink = RecordingSink()
        cell = asyncio.create_task(python.kernel.execute(ExecuteRequest(code=code, name="cell"), sink))
        await asyncio.sleep(turn * 0.0002)
        await python.kernel.interrupt()
        reply = await cell
        statuses.add(reply.status)
        lines = sink.text("stdout").split()
        assert lines == [str(i) for i in range(len(lines))]  # nothing twice, nothing missing in between
    assert statuses <= {"ok", "cancelled"}
    assert await python.value("total") >= 0


async def test_an_interrupt_between_cells_concerns_nobody(python: Runner) -> None:
    for _ in range(20):
        await python.kernel.interrupt()
        assert await python.show("1 + 1") == "2"


async def test_children_that_ignore_the_interrupt_are_killed(python: Runner) -> None:
    reply, _ = await interrupted(python, """subprocess.run(["sh", "-c", "trap '' INT; sleep 60; sleep 60"])""")
    assert reply.status == "cancelled"
    assert await python.show("state") == "'kept'"


async def test_a_handler_of_the_users_own_stays(python: Runner) -> None:
    await python.show("import signal, time\nseen = []\nsignal.signal(signal.SIGINT, lambda *a: seen.append(1));")
    sink = RecordingSink()
    code = "print('started', flush=True)\nwhile not seen: time.sleep(0.01)"
    cell = asyncio.create_task(python.kernel.execute(ExecuteRequest(code=code), sink))
    await sink.until(lambda sink: "started" in sink.text())
    await python.kernel.interrupt()
    assert (await cell).status == "ok"
    assert await python.value("seen") == [1]


async def test_a_signal_for_a_cell_that_had_ended_does_not_reach_the_next(python: Runner) -> None:
    worker = await python.value("__import__('os').getpid()")
    for number in range(30):
        os.kill(worker, signal.SIGINT)
        assert await python.show(f"print({number})") == f"{number}\n"


async def test_an_interrupt_that_comes_before_its_cell_began_is_not_lost(python: Runner) -> None:
    for number in range(40):
        running = asyncio.ensure_future(python.run("while True: pass"))
        await asyncio.sleep(number * 0.0003)
        await python.kernel.interrupt()
        async with asyncio.timeout(5):
            reply, _ = await running
        assert reply.status == "cancelled"

"""What the cell, its C code and its children print, and what it displays: one order, as the program had it."""

from __future__ import annotations

import asyncio

from tests.kernels.python.conftest import Runner
from verso.api.messages import ExecuteRequest
from verso.api.outputs import DisplayData, Stream
from verso.testing.sinks import RecordingSink


async def test_two_streams_and_displays_keep_their_order(python: Runner) -> None:
    code = """
import sys
for i in range(300):
    print("out", i)
    print("err", i, file=sys.stderr)
    display({"text/plain": f"shown {i}"}, raw=True)
"""
    _, sink = await python.run(code)
    seen = [out.text if isinstance(out, Stream) else out.data["text/plain"] + "\n" for out in sink.outputs]  # type: ignore[union-attr]
    assert "".join(seen) == "".join(f"out {i}\nerr {i}\nshown {i}\n" for i in range(300))
    assert [type(out) for out in sink.outputs].count(DisplayData) == 300


async def test_incomplete_lines_keep_their_order(python: Runner) -> None:
    _, sink = await python.run(
        "import sys\nfor i in range(100):\n"
        "    print(i, end=' ')\n    sys.stderr.write(f'e{i} ')\n    print('x', end=' ')"
    )
    assert "".join(out.text for out in sink.outputs if isinstance(out, Stream)) == "".join(
        f"{i} e{i} x " for i in range(100)
    )


async def test_children_and_c_code_print_in_order(python: Runner) -> None:
    code = """
import os, subprocess, ctypes
print("one", end=" ")
os.system("echo two")
print("three", end=" ")
subprocess.run(["echo", "four"])
print("five")
os.write(1, b"six\\n")
libc = ctypes.CDLL(None)
libc.printf(b"seven\\n")
libc.fflush(None)
pid = os.fork()
if pid == 0:
    print("eight", flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print("nine")
"""
    assert (await python.show(code)).split() == ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


async def test_what_c_code_buffers_comes_at_the_end_of_the_cell(python: Runner) -> None:
    assert "from c" in await python.show("import ctypes\nctypes.CDLL(None).printf(b'from c')")
    assert await python.show("print('next')") == "next\n"


async def test_an_incomplete_line_is_shown_while_the_cell_runs(python: Runner) -> None:
    sink = RecordingSink()
    cell = asyncio.create_task(
        python.kernel.execute(ExecuteRequest(code="import time\nprint('...', end='')\ntime.sleep(30)"), sink)
    )
    await sink.until(lambda sink: sink.text() == "...")
    assert not cell.done()
    await python.kernel.interrupt()
    assert (await cell).status == "cancelled"


async def test_a_flood_of_lines_is_complete(python: Runner) -> None:
    _, sink = await python.run("for i in range(100_000): print('line', i)")
    assert sink.text("stdout") == "".join(f"line {i}\n" for i in range(100_000))


async def test_threads_that_print_to_both_streams_do_not_stop_each_other(python: Runner) -> None:
    code = """
import sys, threading
def talk(stream, word):
    for i in range(2000):
        print(word, file=stream)
threads = [threading.Thread(target=talk, args=a) for a in ((sys.stdout, "a"), (sys.stderr, "b"), (sys.stdout, "c"))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    _, sink = await python.run(code)
    assert sorted(sink.text("stdout").split()) == ["a"] * 2000 + ["c"] * 2000
    assert sink.text("stderr").split() == ["b"] * 2000


async def test_text_that_is_no_unicode_and_other_oddities(python: Runner) -> None:
    assert await python.show(r"print('half \ud800 a pair')") == "half \\ud800 a pair\n"
    assert "\N{REPLACEMENT CHARACTER}" in await python.show(r"import os; x = os.write(1, b'\xff\xfe')")
    _, sink = await python.run(r"import sys; sys.stdout.buffer.write('é\n'.encode()); print('ü')")
    assert sink.text("stdout") == "é\nü\n"
    assert await python.show("sys.stdout.close()") == ""
    assert await python.show("print('again')") == "again\n"
    assert (
        await python.show("import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as s: print(1)") == ""
    )
    assert await python.show("s.getvalue()") == "'1\\n'"


async def test_a_big_display_arrives_whole(python: Runner) -> None:
    _, sink = await python.run(r"display('é\"\\\n😀' * 500_000, mime='text/html')")
    assert sink.bundles[0]["text/html"] == 'é"\\\n😀' * 500_000
    assert len(sink.bundles[0]["text/plain"]) < 3000


async def test_a_child_that_never_stops_printing_does_not_hold_the_cell_up(python: Runner) -> None:
    code = "import subprocess\nchild = subprocess.Popen(['yes'])\nfor i in range(5): display(i)\nchild.kill()"
    _, sink = await python.run(code)
    assert [bundle["text/plain"] for bundle in sink.bundles] == ["0", "1", "2", "3", "4"]

"""Notebooks of many languages through nbclient, as `jupyter execute` and nbconvert run them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import pytest_asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytestmark = pytest.mark.usefixtures("jupyter_finds_verso")


async def execute(folder: Path, *sources: str, **options: Any) -> list[Any]:
    """The executed code cells, after the notebook was written and read again."""
    notebook = new_notebook(cells=[new_markdown_cell("# A notebook"), *map(new_code_cell, sources)])
    client = NotebookClient(notebook, kernel_name="verso", resources={"metadata": {"path": str(folder)}}, **options)
    await client.async_execute()
    nbformat.validate(notebook)
    again = nbformat.reads(nbformat.writes(notebook), as_version=4)
    return [cell for cell in again.cells if cell.cell_type == "code"]


def text(cell: Any) -> str:
    return "".join(output.get("text") or str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs)


async def test_many_languages_share_variables(tmp_path: Path):
    cells = await execute(
        tmp_path,
        "import pandas\nframe = pandas.DataFrame({'name': ['a', 'b'], 'size': [1, 41]})",
        "#!sql\nselect sum(size)::int as total from frame",
        "#!python\ntotal = 42",
        "#!javascript\nconsole.log(total + 1)",
        "#!markdown\nThe answer is **@total**.",
        "#!python\nimport os; os.getcwd()\n#!html\n<b>@total</b>",
    )
    assert "42" in text(cells[1])
    assert text(cells[3]) == "43\n"
    assert "<strong>42</strong>" in cells[4].outputs[0].data["text/html"]
    assert str(tmp_path) in text(cells[5]) and "42" in text(cells[5])
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6]
    assert cells[1].outputs[0].data.keys() >= {"text/html", "text/plain"}


async def test_a_failure_stops_and_points_into_the_cell(tmp_path: Path):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError") as caught:
        await execute(tmp_path, "x = 1", "y = x / 0")
    assert "y = x / 0" in str(caught.value)


async def test_a_missing_kernel_is_an_error_with_what_to_do(tmp_path: Path):
    cells = await execute(tmp_path, "#!jupyter:nope\n1", "print('on')", allow_errors=True)
    (error,) = cells[0].outputs
    assert error.ename == "MissingComponentError" and "no Jupyter kernelspec 'nope'" in error.evalue
    assert text(cells[1]) == "on\n"


async def test_displays_are_updated_in_earlier_cells(tmp_path: Path):
    cells = await execute(
        tmp_path,
        "from IPython.display import display\nshown = display('first', display_id='d')",
        "shown.update('second')",
    )
    assert text(cells[0]) == "'second'"


class Front:
    """A front end that keeps what it hears."""

    def __init__(self, client: AsyncKernelClient) -> None:
        self.client = client
        self.messages: list[Any] = []

    async def run(self, code: str, **options: Any) -> dict[str, Any]:
        self.messages.clear()
        reply = await self.client.execute_interactive(code, output_hook=self.messages.append, timeout=60, **options)
        content: dict[str, Any] = reply["content"]
        return content

    async def until(self, words: str) -> None:
        async with asyncio.timeout(30):
            while words not in str(self.messages):  # noqa: ASYNC110 (the hook of jupyter_client is no event)
                await asyncio.sleep(0.02)

    async def reply_to(self, message_id: str) -> str:
        """The status of the reply; the client may hold late replies to others (its first questions)."""
        while (reply := await self.client.get_shell_msg(timeout=30))["parent_header"]["msg_id"] != message_id:
            pass
        status: str = reply["content"]["status"]
        return status

    def printed(self) -> str:
        return "".join(each["content"]["text"] for each in self.messages if each["msg_type"] == "stream")


@pytest_asyncio.fixture
async def manager(jupyter_finds_verso: None) -> AsyncIterator[AsyncKernelManager]:
    manager = AsyncKernelManager(kernel_name="verso")
    await manager.start_kernel()
    yield manager
    await manager.shutdown_kernel(now=True)


@pytest_asyncio.fixture
async def front(manager: AsyncKernelManager) -> AsyncIterator[Front]:
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    yield Front(client)
    client.stop_channels()


async def test_user_expressions_have_their_values(front: Front):
    asked = {"sum": "z + 1", "wrong": "1 / 0", "none": "z = 2", "sql": "#!sql\nselect 7 as seven"}
    reply = await front.run("z = 41", user_expressions=asked)
    values = reply["user_expressions"]
    assert values["sum"] == {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}}
    assert values["wrong"]["ename"] == "ZeroDivisionError" and values["none"]["ename"] == "NoValue"
    assert "7" in values["sql"]["data"]["text/plain"]
    assert front.printed() == "" and not [each for each in front.messages if each["msg_type"] == "error"]
    failed = await front.run("1 / 0", user_expressions=asked)
    assert failed["status"] == "error" and "user_expressions" not in failed


async def test_what_a_front_end_runs_for_itself_is_no_cell(front: Front):
    await front.run("x = 1")
    for _ in range(3):
        await front.run("x", silent=True, user_expressions={"x": "x"})
        await front.run("x", store_history=False)
    reply = await front.run("1 / 0")
    assert reply["execution_count"] == 2 and 'File "<cell-2' in "".join(reply["traceback"])


async def test_questions_are_asked_at_the_front_end(front: Front):
    asked: list[Any] = []

    def answer(message: Any) -> None:
        asked.append(message["content"])
        front.client.input("hunter2" if message["content"]["password"] else "Žofie")

    code = "import getpass\nprint(input('name? '), len(p := getpass.getpass('password: ')), p)"
    reply = await front.run(code, stdin_hook=answer)
    assert reply["status"] == "ok" and front.printed() == "Žofie 7 ***\n"
    assert asked == [{"prompt": "name? ", "password": False}, {"prompt": "password: ", "password": True}]
    reply = await front.run("input('name? ')", allow_stdin=False)
    assert reply["status"] == "error"


async def test_an_interrupt_stops_the_cell_and_what_waits_behind_it(front: Front, manager: AsyncKernelManager):
    await front.run("kept = 1")
    running = asyncio.create_task(front.run("print('started', flush=True)\nwhile True: pass"))
    await front.until("started")
    behind = front.client.execute("kept = 2")
    await manager.interrupt_kernel()
    assert (await running)["status"] == "error"
    assert await front.reply_to(behind) == "aborted"
    await front.run("print(kept)")
    assert front.printed() == "1\n"


async def test_a_question_can_be_interrupted(front: Front, manager: AsyncKernelManager):
    asked = asyncio.Event()
    running = asyncio.create_task(front.run("input('name? ')", stdin_hook=lambda message: asked.set()))
    await asked.wait()
    await manager.interrupt_kernel()
    assert (await running)["status"] == "error"
    await front.run("print('on')")
    assert front.printed() == "on\n"


async def test_what_is_sent_after_a_failure_runs(front: Front):
    """Sent at the moment in which the failure is known, not in the one before."""
    for number in range(50):
        assert await front.reply_to(front.client.execute("1 / 0")) == "error"
        assert await front.reply_to(front.client.execute(f"sent = {number}")) == "ok"


async def test_late_output_belongs_to_its_cell(front: Front):
    first = front.client.execute("import threading, time\nthreading.Timer(0.5, print, ['late']).start()")
    async with asyncio.timeout(30):
        while True:
            message = await front.client.get_iopub_msg()
            if message["msg_type"] == "stream":
                break
    assert message["content"]["text"].strip() == "late"
    assert message["parent_header"]["msg_id"] == first


async def test_silent_code_says_nothing_and_is_not_counted(front: Front):
    assert (await front.run("1", silent=True))["execution_count"] == 0
    assert {each["msg_type"] for each in front.messages} == {"status"}
    assert (await front.run("1"))["execution_count"] == 1


async def test_shutdown_ends_the_kernels_too(front: Front, manager: AsyncKernelManager):
    await front.run("import os; print(os.getpid())")
    pid = int(front.printed())
    await manager.shutdown_kernel()
    async with asyncio.timeout(10):
        while _runs(pid):  # noqa: ASYNC110 (another program's end is no event of ours)
            await asyncio.sleep(0.02)


async def test_it_ends_when_its_front_end_is_gone():
    starts = (
        "import os\nfrom jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel(kernel_name='verso')\n"
        "print(manager.provisioner.pid, flush=True)\nos._exit(0)"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", starts, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    await parent.wait()
    async with asyncio.timeout(20):
        while _runs(pid):  # noqa: ASYNC110 (another program's end is no event of ours)
            await asyncio.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""Programs with a prompt as kernels: two of the table, and any by `#!connect repl`."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from verso_shell.connector import connect
from verso_shell.repls import Repl

from tests.kernels.shell.conftest import Start, out, run
from verso.api.errors import KernelDiedError, KernelStartError, MagicError
from verso.api.kernel import Kernel
from verso.api.magics import MagicCall
from verso.api.messages import ExecuteRequest
from verso.api.notebook import Cell, Notebook
from verso.engine.session import open_session
from verso.testing.sinks import RecordingSink


@pytest.fixture
async def sqlite(start: Start) -> Kernel:
    return await start("sqlite3")


@pytest.fixture
async def lua(start: Start) -> Kernel:
    return await start("lua")


async def interrupted(kernel: Kernel, code: str, after: str, pause: float = 0.2) -> str:
    sink = RecordingSink()
    task = asyncio.create_task(kernel.execute(ExecuteRequest(code=code, name="cell-1"), sink))
    await sink.until(lambda sink: after in sink.text())
    await asyncio.sleep(pause)
    await kernel.interrupt()
    async with asyncio.timeout(30):
        return (await task).status


async def test_sqlite_runs_and_keeps_its_database(sqlite: Kernel) -> None:
    assert await out(sqlite, "create table t(a, b);\ninsert into t values (1, 'x'),\n  (2, 'y');") == ""
    assert await out(sqlite, "select *\nfrom t;") == "1|x\n2|y\n"


async def test_sqlite_tells_the_line_of_an_error_and_goes_on(sqlite: Kernel) -> None:
    reply, sink = await run(sqlite, "select 1;\nselect nope;\nselect 2;")
    assert reply.status == "error" and sink.text() == "1\n"
    assert sink.errors[-1].line == 2 and "no such column" in sink.errors[-1].evalue
    assert await out(sqlite, "select 3;") == "3\n"


async def test_sqlite_is_interrupted_and_keeps_its_state(sqlite: Kernel) -> None:
    await out(sqlite, "create table t as select 1 as a;")
    endless = (
        "select 'started';\nwith recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c;"
    )
    assert await interrupted(sqlite, endless, "started") == "cancelled"
    assert await out(sqlite, "select * from t;") == "1\n"


async def test_lua_statement_by_statement(lua: Kernel) -> None:
    assert await out(lua, "function f(n)\n\n  return n * 2\nend\nx = f(21)") == ""
    assert await out(lua, "x\nprint('a\tb')") == "42\na\tb\n"


async def test_lua_errors_and_unfinished_statements(lua: Kernel) -> None:
    reply, sink = await run(lua, "print('before')\nerror('bad')\nprint('never')")
    assert reply.status == "error" and sink.text() == "before\n"
    assert (sink.errors[-1].evalue, sink.errors[-1].line) == ("bad", 2)
    for unfinished in ("for i = 1,", "s = [[never closed"):
        reply, sink = await run(lua, unfinished)
        assert reply.status == "error" and sink.errors[-1].ename == "Incomplete"
    assert await out(lua, "print('fine')") == "fine\n"


async def test_lua_asks(lua: Kernel) -> None:
    text = await out(lua, "do io.write('name? '); local n = io.read(); print('hello', n) end", "žofie")
    assert text.endswith("hello\tžofie\n")


async def test_lua_is_interrupted_and_keeps_its_state(lua: Kernel) -> None:
    await out(lua, "x = 42")
    for pause in (0.0, 0.2):  # between the two lines, and within the second
        assert await interrupted(lua, "print('started')\nwhile true do end", "started", pause) == "cancelled"
    assert await out(lua, "print(x)") == "42\n"


async def test_long_lines_many_lines_and_what_looks_like_a_prompt(lua: Kernel) -> None:
    assert await out(lua, f"s = '{'x' * 9_000}'\nprint(#s)") == "9000\n"
    text = await out(lua, "for i = 0, 99999 do print('line ' .. i) end")
    assert text == "".join(f"line {i}\n" for i in range(100_000))
    assert await out(lua, "print('> ')\nprint('sqlite> ')") == "> \nsqlite> \n"


async def test_a_program_that_ends_is_started_anew(lua: Kernel) -> None:
    await out(lua, "x = 1")
    reply, sink = await run(lua, "os.exit(2)")
    assert reply.status == "error" and "exit status 2" in sink.errors[-1].evalue
    assert await out(lua, "print(x)") == "nil\n"
    with pytest.raises(KernelDiedError, match="SIGKILL"):
        await run(lua, "os.execute('kill -9 $PPID')")


PYTHON = Repl(
    name="py",
    title="Python by its prompt",
    command=("python3", "-q", "-i"),
    prompt=r">>> ",
    continuation=r"\.\.\. ",
    finish="\n",
    error=r"^(?P<name>\w*(?:Error|Interrupt|Exception))(?:: (?P<message>.*))?$",
    quit="exit()",
)


async def test_an_entry_of_ten_lines_is_a_kernel(start: Start) -> None:
    kernel = await start(PYTHON.kernelspec())
    assert await out(kernel, "def f(n):\n    return n * 2\n\nf(21)") == "42\n"
    assert await out(kernel, "for i in range(2):\n    print(i)") == "0\n1\n"
    reply, sink = await run(kernel, "1/0")
    assert reply.status == "error" and sink.errors[-1].ename == "ZeroDivisionError"
    assert await interrupted(kernel, "print('started')\nwhile True: pass", "started") == "cancelled"
    assert await out(kernel, "f(1)") == "2\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("cat",), "within its time limit"),
        (("sh", "-c", "echo hello; sleep 100"), "it printed: 'hello'"),
        (("sh", "-c", "echo bye; exit 4"), "exit status 4"),
        (("no_such_program_here",), "was not found"),
    ],
)
async def test_a_program_that_never_prompts_says_which_and_what_next(
    start: Start, command: tuple[str, ...], words: str
) -> None:
    silent = Repl(name="silent", title="Silent", command=command, prompt="never> ", start_timeout=0.5)
    with pytest.raises(KernelStartError, match=words) as caught:
        await start(silent.kernelspec())
    assert command[0] in str(caught.value) and caught.value.next_step


async def test_connect_repl_in_a_notebook(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed here")
    line = (
        '#!connect repl --kernel-name db --command "sqlite3 -interactive" --prompt "sqlite> " --load \'.read "{file}"\''
    )
    notebook = Notebook(
        cells=(
            Cell(language="python", source=line),
            Cell(language="db", source="select 6 * 7;"),
            Cell(
                language="python",
                source='#!connect repl --kernel-name mute --command "cat" --prompt "x> " --start-timeout 0.3',
            ),
            Cell(language="mute", source="hello"),
            Cell(language="python", source="print('goes on')"),
        )
    )
    async with open_session(notebook, directory=tmp_path) as session:
        result = await session.run()
    texts = [
        "".join(getattr(out, "text", getattr(out, "evalue", "")) for out in done.cell.outputs) for done in result.cells
    ]
    assert [done.status for done in result.cells] == ["ok", "ok", "ok", "error", "ok"], texts
    assert texts[1] == "42\n" and texts[4] == "goes on\n"
    assert "cat (mute) showed no prompt like 'x> '" in texts[3] and "--start-timeout" in texts[3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"prompt": "("}, "no regular expression"),
        ({"command": "a 'b"}, "--command can't be read"),
        ({"command": ""}, "empty"),
        ({"load": "read it"}, "{file}"),
        ({"start_timeout": "soon"}, "takes seconds"),
    ],
)
async def test_wrong_arguments_are_told(arguments: dict[str, str], words: str) -> None:
    given = {"kernel_name": "x", "command": "cat", "prompt": "> ", **arguments}
    with pytest.raises(MagicError, match=words):
        await connect(MagicCall(name="repl", arguments=given, line=3))

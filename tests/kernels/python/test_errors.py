"""A user's exceptions: a traceback that points into the cell and has nothing of the worker."""

from __future__ import annotations

import pytest

from tests.kernels.python.conftest import Runner
from verso.api.outputs import Error


async def fails(python: Runner, code: str) -> Error:
    reply, sink = await python.run(code)
    assert reply.status == "error", sink.shown
    assert "verso" not in "\n".join(sink.errors[-1].traceback)
    return sink.errors[-1]


async def test_a_traceback_has_the_cells_lines(python: Runner) -> None:
    error = await fails(python, "def f(a):\n    return 1 / a\n\nf(0)")
    assert (error.ename, error.evalue, error.line, error.column, error.fatal) == (
        "ZeroDivisionError",
        "division by zero",
        2,
        12,
        True,
    )
    assert error.traceback[:5] == (
        "Traceback (most recent call last):",
        '  File "<cell-1>", line 4, in <module>',
        "    f(0)",
        '  File "<cell-1>", line 2, in f',
        "    return 1 / a",
    )


async def test_the_line_is_the_one_of_the_cell_that_runs(python: Runner) -> None:
    await python.show("def g():\n\n    raise KeyError('deep')")
    error = await fails(python, "x = 1\n\ng()")
    assert (error.line, error.column) == (3, 1)
    assert '  File "<cell-1>", line 3, in g' in error.traceback


async def test_functions_of_an_older_text_of_a_cell_show_their_own_lines(python: Runner) -> None:
    await python.run("def old():\n    raise ValueError('old')", name="cell-7")
    _, sink = await python.run("# changed\n# twice\nold()", name="cell-7")
    text = "\n".join(sink.errors[0].traceback)
    assert "raise ValueError('old')" in text
    assert sink.errors[0].line == 3


async def test_syntax_errors(python: Runner) -> None:
    error = await fails(python, "x = 1\ny = = 2")
    assert (error.ename, error.evalue, error.line, error.column) == ("SyntaxError", "invalid syntax", 2, 5)
    assert error.traceback[0] == '  File "<cell-1>", line 2'
    assert (await fails(python, "if True:\nx")).ename == "IndentationError"
    misplaced = await fails(python, "return 5")
    assert misplaced.traceback == ('  File "<cell-3>", line 1', "SyntaxError: 'return' outside function")
    assert misplaced.line == 1
    assert "null bytes" in (await fails(python, "x = 1\0")).evalue
    assert (await fails(python, "exec('a b')")).traceback[1] == '  File "<cell-5>", line 1, in <module>'
    assert await python.show("'still there'") == "'still there'"


async def test_chains_groups_and_notes(python: Runner) -> None:
    error = await fails(python, "try:\n    1/0\nexcept Exception as e:\n    raise ValueError('é') from e")
    text = "\n".join(error.traceback)
    assert "direct cause" in text and "ZeroDivisionError" in text and error.line == 4
    code = "e = ExceptionGroup('many', [ValueError(1), TypeError(2)])\ne.add_note('a note')\nraise e"
    text = "\n".join((await fails(python, code)).traceback)
    assert "a note" in text and "TypeError: 2" in text


async def test_errors_that_are_hard_to_tell(python: Runner) -> None:
    code = "class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd"
    assert "raised RuntimeError" in (await fails(python, code)).evalue
    error = await fails(python, "def down(): down()\ndown()")
    assert error.ename == "RecursionError" and len(error.traceback) < 60
    assert (await fails(python, "raise BaseException('base')")).ename == "BaseException"
    assert (await fails(python, "raise GeneratorExit")).ename == "GeneratorExit"
    reply, sink = await python.run("raise KeyboardInterrupt")
    assert (reply.status, sink.errors[0].ename) == ("cancelled", "KeyboardInterrupt")
    error = await fails(python, "import asyncio\nasync def f():\n    raise ValueError('in a task')\nawait f()")
    assert error.traceback[1] == '  File "<cell-6>", line 4, in <module>' and error.line == 3


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [
        ("import sys; sys.exit()", "ok", 0),
        ("exit(0)", "ok", 0),
        ("raise SystemExit(3)", "error", 3),
        ("raise SystemExit('because')", "error", 1),
        ("quit(2)", "error", 2),
    ],
)
async def test_exit_ends_the_cell_and_not_the_kernel(python: Runner, code: str, status: str, exit_code: int) -> None:
    await python.show("kept = 1")
    reply, sink = await python.run(f"{code}\nprint('not reached')")
    assert (reply.status, reply.detail) == (status, {"exit_code": exit_code})
    assert [error.detail for error in sink.errors] == ([{"exit_code": exit_code}] if exit_code else [])
    assert sink.text() == ""
    assert await python.show("kept") == "1"


async def test_a_warning_is_shown_once_with_its_line(python: Runner) -> None:
    code = "import warnings\nfor _ in range(3):\n    warnings.warn('careful')"
    for _ in range(2):
        _, sink = await python.run(code, name="cell-9")
        assert sink.text("stderr") == "<cell-9>:3: UserWarning: careful\n  warnings.warn('careful')\n"


async def test_threads_and_dropped_exceptions_are_told_on_stderr(python: Runner) -> None:
    shown = await python.show("import threading\nt = threading.Thread(target=lambda: 1/0); t.start(); t.join()")
    assert "ZeroDivisionError" in shown and '"<cell-1>", line 2' in shown
    assert "ValueError" in await python.show("class A:\n    def __del__(self): raise ValueError\na = A(); del a")


async def test_post_mortem(python: Runner) -> None:
    await fails(python, "def f():\n    local = 42\n    1/0\nf()")
    shown = await python.show("import pdb\npdb.pm()", "p local", "q")
    assert "42" in shown

"""Questions: `input`, `getpass`, and a debugger on them."""

from __future__ import annotations

from tests.kernels.python.conftest import Runner


async def test_input_asks(python: Runner) -> None:
    _, sink = await python.run("print('before')\nname = input('name? ')\nage = input()\n(name, age)", "Ada", "36")
    assert [(question.prompt, question.kind) for question in sink.questions] == [("name? ", "line"), ("", "line")]
    assert sink.bundles == [{"text/plain": "('Ada', '36')"}]


async def test_getpass_asks_for_a_secret(python: Runner) -> None:
    _, sink = await python.run("from getpass import getpass\nlen(getpass('key: '))", "hush")
    assert [(question.prompt, question.kind) for question in sink.questions] == [("key: ", "secret")]
    assert "hush" not in sink.shown
    _, sink = await python.run("import getpass as g\ng.getpass()", "x")
    assert sink.questions[0].prompt == "Password: "


async def test_input_that_ended_or_is_not_there_is_an_eof_error(python: Runner) -> None:
    reply, sink = await python.run("input('x')", None)
    assert (reply.status, sink.errors[0].ename, sink.errors[0].evalue) == ("error", "EOFError", "input ended")
    reply, sink = await python.run("input('your name: ')")
    assert sink.errors[0].ename == "EOFError"
    assert "your name: " in sink.errors[0].evalue
    assert await python.show("import sys\nsys.stdin.read()") == "''"


async def test_a_breakpoint_can_be_used(python: Runner) -> None:
    shown = await python.show("def f():\n    x = 41\n    breakpoint()\n    return x\nf()", "p x + 1", "x = 7", "c")
    assert "42" in shown
    assert "return x" in shown

"""Completion, inspection and diagnostics, with jedi and without."""

from __future__ import annotations

import pytest

from tests.kernels.python.conftest import Make, Runner
from verso.api.messages import CompleteRequest, DiagnoseRequest, InspectRequest


async def complete(python: Runner, code: str) -> tuple[list[str], str]:
    """What completing at the `|` offers, and the code with the first of it."""
    position = code.index("|")
    code = code.replace("|", "")
    reply = await python.kernel.complete(CompleteRequest(code=code, position=position))
    texts = [completion.text for completion in reply.completions]
    return texts, code[: reply.start] + (texts or [""])[0] + code[reply.end :]


async def inspect(python: Runner, code: str) -> str:
    position = code.index("|")
    request = InspectRequest(code=code.replace("|", ""), position=position)
    reply = await python.kernel.inspect(request)
    return str(reply.data["text/plain"]) if reply.found else ""


@pytest.fixture(params=["jedi", "bare"])
async def either(request: pytest.FixtureRequest, make: Make, bare_python: str) -> Runner:
    """A kernel whose interpreter has jedi, and one whose has nothing."""
    if request.param == "jedi":
        pytest.importorskip("jedi")
        return Runner(await make())
    return Runner(await make(options={"program": bare_python}))


async def test_completions_from_live_values(either: Runner) -> None:
    await either.show(
        "import os\nclass Thing:\n    def method(self): pass\n    field = 1\nthing = Thing(); thing.extra = 2"
    )
    assert {"method", "field", "extra"} <= set((await complete(either, "thing.|"))[0])
    assert (await complete(either, "x = thing.me|"))[1] == "x = thing.method"
    assert (await complete(either, "os.path.joi|"))[1] == "os.path.join"
    assert "thing" in (await complete(either, "ü = 1; thi|"))[0]
    assert (await complete(either, "retu|"))[0] == ["return"]
    assert "enumerate" in (await complete(either, "for x in enum|"))[0]
    assert (await complete(either, "nothing_of_that.|"))[0] == []
    _, whole = await complete(either, "len(thing.ext| + 1)")
    assert whole == "len(thing.extra + 1)"


async def test_completions_as_they_are_written_and_none_in_comments(either: Runner) -> None:
    assert (await complete(either, "KeyErr|"))[0] == ["KeyError"]
    for code in ("# a comm|", "x = 1  # pri|", "f(1,  # pri|", "'''\n'''  # pri|"):
        assert (await complete(either, code))[0] == []
    assert "print" in (await complete(either, "x = '#'; pri|"))[0]


async def test_completions_without_regard_to_case_have_the_right_case(python: Runner) -> None:
    pytest.importorskip("jedi")
    assert (await complete(python, "x = importerr|"))[1] == "x = ImportError"


async def test_completions_of_magics(python: Runner, make: Make, bare_python: str) -> None:
    pytest.importorskip("IPython")
    assert {"time", "timeit"} <= set((await complete(python, "x = 1\n%ti|"))[0])
    assert (await complete(python, "%%writ|"))[1] == "%%writefile"
    bare = Runner(await make(options={"program": bare_python}))
    assert (await complete(bare, "%ti|"))[0] == []


async def test_completion_runs_no_property(either: Runner) -> None:
    await either.show(
        "class T:\n    ran = 0\n    @property\n    def p(self):\n        T.ran += 1\n        return 'text'\nt = T()"
    )
    assert "p" in (await complete(either, "t.|"))[0]
    await complete(either, "t.p.|")
    assert await either.value("T.ran") == 0


async def test_completions_of_code_that_has_not_run(python: Runner) -> None:
    pytest.importorskip("jedi")
    assert "append" in (await complete(python, "new = [1]\nnew.|"))[0]
    await python.show("table = {'first': 1, 'second': 2}")
    assert any("first" in text for text in (await complete(python, "table['fi|"))[0])


async def test_inspection(either: Runner) -> None:
    await either.show('def area(w: int, h: int = 2) -> int:\n    """The area."""\n    return w * h\nnumber = 42')
    for code in ("are|a", "area|", "|area(1)", "area(1, |)", "print(area(|"):
        text = await inspect(either, code)
        assert "area(w: int, h: int = 2) -> int" in text and "The area." in text
    assert "42" in await inspect(either, "numb|er + 1")
    assert "int" in await inspect(either, "number|")
    assert "Return the number of items" in await inspect(either, "len|(x)")
    assert await inspect(either, "nothing_of_that|") == ""
    assert await inspect(either, "|") == ""
    assert await inspect(either, "1 + |") == ""


async def test_diagnostics(either: Runner) -> None:
    async def diagnose(code: str) -> list[tuple[str, int, int, str]]:
        reply = await either.kernel.diagnose(DiagnoseRequest(code=code))
        return [(each.severity, each.line, each.column, each.code) for each in reply.diagnostics]

    assert await diagnose("x = 1\nawait f(x)\ndef f(x): return x") == []
    assert await diagnose("x = 1\ny = = 2") == [("error", 2, 5, "SyntaxError")]
    assert await diagnose("return 1") == [("error", 1, 1, "SyntaxError")]
    assert await diagnose("%matplotlib inline\nx = 1") == []
    assert await diagnose("x = 1 is 1") == [("warning", 1, 1, "SyntaxWarning")]
    assert [severity for severity, *_ in await diagnose("x = '\\d'")] == ["warning"]
    assert await diagnose("ü = undefined_name + len(known)") == [
        ("information", 1, 5, "undefined-name"),
        ("information", 1, 26, "undefined-name"),
    ]
    await either.show("known = 1")
    assert await diagnose("known + [y for y in (1,)][0]\nfor z in []: print(z)\nlambda q: q") == []


@pytest.mark.parametrize(
    ("code", "incomplete"),
    [
        ("x = (1,", True),
        ("def f():", True),
        ("if x:\n    for y in z:", True),
        ("'''text", True),
        ("x = 1", False),
        ("def f():\n    return 1", False),
        ("y = = 2", False),
        ("", False),
    ],
)
async def test_incomplete_code(python: Runner, code: str, incomplete: bool) -> None:
    assert (await python.kernel.diagnose(DiagnoseRequest(code=code))).incomplete is incomplete


async def test_without_ipython_its_syntax_names_the_command_that_installs_it(make: Make, bare_python: str) -> None:
    python = Runner(await make(options={"program": bare_python}))
    for code in ("%time 1", "!ls", "len?", "x = !ls", "%%bash\nls"):
        reply, sink = await python.run(code)
        assert (reply.status, sink.errors[0].ename) == ("error", "MagicsUnavailableError")
        assert sink.errors[0].traceback[0].startswith("MagicsUnavailableError: ")
        assert f"{bare_python} -m pip install ipython" in sink.errors[0].evalue
    assert await python.show("%matplotlib inline\n1") == "1"
    assert (await python.run("x = = 1"))[1].errors[0].ename == "SyntaxError"

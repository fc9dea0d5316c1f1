"""Displays: bundles, updates, formatters that fail, and the libraries that users bring."""

from __future__ import annotations

import base64

import pytest

from tests.kernels.python.conftest import Runner
from verso.api.messages import ClearOutput, UpdateDisplayData
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream


async def test_every_view_of_an_object_is_in_its_bundle(python: Runner) -> None:
    code = """
class A:
    def _repr_html_(self): return "<b>a</b>"
    def _repr_markdown_(self): return "**a**", {"size": 1}
    def _repr_png_(self): return b"\\x89PNG"
    def _repr_svg_(self): return None
    def _repr_json_(self): return {"a": [1, None]}
    def _repr_latex_(self): raise NotImplementedError
    def __repr__(self): return "A"
A()
"""
    _, sink = await python.run(code)
    (result,) = sink.outputs
    assert isinstance(result, ExecuteResult)
    assert result.data == {
        "text/html": "<b>a</b>",
        "text/markdown": "**a**",
        "image/png": base64.b64encode(b"\x89PNG").decode(),
        "application/json": {"a": [1, None]},
        "text/plain": "A",
    }
    assert result.metadata == {"text/markdown": {"size": 1}}


async def test_mimebundle_and_self_display(python: Runner) -> None:
    code = """
class B:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "bee", "application/x.b+json": {"b": 1}}, {"application/x.b+json": {"m": 2}}
    def _repr_html_(self): return "<i>b</i>"
class C:
    def _ipython_display_(self): print("me"); display("myself")
display(B(), exclude=["text/html"])
C()
"""
    _, sink = await python.run(code)
    first, second, third = sink.outputs
    assert isinstance(first, DisplayData)
    assert first.data == {"text/plain": "bee", "application/x.b+json": {"b": 1}}
    assert first.metadata == {"application/x.b+json": {"m": 2}}
    assert isinstance(second, Stream)
    assert isinstance(third, DisplayData)


async def test_displays_can_be_updated_from_another_cell(python: Runner) -> None:
    _, sink = await python.run("h = display('one', display_id=True)\ndisplay('x', display_id='mine')\nh.update('two')")
    first, second, third = sink.outputs
    assert isinstance(first, DisplayData) and isinstance(second, DisplayData) and isinstance(third, UpdateDisplayData)
    assert (first.display_id, second.display_id) == (third.display_id, "mine")
    _, sink = await python.run("h.update('three')\nupdate_display('y', display_id='mine')\nclear_output(wait=True)")
    assert [type(out) for out in sink.outputs] == [UpdateDisplayData, UpdateDisplayData, ClearOutput]


async def test_a_formatter_that_raises_is_reported_and_the_cell_goes_on(python: Runner) -> None:
    code = """
class Bad:
    def _repr_html_(self): raise ValueError("no html")
    def __repr__(self): raise KeyError("no repr")
display(Bad())
print("after")
"""
    reply, sink = await python.run(code)
    assert reply.status == "ok"
    assert [(error.ename, error.fatal, error.line) for error in sink.errors] == [
        ("ValueError", False, 3),
        ("KeyError", False, 4),
    ]
    assert "raised KeyError" in sink.bundles[0]["text/plain"]
    assert sink.text() == "after\n"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("list(range(3000))", "and 2000 more"),
        ("{i: 'x' * 30 for i in range(3)}", "{0: '" + "x" * 30 + "',\n 1: '"),
        ("a = [1]; a.append(a); a", "[1, [...]]"),
        ("{'b': 1, 'a': 2}", "{'b': 1, 'a': 2}"),
        ("{3, 1, 2}", "{1, 2, 3}"),
        ("(1,)", "(1,)"),
        ("()", "()"),
        ("set()", "set()"),
        ("class M(dict): pass\nM(a=1)", "{'a': 1}"),
    ],
)
async def test_containers_are_laid_out_and_bounded(python: Runner, code: str, shown: str) -> None:
    assert shown in await python.show(code)


async def test_json_that_is_odd_arrives(python: Runner) -> None:
    _, sink = await python.run("display({'application/json': {'n': float('inf'), 's': {1}, 'o': object}}, raw=True)")
    assert sink.bundles[0]["application/json"]["s"] == [1]


async def test_an_object_that_has_every_attribute_is_shown_by_its_repr(python: Runner) -> None:
    shown = await python.show("from unittest.mock import MagicMock\nMagicMock(name='m')")
    assert shown.startswith("<MagicMock name='m'")


async def test_data_frames(python: Runner) -> None:
    pytest.importorskip("pandas")
    _, sink = await python.run("import pandas\npandas.DataFrame({'a': [1, 2]})")
    assert "<table" in sink.bundles[0]["text/html"]
    assert sink.bundles[0]["text/plain"] == "   a\n0  1\n1  2"
    pytest.importorskip("polars")
    _, sink = await python.run("import polars\npolars.DataFrame({'a': [1, 2]})")
    assert "<table" in sink.bundles[0]["text/html"]
    assert "shape: (2, 1)" in sink.bundles[0]["text/plain"]


async def test_figures_are_shown_at_the_end_of_the_cell_once(python: Runner) -> None:
    pytest.importorskip("matplotlib")
    _, sink = await python.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nprint('drawn')")
    stream, figure = sink.outputs
    assert isinstance(stream, Stream) and isinstance(figure, DisplayData)
    assert base64.b64decode(figure.data["image/png"]).startswith(b"\x89PNG")
    assert figure.data["text/plain"] == "<Figure size 640x480 with 1 Axes>"
    _, sink = await python.run("fig, ax = plt.subplots()\nax.plot([1]);\nfig")
    assert [type(out) for out in sink.outputs] == [ExecuteResult]
    _, sink = await python.run("plt.plot([1]); plt.show(); print('then')")
    assert [type(out) for out in sink.outputs] == [DisplayData, Stream]
    _, sink = await python.run("plt.figure()\n1/0")
    assert [type(out) for out in sink.outputs] == [Error]
    assert await python.show("plt.get_fignums()") == "[]"
    _, sink = await python.run("%matplotlib inline\nplt.ioff(); plt.plot([1]);")
    assert sink.outputs == []
    assert "image/png" in (await python.run("plt.show()"))[1].bundles[0]


async def test_pictures_in_the_format_that_was_set_for_notebooks(python: Runner) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("IPython")
    code = "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('svg')\n"
    _, sink = await python.run(code + "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1])\nfig")
    assert [sorted(bundle) for bundle in sink.bundles] == [["image/svg+xml", "text/plain"]]
    _, sink = await python.run("%config InlineBackend.figure_format = 'retina'\nplt.plot([1]);")
    (figure,) = sink.outputs
    assert isinstance(figure, DisplayData)
    assert sorted(figure.data) == ["image/png", "text/plain"]
    assert figure.metadata["image/png"]["width"] > 100


async def test_formatters_registered_with_ipython(python: Runner) -> None:
    pytest.importorskip("IPython")
    await python.show("class T: pass\nfor_html = get_ipython().display_formatter.formatters['text/html']")
    await python.show("for_html.for_type(T, lambda t: '<b>T</b>');")
    assert (await python.run("T()"))[1].bundles[0]["text/html"] == "<b>T</b>"
    await python.show("class U(T): _repr_html_ = lambda self: 'not asked, as in IPython'")
    assert (await python.run("U()"))[1].bundles[0]["text/html"] == "<b>T</b>"
    _, sink = await python.run("for_html.for_type(T, lambda t: 1 / 0);\nT()")
    assert [error.ename for error in sink.errors] == ["ZeroDivisionError"]


async def test_ipython_display_objects(python: Runner) -> None:
    pytest.importorskip("IPython")
    code = """
from IPython.display import HTML, Markdown, display, update_display, clear_output, display_html, JSON, ProgressBar
display(HTML("<b>x</b>"), display_id="d")
update_display(Markdown("*y*"), display_id="d")
clear_output()
JSON({"a": 1})
"""
    _, sink = await python.run(code)
    assert [type(out) for out in sink.outputs] == [DisplayData, UpdateDisplayData, ClearOutput, ExecuteResult]
    assert sink.bundles[0]["text/html"] == "<b>x</b>"
    assert sink.bundles[2]["application/json"] == {"a": 1}


async def test_magics_and_commands(python: Runner) -> None:
    pytest.importorskip("IPython")
    assert await python.show("!echo $((1 + 1)); exit 3") == "2\n"
    assert await python.value("_exit_code") == 3
    assert "Wall time" in await python.show("%time x = 5")
    assert "Wall time" in await python.show("%%time\ny = x + 1\ny")
    assert await python.show("files = !echo a; echo b\nfiles") == "['a', 'b']"
    assert "5" in await python.show("word = 5\n!echo {word}")
    assert "Docstring" in await python.show("len?")
    assert await python.show("%%bash\necho from bash") == "from bash\n"
    assert await python.show("get_ipython().run_line_magic('pwd', '')") == await python.show("%pwd")
    _, sink = await python.run("%nothing_of_that_name")
    assert "nothing_of_that_name" in sink.shown
    assert (await python.kernel.list_variables())[-1].name in ("files", "word", "y", "x")
    assert await python.show("_ = 3; _") == "3"


async def test_a_syntax_error_is_pythons_and_not_ipythons(python: Runner) -> None:
    reply, sink = await python.run("x = (1 +\n")
    assert reply.status == "error"
    assert (sink.errors[0].ename, sink.errors[0].evalue, sink.errors[0].line) == (
        "SyntaxError",
        "'(' was never closed",
        1,
    )

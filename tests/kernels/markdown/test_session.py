"""Markdown and HTML cells in a session, with values of the shared space."""

from __future__ import annotations

import pytest
import verso_html.plugin
import verso_markdown.plugin
from verso_html.kernel import HtmlKernel
from verso_markdown.kernel import MarkdownKernel

from verso.api.errors import VariableError
from verso.api.kernel import Kernel
from verso.api.mime import HTML, MARKDOWN, PLAIN
from verso.api.notebook import Cell, Notebook
from verso.api.outputs import DisplayData
from verso.api.parameters import Parameter
from verso.api.values import encode
from verso.engine import plugin as engine_plugin
from verso.engine.plugins import Plugins
from verso.engine.session import open_session


@pytest.fixture
def plugins() -> Plugins:
    made = Plugins()
    for name, plugin in (("engine", engine_plugin), ("markdown", verso_markdown.plugin), ("html", verso_html.plugin)):
        made.add(name, plugin)
    return made


async def test_a_cell_shows_parameters(plugins: Plugins) -> None:
    notebook = Notebook(
        parameters=(Parameter(name="city", default="A & <B>"), Parameter(name="n", type="int", default=3)),
        cells=(
            Cell(type="markdown", source="# @city\n@n of `@n`, x@n.org, @nobody, @@n"),
            Cell(type="html", source='<i title="@city">@city</i> @nobody @@n'),
            Cell(type="markdown", source="  \n"),
            Cell(language="markdown", source="#!time\n#!markdown\n# Title\n#!html\n<i>@n</i>"),
        ),
    )
    async with open_session(notebook, plugins=plugins) as session:
        result = await session.run()
        assert result.ok
        markdown, markup, empty, mixed = (cell.outputs for cell in session.notebook.cells)
    assert empty == ()
    assert [shown.data[PLAIN] for shown in mixed[:2] if isinstance(shown, DisplayData)] == ["# Title", "<i>3</i>"]
    [shown] = markdown
    assert isinstance(shown, DisplayData)
    assert set(shown.data) == {HTML, MARKDOWN, PLAIN}
    assert shown.data[PLAIN] == "# A & <B>\n3 of `@n`, x@n.org, @nobody, @n"
    assert ">A &amp; &lt;B&gt;</h1>" in shown.data[HTML]
    [shown] = markup
    assert isinstance(shown, DisplayData)
    assert shown.data[HTML] == '<i title="A&#32;&#38;&#32;&#60;B&#62;">A &amp; &lt;B&gt;</i> @nobody @n'


async def test_what_stands_before_a_language_switch_leaves_no_lines(plugins: Plugins) -> None:
    cell = Cell(type="markdown", source="# One\n\n#!html\n<p>two</p>\n\n#!markdown\n    three\n")
    async with open_session(Notebook(cells=(cell,)), plugins=plugins) as session:
        await session.run()
        shown = session.notebook.cells[0].outputs
    assert [each.data[PLAIN] for each in shown if isinstance(each, DisplayData)] == ["# One", "<p>two</p>", "    three"]


@pytest.mark.parametrize("make", [MarkdownKernel, HtmlKernel])
async def test_variables_are_what_was_set(make: type[Kernel]) -> None:
    async with make() as kernel:
        await kernel.set_variable("x", encode("long " * 100))
        assert await kernel.get_variable("x") == encode("long " * 100)
        [info] = await kernel.list_variables()
        assert (info.name, info.type, info.preview[-1]) == ("x", "string", "…")
        with pytest.raises(VariableError, match="'y'"):
            await kernel.get_variable("y")
        await kernel.restart()
        assert await kernel.list_variables() == ()

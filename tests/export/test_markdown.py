"""The Markdown exporter."""

from __future__ import annotations

import pytest
from verso_markdown.document import parser

from tests.export.notebooks import PNG, WIDE_PNG, everything
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, Error, Stream
from verso.api.rendering import ExportOptions
from verso.export.markdown import export, fenced


def _shown(options: ExportOptions, *outputs: object) -> str:
    cell = Cell(id=CellId("a"), outputs=outputs)  # type: ignore[arg-type]
    return export(Notebook(cells=(cell,)), options)


def test_everything(options: ExportOptions) -> None:
    text = export(everything(), options)
    assert text.startswith("# Cities\n")
    assert "| `city` | string | Os<lo> | where \\| it rains |" in text
    assert "```python\n# rows\nframe\n```\n\n```text\nok <b>\n```\n\n```text\ncareful\n```\n\n<table>" in text
    assert f"![output](data:image/png;base64,{WIDE_PNG})" in text
    assert f"![a](data:image/png;base64,{PNG})" in text and "![l](local.png)" in text
    assert "```sql\nselect 1 -- one\n```" in text
    assert "```text\nTraceback\nboom\n```" in text
    assert "<script" not in text
    assert "```python" not in export(everything(), options.replace(code=False))


def test_a_title_and_parameters_come_first_where_no_heading_does(options: ExportOptions) -> None:
    notebook = everything().replace(cells=everything().cells[1:2])
    assert export(notebook, options).startswith("# Weather\n\n| Parameter |")


@pytest.mark.parametrize("code", ["plain", "```\ninner\n```", "`````", "a ``` b"])
def test_a_fence_holds_whatever_is_in_it(code: str) -> None:
    [token] = parser().parse(fenced(code, "text"))
    assert (token.type, token.content) == ("fence", code + "\n")


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        ({"text/markdown": "**b**", "text/html": "<b>b</b>", "text/plain": "b"}, "**b**\n"),
        ({"text/html": "<script>1</script>", "text/plain": "text"}, "```text\ntext\n```\n"),
        ({"text/html": "<table>\n\n<tr></tr>\n</table>", "text/plain": "t"}, "<table>\n<tr></tr>\n</table>\n"),
        ({"text/latex": "$x$"}, "$$\nx\n$$\n"),
        ({"application/json": {"a": 1}}, '```json\n{\n  "a": 1\n}\n```\n'),
        ({"text/vnd.mermaid": "graph TD"}, "```mermaid\ngraph TD\n```\n"),
        ({"image/svg+xml": "<svg/>"}, "![output](data:image/svg+xml,%3Csvg/%3E)\n"),
        ({"application/x-unknown": "QQ=="}, "```text\napplication/x-unknown\n```\n"),
    ],
)
def test_displays(options: ExportOptions, bundle: dict[str, object], expected: str) -> None:
    assert _shown(options, DisplayData(data=bundle)) == expected


def test_text_is_as_a_terminal_would_show_it(options: ExportOptions) -> None:
    assert _shown(options, Stream(text="1%\r99%\n\x1b[31mred\x1b[0m\r\n")) == "```text\n99%\nred\n```\n"
    assert _shown(options, Error(ename="E", evalue="why")) == "```text\nE: why\n```\n"


def test_prose_shows_what_was_put_in(options: ExportOptions) -> None:
    output = DisplayData(data={"text/markdown": "Hello Oslo", "text/html": "<p>Hello Oslo</p>"})
    cell = Cell(id=CellId("a"), type="markdown", source="Hello @city", outputs=(output,))
    assert export(Notebook(cells=(cell,)), options) == "Hello Oslo\n"

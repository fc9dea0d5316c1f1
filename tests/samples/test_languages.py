"""Every notebook of samples/languages runs to its end, all cells ok, where its kernels are there; and offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verso.api.errors import MissingComponentError
from verso.api.notebook import CellStatus, Notebook
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.engine.session import open_session

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "languages").glob("*.verso"))


async def executed(path: Path) -> Notebook:
    """The notebook after a run in which every cell ended ok; skips where a kernel is missing."""
    async with open_session(path) as session:
        try:
            session.check()
        except MissingComponentError as error:
            pytest.skip(str(error))
        result = await session.run(timeout=100)
        errors = [output for cell in session.notebook.cells for output in cell.outputs if isinstance(output, Error)]
        assert errors == []
        assert {cell.status for cell in result.cells} == {CellStatus.OK}
        return session.notebook


def shown(notebook: Notebook, cell_id: str, kind: str = "text/plain") -> str:
    """What a cell shows in a view of its outputs, or prints."""
    (cell,) = (each for each in notebook.cells if each.id == cell_id)
    parts: list[Any] = []
    for output in cell.outputs:
        match output:
            case Stream():
                parts.append(output.text)
            case DisplayData() | ExecuteResult():
                parts.append(output.data.get(kind, ""))
    return "\n".join(parts)


def sample(name: str) -> Path:
    (path,) = (path for path in SAMPLES if path.stem == name)
    return path


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
async def test_it_runs(path: Path) -> None:
    notebook = await executed(path)
    assert notebook.title and notebook.cells[0].type == "markdown", "a sample says what it is about"
    assert any(cell.outputs for cell in notebook.cells[1:])


async def test_the_tour_brings_a_table_through_all_languages() -> None:
    pytest.importorskip("pandas")
    notebook = await executed(sample("tour"))
    languages = {cell.language or cell.type for cell in notebook.cells}
    assert languages == {"sql", "python", "javascript", "mermaid", "http", "markdown"}
    assert "6 rows" in shown(notebook, "sql")
    rows = [line.split() for line in shown(notebook, "python").splitlines()[1:]]
    assert rows == [["0", "Oslo", "165.25"], ["1", "Brno", "100.00"], ["2", "Lima", "64.00"]]
    chart = shown(notebook, "javascript", "image/svg+xml")
    assert chart.count("<rect") == 3 and ">165.25</text>" in chart and 'width="300.0"' in chart
    assert "329.25 in all" in shown(notebook, "mermaid", "text/vnd.mermaid")
    assert "201 Created" in shown(notebook, "http") and '"received": 3' in shown(notebook, "http")
    report = shown(notebook, "report", "text/html")
    assert "Report 7: <strong>Oslo</strong>" in report and "of 329.25 in all; 1 row had no amount" in report
    assert report.count("<tr>") == 4


async def test_python_shows_objects_and_changes_displays() -> None:
    notebook = await executed(sample("python"))
    assert shown(notebook, "prints") == "from Python\nfrom a program\n\ncareful\n"
    assert "seagreen" in shown(notebook, "display", "image/svg+xml")
    assert str(2**70) in shown(notebook, "types-shown")


async def test_prose_takes_values() -> None:
    markdown = await executed(sample("markdown"))
    text = shown(markdown, "shown", "text/html")
    assert "<strong>5050</strong>" in text and "someone@example.org" in text and "@total</code>" in text
    assert shown(markdown, "table-shown", "text/html").count("<tr>") == 4
    html = await executed(sample("html"))
    assert "Reading &amp; &lt;understanding&gt;" in shown(html, "bar", "text/html")


async def test_a_graph_draws_itself() -> None:
    notebook = await executed(sample("graph"))
    assert shown(notebook, "tasks", "image/svg+xml").count('class="node"') == 4
    assert "['shop', 'cook']" in shown(notebook, "order")
    assert "→" in shown(notebook, "cycle")

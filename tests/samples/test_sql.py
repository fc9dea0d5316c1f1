"""The SQL sample runs as its outputs say."""

from __future__ import annotations

from pathlib import Path

from verso.api.notebook import CellStatus
from verso.api.outputs import DisplayData, ExecuteResult
from verso.engine.documents import notebook_from
from verso.engine.plugins import Plugins
from verso.engine.session import open_session

SAMPLE = Path(__file__).parents[2] / "samples" / "languages" / "sql.verso"


async def test_the_sample_gives_what_it_holds() -> None:
    saved, _ = await notebook_from(SAMPLE, Plugins.load())
    async with open_session(SAMPLE) as session:
        result = await session.run()
    assert [done.status for done in result.cells] == [CellStatus.OK] * len(result.cells)

    def plain(cells: object) -> list[list[str]]:
        return [
            [str(out.data["text/plain"]) for out in cell.outputs if isinstance(out, DisplayData | ExecuteResult)]
            for cell in cells  # type: ignore[attr-defined]
            if cell.type == "sql"
        ]

    assert plain(session.notebook.cells) == plain(saved.cells)
    assert any("2 rows" in text for texts in plain(saved.cells) for text in texts)

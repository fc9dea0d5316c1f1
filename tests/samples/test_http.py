"""The HTTP sample runs offline, against a server of its own."""

from __future__ import annotations

from pathlib import Path

from verso.api.notebook import CellStatus
from verso.api.outputs import DisplayData
from verso.engine.session import open_session

SAMPLE = Path(__file__).parents[2] / "samples" / "languages" / "http.verso"


async def test_the_sample_runs() -> None:
    async with open_session(SAMPLE) as session:
        result = await session.run()
    assert [done.status for done in result.cells] == [CellStatus.OK] * len(result.cells)
    shown = [str(out.data) for done in result.cells for out in done.cell.outputs if isinstance(out, DisplayData)]
    assert any("201 Created" in text for text in shown) and any("/items?from=2&sort=price" in text for text in shown)

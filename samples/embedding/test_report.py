"""A test of a notebook: its cells run, and its variables are what they should be. Run it with pytest."""

from pathlib import Path

import pytest

from verso import open_session

NOTEBOOK = Path(__file__).with_name("report.verso")


@pytest.mark.parametrize(("region", "total"), [("eu", 60), ("us", 15)])
async def test_the_total_of_a_region(region, total):
    async with open_session(NOTEBOOK, parameters={"region": region}) as session:
        result = await session.run(stop_on_error=True)
        assert result.ok, [cell.cell.outputs for cell in result.cells if cell.status != "ok"]
        assert await session.variables["total"] == total

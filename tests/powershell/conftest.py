"""What the tests against a real PowerShell share: which one, and a line that says why there is none."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from verso_powershell import find

from tests.powershell.real import PowerShell


@pytest.fixture(autouse=True)
def needs_powershell(request: pytest.FixtureRequest) -> None:
    """Skips what needs a real pwsh where there is none. All from here, so that the summary has one line for them."""
    if request.node.get_closest_marker("powershell") and not find.find().program:
        pytest.skip("no pwsh 7.2 or newer was found here (VERSO_PWSH can name one)")


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[PowerShell]:
    """A real PowerShell in an empty folder, shut down afterwards."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "exchange").mkdir()
    async with PowerShell(folder, tmp_path / "exchange") as shell:
        yield shell


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, UTC and the C locale, as the transcripts were recorded."""
    for name, value in {"NO_COLOR": "1", "TZ": "UTC", "LANG": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    if "LC_ALL" in os.environ:
        monkeypatch.delenv("LC_ALL")

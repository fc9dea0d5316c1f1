"""What the tests against a real PowerShell share: which one, and a line that says why there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from verso_powershell import find

from tests.powershell.real import PowerShell

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where there is no pwsh, leaves one of the tests that need it, skipped with one line that speaks for all."""
    if find.find().program:
        return
    left_out = [item for item in items if HERE in item.path.parents and item.get_closest_marker("powershell")]
    for item in left_out[:1]:
        reason = f"{len(left_out)} tests need pwsh 7.2 or newer, and none was found here (VERSO_PWSH can name one)"
        item.add_marker(pytest.mark.skip(reason=reason))
    config.hook.pytest_deselected(items=left_out[1:])
    deselected = set(left_out[1:])
    items[:] = [item for item in items if item not in deselected]


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
    """UTC, the C locale and no word about colours, as PowerShell was observed."""
    for name, value in {"TZ": "UTC", "LANG": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    for name in ("LC_ALL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

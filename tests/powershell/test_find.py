"""Finding pwsh, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from verso_powershell import find
from verso_powershell.cache import cache_folder, worker_folder
from verso_powershell.kernel import create

from verso.api.errors import KernelStartError
from verso.testing.context import TestKernelContext


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_what_the_notebook_names_goes_first(tmp_path: Path) -> None:
    named, chosen, listed = (program(tmp_path / name / "pwsh") for name in ("named", "chosen", "listed"))
    environ = {"VERSO_PWSH": str(chosen), "PATH": str(listed.parent)}
    assert find.find(str(named), environ=environ).program == str(named)
    assert find.find(environ=environ).program == str(chosen)
    assert find.find(environ={"PATH": str(listed.parent)}).program == str(listed)


def test_the_preview_is_taken_when_there_is_nothing_else(tmp_path: Path) -> None:
    preview = program(tmp_path / "pwsh-preview")
    assert find.find(environ={"PATH": str(tmp_path)}).program == str(preview)


def test_a_named_program_that_is_missing_is_not_replaced(tmp_path: Path) -> None:
    listed = program(tmp_path / "pwsh")
    search = find.find(environ={"VERSO_PWSH": "/nowhere/pwsh", "PATH": str(listed.parent)})
    assert search.program == "" and search.looked_at == ("/nowhere/pwsh (VERSO_PWSH)",)


@pytest.mark.parametrize(
    ("platform", "place", "how"),
    [
        ("linux", "/opt/microsoft/powershell/7/pwsh", "snap"),
        ("darwin", "/usr/local/microsoft/powershell/7/pwsh", "brew"),
        ("win32", "PowerShell", "winget"),
    ],
)
def test_the_usual_places_of_each_platform(
    platform: str, place: str, how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    environ = {"PATH": "", "ProgramFiles": "/C/Program Files"}
    search = find.find(environ=environ, platform=platform)
    assert not search.program
    assert any(place in looked for looked in search.looked_at)
    assert search.looked_at[:3] == ("VERSO_PWSH (not set)", "pwsh on PATH", "pwsh-preview on PATH")
    assert how in find.how_to_get(platform) and "https://aka.ms/install-powershell" in find.how_to_get(platform)


def test_the_probe_and_the_start_say_the_same(tmp_path: Path) -> None:
    context = TestKernelContext(directory=tmp_path, exchange=tmp_path, options={"program": "/nowhere/pwsh"})
    found = find.probe(context)
    assert not found.found and "/nowhere/pwsh" in found.detail and "VERSO_PWSH" in found.how_to_get


async def test_creating_without_pwsh_says_where_it_was_looked_for(tmp_path: Path) -> None:
    context = TestKernelContext(directory=tmp_path, exchange=tmp_path, settings={"program": "/nowhere/pwsh"})
    with pytest.raises(KernelStartError, match="/nowhere/pwsh") as caught:
        await create(context)
    assert "install PowerShell" in caught.value.next_step


@pytest.mark.parametrize("version", ["7.2.0", "7.6.5", "7.10.0", "8.0.0-preview.1", "unknown"])
def test_new_versions_pass(version: str) -> None:
    find.check_version(version, "/usr/bin/pwsh")


@pytest.mark.parametrize("version", ["7.1.9", "7.0.0-rc.1", "6.2.4", "5.1.19041"])
def test_old_versions_do_not(version: str) -> None:
    with pytest.raises(KernelStartError, match=r"7\.2 is the oldest"):
        find.check_version(version, "/usr/bin/pwsh")


def test_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder(environ={}, platform="linux") == tmp_path / ".cache/verso/powershell"
    assert cache_folder(environ={"XDG_CACHE_HOME": "/c"}, platform="linux") == Path("/c/verso/powershell")
    relative = cache_folder(environ={"XDG_CACHE_HOME": "c"}, platform="linux")
    assert relative == tmp_path / ".cache/verso/powershell"
    assert cache_folder(environ={}, platform="darwin") == tmp_path / "Library/Caches/verso/powershell"
    local = cache_folder(environ={"LOCALAPPDATA": "/l"}, platform="win32")
    assert local == Path("/l/verso/Cache/powershell")


def test_other_sources_of_the_worker_have_another_folder(tmp_path: Path) -> None:
    (tmp_path / "A.cs").write_text("class A { }")
    (tmp_path / "start.ps1").write_text("exit")
    first = worker_folder(Path("/c"), tmp_path)
    assert first.parent == Path("/c") and first.name.startswith("worker-")
    (tmp_path / "start.ps1").write_text("exit 1")
    assert worker_folder(Path("/c"), tmp_path) == first
    (tmp_path / "A.cs").write_text("class A { int b; }")
    assert worker_folder(Path("/c"), tmp_path) != first

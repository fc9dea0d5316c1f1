"""Entry points: the same that `importlib.metadata` finds, and the rules of the specification."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from verso.engine.entrypoints import find_entry_points


@pytest.mark.parametrize("group", ["verso", "console_scripts", "pytest11"])
def test_it_finds_what_the_standard_library_finds(group):
    expected = {(entry.name, entry.value) for entry in importlib.metadata.entry_points(group=group)}
    assert {(entry.name, entry.value) for entry in find_entry_points(group)} == expected


def install(folder: Path, name: str, text: str) -> None:
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text(text, encoding="utf-8")


def test_comments_other_groups_and_extras_are_read_rightly(tmp_path: Path):
    install(
        tmp_path,
        "a",
        "[other]\nx = y\n\n[verso]\n# note\n; note\none = pkg.mod : attr [extra]\ntwo=pkg\n[later]\nz = q\n",
    )
    found = [(entry.name, entry.value) for entry in find_entry_points("verso", [str(tmp_path)])]
    assert found == [("one", "pkg.mod : attr"), ("two", "pkg")]


def test_the_first_distribution_and_the_first_name_win(tmp_path: Path):
    install(tmp_path / "first", "dist", "[verso]\nname = first\n")
    install(tmp_path / "second", "dist", "[verso]\nname = second\nextra = second\n")
    install(tmp_path / "second", "other", "[verso]\nname = other\n")
    path = [str(tmp_path / "missing"), str(tmp_path / "first"), str(tmp_path / "second")]
    assert [(entry.name, entry.value) for entry in find_entry_points("verso", path)] == [("name", "first")]


def test_loading_follows_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "made_up.py").write_text("class A:\n    b = 7\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "made", "[verso]\nx = made_up:A.b\n")
    (entry,) = [each for each in find_entry_points("verso") if each.name == "x"]
    assert entry.load() == 7

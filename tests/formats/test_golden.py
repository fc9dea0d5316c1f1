"""Golden files both ways: what the files of other programs become, and that it reads back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats import golden
from verso.api.notebook import Notebook


@pytest.mark.parametrize(("source", "expected"), golden.cases(), ids=lambda path: path.name)
def test_a_file_becomes_the_golden_one(source: Path, expected: Path, tmp_path: Path) -> None:
    assert expected.exists(), f"no golden file {expected}: make it with python -m tests.formats.golden, and look at it"
    written = tmp_path / expected.name
    golden.write(source, written)
    assert written.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("expected", [path for _, path in golden.cases()], ids=lambda path: path.name)
def test_a_golden_file_is_written_as_it_was(expected: Path, tmp_path: Path) -> None:
    again = tmp_path / expected.name
    golden.write(expected, again)
    assert again.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("source", golden.sources(), ids=lambda path: path.name)
@pytest.mark.parametrize("suffix", [".verso", ".ipynb"])
def test_verso_and_ipynb_lose_nothing(source: Path, suffix: str, tmp_path: Path) -> None:
    def whole(path: Path) -> Notebook:
        return golden.FILES.read(path, options=golden.READ).replace(warnings=())

    written = tmp_path / f"a{suffix}"
    golden.write(source, written)
    assert whole(written) == whole(source)


def test_nothing_golden_is_left_over() -> None:
    known = {path.name for _, path in golden.cases()}
    assert {path.name for path in (golden.FOLDER / "written").iterdir()} == known


def test_a_notebook_from_jupyter_is_written_as_jupyter_does() -> None:
    source = golden.FOLDER / "read" / "jupyter.ipynb"
    assert (golden.FOLDER / "written" / "jupyter.ipynb.ipynb").read_bytes() == source.read_bytes()


def test_a_saved_dib_is_written_byte_for_byte() -> None:
    source = golden.FOLDER / "read" / "polyglot.dib"
    assert (golden.FOLDER / "written" / "polyglot.dib.dib").read_bytes() == source.read_bytes()

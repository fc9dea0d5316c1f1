"""npm packages of a notebook, without a network: a package from a folder, and what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from verso_javascript.npm import package_folder

from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import Error, ExecuteResult
from verso.engine.session import open_session

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on PATH: it comes with Node.js")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a folder, and a cache of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "greeter"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"name": "greeter", "version": "1.0.0", "type": "module"}))
    (folder / "index.js").write_text("export default (name) => `hello ${name}`\n")
    return folder


async def test_an_installed_package_is_imported(package: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    install = Cell(language="javascript", source=f"#!npm install {package}")
    use = Cell(language="javascript", source='import greet from "greeter"\ngreet("you")')
    for _ in range(2):
        async with open_session(Notebook(cells=(install, use)), directory=work) as session:
            result = await session.run()
            assert [cell.status for cell in result.cells] == [CellStatus.OK, CellStatus.OK], result.cells
            (shown,) = [output for output in result.cells[1].cell.outputs if isinstance(output, ExecuteResult)]
            assert shown.data["text/plain"] == "'hello you'"
    assert package_folder([str(package)]).is_dir()
    assert list(work.iterdir()) == [], "nothing is written beside the notebook"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("#!npm install", "no package was named"),
        ("#!npm run build", "only `#!npm install NAME …` is known"),
        ("#!npm install --global x", "--global"),
        ("#!npm install /nowhere/to/be/found", "failed"),
    ],
)
async def test_what_npm_can_not_do_is_an_error(package: Path, tmp_path: Path, line: str, said: str) -> None:
    cell = Cell(language="javascript", source=f"{line}\nconsole.log('never')")
    async with open_session(Notebook(cells=(cell,)), directory=tmp_path) as session:
        (finished,) = (await session.run()).cells
    assert finished.status is CellStatus.ERROR
    (error,) = [output for output in finished.cell.outputs if isinstance(output, Error)]
    assert said in error.evalue or said in str(error.traceback)
    assert len(finished.cell.outputs) == 1

"""HTTP cells and their magics in a session, beside Python."""

from __future__ import annotations

from pathlib import Path

import verso_http.plugin
import verso_python.plugin

from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import DisplayData, Error
from verso.engine import plugin as engine_plugin
from verso.engine.plugins import Plugins
from verso.engine.session import open_session


async def test_magics_and_values_between_cells(server: str, tmp_path: Path) -> None:
    sources = (
        ("python", "items = [{'n': 1}, {'n': 2}]\nwho = 'Žofie'"),
        ("http", f"#!http-set-base {server}/v1\n#!http-set-header X-Who {{{{who}}}}\n#!http-set-timeout 5"),
        ("http", "# @name posted\nPOST /items\nContent-Type: application/json\n\n{{items}}\n# {{who}}"),
        ("python", "posted['status'], posted['body']['path'], posted['body']['body'], httpStatus"),
        ("http", "#!http-set-timeout soon"),
        ("http", "#!http-set-base nonsense"),
    )
    plugins = Plugins()
    for name, plugin in (("engine", engine_plugin), ("python", verso_python.plugin), ("http", verso_http.plugin)):
        plugins.add(name, plugin)
    notebook = Notebook(cells=tuple(Cell(language=language, source=source) for language, source in sources))
    async with open_session(notebook, directory=tmp_path, plugins=plugins) as session:
        result = await session.run()
    cells = [done.cell for done in result.cells]
    statuses = [done.status for done in result.cells]
    assert statuses == [CellStatus.OK] * 4 + [CellStatus.ERROR] * 2, cells
    (shown,) = [output for output in cells[2].outputs if isinstance(output, DisplayData)]
    assert "/v1/items" in str(shown.data)
    result_text = str(cells[3].outputs[0].data["text/plain"])  # type: ignore[union-attr]
    assert "200, '/v1/items'" in result_text and '[{"n": 1}, {"n": 2}]' in result_text
    assert all(isinstance(cell.outputs[0], Error) for cell in cells[4:])

"""Sessions over the scripted kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.kernels import ScriptedPlugin
from verso.api.notebook import Cell, CellId, Notebook
from verso.engine import plugin as engine_plugin
from verso.engine.plugins import Plugins


@pytest.fixture
def scripted() -> ScriptedPlugin:
    return ScriptedPlugin()


@pytest.fixture
def plugins(scripted: ScriptedPlugin) -> Plugins:
    made = Plugins()
    made.add("verso-engine", engine_plugin)
    made.add("scripted", scripted)
    return made


@pytest.fixture
def notebook() -> Callable[..., Notebook]:
    def make(*sources: str | Cell, **fields: Any) -> Notebook:
        cells = tuple(
            source if isinstance(source, Cell) else Cell(id=CellId(f"c{place}"), source=source)
            for place, source in enumerate(sources)
        )
        return Notebook(cells=cells, **{"default_kernel": "one", **fields})

    return make

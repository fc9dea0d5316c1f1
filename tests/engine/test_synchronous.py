"""`verso.run`, for scripts without an event loop."""

from __future__ import annotations

import pytest

import verso
from verso.api.errors import VersoError
from verso.api.notebook import Cell, Notebook

NOTEBOOK = Notebook(default_kernel="one", cells=(Cell(source="let x 1"), Cell(source="fail no")))


def test_a_script_runs_a_notebook(plugins):
    run = verso.run(NOTEBOOK, plugins=plugins)
    assert not run.ok and run.variables == {"x": "1"} and len(run.result.cells) == 2


@pytest.mark.filterwarnings("error")
async def test_in_a_loop_it_says_what_to_write(plugins):
    with pytest.raises(VersoError, match="open_session"):
        verso.run(NOTEBOOK, plugins=plugins)


def test_what_the_package_offers_is_listed():
    assert {"run", "open_session", "api"} <= set(dir(verso))

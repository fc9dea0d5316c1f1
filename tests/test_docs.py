"""Documentation that can't drift: what the pages say is compared with the program, and their examples are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples import RUN, Workplace
from tests.docs.pages import DOCS, README, ROOT, blocks
from verso.cli.kernels import availability
from verso.engine.plugins import Plugins

GUIDES = tuple(page for page in (README, *sorted(DOCS.glob("*.md"))) if any(b.language in RUN for b in blocks(page)))


@pytest.fixture(scope="session")
def available() -> frozenset[str]:
    """Names of the kernels that can start here."""
    plugins = Plugins.load()
    return frozenset(spec.name for spec in plugins.kernels if availability(spec, plugins).found)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_do_what_the_page_says(page: Path, available: frozenset[str], tmp_path: Path):
    left_out = Workplace(tmp_path, page).run(available)
    if left_out:
        pytest.skip("; ".join([*left_out, "all other examples ran"]))

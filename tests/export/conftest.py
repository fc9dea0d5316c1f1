"""Exports with the built-in renderers, layouts and themes, as the command line hands them in."""

from __future__ import annotations

from pathlib import Path

import pytest
import verso_markdown.plugin

from verso.api.rendering import ExportOptions, RenderContext
from verso.engine.references import resolve
from verso.rendering import plugin
from verso.rendering.sanitize import sanitize
from verso.rendering.views import Views


@pytest.fixture
def options(tmp_path: Path) -> ExportOptions:
    renderers = (*plugin.verso_renderers(), *verso_markdown.plugin.verso_renderers())
    return ExportOptions(
        render=Views(renderers, RenderContext(sanitize=sanitize), resolve=resolve).view,
        themes=plugin.verso_themes(),
        layouts={layout.name: resolve(layout.place) for layout in plugin.verso_layouts()},
        directory=tmp_path,
        languages={"python": "python", "py": "python", "sql": "sql", "markdown": "markdown"},
        comments={"python": "#", "sql": "--"},
        highlights={"python": "python", "sql": "sql"},
        titles={"python": "Python", "sql": "SQL"},
    )

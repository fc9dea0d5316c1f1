"""Views over the built-in renderers."""

from __future__ import annotations

import pytest
import verso_markdown.plugin

from verso.api.rendering import RenderContext
from verso.engine.references import resolve
from verso.rendering import plugin
from verso.rendering.sanitize import sanitize
from verso.rendering.views import Views

RENDERERS = (*plugin.verso_renderers(), *verso_markdown.plugin.verso_renderers())


@pytest.fixture
def html() -> Views:
    return Views(RENDERERS, RenderContext(sanitize=sanitize), resolve=resolve)


@pytest.fixture
def terminal() -> Views:
    return Views(RENDERERS, RenderContext(surface="terminal", width=60, colors=True), resolve=resolve)


@pytest.fixture
def plain_terminal() -> Views:
    return Views(RENDERERS, RenderContext(surface="terminal", width=60), resolve=resolve)

"""Views for a page: the HTML surface with the sanitiser in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from verso.api.rendering import RenderContext, Renderer
from verso.api.themes import Theme
from verso.rendering.sanitize import sanitize
from verso.rendering.views import Views


def html_views(
    renderers: Iterable[Renderer],
    *,
    resolve: Callable[[Any], Any],
    trusted: bool = False,
    theme: Theme | None = None,
) -> Views:
    """Views as HTML. `trusted`: the outputs were just made by this session. `resolve`: as for `Views`."""
    context = RenderContext(surface="html", trusted=trusted, theme=theme or Theme(), sanitize=sanitize)
    return Views(renderers, context, resolve=resolve)

"""`text/html` as HTML: harmless content stands in the page, everything else in a sandboxed frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verso.api.rendering import RenderContext, View
from verso.rendering.sanitize import is_passive


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of HTML. Scripts, styles, forms and drawings never come into the page itself, whoever made them."""
    if not isinstance(content, str):
        return None
    if is_passive(content):
        return View(content=f'<div class="verso-html">{context.sanitize(content)}</div>')
    return View(content=content, sandboxed=True)

"""`text/vnd.mermaid` for a terminal: box characters where the `mermaid` extra is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verso.api.rendering import RenderContext, View
from verso_mermaid.drawing import ascii_art, can_draw


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The diagram as text; None where nothing draws it, so that its source is shown."""
    art = ascii_art(content) if isinstance(content, str) and can_draw() else ""
    return View(content=art) if art else None

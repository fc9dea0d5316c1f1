"""`text/vnd.mermaid` as HTML: drawn by mermaid.js, which ships in this package, when the page is shown."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from verso.api.rendering import Asset, RenderContext, View

SCRIPT = "mermaid.min.js"


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """A diagram in a sandboxed frame, with the script that draws it; its text where the script can't.

    None when the package was built without the script: the next view of the bundle is shown then."""
    script = files("verso_mermaid").joinpath("assets", SCRIPT)
    if not isinstance(content, str) or not script.is_file():
        return None
    draw = files("verso_mermaid").joinpath("assets", "draw.js")
    return View(
        content=f'<pre class="mermaid">{escape(content, quote=False)}</pre>',
        assets=(
            Asset(key="mermaid", kind="script", content=script.read_text(encoding="utf-8")),
            Asset(key="mermaid-draw", kind="script", content=draw.read_text(encoding="utf-8")),
        ),
        sandboxed=True,
    )

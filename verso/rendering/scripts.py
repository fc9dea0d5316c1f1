"""`application/javascript` as HTML: run in a sandboxed frame when it is trusted, else shown and not run."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from verso.api.rendering import RenderContext, View


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of a script. Where it runs, `element` is the element that it may fill, as in Jupyter."""
    if not isinstance(content, str):
        return None
    if context.trusted:
        code = content.replace("</script", r"<\/script")
        return View(
            content=f'<div id="element"></div><script>{{const element = document.getElementById("element");\n{code}\n}}'
            "</script>",
            sandboxed=True,
        )
    return View(
        content='<details class="verso-note"><summary>JavaScript from a saved output, which is not run</summary>'
        f"<pre>{escape(content, quote=False)}</pre></details>"
    )

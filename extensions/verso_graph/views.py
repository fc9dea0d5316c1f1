"""Views of DOT text: a picture for pages, lines for terminals."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from typing import Any

from verso.api.rendering import RenderContext, View
from verso_graph.drawing import draw
from verso_graph.errors import DrawingProgramMissingError, RenderError
from verso_graph.listing import listing
from verso_graph.svg import embeddable

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def page_view(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View:
    """DOT drawn as SVG, as an image: what a stranger's DOT puts into it (links, scripts) stays inert.

    `metadata["engine"]` names the layout, `dot` by default. `RenderError` as `draw` raises it.
    """
    svg = embeddable(draw(_text(content), engine=str(metadata.get("engine", "dot"))).decode())
    encoded = base64.b64encode(svg.encode()).decode()
    words = html.escape(terminal_view(content, metadata, context).content, quote=True)
    return View(content=f'<img class="verso-graph" alt="{words}" src="data:image/svg+xml;base64,{encoded}">')


def terminal_view(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View:
    """The vertices and edges as lines; the DOT text itself where no program is there to read it."""
    dot = _text(content)
    try:
        parsed = json.loads(draw(dot, format="dot_json"))
    except DrawingProgramMissingError:
        return View(content=dot)
    nodes = parsed.get("objects", [])[parsed.get("_subgraph_cnt", 0) :]
    places = {node["_gvid"]: place for place, node in enumerate(nodes)}
    edges = [
        (places[edge["tail"]], places[edge["head"]], _plain(edge.get("label", ""), ""))
        for edge in parsed.get("edges", [])
    ]
    arrow = "→" if parsed.get("directed") else "—"
    return View(content=listing([_plain(node.get("label", r"\N"), node["name"]) for node in nodes], edges, arrow=arrow))


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise RenderError(f"DOT is text, and this output holds {type(content).__name__}")
    return content


def _plain(label: str, name: str) -> str:
    """A label without Graphviz's escapes: `\\N` is the node's name, `\\n \\l \\r` end a line."""
    return _ESCAPED.sub(lambda found: {"N": name, "n": " ", "l": " ", "r": " "}.get(found[1], found[1]), label)

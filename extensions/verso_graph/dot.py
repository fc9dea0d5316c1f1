"""Graph → DOT text (the language: graphviz.org/doc/info/lang.html; the attributes: graphviz.org/doc/info/attrs.html).

The text is the same that the PowerShell cmdlet `Export-Graph -Format Graphviz` writes for the same graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from verso_graph.elements import Edge, Vertex

Attributes = Mapping[str, Any]
GraphStyle = Attributes | Callable[[Any], Attributes | None]
VertexStyle = Callable[[Any], Attributes | None]
EdgeStyle = Callable[[Edge], Attributes | None]

_FONT: Final = ("fontname", "fontsize", "fontcolor")
_GRAPH_KEYS: Final = (
    *("id", "label", "rankdir", "bgcolor", "fontname", "fontsize", "fontcolor"),
    *("splines", "nodesep", "ranksep", "margin", "pad", "size", "ratio", "tooltip"),
)
_VERTEX_KEYS: Final = (
    *_FONT,
    *("penwidth", "shape", "style", "label", "color", "fillcolor", "tooltip"),
    *("width", "height", "margin", "group", "URL"),
)
_EDGE_KEYS: Final = (
    *_FONT,
    *("label", "style", "color", "dir", "weight", "penwidth", "arrowhead", "arrowtail", "arrowsize", "tooltip", "URL"),
)
_QUOTED: Final = frozenset(
    {"id", "label", "tooltip", "fontname", "color", "fillcolor", "fontcolor", "bgcolor", "group", "URL", "size"}
)
_LOWER: Final = frozenset({"shape", "style", "dir", "arrowhead", "arrowtail"})
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|-?(\.[0-9]+|[0-9]+(\.[0-9]*)?)", re.ASCII)
_KEYWORDS: Final = frozenset({"node", "edge", "graph", "digraph", "subgraph", "strict"})
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RECORD_MARKS: Final = {ord(mark): f"&#{ord(mark)};" for mark in "&{|}<>"}


class Drawable(Protocol):
    """What the writer asks of a graph."""

    @property
    def vertices(self) -> tuple[Vertex, ...]: ...

    @property
    def edges(self) -> tuple[Edge, ...]: ...


def write_dot(
    drawn: Drawable,
    attributes: Attributes,
    *,
    graph: GraphStyle | None = None,
    vertex: VertexStyle | None = None,
    edge: EdgeStyle | None = None,
) -> str:
    """The graph as one `digraph G`: the graph's attributes, a line a vertex, a line an edge, no newline at the end.

    A vertex is named by its index. Attribute names are taken without regard to case and `_`, unknown ones are
    ignored, as is `None` for a value. In texts `\\`, `"` and newlines are escaped, `{ | }` stay (they structure
    a record label: `record_label` escapes them in a field), characters that XML forbids become U+FFFD.
    """
    lines = ["digraph G {"]
    whole = [*_shown(_merged(attributes, graph(drawn) if callable(graph) else graph), _GRAPH_KEYS)]
    if whole:
        lines.append("; ".join(whole) + ";" * (len(whole) > 1))
    for node in drawn.vertices:
        given = vertex(node.object) if vertex else None
        shown = _shown(_merged({"label": node.label}, node.attributes, given), _VERTEX_KEYS)
        lines.append(f"{node.index} [{', '.join(shown)}];")
    for link in drawn.edges:
        label = {"label": link.label} if link.label else None
        listed = ", ".join(_shown(_merged(label, link.attributes, edge(link) if edge else None), _EDGE_KEYS))
        lines.append(f"{link.source.index} -> {link.target.index}{f' [{listed}]' if listed else ''};")
    return "\n".join([*lines, "}"])


def record_label(*fields: object, upright: bool = True) -> str:
    """A label for `shape="record"`: `{ a | b | c }`, fields one below the other in a graph drawn top to bottom.

    With `upright=False`, `a | b | c`. What structures a record (`{ | } < >`) is shown as it is when it is
    part of a field.
    """
    joined = " | ".join(str(field).translate(_RECORD_MARKS) for field in fields)
    return f"{{ {joined} }}" if upright else joined


def _merged(*parts: Attributes | None) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        for name, value in (part or {}).items():
            merged[_canonical(name)] = value
    return merged


def _canonical(name: str) -> str:
    plain = str(name).replace("_", "").lower()
    return {"rankdirection": "rankdir", "url": "URL"}.get(plain, plain)


def _shown(attributes: Mapping[str, Any], keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        value = attributes.get(key)
        if value is not None:
            yield f"{key}={_value(key, value)}"


def _value(key: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) or key in _LOWER else str(value)
    if key == "rankdir":
        text = text.upper()
    if key not in _QUOTED and _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS:
        return text
    escaped = text.replace("\r", "").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + _CONTROL.sub("\ufffd", escaped) + '"'

"""A graph as lines of text, for terminals and `text/plain`."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Sequence

from verso_graph.dot import Drawable

_MOST_LINES = 16


def graph_listing(graph: Drawable) -> str:
    """The sizes, then a line for each vertex that no other line names, `a → b, c`; too many are counted instead."""
    return listing(
        [vertex.label for vertex in graph.vertices],
        [(edge.source.index, edge.target.index, edge.label) for edge in graph.edges],
    )


def listing(labels: Sequence[str], edges: Iterable[tuple[int, int, str]], *, arrow: str = "→") -> str:
    """The same from labels and edges (place of source, place of target, label).

    A label that several vertices share is followed by its place: `+ #2`. Records are shown without their braces.
    """
    plain = [_one_line(label) for label in labels]
    uses = Counter(plain)
    names = [f"{label} #{place}".lstrip() if uses[label] > 1 else label for place, label in enumerate(plain)]
    targets: list[list[str]] = [[] for _ in names]
    reached = set()
    count = 0
    for source, target, label in edges:
        targets[source].append(names[target] + (f" ({label})" if label else ""))
        reached.add(target)
        count += 1
    lines = [
        f"  {name} {arrow} {', '.join(ends)}" if ends else f"  {name}"
        for place, (name, ends) in enumerate(zip(names, targets, strict=True))
        if ends or place not in reached
    ]
    rest = len(lines) - _MOST_LINES
    if rest > 1:
        lines[_MOST_LINES:] = [f"  … and {rest} more"]
    sizes = f"{len(names)} {'vertex' if len(names) == 1 else 'vertices'}, {count} {'edge' if count == 1 else 'edges'}"
    return "\n".join([f"Graph: {sizes}", *lines])


def _one_line(label: str) -> str:
    text = " ".join(label.split())
    while text.startswith("{") and text.endswith("}"):
        text = text.removeprefix("{").removesuffix("}").strip(" |")
    return html.unescape(text)

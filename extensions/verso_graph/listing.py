"""A graph as lines of text, for terminals and `text/plain`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verso_graph.dot import Drawable

_MOST_LINES = 40


def graph_listing(graph: Drawable) -> str:
    """The sizes, then a line for each vertex with edges, `a → b, c`; what is too much is counted instead."""
    return listing(
        [vertex.label for vertex in graph.vertices],
        [(edge.source.index, edge.target.index, edge.label) for edge in graph.edges],
    )


def listing(labels: Sequence[str], edges: Iterable[tuple[int, int, str]], *, arrow: str = "→") -> str:
    """The same from labels and edges (place of source, place of target, label).

    A label that several vertices share is followed by its place: `+ #2`.
    """
    plain = [" ".join(label.split()) for label in labels]
    names = [f"{label} #{place}".lstrip() if plain.count(label) > 1 else label for place, label in enumerate(plain)]
    targets: dict[int, list[str]] = {place: [] for place in range(len(names))}
    count = 0
    for source, target, label in edges:
        targets[source].append(names[target] + (f" ({label})" if label else ""))
        count += 1
    lonely = set(range(len(names))) - {source for source, ends in targets.items() if ends}
    lines = [f"  {names[source]} {arrow} {', '.join(ends)}" for source, ends in targets.items() if ends]
    if not count:
        lines = [f"  {names[place]}" for place in sorted(lonely)]
    rest = len(lines) - _MOST_LINES
    if rest > 1:
        lines[_MOST_LINES:] = [f"  … and {rest} more"]
    return "\n".join([f"Graph: {len(names)} vertices, {count} edges", *lines])

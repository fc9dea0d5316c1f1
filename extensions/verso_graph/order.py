"""Orders of the vertices of a directed graph. Nothing here recurses: depth is limited by memory alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Set

from verso_graph.elements import Vertex
from verso_graph.errors import CycleError


def topological_order(vertices: Iterable[Vertex]) -> list[Vertex]:
    """Every vertex after all its predecessors, and as far as that allows in order of insertion (Kahn 1962).

    `CycleError` when there is no such order; it names one cycle.
    """
    waiting = {vertex: len(vertex.predecessors) for vertex in vertices}
    ready = deque(vertex for vertex, count in waiting.items() if not count)
    ordered = []
    while ready:
        vertex = ready.popleft()
        ordered.append(vertex)
        for successor in vertex.successors:
            waiting[successor] -= 1
            if not waiting[successor]:
                ready.append(successor)
    if len(ordered) < len(waiting):
        raise CycleError(_cycle_among(waiting.keys() - ordered, next(v for v, count in waiting.items() if count)))
    return ordered


def _cycle_among(left: Set[Vertex], start: Vertex) -> list[Vertex]:
    """A cycle within `left`, where each vertex has a predecessor in `left`: walking back must come round."""
    walked: dict[Vertex, int] = {}
    trail: list[Vertex] = []
    vertex = start
    while vertex not in walked:
        walked[vertex] = len(trail)
        trail.append(vertex)
        vertex = next(predecessor for predecessor in vertex.predecessors if predecessor in left)
    cycle = trail[walked[vertex] :][::-1]
    first = min(range(len(cycle)), key=lambda place: cycle[place].index)
    return cycle[first:] + cycle[:first]


def levels(vertices: Iterable[Vertex]) -> dict[Vertex, int]:
    """How many edges each vertex is from the nearest root (a vertex without incoming edges), breadth first.

    What no root reaches is left out.
    """
    level = {vertex: 0 for vertex in vertices if not vertex.predecessors}
    queue = deque(level)
    while queue:
        vertex = queue.popleft()
        for successor in vertex.successors:
            if successor not in level:
                level[successor] = level[vertex] + 1
                queue.append(successor)
    return level

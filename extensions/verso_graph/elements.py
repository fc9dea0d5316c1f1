"""What a graph is made of: vertices and edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Vertex:
    """A vertex of one graph. Made by `Graph.add_vertex`; two vertices are equal only when they are the same one.

    `label`: text. `object`: what was given to the graph, as it is. `index`: place in the order of insertion,
    from 0, also the vertex's name in DOT. `attributes`: how it is drawn (DOT attributes by name, without
    regard to case). `metadata`: free for the user.
    """

    __slots__ = ("_incoming", "_outgoing", "attributes", "index", "label", "metadata", "object")

    def __init__(self, label: str, object: Any, index: int, attributes: Mapping[str, Any]) -> None:
        self.label = label
        self.object = object
        self.index = index
        self.attributes = dict(attributes)
        self.metadata: dict[str, Any] = {}
        self._incoming: dict[Vertex, Edge] = {}
        self._outgoing: dict[Vertex, Edge] = {}

    @property
    def in_edges(self) -> tuple[Edge, ...]:
        """The edges that end here, in order of insertion."""
        return tuple(self._incoming.values())

    @property
    def out_edges(self) -> tuple[Edge, ...]:
        """The edges that start here, in order of insertion."""
        return tuple(self._outgoing.values())

    @property
    def predecessors(self) -> tuple[Vertex, ...]:
        """The vertices with an edge to this one."""
        return tuple(self._incoming)

    @property
    def successors(self) -> tuple[Vertex, ...]:
        """The vertices to which an edge goes from here."""
        return tuple(self._outgoing)

    def __repr__(self) -> str:
        return f"Vertex({self.label!r})"


class Edge:
    """A directed edge. Made by `Graph.add_edge`.

    `label`: text, empty for none. `weight`: its length for `Graph.path`. `attributes`: how it is drawn.
    """

    __slots__ = ("attributes", "label", "source", "target", "weight")

    def __init__(
        self, source: Vertex, target: Vertex, label: str, weight: float, attributes: Mapping[str, Any]
    ) -> None:
        self.source = source
        self.target = target
        self.label = label
        self.weight = weight
        self.attributes = dict(attributes)
        source._outgoing[target] = self
        target._incoming[source] = self

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Edge({self.source.label!r} → {self.target.label!r}{label})"

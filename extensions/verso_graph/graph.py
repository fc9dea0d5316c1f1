"""The graph: vertices with the objects they stand for, and directed edges between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verso_graph import analysis, order
from verso_graph.dot import EdgeStyle, GraphStyle, VertexStyle, write_dot
from verso_graph.drawing import draw
from verso_graph.elements import Edge, Vertex
from verso_graph.errors import DrawingProgramMissingError, GraphError
from verso_graph.listing import graph_listing
from verso_graph.svg import embeddable, scope_of

DOT_MIME = "text/vnd.graphviz"
SVG_MIME = "image/svg+xml"


class Graph:
    """A directed graph without parallel edges; self loops are allowed.

    With `unique_labels` (the default) the label is the identity: adding "A" twice gives one vertex. Without,
    everything added is a vertex of its own, so two operations labelled `+` stay two: keep the vertex that
    `add_vertex` returns and use it for the edges. `attributes`: how the whole is drawn (`rankdir`, `bgcolor`,
    `label`, …). Vertices come in order of insertion.

    As the last expression of a cell it shows its picture: SVG, DOT (`text/vnd.graphviz`) and plain text.
    """

    def __init__(self, *, unique_labels: bool = True, **attributes: Any) -> None:
        self.unique_labels = unique_labels
        self.attributes: dict[str, Any] = attributes
        self._vertices: list[Vertex] = []
        self._labels: dict[str, Vertex] = {}

    # building

    def add_vertex(self, thing: Any, *, label: str | None = None, **attributes: Any) -> Vertex:
        """Adds a vertex for `thing`, or finds the one it has by its label, and returns it.

        The label is the given one, else the thing's `name` where that is text and not blank, else `str(thing)`.
        A vertex of this graph is returned as it is; attributes given again are added to its own.
        `GraphError` for a vertex of another graph.
        """
        vertex = self._known(thing, label)
        if vertex is None:
            name = label_of(thing) if label is None else label
            vertex = Vertex(name, thing, len(self._vertices), attributes)
            self._vertices.append(vertex)
            self._labels.setdefault(name, vertex)
        elif attributes:
            vertex.attributes.update(attributes)
        return vertex

    def add_edge(self, source: Any, target: Any, *, label: str = "", weight: float = 1.0, **attributes: Any) -> Edge:
        """Adds an edge, and whichever of its ends is missing, and returns it.

        Between two vertices there is one edge in each direction: when it is there already, that one is
        returned unchanged.
        """
        start, end = self.add_vertex(source), self.add_vertex(target)
        present = start._outgoing.get(end)
        return Edge(start, end, label, weight, attributes) if present is None else present

    # looking

    @property
    def vertices(self) -> tuple[Vertex, ...]:
        """All vertices in order of insertion."""
        return tuple(self._vertices)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, grouped by their source."""
        return tuple(edge for vertex in self._vertices for edge in vertex.out_edges)

    def vertex(self, thing: Any) -> Vertex:
        """The vertex itself, or the first one with that label. `GraphError` when there is none."""
        found = thing if self._owns(thing) else self._labels.get(label_of(thing))
        if found is None:
            raise GraphError(f"the graph has no vertex {label_of(thing)!r}", next_step="add it with add_vertex")
        return found

    def in_edges(self, thing: Any) -> tuple[Edge, ...]:
        """The edges that end at a vertex. `GraphError` when there is no such vertex."""
        return self.vertex(thing).in_edges

    def out_edges(self, thing: Any) -> tuple[Edge, ...]:
        """The edges that start at a vertex. `GraphError` when there is no such vertex."""
        return self.vertex(thing).out_edges

    def __len__(self) -> int:
        return len(self._vertices)

    def __iter__(self) -> Iterator[Vertex]:
        return iter(self._vertices)

    def __contains__(self, thing: Any) -> bool:
        return self._owns(thing) or (not isinstance(thing, Vertex) and label_of(thing) in self._labels)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Graph({len(self)} vertices, {len(self.edges)} edges)"

    # orders, paths, parts

    def topological_order(self, *, reverse: bool = False) -> list[Vertex]:
        """Each vertex after all its predecessors (`reverse`: after all its successors). Depth has no limit.

        `CycleError` names one cycle of a graph that has no such order.
        """
        ordered = order.topological_order(self._vertices)
        return ordered[::-1] if reverse else ordered

    def levels(self) -> dict[Vertex, int]:
        """Edges from the nearest root, breadth first; what no root reaches is left out."""
        return order.levels(self._vertices)

    def path(self, source: Any, target: Any) -> list[Edge] | None:
        """The edges of the path of least weight, empty from a vertex to itself, `None` when there is no way.

        `GraphError` for an unknown vertex or a negative weight.
        """
        return analysis.shortest_path(self._vertices, self.vertex(source), self.vertex(target))

    def components(self) -> list[list[Vertex]]:
        """The parts that hang together when the direction of edges is ignored."""
        return analysis.components(self._vertices)

    def strong_components(self) -> list[list[Vertex]]:
        """The parts within which each vertex reaches each other one along edges."""
        return analysis.strong_components(self._vertices)

    def cycles(self) -> list[list[Vertex]]:
        """The strong components that hold a cycle: more than one vertex, or one with an edge to itself."""
        return [part for part in self.strong_components() if len(part) > 1 or part[0] in part[0].successors]

    def centrality(self, *, normalized: bool = True) -> dict[Vertex, float]:
        """Betweenness of each vertex: the share of shortest paths between two others that pass through it."""
        return analysis.betweenness(self._vertices, normalized=normalized)

    def as_networkx(self) -> Any:
        """A `networkx.DiGraph` with the vertices as nodes, for whatever else is to be known."""
        return analysis.as_networkx(self._vertices)

    # pictures

    def to_dot(
        self,
        *,
        graph: GraphStyle | None = None,
        vertex: VertexStyle | None = None,
        edge: EdgeStyle | None = None,
    ) -> str:
        """The graph as DOT text (`verso_graph.dot.write_dot` says exactly how).

        `graph`: attributes, or a function graph → attributes. `vertex`: a function from a vertex's object to
        its attributes. `edge`: likewise from an edge. They add to and override what the elements carry.
        """
        return write_dot(self, self.attributes, graph=graph, vertex=vertex, edge=edge)

    def to_svg(
        self,
        *,
        graph: GraphStyle | None = None,
        vertex: VertexStyle | None = None,
        edge: EdgeStyle | None = None,
        engine: str = "dot",
    ) -> str:
        """The picture: an `<svg>` element with one `class="node"` a vertex and one `class="edge"` an edge.

        The ids within are the picture's own, so several fit into one page. `engine`: the layout (see `draw`).
        `RenderError` as `draw` raises it.
        """
        given = (graph(self) if callable(graph) else graph) or {}
        scope = scope_of(self.to_dot(graph=given, vertex=vertex, edge=edge))
        dot = self.to_dot(graph={"id": scope, **given}, vertex=vertex, edge=edge)
        return embeddable(draw(dot, engine=engine).decode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """SVG, DOT and text. Without a program to draw with, the SVG is left to whoever shows the DOT."""
        bundle = {"text/plain": graph_listing(self), DOT_MIME: self.to_dot()}
        try:
            return {SVG_MIME: self.to_svg(), **bundle}
        except DrawingProgramMissingError:
            return bundle

    def _known(self, thing: Any, label: str | None) -> Vertex | None:
        if isinstance(thing, Vertex):
            if not self._owns(thing):
                raise GraphError(
                    f"the vertex {thing.label!r} belongs to another graph",
                    next_step="add its object (vertex.object) to this one",
                )
            return thing
        if not self.unique_labels:
            return None
        return self._labels.get(label_of(thing) if label is None else label)

    def _owns(self, thing: Any) -> bool:
        return isinstance(thing, Vertex) and thing.index < len(self._vertices) and self._vertices[thing.index] is thing


def label_of(thing: Any) -> str:
    """The label a thing brings along: a vertex's, else its `name` where that is text and not blank, else `str`."""
    if isinstance(thing, Vertex):
        return thing.label
    name = getattr(thing, "name", None)
    return name if isinstance(name, str) and name.strip() else str(thing)

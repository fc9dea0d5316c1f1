"""Paths, components and centrality, by networkx, which is imported when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from verso_graph.elements import Edge, Vertex
from verso_graph.errors import GraphError


def as_networkx(vertices: Iterable[Vertex]) -> Any:
    """The graph as a `networkx.DiGraph`: its nodes are the vertices; edges carry `weight`, `label` and `edge`.

    `GraphError` when networkx is not installed.
    """
    networkx = _networkx()
    graph = networkx.DiGraph()
    nodes = list(vertices)
    graph.add_nodes_from((vertex, {"label": vertex.label}) for vertex in nodes)
    graph.add_edges_from(
        (edge.source, edge.target, {"weight": edge.weight, "label": edge.label, "edge": edge})
        for vertex in nodes
        for edge in vertex.out_edges
    )
    return graph


def shortest_path(vertices: Iterable[Vertex], source: Vertex, target: Vertex) -> list[Edge] | None:
    """The edges from `source` to `target` of least total weight (Dijkstra), `None` when there is no way.

    `GraphError` for a negative weight.
    """
    networkx = _networkx()
    graph = as_networkx(vertices)
    if any(weight < 0 for _, _, weight in graph.edges.data("weight")):
        raise GraphError("a shortest path needs weights that are not negative")
    try:
        path = networkx.dijkstra_path(graph, source, target)
    except networkx.NetworkXNoPath:
        return None
    return [graph.edges[step]["edge"] for step in pairwise(path)]


def components(vertices: Iterable[Vertex]) -> list[list[Vertex]]:
    """The parts that hang together when the direction of edges is ignored, each in order of insertion."""
    return _in_order(_networkx().weakly_connected_components(as_networkx(vertices)))


def strong_components(vertices: Iterable[Vertex]) -> list[list[Vertex]]:
    """The parts within which each vertex reaches each other one along edges, each in order of insertion."""
    return _in_order(_networkx().strongly_connected_components(as_networkx(vertices)))


def betweenness(vertices: Iterable[Vertex], *, normalized: bool) -> dict[Vertex, float]:
    """For each vertex the share (or, not normalized, the number) of shortest paths between two others that
    pass through it. Edges count one each (Brandes 2001)."""
    result: dict[Vertex, float] = _networkx().betweenness_centrality(as_networkx(vertices), normalized=normalized)
    return result


def _in_order(groups: Iterable[set[Vertex]]) -> list[list[Vertex]]:
    by_index = [sorted(group, key=lambda vertex: vertex.index) for group in groups]
    return sorted(by_index, key=lambda group: group[0].index)


def _networkx() -> Any:
    try:
        import networkx  # noqa: PLC0415 - takes some 200 ms, and drawing or ordering a graph does not need it
    except ModuleNotFoundError:
        raise GraphError(
            "paths, components and centrality need networkx, which this interpreter does not have",
            next_step="pip install 'verso-notebook[graph]' (or networkx alone) into it",
        ) from None
    return networkx

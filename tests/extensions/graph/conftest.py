"""Both programs that draw, and a graph with one of everything."""

from __future__ import annotations

import shutil

import pytest
from verso_graph import Graph, Program, record_label


@pytest.fixture(params=list(Program), ids=str)
def program(request: pytest.FixtureRequest) -> Program:
    """Each program in turn. Graphviz may be missing; graphviz-pure comes with the extra `graph`."""
    chosen: Program = request.param
    if chosen is Program.GRAPHVIZ and not shutil.which("dot"):
        pytest.skip("Graphviz is not installed: no `dot` on PATH")
    return chosen


@pytest.fixture
def styled() -> Graph:
    """Two records, an ellipse, a labelled dashed edge."""
    graph = Graph(unique_labels=False, rankdir="LR", bgcolor="#fafafa")
    a = graph.add_vertex(
        "a",
        label=record_label("a", "data 2.0000", "grad 6.0000"),
        shape="record",
        style="filled",
        fillcolor="#eef2ff",
        color="#6366f1",
        fontname="Helvetica",
        tooltip="the first",
    )
    times = graph.add_vertex("*", shape="ellipse")
    graph.add_edge(a, times, label="flows", style="dashed", color="#ff0000")
    graph.add_edge(times, graph.add_vertex("e", label=record_label("e", "data -6.0000"), shape="record"))
    return graph

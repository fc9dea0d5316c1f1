"""The model: identity, edges, orders, paths, parts."""

from __future__ import annotations

from types import SimpleNamespace

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_graph import CycleError, Graph, GraphError, Vertex

from verso.api.errors import VersoError


def graph_of(*edges: str, **options: bool) -> Graph:
    graph = Graph(**options)
    for edge in edges:
        graph.add_edge(*edge.split(">"))
    return graph


def labels(vertices: object) -> list[str]:
    return [vertex.label for vertex in vertices]  # type: ignore[attr-defined]


@st.composite
def dags(draw: st.DrawFn) -> Graph:
    """A random DAG whose edges all go from a hidden earlier place to a later one, added in random order."""
    count = draw(st.integers(0, 12))
    names = draw(st.permutations(range(count)))
    pairs = [(names[i], names[j]) for i in range(count) for j in range(i + 1, count)]
    graph = Graph()
    for name in range(count):
        graph.add_vertex(name)
    for source, target in draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []:
        graph.add_edge(source, target)
    return graph


class TestIdentity:
    def test_a_label_is_one_vertex(self) -> None:
        graph = Graph()
        assert graph.add_vertex("A") is graph.add_vertex("A")
        assert len(graph) == 1

    def test_without_unique_labels_each_is_its_own(self) -> None:
        graph = Graph(unique_labels=False)
        first, second = graph.add_vertex("+"), graph.add_vertex("+")
        assert first is not second
        assert graph.add_vertex(first) is first
        assert labels(graph) == ["+", "+"]

    def test_the_object_is_kept_as_it_is(self) -> None:
        thing = SimpleNamespace(name="engine", power=5)
        vertex = Graph().add_vertex(thing)
        assert (vertex.object, vertex.label) == (thing, "engine")

    def test_a_blank_name_falls_back_to_the_text(self) -> None:
        class Part:
            name = "  "

            def __str__(self) -> str:
                return "part 7"

        assert Graph().add_vertex(Part()).label == "part 7"

    def test_the_first_object_of_a_label_stays(self) -> None:
        graph = Graph()
        graph.add_vertex(1)
        assert graph.add_vertex("1").object == 1

    def test_a_vertex_of_another_graph_is_refused(self) -> None:
        with pytest.raises(GraphError, match="belongs to another graph"):
            Graph().add_vertex(Graph().add_vertex("A"))

    def test_an_unknown_vertex_is_named(self) -> None:
        with pytest.raises(GraphError, match="no vertex 'B'") as caught:
            graph_of("A>C").in_edges("B")
        assert isinstance(caught.value, VersoError)

    def test_membership(self) -> None:
        graph = graph_of("A>B")
        assert "A" in graph and graph.vertices[1] in graph
        assert "C" not in graph and Graph().add_vertex("A") not in graph


class TestEdges:
    def test_a_second_one_is_the_first(self) -> None:
        graph = Graph()
        first = graph.add_edge("A", "B", label="one")
        assert graph.add_edge("A", "B", label="two") is first
        assert [edge.label for edge in graph.edges] == ["one"]

    def test_both_directions_and_loops(self) -> None:
        graph = graph_of("A>B", "B>A", "A>A")
        assert [(e.source.label, e.target.label) for e in graph.edges] == [("A", "B"), ("A", "A"), ("B", "A")]

    def test_in_and_out(self) -> None:
        graph = graph_of("A>C", "B>C", "C>D")
        assert labels(edge.source for edge in graph.in_edges("C")) == ["A", "B"]
        assert labels(edge.target for edge in graph.out_edges("C")) == ["D"]
        assert graph.out_edges("D") == ()
        assert labels(graph.vertex("C").predecessors) == ["A", "B"]
        assert labels(graph.vertex("C").successors) == ["D"]


class TestOrder:
    def test_sources_first_and_in_order_of_insertion(self) -> None:
        graph = graph_of("B>D", "A>B", "A>C", "C>D")
        assert labels(graph.topological_order()) == ["A", "B", "C", "D"]
        assert labels(graph.topological_order(reverse=True)) == ["D", "C", "B", "A"]

    def test_an_empty_graph(self) -> None:
        assert Graph().topological_order() == []

    @given(dags())
    def test_every_edge_goes_forward(self, graph: Graph) -> None:
        place = {vertex: n for n, vertex in enumerate(graph.topological_order())}
        assert place.keys() == set(graph)
        assert all(place[edge.source] < place[edge.target] for edge in graph.edges)

    @given(dags().filter(lambda graph: len(graph.edges) > 0), st.data())
    def test_closing_a_path_names_a_cycle(self, graph: Graph, data: st.DataObject) -> None:
        closed = data.draw(st.sampled_from(graph.edges))
        graph.add_edge(closed.target, closed.source)
        with pytest.raises(CycleError) as caught:
            graph.topological_order()
        cycle = caught.value.cycle
        assert all(after in vertex.successors for vertex, after in zip(cycle, cycle[1:] + cycle[:1], strict=True))

    def test_the_error_walks_the_cycle(self) -> None:
        with pytest.raises(CycleError, match="A → B → C → A") as caught:
            graph_of("S>A", "A>B", "B>C", "C>A", "C>T").topological_order()
        assert labels(caught.value.cycle) == ["A", "B", "C"]

    def test_a_loop_and_a_long_cycle(self) -> None:
        with pytest.raises(CycleError, match="A → A"):
            graph_of("A>A").topological_order()
        with pytest.raises(CycleError, match=r"0 → 1 → .* → … 93 more … → 0"):
            graph_of(*(f"{n}>{(n + 1) % 100}" for n in range(100))).topological_order()

    def test_a_chain_of_ten_thousand(self) -> None:
        graph = graph_of(*(f"{n}>{n + 1}" for n in range(10_000)))
        assert labels(graph.topological_order()) == [str(n) for n in range(10_001)]
        assert graph.levels()[graph.vertex(10_000)] == 10_000
        path = graph.path(0, 10_000)
        assert path is not None and len(path) == 10_000
        assert len(graph.components()) == 1

    def test_levels(self) -> None:
        levels = graph_of("A>B", "A>C", "B>D", "C>D").levels()
        assert {vertex.label: level for vertex, level in levels.items()} == {"A": 0, "B": 1, "C": 1, "D": 2}

    def test_levels_leave_out_what_no_root_reaches(self) -> None:
        assert labels(graph_of("A>B", "C>D", "D>C").levels()) == ["A", "B"]


class TestPathsAndParts:
    def test_the_shortest_path(self) -> None:
        graph = graph_of("A>B", "B>C", "C>D", "A>E", "E>F", "F>D")
        path = graph.path("A", "D")
        assert path is not None
        assert [path[0].source.label, *labels(edge.target for edge in path)] == ["A", "B", "C", "D"]
        assert graph.path("A", "A") == []
        assert graph.path("D", "A") is None

    def test_weights_count(self) -> None:
        graph = Graph()
        graph.add_edge("A", "D", weight=10)
        graph.add_edge("A", "B", weight=2)
        graph.add_edge("B", "D", weight=3)
        assert labels(edge.target for edge in graph.path("A", "D") or ()) == ["B", "D"]
        graph.add_edge("B", "C", weight=-1)
        with pytest.raises(GraphError, match="not negative"):
            graph.path("A", "D")

    def test_components(self) -> None:
        graph = graph_of("A>B", "B>A", "C>D", "D>C")
        assert [labels(part) for part in graph.components()] == [["A", "B"], ["C", "D"]]
        assert [labels(part) for part in graph.strong_components()] == [["A", "B"], ["C", "D"]]

    def test_strong_components_and_cycles(self) -> None:
        graph = graph_of("A>B", "B>C", "C>B", "D>D", "E>A")
        assert [labels(part) for part in graph.strong_components()] == [["A"], ["B", "C"], ["D"], ["E"]]
        assert [labels(part) for part in graph.cycles()] == [["B", "C"], ["D"]]
        assert [labels(part) for part in graph.components()] == [["A", "B", "C", "E"], ["D"]]

    def test_centrality(self) -> None:
        graph = graph_of("A>B", "B>C")
        assert [graph.centrality()[v] for v in graph] == [0, 0.5, 0]
        assert [graph.centrality(normalized=False)[v] for v in graph] == [0, 1, 0]

    @given(dags())
    def test_networkx_has_the_same_graph(self, graph: Graph) -> None:
        other = graph.as_networkx()
        assert list(other.nodes) == list(graph)
        assert [(s, t) for s, t in other.edges] == [(e.source, e.target) for e in graph.edges]
        assert networkx.is_directed_acyclic_graph(other)


def test_what_is_shown_without_a_picture() -> None:
    graph = graph_of("A>B", "A>C")
    assert repr(graph) == "Graph(3 vertices, 2 edges)"
    assert repr(graph.vertices[0]) == "Vertex('A')"
    assert isinstance(graph.vertices[0], Vertex)
    assert repr(graph.edges[0]) == "Edge('A' → 'B')"

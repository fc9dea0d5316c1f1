"""Pictures, by both programs: what is asked for is in them, and what can't be drawn is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from verso_graph import DrawingProgramMissingError, Graph, Program, RenderError, draw, record_label
from verso_graph.drawing import ENGINES

from tests.extensions.graph.svgs import SVG, extent, groups, texts


def test_nodes_edges_and_their_looks(program: Program, styled: Graph) -> None:
    svg = draw(styled.to_dot(), program=program)
    record, ellipse, other = groups(svg, "node")
    assert texts(record) == ["a", "data 2.0000", "grad 6.0000"]
    assert texts(other) == ["e", "data -6.0000"]
    assert len(list(record.iter(f"{SVG}polyline"))) == 2  # the lines between three fields
    assert record.find(f".//{SVG}polygon[@fill='#eef2ff'][@stroke='#6366f1']") is not None
    assert all(text.get("font-family", "").startswith("Helvetica") for text in record.iter(f"{SVG}text"))
    assert b"the first" in svg
    assert ellipse.find(f".//{SVG}ellipse") is not None and texts(ellipse) == ["*"]
    dashed, plain = groups(svg, "edge")
    assert texts(dashed) == ["flows"] and texts(plain) == []
    line = dashed.find(f".//{SVG}path[@stroke-dasharray]")
    assert line is not None and line.get("stroke") in {"red", "#ff0000"}
    assert plain.find(f".//{SVG}path[@stroke-dasharray]") is None
    assert b'fill="#fafafa"' in svg


def test_rankdir(program: Program) -> None:
    across = extent(draw("digraph { rankdir=LR; a -> b -> c -> d }", program=program))
    down = extent(draw("digraph { rankdir=TB; a -> b -> c -> d }", program=program))
    assert across[0] > across[1] and down[1] > down[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_layout(program: Program, engine: str) -> None:
    svg = draw("digraph { a -> b; b -> c; c -> a }", engine=engine, program=program)
    assert (len(groups(svg, "node")), len(groups(svg, "edge"))) == (3, 3)


def test_bitmaps(program: Program) -> None:
    assert draw("graph { a -- b }", format="png", program=program).startswith(b"\x89PNG\r\n\x1a\n")
    assert draw("graph { a -- b }", format="jpg", program=program).startswith(b"\xff\xd8\xff")


def test_other_scripts(program: Program) -> None:
    (node,) = groups(draw('digraph { 0 [label="größe Δx 漢字 Привет 😀"] }', program=program), "node")
    assert texts(node) == ["größe Δx 漢字 Привет 😀"]


def test_html_labels(program: Program) -> None:
    dot = "digraph { a [label=<<b>bold</b><br/>plain>]; b [shape=none, label=<<table><tr><td>1</td></tr></table>>] }"
    bold, table = groups(draw(dot, program=program), "node")
    assert texts(bold) == ["bold", "plain"] and texts(table) == ["1"]


def test_a_network_of_seven_hundred_vertices(program: Program) -> None:
    graph = Graph(unique_labels=False)
    values = [
        graph.add_vertex(n, label=record_label(f"v{n}", f"data {n}", "grad 0"), shape="record") for n in range(51)
    ]
    while len(graph) < 711:
        operation = graph.add_vertex("+", shape="ellipse")
        graph.add_edge(values[-50], operation)
        graph.add_edge(values[-7], operation)
        values.append(graph.add_vertex(len(graph), shape="record"))
        graph.add_edge(operation, values[-1])
    svg = draw(graph.to_dot(), program=program)
    assert (len(groups(svg, "node")), len(groups(svg, "edge"))) == (711, 990)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=10),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20),
)
def test_one_group_a_vertex_and_one_an_edge(program: Program, names: list[str], pairs: list[tuple[int, int]]) -> None:
    graph = Graph(unique_labels=False)
    vertices = [graph.add_vertex(name, shape="ellipse") for name in names]
    for source, target in pairs:
        graph.add_edge(vertices[source % len(names)], vertices[target % len(names)])
    svg = draw(graph.to_dot(), program=program)
    assert (len(groups(svg, "node")), len(groups(svg, "edge"))) == (len(graph), len(graph.edges))


@pytest.mark.parametrize(
    "dot", ["digraph { a ->", "digraph {", "hello", "digraph { a -> b } }", "graph { a } graph { b }"]
)
def test_wrong_dot_is_an_error(program: Program, dot: str) -> None:
    with pytest.raises(RenderError, match="syntax error"):
        draw(dot, program=program)


@pytest.mark.parametrize("dot", ["", "  \n", "// nothing"])
def test_no_dot_is_an_error(program: Program, dot: str) -> None:
    with pytest.raises(RenderError, match=r"empty|no graph"):
        draw(dot, program=program)


def test_what_graphviz_pure_would_leave_out_is_an_error() -> None:
    with pytest.raises(RenderError, match="unknown shape nonesuch"):
        draw("digraph { a [shape=nonesuch] }", program=Program.PURE)
    with pytest.raises(RenderError, match=r"missing\.png"):
        draw('digraph { a [image="missing.png"] }', program=Program.PURE)


def test_graphviz_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        draw("digraph { a [shape=nonesuch] }", program=Program.GRAPHVIZ)
    except DrawingProgramMissingError:
        pytest.skip("Graphviz is not installed: no `dot` on PATH")
    assert "unknown shape nonesuch" in capsys.readouterr().err


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(RenderError, match=r"(?s)layout engine 'dott'.*dot, neato"):
        draw("digraph { a }", engine="dott")
    with pytest.raises(RenderError, match=r"(?s)picture format 'pdf'.*svg, png"):
        draw("digraph { a }", format="pdf")


def test_a_time_limit(program: Program) -> None:
    with pytest.raises(RenderError, match="did not finish"):
        draw("digraph { a -> b }", program=program, timeout=0)


def test_without_graphviz_the_other_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert b"graphviz-pure" in draw("digraph { a }")


def test_without_any_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    for program in (None, *Program):
        with pytest.raises(DrawingProgramMissingError, match="pip install"):
            draw("digraph { a }", program=program)


class TestInACell:
    def test_the_bundle(self, styled: Graph) -> None:
        bundle = styled._repr_mimebundle_()
        assert list(bundle) == ["image/svg+xml", "text/plain", "text/vnd.graphviz"]
        assert bundle["image/svg+xml"].startswith("<svg ")
        assert bundle["text/vnd.graphviz"] == styled.to_dot()
        assert bundle["text/plain"].splitlines()[0] == "Graph: 3 vertices, 2 edges"

    def test_without_a_program_the_dot_is_left(
        self, styled: Graph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
        assert list(styled._repr_mimebundle_()) == ["text/plain", "text/vnd.graphviz"]

    def test_what_is_wrong_is_said(self) -> None:
        graph = Graph()
        graph.add_vertex("A")
        with pytest.raises(RenderError, match="layout engine 'no'"):
            graph.to_svg(engine="no")

    def test_pictures_of_one_page_do_not_share_ids(self) -> None:
        pictures = []
        for colors in ("red:blue", "green:white"):
            graph = Graph()
            graph.add_vertex("A", style="filled", fillcolor=colors)
            pictures.append(graph.to_svg())
        first, second = ({group.get("id") for group in groups(svg, "node")} for svg in pictures)
        assert first.isdisjoint(second)
        assert graph.to_svg() == pictures[1]

    def test_looks_given_for_one_picture(self, styled: Graph) -> None:
        svg = styled.to_svg(
            graph=lambda graph: {"label": f"{len(graph)} vertices"},
            vertex=lambda thing: {"label": f"<{thing}>", "shape": "box"},
            edge=lambda edge: {"label": edge.source.label},
        )
        assert [texts(node) for node in groups(svg, "node")] == [["<a>"], ["<*>"], ["<e>"]]
        assert "3 vertices" in svg

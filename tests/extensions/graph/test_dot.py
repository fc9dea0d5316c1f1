"""The DOT text: exactly as the contract says, and read back as what was meant."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from verso_graph import Graph, Program, draw, record_label

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\\"{|}<>'), min_size=1, max_size=20)


def lines(dot: str) -> set[str]:
    return set(dot.splitlines())


def read_back(dot: str) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(draw(dot, format="dot_json", program=Program.PURE))
    return parsed


def shown(label: str) -> str:
    """What Graphviz shows for an escString."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], label, flags=re.DOTALL)


def test_a_plain_graph() -> None:
    graph = Graph()
    graph.add_edge("A", "B")
    graph.add_edge("A", "C", label="why")
    assert graph.to_dot() == "\n".join(
        [
            "digraph G {",
            '0 [label="A"];',
            '1 [label="B"];',
            '2 [label="C"];',
            "0 -> 1;",
            '0 -> 2 [label="why"];',
            "}",
        ]
    )


def test_an_empty_graph() -> None:
    assert Graph().to_dot() == "digraph G {\n}"


def test_graph_attributes_are_joined() -> None:
    graph = Graph()
    assert "rankdir=LR" in lines(graph.to_dot(graph={"rankdir": "lr"}))
    text = graph.to_dot(graph=lambda _: {"rankdir": "LR", "label": "Micrograd", "notReal": 1})
    assert 'label="Micrograd"; rankdir=LR;' in lines(text)
    assert "notReal" not in text


def test_records_and_ellipses() -> None:
    graph = Graph(unique_labels=False)
    times = graph.add_vertex("*")
    graph.add_edge({"name": "a", "data": 2, "grad": 6}, times)

    def look(thing: object) -> dict[str, object]:
        if not isinstance(thing, dict):
            return {"shape": "Ellipse"}
        label = f"{{ {thing['name']} | data {thing['data']:.4f} | grad {thing['grad']:.4f} }}"
        return {"Shape": "Record", "label": label}

    text = lines(graph.to_dot(vertex=look, edge=lambda edge: {"label": "x", "style": "DASHED"}))
    assert '0 [shape=ellipse, label="*"];' in text
    assert '1 [shape=record, label="{ a | data 2.0000 | grad 6.0000 }"];' in text
    assert '1 -> 0 [label="x", style=dashed];' in text


def test_a_script_overrides_what_the_element_carries() -> None:
    graph = Graph()
    graph.add_vertex("A", color="red", fill_color="blue", penwidth=2)
    text = graph.to_dot(vertex=lambda _: {"Color": "green", "penwidth": None})
    assert '0 [label="A", color="green", fillcolor="blue"];' in lines(text)


def test_what_is_no_plain_word_is_quoted() -> None:
    graph = Graph(ranksep="1 equally")
    graph.add_vertex("A", shape="box", style="rounded,filled", width=0.5)
    assert lines(graph.to_dot()) >= {
        'ranksep="1 equally"',
        '0 [shape=box, style="rounded,filled", label="A", width=0.5];',
    }


def test_an_attribute_can_not_break_out() -> None:
    graph = Graph()
    graph.add_vertex("A", penwidth='1]; evil [label="')
    assert len(read_back(graph.to_dot())["objects"]) == 1  # type: ignore[arg-type]


def test_escapes() -> None:
    graph = Graph()
    graph.add_vertex('say "hi" \\ and\r\n{go|on}')
    assert '0 [label="say \\"hi\\" \\\\ and\\n{go|on}"];' in lines(graph.to_dot())


def test_characters_that_xml_forbids() -> None:
    graph = Graph()
    graph.add_vertex("a\x00\x1b\ud800b")
    assert '0 [label="a\ufffd\ufffd\ufffdb"];' in lines(graph.to_dot())


def test_record_fields_show_their_marks() -> None:
    graph = Graph()
    graph.add_vertex("x", label=record_label("a|b", "{c}", "<d> & e"), shape="record")
    svg = graph.to_svg()
    for field in ("a|b", "{c}", "&lt;d&gt; &amp; e"):
        assert f">{field}</text>" in svg.replace("&#160;", " ").replace("&#45;", "-")
    assert record_label(1, 2, upright=False) == "1 | 2"


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=6), st.data())
def test_labels_and_edges_come_back(names: list[str], data: st.DataObject) -> None:
    graph = Graph(unique_labels=False)
    vertices = [graph.add_vertex(name) for name in names]
    ends = st.integers(0, len(names) - 1)
    for source, target in data.draw(st.lists(st.tuples(ends, ends), max_size=8)):
        graph.add_edge(vertices[source], vertices[target], label=data.draw(st.just("") | TEXT))
    parsed = read_back(graph.to_dot())
    nodes: list[dict[str, object]] = parsed["objects"]  # type: ignore[assignment]
    edges: list[dict[str, object]] = parsed.get("edges", [])  # type: ignore[assignment]
    assert [shown(str(node["label"])) for node in nodes] == [re.sub("[\ufffe\uffff]", "\ufffd", name) for name in names]
    assert {(edge["tail"], edge["head"], shown(str(edge.get("label", "")))) for edge in edges} == {
        (edge.source.index, edge.target.index, re.sub("[\ufffe\uffff]", "\ufffd", edge.label)) for edge in graph.edges
    }

"""DOT outputs as they are shown in pages and terminals."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import pytest
from verso_graph import Graph, record_label
from verso_graph.plugin import verso_renderers
from verso_graph.views import page_view, terminal_view

from tests.extensions.graph.svgs import groups
from verso.api.errors import RenderError
from verso.api.rendering import RenderContext

DOT = (
    r'digraph { a [shape=record, label="{ a | data 2 }"]; subgraph cluster_x { b }; a -> b -> c [label="so\nit goes"] }'
)
CONTEXT = RenderContext()


def picture(view_html: str) -> bytes:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', view_html)
    assert found
    return base64.b64decode(found[1])


def test_the_plugin_names_what_exists() -> None:
    assert [(r.mime, r.surface, r.render) for r in verso_renderers()] == [
        ("text/vnd.graphviz", "html", "verso_graph.views:page_view"),
        ("text/vnd.graphviz", "terminal", "verso_graph.views:terminal_view"),
    ]


def test_a_page_shows_the_picture() -> None:
    view = page_view(DOT, {}, CONTEXT)
    assert len(groups(picture(view.content), "node")) == 3
    assert 'alt="Graph: 3 vertices, 2 edges' in view.content
    assert not view.sandboxed


def test_the_layout_is_taken_from_the_metadata() -> None:
    dot = "digraph { a -> b -> c -> a; c -> d }"
    assert page_view(dot, {"engine": "circo"}, CONTEXT).content != page_view(dot, {}, CONTEXT).content
    with pytest.raises(RenderError, match="layout engine 'no'"):
        page_view(dot, {"engine": "no"}, CONTEXT)


def test_a_strangers_dot_stays_inert() -> None:
    dot = 'digraph { a [URL="javascript:alert(1)", label="<script>\\"><img src=x onerror=alert(1)>"] }'
    content = page_view(dot, {}, CONTEXT).content
    assert re.fullmatch(r'<img class="verso-graph" alt="[^"<>]*" src="data:image/svg\+xml;base64,[\w+/=]*">', content)
    assert "<script>" in html.unescape(content)


def test_a_terminal_shows_the_edges() -> None:
    assert terminal_view(DOT, {}, CONTEXT).content == "\n".join(
        ["Graph: 3 vertices, 2 edges", "  a | data 2 → b (so it goes)", "  b → c (so it goes)"]
    )
    assert "a — b" in terminal_view("graph { a -- b }", {}, CONTEXT).content


def test_lonely_vertices_are_listed() -> None:
    assert terminal_view("digraph { a -> b; c }", {}, CONTEXT).content.splitlines()[1:] == ["  a → b", "  c"]


def test_records_in_a_terminal() -> None:
    graph = Graph()
    graph.add_vertex("x", label=record_label("", "1 < 2", "{a|b}"), shape="record")
    listed = "Graph: 1 vertex, 0 edges\n  1 < 2 | {a|b}"
    assert terminal_view(graph.to_dot(), {}, CONTEXT).content == listed
    assert graph._repr_mimebundle_()["text/plain"] == listed


def test_vertices_of_one_label_are_told_apart() -> None:
    dot = 'digraph { x [label="+"]; y [label="+"]; x -> y }'
    assert terminal_view(dot, {}, CONTEXT).content.splitlines()[1] == "  + #0 → + #1"


def test_a_large_graph_is_cut() -> None:
    dot = "digraph {" + ";".join(f"{n} -> {n + 1}" for n in range(100)) + "}"
    lines = terminal_view(dot, {}, CONTEXT).content.splitlines()
    assert len(lines) == 18
    assert lines[-1] == "  … and 84 more"


def test_without_a_program_the_terminal_shows_the_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert terminal_view(DOT, {}, CONTEXT).content == DOT


@pytest.mark.parametrize("view", [page_view, terminal_view])
def test_what_is_no_dot_is_an_error(view: object) -> None:
    with pytest.raises(RenderError, match="DOT is text"):
        view({"a": 1}, {}, CONTEXT)  # type: ignore[operator]
    with pytest.raises(RenderError, match="syntax error"):
        view("digraph {", {}, CONTEXT)  # type: ignore[operator]

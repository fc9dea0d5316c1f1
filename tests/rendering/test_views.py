"""Which renderer shows a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from verso.api.mime import RICHEST_FIRST
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.rendering import RenderContext, Renderer, View
from verso.engine.references import resolve
from verso.rendering.plugin import verso_renderers
from verso.rendering.views import Views


def _views(*renderers: Renderer) -> Views:
    return Views(renderers, RenderContext(), resolve=resolve)


def _says(text: str | None) -> Any:
    def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
        return None if text is None else View(content=f"{text}:{content}")

    return render


def _fails(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    raise RuntimeError("no pen")


def test_the_richest_type_comes_first(html: Views) -> None:
    assert "<b>rich</b>" in html.view({"text/plain": "poor", "text/html": "<b>rich</b>"}).content


def test_a_renderer_that_passes_leaves_it_to_the_next_type() -> None:
    views = _views(
        Renderer(name="a", mime="text/html", render=_says(None)),
        Renderer(name="b", mime="text/plain", render=_says("plain")),
    )
    assert views.view({"text/html": "x", "text/plain": "y"}).content == "plain:y"


def test_priority_decides_between_renderers_of_one_type() -> None:
    views = _views(
        Renderer(name="low", mime="text/plain", render=_says("low")),
        Renderer(name="high", mime="text/plain", render=_says("high"), priority=1),
    )
    assert views.view({"text/plain": "x"}).content == "high:x"


def test_parameters_of_a_type_do_not_hide_its_renderer() -> None:
    views = _views(Renderer(name="a", mime="text/plain", render=_says("a")))
    assert views.view({"text/plain; charset=utf-8": "x"}).content == "a:x"


def test_a_renderer_that_fails_is_said_and_passed_over() -> None:
    views = _views(
        Renderer(name="broken", mime="text/html", render=_fails),
        Renderer(name="b", mime="text/plain", render=_says("plain")),
    )
    shown = views.view({"text/html": "x", "text/plain": "y"}).content
    assert shown.startswith("plain:y")
    assert "broken: RuntimeError: no pen" in shown


def test_an_unknown_type_is_said_with_its_size_and_can_be_saved(html: Views, terminal: Views) -> None:
    bundle = {"application/vnd.strange": "QUJDRA=="}
    shown = html.view(bundle).content
    assert "[application/vnd.strange, 4 B]" in shown
    assert 'download="output.strange"' in shown and "data:application/octet-stream;base64,QUJDRA==" in shown
    assert terminal.view(bundle).content == "[application/vnd.strange, 4 B]"
    assert "<pre" in html.view({"text/csv": "a,<b>"}).content and "<b>" not in html.view({"text/csv": "a,<b>"}).content


def test_every_known_type_has_a_view_on_both_surfaces(html: Views, terminal: Views, plain_terminal: Views) -> None:
    contents = {
        "application/json": {"a": 1},
        "application/vnd.dataresource+json": {"schema": {"fields": [{"name": "a"}]}, "data": [{"a": 1}]},
        "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='2'/>",
        "image/png": "iVBORw0KGgo=",
        "image/jpeg": "/9j/4AAQSkZJRg==",
        "image/gif": "R0lGODlhAQABAAAAACw=",
        "image/webp": "UklGRhoAAABXRUJQ",
    }
    for mime in RICHEST_FIRST:
        bundle = {mime: contents.get(mime, "x")}
        for views in (html, terminal, plain_terminal):
            if mime == "text/vnd.mermaid" and views is html:
                continue  # its HTML view comes with the Mermaid plugin
            shown = views.view(bundle).content
            assert shown and "failed" not in shown, mime


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (Stream(text="printed"), "printed"),
        (DisplayData(data={"text/plain": "shown"}), "shown"),
        (ExecuteResult(data={"text/plain": "value"}), "value"),
        (Error(ename="E", evalue="why"), "E: why"),
        (Error(ename="E", evalue="why", traceback=("Trace", "line 1")), "Trace\nline 1"),
    ],
)
def test_outputs_of_every_kind(html: Views, terminal: Views, output: Any, text: str) -> None:
    assert html.output(output).content == f'<pre class="verso-text">{text}</pre>'
    assert terminal.output(output).content == text


def test_names_of_renderers_are_unique() -> None:
    names = [renderer.name for renderer in verso_renderers()]
    assert len(names) == len(set(names))

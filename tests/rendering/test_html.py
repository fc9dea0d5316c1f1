"""HTML views of each MIME type; what a stranger's output can't do."""

from __future__ import annotations

import base64
import io
import re
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering.conftest import RENDERERS
from verso.api.rendering import RenderContext
from verso.engine.references import resolve
from verso.rendering.ansi import overwritten, to_html
from verso.rendering.sanitize import is_passive, sanitize
from verso.rendering.views import Views

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form action=https://evil.example><input name=p></form>",
    "<object data=x></object><embed src=x>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<style>body{display:none}</style>",
    "<img src='data:text/html,x'>",
    "<video><source onerror=alert(1)></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_sanitised_is_harmless(attack: str) -> None:
    clean = sanitize(f"before {attack} after").lower()
    for word in ("<script", "onerror", "onload", "javascript:", "java\t", "<iframe", "<object", "<embed", "<svg"):
        assert word not in clean
    for word in ("<link", "<base", "<meta", "<form", "url(", "position", "<style", "data:text", "mglyph"):
        assert word not in clean


@pytest.mark.parametrize(
    "harmless",
    [
        '<meter min="0" max="9" value="4">4</meter><progress value="1" max="2"></progress>',
        '<table border="1" class="dataframe"><tbody><tr style="text-align:right"><td>1</td></tr></tbody></table>',
        '<p style="color:red"><b>x</b> <code>y</code></p>',
        '<img src="data:image/png;base64,AA==" alt="x">',
        '<details open=""><summary>more</summary>text</details>',
        '<math display="block"><mfrac><mi>a</mi><mi>b</mi></mfrac></math>',
    ],
)
def test_what_is_harmless_stays(harmless: str) -> None:
    assert is_passive(harmless)
    assert sanitize(harmless) == harmless


@pytest.mark.parametrize(
    "active",
    [
        "<script>1</script>",
        "<img src=x onerror=1>",
        "<a href=' javascript:1'>x</a>",
        "<svg></svg>",
        "<style>b{}</style>",
        "<iframe></iframe>",
        "<button>x</button>",
        "<input type=range>",
        "<canvas></canvas>",
        "<link rel=stylesheet href=x>",
    ],
)
def test_active_html_goes_into_a_frame_as_it_is(html: Views, active: str) -> None:
    view = html.view({"text/html": active, "text/plain": "x"})
    assert view.sandboxed and view.content == active


def test_a_data_frame_stands_in_the_page(html: Views) -> None:
    view = html.view({"text/html": "<div><style scoped>\n.dataframe{}</style><table><tr><td>1</td></tr></table></div>"})
    assert not view.sandboxed
    assert "<table>" in view.content and "style" not in view.content


def test_a_script_runs_only_when_trusted_and_then_in_a_frame(html: Views) -> None:
    bundle = {"application/javascript": "element.textContent = '</script>'"}
    untrusted = html.view(bundle)
    assert not untrusted.sandboxed and "<script" not in untrusted.content and "not run" in untrusted.content
    trusted = Views(RENDERERS, RenderContext(trusted=True), resolve=resolve).view(bundle)
    assert trusted.sandboxed and trusted.content.count("</script>") == 1


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab<>&\"'\x1b[]0123456789;m\r\n\x07\\8")))
def test_no_text_becomes_markup(text: str) -> None:
    shown = to_html(text)
    assert set(re.findall(r"</?([a-z]+)", shown)) <= {"span", "a"}
    assert shown.count("<span") == shown.count("</span>")
    assert "\x1b" not in shown


def test_ansi_colours_become_classes_that_the_theme_fills() -> None:
    shown = to_html(
        "\x1b[1;31mred\x1b[0m \x1b[42mgreen ground\x1b[0m \x1b[38;2;1;2;3mexact\x1b[0m\n\x1b[93mopen\nstill\x1b[0m"
    )
    assert '<span class="ansi-fg-1 ansi-bold">red</span>' in shown
    assert '<span class="ansi-bg-2">green ground</span>' in shown
    assert "#010203" in shown
    assert shown.endswith('<span class="ansi-fg-11">open</span>\n<span class="ansi-fg-11">still</span>')


def test_links_of_a_terminal_are_links_only_to_the_web() -> None:
    def link(url: str) -> str:
        return to_html(f"\x1b]8;;{url}\x1b\\here\x1b]8;;\x1b\\")

    assert link("https://example.org") == '<a href="https://example.org" rel="noopener noreferrer">here</a>'
    assert link("javascript:alert(1)") == "here"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("10%\r100%", "100%"),
        ("long line\rno", "no" + "ng line"),
        ("done\r", "done"),
        ("a\r\rb", "b"),
        ("plain", "plain"),
    ],
)
def test_carriage_returns_overwrite(line: str, shown: str) -> None:
    assert overwritten(line) == shown


def test_control_sequences_that_are_no_colours_are_left_out() -> None:
    assert to_html("a\x1b[2Kb\x1b[1Ac\x1b]0;title\x07d\x1b(Be") == "abcde"


def test_pictures(html: Views) -> None:
    shown = html.view({"image/png": PNG + "\n"}, {"image/png": {"width": 640, "height": 480.4, "alt": 'a "b"'}}).content
    assert f'src="data:image/png;base64,{PNG}"' in shown
    assert 'width="640" height="480"' in shown and 'alt="a &quot;b&quot;"' in shown
    assert "<img" not in html.view({"image/png": '"><script>', "text/plain": "x"}).content
    svg = html.view(
        {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert('\"')</script></svg>"}
    ).content
    assert svg.startswith('<img class="verso-svg" src="data:image/svg+xml,') and "<script" not in svg


def test_sound(html: Views) -> None:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0" * 100)
    shown = html.view({"audio/wav": base64.b64encode(target.getvalue()).decode()}).content
    assert shown.startswith("<audio ")


def test_json_is_a_tree(html: Views) -> None:
    shown = html.view({"application/json": {"<k>": [1, "<v>", None], "empty": {}}}).content
    assert "&lt;k&gt;" in shown and "&lt;v&gt;" in shown and "[ 3 items ]" in shown
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    assert "1 item" in html.view({"application/json": deep}).content
    assert "… 9,800 more" in html.view({"application/json": list(range(10_000))}).content


def test_tables(html: Views) -> None:
    table = {
        "schema": {"fields": [{"name": "a<b", "type": "integer"}, {"name": "c", "type": "string"}]},
        "data": [{"a<b": 1, "c": "<x>"}, {"a<b": None, "c": True}, [3, "list"]],
    }
    shown = html.view({"application/vnd.dataresource+json": table}).content
    assert '<th class="number">a&lt;b<span class="type">integer</span></th>' in shown
    assert '<td class="number">1</td><td>&lt;x&gt;</td>' in shown
    assert '<td class="null">NULL</td><td>true</td>' in shown
    assert "3 rows" in shown
    many = {"data": [{"n": n} for n in range(1500)]}
    assert "1,500 rows, first 1,000 shown" in html.view({"application/vnd.dataresource+json": many}).content
    broken = {"application/vnd.dataresource+json": {"data": 3}, "text/plain": "text instead"}
    assert "text instead" in html.view(broken).content


def test_markdown_and_latex(html: Views) -> None:
    shown = html.view({"text/markdown": "# T\n<b onclick=x>raw</b><script>1</script> $x$"}).content
    assert '<h1 id="t">T</h1>' in shown and "<b>raw</b>" in shown and "<math" in shown
    assert "<script" not in shown and "onclick" not in shown
    assert "<mfrac>" in html.view({"text/latex": r"$\frac{1}{2}$"}).content
    assert "as text" in html.view({"text/latex": r"\left( x", "text/plain": "as text"}).content

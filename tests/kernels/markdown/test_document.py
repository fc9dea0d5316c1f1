"""Markdown → HTML."""

from __future__ import annotations

import pytest
from verso_markdown.document import to_html
from verso_markdown.math import render as render_latex
from verso_markdown.math import to_mathml

from verso.api.rendering import RenderContext
from verso.rendering.sanitize import sanitize


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("~~gone~~", "<s>gone</s>"),
        ("| a |\n|--:|\n| 1 |", '<td style="text-align:right">1</td>'),
        ("- [x] done", 'type="checkbox" checked'),
        ("> [!WARNING]\n> hot", "markdown-alert-warning"),
        ("see www.example.org", '<a href="http://www.example.org">'),
        ("mail a@b.org", 'href="mailto:a@b.org"'),
        ("# A *b* c", '<h1 id="a-b-c">'),
        ("# A\n# A", '<h1 id="a-1">'),
        ("x[^n]\n\n[^n]: the note", 'class="footnotes"'),
        ("```python\ndef f(): pass\n```", '<span class="k">def</span>'),
        ("```nolang\n<b>\n```", "&lt;b&gt;"),
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("a $$\\frac{1}{2}$$ b", 'display="block"'),
        ("```math\n\\sqrt{2}\n```", "<msqrt>"),
        ("$$\n\\sum_i i\n$$", '<div class="math block">'),
        ("it costs $5 or $10", "<p>it costs $5 or $10</p>"),
        ("<b>raw</b>", "<b>raw</b>"),
    ],
)
def test_flavour(source: str, expected: str) -> None:
    assert expected in to_html(source)


def test_documents_do_not_remember_each_other() -> None:
    to_html("# A\n\n[^1]\n\n[^1]: note")
    assert to_html("# A") == '<h1 id="a">A</h1>\n'


def test_text_in_math_is_text() -> None:
    assert "<b>" not in to_mathml(r"\text{<b>x</b>}", "inline")
    assert "&lt;b&gt;" in to_mathml(r"\text{<b>x</b>}", "inline")


def test_math_that_cannot_be_read_shows_its_source_and_why() -> None:
    shown = to_mathml(r"\left( <a", "inline")
    assert shown.startswith('<code class="math-error" title="ExtraLeftOrMissingRightError')
    assert "&lt;a" in shown


@pytest.mark.parametrize("latex", [r"$\frac{a}{b}$", r"$$\frac{a}{b}$$", r"\[\frac{a}{b}\]", r"\frac{a}{b}"])
def test_latex_output(latex: str) -> None:
    view = render_latex(latex, {}, RenderContext(sanitize=sanitize))
    assert view is not None
    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>" in view.content

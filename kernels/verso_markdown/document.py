"""Markdown → HTML: GitHub-flavoured, with math as MathML, footnotes, heading anchors and highlighted code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.gfm import gfm_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from verso.api.rendering import RenderContext, View
from verso_markdown.math import to_mathml


def to_html(source: str) -> str:
    """A Markdown document as HTML. Raw HTML in it stays as it is; code has the token classes of Pygments."""
    return str(parser().render(source))


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of `text/markdown`: raw HTML in it passes `context.sanitize`."""
    if not isinstance(content, str):
        return None
    return View(content=f'<div class="verso-markdown">{context.sanitize(to_html(content))}</div>')


@cache
def parser() -> MarkdownIt:
    """The parser of this flavour. It keeps nothing from one document to the next."""
    markdown = MarkdownIt("commonmark", {"html": True})
    gfm_plugin(markdown)
    # As on GitHub: "$5 and $10" is money, and $$…$$ may stand within a paragraph.
    markdown.use(
        dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True, renderer=_math
    )
    markdown.use(anchors_plugin, max_level=6)
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("math_inline_double", _math_within_paragraph)
    return markdown


def _math(latex: str, options: Mapping[str, Any]) -> str:
    return to_mathml(latex, "block" if options["display_mode"] else "inline")


def _math_within_paragraph(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    # A <div> would end the paragraph that it stands in.
    return f'<span class="math display">{to_mathml(tokens[index].content.strip(), "block")}</span>'


def _fence(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = token.info.strip().partition(" ")[0].lower()
    if language == "math":
        return f'<div class="math block">{to_mathml(token.content.strip(), "block")}</div>\n'
    name = f' class="language-{escape(language)}"' if language else ""
    return f'<pre class="highlight"><code{name}>{_highlighted(token.content, language)}</code></pre>\n'


def _highlighted(code: str, language: str) -> str:
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(code, quote=False)
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))

"""Source code as HTML with the token classes of Pygments."""

from __future__ import annotations

from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound


def highlighted(code: str, lexer: str) -> str:
    """`code` as escaped HTML; without colours when Pygments knows no lexer of that name."""
    try:
        found = get_lexer_by_name(lexer, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code, quote=False)
    return str(highlight(code, found, HtmlFormatter(nowrap=True)))

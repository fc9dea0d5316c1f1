"""Source code as HTML with the token classes of Pygments."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.metadata import entry_points
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound


def highlighted(code: str, lexer: str) -> str:
    """`code` as escaped HTML; without colours when Pygments knows no lexer of that name. One that a package brings by
    just that name (entry points `pygments.lexers`) comes before Pygments' own: it knows the language as cells have it.
    """
    try:
        found = _lexer(lexer)
    except ClassNotFound:
        return escape(code, quote=False)
    return str(highlight(code, found, HtmlFormatter(nowrap=True)))


@cache
def _lexer(name: str) -> Any:
    for entry in entry_points(group="pygments.lexers", name=name):
        return entry.load()(stripnl=False, ensurenl=False)
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)

"""HTML in a terminal: its text. Loaded only for an output that is nothing but HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Final

from verso.api.mime import HTML
from verso.api.rendering import RenderContext, View
from verso.rendering.terminal import placeholder

_BLOCKS: Final = frozenset(
    {
        "p",
        "div",
        "tr",
        "br",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "table",
        "ul",
        "ol",
        "section",
        "blockquote",
        "dt",
        "dd",
        "caption",
    }
)


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The text of HTML: a bundle with nothing else in it still says something."""
    if not isinstance(content, str):
        return None
    reader = _TextOfHtml()
    reader.feed(content)
    reader.close()
    text = reader.text()
    return View(content=text or placeholder(HTML, content))


class _TextOfHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag in _BLOCKS:
            self._parts.append("\n")
        elif tag in ("td", "th"):
            self._parts.append("  ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (line.strip() for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)

"""As much of the DOT grammar as tells where a graph ends (graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/|^\#[^\n]*|\s+)|"(?:\\.|[^"\\])*"|(?P<mark>[{}<])|[^\s{}<"/\#]+|.""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_ANGLE: Final = re.compile("[<>]")


def after_first_graph(dot: str) -> str:
    """What follows the first graph, without comments and white space before it; empty when nothing does.

    A text whose first graph never ends gives the empty string as well: saying so is the drawing program's task.
    """
    depth = 0
    place = 0
    ended = False
    while token := _TOKEN.match(dot, place):
        place = token.end()
        if token["skip"]:
            continue
        if ended:
            return dot[token.start() :]
        if token["mark"] == "<":
            place = _html_end(dot, token.start())
        elif token["mark"]:
            depth += 1 if token["mark"] == "{" else -1
            ended = depth == 0
    return ""


def _html_end(dot: str, start: int) -> int:
    """Past the `>` that closes the HTML string which starts here, or past the end of the text."""
    depth = 0
    for angle in _ANGLE.finditer(dot, start):
        depth += 1 if angle[0] == "<" else -1
        if not depth:
            return angle.end()
    return len(dot)

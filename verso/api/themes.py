"""Themes: named colours and fonts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from verso.api.record import Record, field


class Theme(Record):
    """A theme. `name` as in a notebook's `preferredTheme`. `colors`: token → CSS colour; the tokens are
    `background surface text muted accent border error warning success` and `code-*` for syntax
    (`code-keyword code-string code-number code-comment code-name code-operator`). A token that is missing takes
    the value of the default theme of the same `scheme`. `font`, `mono`: CSS font stacks, empty for the default."""

    name: str = "verso-light"
    title: str = "Verso light"
    scheme: Literal["light", "dark"] = "light"
    colors: Mapping[str, str] = field(default_factory=dict)
    font: str = ""
    mono: str = ""

    def color(self, token: str) -> str:
        """The CSS colour of a token. `KeyError` for a token that no theme has."""
        return self.colors.get(token) or (VERSO_DARK if self.scheme == "dark" else VERSO_LIGHT).colors[token]


VERSO_LIGHT: Final = Theme(
    colors={
        "background": "#ffffff",
        "surface": "#f5f6f8",
        "text": "#1c2230",
        "muted": "#586173",
        "accent": "#2253c4",
        "border": "#d8dde6",
        "error": "#ad2018",
        "warning": "#835000",
        "success": "#17683a",
        "code-keyword": "#7a2aa5",
        "code-string": "#17683a",
        "code-number": "#94470a",
        "code-comment": "#5a6576",
        "code-name": "#1c51ad",
        "code-operator": "#485262",
    }
)
"""The default theme of the light scheme; it has every token."""

VERSO_DARK: Final = Theme(
    name="verso-dark",
    title="Verso dark",
    scheme="dark",
    colors={
        "background": "#13161c",
        "surface": "#1b2028",
        "text": "#e3e7ee",
        "muted": "#9da8b8",
        "accent": "#84b3ff",
        "border": "#323a47",
        "error": "#ff8f85",
        "warning": "#efb45c",
        "success": "#7bd49a",
        "code-keyword": "#d3a9ff",
        "code-string": "#a4d8a0",
        "code-number": "#f4b57f",
        "code-comment": "#94a1b2",
        "code-name": "#8fc5ff",
        "code-operator": "#b9c3d0",
    },
)
"""The default theme of the dark scheme; it has every token."""

TOKENS: Final = tuple(VERSO_LIGHT.colors)
"""Every colour token, in the order of the table above."""

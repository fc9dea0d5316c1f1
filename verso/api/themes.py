"""Themes: named colours and fonts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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

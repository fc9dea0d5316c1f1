"""The themes are complete and readable."""

from __future__ import annotations

import pytest

from verso.api.themes import TOKENS, Theme
from verso.export.styles import _ANSI
from verso.rendering.plugin import verso_themes

THEMES = verso_themes()
READABLE = 4.5
"""Least contrast of text by WCAG 2.2, success criterion 1.4.3."""


def _luminance(color: str) -> float:
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_names() -> None:
    assert [theme.name for theme in THEMES] == ["verso-light", "verso-dark", "verso-highcontrast"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_is_readable_on_every_ground(theme: Theme) -> None:
    least = 7.0 if theme.name == "verso-highcontrast" else READABLE
    assert set(theme.colors) == set(TOKENS)
    for token in set(TOKENS) - {"background", "surface", "border"}:
        for ground in ("background", "surface"):
            assert contrast(theme.color(token), theme.color(ground)) >= least, (token, ground)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_colours_of_a_terminal_are_readable(theme: Theme) -> None:
    for number, color in enumerate(_ANSI[theme.scheme]):
        assert contrast(color, theme.color("background")) >= READABLE, number


def test_a_missing_token_is_that_of_the_scheme() -> None:
    assert Theme(scheme="dark", colors={"text": "#fff"}).color("text") == "#fff"
    assert Theme(scheme="dark").color("text") == THEMES[1].color("text")
    with pytest.raises(KeyError):
        Theme().color("nothing")

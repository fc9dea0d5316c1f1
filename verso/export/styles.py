"""The page's style sheet: the asset `page.css` with the themes' colours as custom properties."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from verso.api.themes import TOKENS, VERSO_DARK, VERSO_LIGHT, Theme

_FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
_MONO: Final = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'

_ANSI: Final = {
    "light": (
        *("#1c2230", "#ad2018", "#17683a", "#835000", "#2253c4", "#7a2aa5", "#0c6577", "#586173"),
        *("#4a5262", "#c0261d", "#1a7440", "#8f5800", "#2c60d6", "#8c35bb", "#0f7184", "#5f6878"),
    ),
    "dark": (
        *("#8590a2", "#ff8f85", "#7bd49a", "#efb45c", "#84b3ff", "#d3a9ff", "#6fd3e3", "#e3e7ee"),
        *("#9da8b8", "#ffa79f", "#97e2b1", "#f7c883", "#a6c8ff", "#e0c3ff", "#95e1ed", "#ffffff"),
    ),
}
"""The 16 colours of a terminal, readable on the background of a theme of either scheme."""


def asset(name: str) -> str:
    """The text of a file in `verso/export/assets`."""
    return (files("verso.export") / "assets" / name).read_text(encoding="utf-8")


def page_styles(themes: Iterable[Theme], fixed: Theme | None) -> str:
    """The whole style sheet of a page. `fixed`: the only theme; without it the reader's preference chooses between the
    first light and the first dark one of `themes`."""
    if fixed is not None:
        colors = f":root {{ {_properties(fixed)} }}"
    else:
        all_themes = tuple(themes)
        light = next((theme for theme in all_themes if theme.scheme == "light"), VERSO_LIGHT)
        dark = next((theme for theme in all_themes if theme.scheme == "dark"), VERSO_DARK)
        colors = (
            f":root {{ {_properties(light)} }}\n"
            "@media screen and (prefers-color-scheme: dark) "
            f'{{ :root:not([data-theme="light"]) {{ {_properties(dark)} }} }}\n'
            f'@media screen {{ :root[data-theme="dark"] {{ {_properties(dark)} }} }}'
        )
    # A background is a tint, so that text of any colour stays readable on it in light and dark.
    ansi = "\n".join(
        f".ansi-fg-{number} {{ color: var(--ansi-{number}); }} "
        f".ansi-bg-{number} {{ background-color: color-mix(in srgb, var(--ansi-{number}) 25%, var(--background)); }}"
        for number in range(16)
    )
    # White on a colour is written for the full colour; on its tint it is the page's own text.
    ansi += '\n:is(.ansi-fg-7, .ansi-fg-15)[class*="ansi-bg-"] { color: var(--text); }'
    return "\n".join((colors, asset("page.css"), ansi))


def _properties(theme: Theme) -> str:
    pairs = {f"--{token}": _safe(theme.color(token)) for token in TOKENS}
    pairs |= {f"--ansi-{number}": color for number, color in enumerate(_ANSI[theme.scheme])}
    pairs |= {"--font": _safe(theme.font) or _FONT, "--mono": _safe(theme.mono) or _MONO, "color-scheme": theme.scheme}
    # Pictures are drawn for white paper: on a dark page they get some.
    pairs["--paper"] = "#ffffff" if theme.scheme == "dark" else "transparent"
    pairs["--paper-edge"] = "0.6rem" if theme.scheme == "dark" else "0rem"
    return " ".join(f"{name}: {value};" for name, value in pairs.items())


def _safe(value: str) -> str:
    """A CSS value that can't end its declaration or load anything."""
    return "" if re.search(r"[{};<]|url\s*\(|@import|\*/", value, re.IGNORECASE) else value

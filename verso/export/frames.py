"""Sandboxed frames: where an output's own scripts and styles run, with an origin of its own and no network."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from verso.api.rendering import Asset, View
from verso.export.styles import asset

_REMOTE_SCRIPT: Final = re.compile(
    r"<script\b[^>]*\bsrc\s*=\s*[\"']?(?:https?:)?//[^>]*>\s*</script\s*>", re.IGNORECASE
)
_REMOTE_STYLE: Final = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?(?:https?:)?//[^>]*>", re.IGNORECASE)
_TAGS: Final = {"script": "script", "style": "style"}


def frame(view: View, *, title: str) -> str:
    """A view's active content in an `<iframe sandbox>`: its scripts can neither see nor change the page, open windows,
    send forms, nor (by the page's policy) load anything. What it would load from the network is taken out and said."""
    content, scripts = _REMOTE_SCRIPT.subn("", view.content)
    content, styles = _REMOTE_STYLE.subn("", content)
    assets = "".join(map(_element, view.assets))
    document = (
        '<!doctype html><html><head><meta charset="utf-8">'
        f"<style>{asset('frame.css')}</style>{assets}</head>"
        f"<body>{content}<script>{asset('frame.js')}</script></body></html>"
    )
    markup = (
        f'<iframe class="verso-frame" sandbox="allow-scripts" title="{escape(title)}" '
        f'srcdoc="{escape(document)}"></iframe>'
    )
    if scripts or styles:
        markup += (
            '<p class="verso-note">This output loads parts of itself from the network, which this page does not do. '
            "Make it with its library included to see it here.</p>"
        )
    return markup


def _element(one: Asset) -> str:
    """The asset in its element. A closing tag in its text would end the element early: in scripts and style sheets it
    can stand in strings and comments only, where a backslash before the slash changes nothing."""
    tag = _TAGS[one.kind]
    text = re.sub(rf"</({tag})", r"<\\/\1", one.content, flags=re.IGNORECASE)
    return f"<{tag}>{text}</{tag}>"

"""Pictures, sound and video as HTML: always as `data:` URLs in elements that run no scripts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from verso.api.mime import GIF, JPEG, PNG, SVG, WEBP
from verso.api.rendering import RenderContext, View

_SIGNATURES = {PNG: (b"\x89PNG",), JPEG: (b"\xff\xd8",), GIF: (b"GIF8",), WEBP: (b"RIFF",)}


def render_picture(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of a bitmap; None when the content is not base64 of one. `width`, `height` (CSS pixels), `alt` of the
    metadata are kept, given flat or under the type."""
    data = _base64(content)
    mime = next((mime for mime, starts in _SIGNATURES.items() if data[1].startswith(starts)), None) if data else None
    if data is None or mime is None:
        return None
    return View(content=_img(f"data:{mime};base64,{data[0]}", _of(metadata, mime)))


def render_svg(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of an SVG: as an image, where its scripts never run and it loads nothing."""
    if not isinstance(content, str) or "<svg" not in content:
        return None
    return View(content=_img(f"data:{SVG},{quote(content, safe=_SAFE_IN_SVG)}", _of(metadata, SVG), "verso-svg"))


def render_media(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of sound or video, with controls. The type is found from the bytes by the browser."""
    data = _base64(content)
    if data is None:
        return None
    kind = "audio" if _is_audio(data[1]) else "video"
    return View(content=f'<{kind} class="verso-media" controls src="data:{kind}/*;base64,{data[0]}"></{kind}>')


_SAFE_IN_SVG = " !$'()*+,-./:;=?@[]^_`{|}~"


def _is_audio(start: bytes) -> bool:
    return (
        start[:3] == b"ID3" or start[:2] in (b"\xff\xfb", b"\xff\xf3") or start[8:12] == b"WAVE" or start[:4] == b"OggS"
    )


def _base64(content: Any) -> tuple[str, bytes] | None:
    """The text without whitespace, and its first bytes; None when it is not base64."""
    if not isinstance(content, str):
        return None
    packed = "".join(content.split())
    try:
        return packed, base64.b64decode(packed, validate=True)[:64]
    except (binascii.Error, ValueError):
        return None


def _of(metadata: Mapping[str, Any], mime: str) -> Mapping[str, Any]:
    own = metadata.get(mime)
    return {**metadata, **own} if isinstance(own, Mapping) else metadata


def _img(source: str, metadata: Mapping[str, Any], name: str = "verso-picture") -> str:
    sizes = "".join(
        f' {side}="{round(value)}"'
        for side in ("width", "height")
        if isinstance(value := metadata.get(side), (int, float)) and not isinstance(value, bool) and 0 < value < 1e5
    )
    alt = metadata.get("alt") or metadata.get("title") or "output of the cell"
    return f'<img class="{name}" src="{source}" alt="{escape(str(alt))}"{sizes}>'

"""Views for a terminal that need no drawing: text, JSON, placeholders for pictures."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Mapping
from typing import Any, Final

from verso.api.mime import GIF, JPEG, PNG, SVG, WEBP, is_binary
from verso.api.rendering import RenderContext, View

_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].*?(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-Z\\-_])", re.DOTALL)
_HARMFUL: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-ln-~]|\].*?(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-Z\\-_])", re.DOTALL
)
_SVG_HEAD: Final = re.compile(r"<svg\b[^>]*>")
_SVG_SIDE: Final = re.compile(r"\s(width|height)\s*=\s*[\"'](\d+(?:\.\d+)?)(?![\d.]*%)")


def render_text(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """Text as it is; colours only where they are welcome, and no sequence that moves the cursor or talks to the
    terminal in either case."""
    text = content if isinstance(content, str) else str(content)
    if "\x1b" in text:
        text = (_HARMFUL if context.colors else _ESCAPE).sub("", text)
    return View(content=text)


def render_json(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """JSON, indented."""
    return View(content=json.dumps(content, indent=2, ensure_ascii=False, default=str))


def render_placeholder(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """What stands for a picture, sound or video: its type, size in pixels where it has one, and size in bytes."""
    if not isinstance(content, str):
        return None
    mime = next((mime for mime in (SVG, PNG, JPEG, GIF, WEBP) if _is(content, mime)), "media")
    return View(content=placeholder(mime, content))


def placeholder(mime: str, content: Any) -> str:
    """`[image/png 640×480, 12.3 kB]` for content of any type."""
    text = content if isinstance(content, str) else json.dumps(content, default=str)
    count = len(text) * 3 // 4 - text[-2:].count("=") if is_binary(mime) else len(text.encode("utf-8", "replace"))
    size = picture_size(mime, text)
    return f"[{mime}{f' {size[0]}×{size[1]}' if size else ''}, {byte_size(count)}]"


def byte_size(count: int) -> str:
    """A number of bytes for people: `512 B`, `12.3 kB`, `4.0 MB`."""
    if count < 1000:
        return f"{count} B"
    number, units = count / 1000, ["GB", "MB", "kB"]
    while number >= 999.95 and len(units) > 1:
        number, _ = number / 1000, units.pop()
    return f"{number:.1f} {units[-1]}"


def picture_size(mime: str, content: str) -> tuple[int, int] | None:
    """Width and height in pixels from a picture's head; None where it can't be told."""
    if mime == SVG:
        head = _SVG_HEAD.search(content[:4000])
        found = dict(_SVG_SIDE.findall(head[0])) if head else {}
        return (round(float(found["width"])), round(float(found["height"]))) if len(found) == 2 else None
    try:
        data = base64.b64decode("".join(content[:400_000].split())[: 4 * (300_000 // 4)], validate=True)
        return _bitmap_size(mime, data)
    except (binascii.Error, ValueError, struct.error, IndexError):
        return None


def _bitmap_size(mime: str, data: bytes) -> tuple[int, int] | None:
    if mime == PNG:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if mime == GIF:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if mime == JPEG:
        at = 2
        while data[at] == 0xFF:
            marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                height, width = struct.unpack(">HH", data[at + 5 : at + 9])
                return width, height
            at += 2 + length
    if mime == WEBP and data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _is(content: str, mime: str) -> bool:
    start = content.lstrip()[:400]
    return {
        SVG: "<svg" in start or "<?xml" in start,
        PNG: start.startswith("iVBORw0KGgo"),
        JPEG: start.startswith("/9j/"),
        GIF: start.startswith("R0lGOD"),
        WEBP: start.startswith("UklGR"),
    }[mime]

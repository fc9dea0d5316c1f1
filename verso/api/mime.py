"""MIME types that Verso knows, and which of a bundle's views is the richest.

A bundle maps a MIME type to its content: `str` for text, base64 `str` for binary types, and plain JSON
values for `application/json` and `+json` types (Jupyter messaging protocol 5.4, "display_data").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

MimeBundle = Mapping[str, Any]

PLAIN: Final = "text/plain"
HTML: Final = "text/html"
MARKDOWN: Final = "text/markdown"
LATEX: Final = "text/latex"
SVG: Final = "image/svg+xml"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
GIF: Final = "image/gif"
WEBP: Final = "image/webp"
JSON: Final = "application/json"
JAVASCRIPT: Final = "application/javascript"
MERMAID: Final = "text/vnd.mermaid"
TABLE: Final = "application/vnd.dataresource+json"
"""A table as data: Frictionless "tabular data resource" (schema.fields, data as records)."""

RICHEST_FIRST: Final = (HTML, SVG, PNG, JPEG, GIF, WEBP, MERMAID, MARKDOWN, LATEX, TABLE, JSON, PLAIN)


def is_json(mime: str) -> bool:
    """Whether the content of this type is a JSON value and not a string."""
    base = mime.partition(";")[0]
    return base == JSON or base.endswith("+json")


def is_binary(mime: str) -> bool:
    """Whether the content of this type is base64 text of bytes."""
    kind, _, rest = mime.partition("/")
    if kind == "text" or is_json(mime) or rest.endswith("+xml") or mime in (JAVASCRIPT, "application/xml"):
        return False
    return kind in ("image", "audio", "video", "font", "application")


def richest(types: Iterable[str]) -> str:
    """The type of the richest view among `types`; unknown types rank between LaTeX and JSON.

    `ValueError` for an empty bundle.
    """
    unknown = RICHEST_FIRST.index(TABLE) - 0.5
    ranks = {mime: float(place) for place, mime in enumerate(RICHEST_FIRST)}
    return min(types, key=lambda mime: ranks.get(mime, unknown))

"""Pictures that a document refers to, taken into it as `data:` URLs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

LARGEST: Final = 20_000_000
"""A picture of more bytes is not taken in."""

_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".ico": "image/x-icon",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
}


class Pictures:
    """Finds what a cell's Markdown refers to: its attachments, and files in the notebook's folder.

    `directory`: that folder, or None. Files outside of it are never read, whatever a path or link says: a notebook
    from a stranger must not carry the exporting person's files away.
    """

    def __init__(self, directory: Path | None, attachments: Mapping[str, Mapping[str, Any]]) -> None:
        self._directory = directory.resolve() if directory else None
        self._attachments = attachments

    def data_url(self, reference: str) -> str | None:
        """The `data:` URL of a reference; None for what is not there, too large, no picture, or on the network."""
        if reference.startswith("data:"):
            return reference
        parts = urlsplit(reference)
        if parts.scheme == "attachment":
            return self._attachment(unquote(reference.partition(":")[2]))
        if parts.scheme or parts.netloc or not parts.path:
            return None
        return self._file(unquote(parts.path))

    def _attachment(self, name: str) -> str | None:
        for mime, content in self._attachments.get(name, {}).items():
            if mime == "image/svg+xml" and isinstance(content, str):
                return f"data:{mime},{quote(content)}"
            if mime.startswith("image/") and isinstance(content, str):
                return f"data:{mime};base64,{''.join(content.split())}"
        return None

    def _file(self, path: str) -> str | None:
        if self._directory is None or "\0" in path:
            return None
        mime = _TYPES.get(Path(path).suffix.lower())
        try:
            file = (self._directory / path).resolve()
            inside = file.is_relative_to(self._directory)
            if not mime or not inside or not file.is_file() or file.stat().st_size > LARGEST:
                return None
            return f"data:{mime};base64,{base64.b64encode(file.read_bytes()).decode()}"
        except OSError:
            return None

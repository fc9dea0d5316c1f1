"""The text of a `%%` marker: `%% title [type or language] key=JSON …` or `… {JSON object}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from verso.api.record import Record, field
from verso.formats.cells import LANGUAGE_TYPES
from verso.formats.json_text import compact_json

_KIND: Final = re.compile(r"(?:^|(?<=\s))\[([^\[\]\s]+)\](?=\s|$)")
_KEY: Final = re.compile(r"([A-Za-z_][\w.:-]*)=")
_SHORT: Final = {"md": "markdown"}
_FOREIGN: Final = frozenset(
    {"bash", "csharp", "fsharp", "javascript", "julia", "kql", "lua", "powershell", "pwsh", "python", "r", "ruby"}
    | {"typescript", "zsh"}
)
"""Languages that brackets name even where no kernel for them is installed."""

_DECODER: Final = json.JSONDecoder()


class Marker(Record):
    """What a marker says. `kind`: cell type or language in brackets, None for the script's own language."""

    kind: str | None = None
    title: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read_marker(text: str, languages: Mapping[str, str]) -> Marker:
    """The marker that `%%…` is. The type stands before the metadata (as jupytext writes it) or first (as VS Code
    has it). Brackets around anything but a cell type or a known language, and what does not parse as metadata,
    belong to the title."""
    rest = text[2:].strip()
    for match in _KIND.finditer(rest):
        name = _SHORT.get(match[1], match[1])
        if not (name in LANGUAGE_TYPES or name in languages or name in _FOREIGN):
            continue
        after = rest[match.end() :].strip()
        metadata = _metadata_of(after)
        if metadata is not None:
            return Marker(kind=name, title=rest[: match.start()].strip(), metadata=metadata)
        if match.start() == 0:
            title, metadata = _title_and_metadata(after)
            return Marker(kind=name, title=title, metadata=metadata)
    title, metadata = _title_and_metadata(rest)
    return Marker(title=title, metadata=metadata)


def marker_text(marker: Marker) -> str:
    """The text of a marker, from `%%` on; `read_marker` is its inverse."""
    parts = ["%%"]
    if marker.title:
        parts.append(marker.title)
    if marker.kind is not None:
        parts.append(f"[{marker.kind}]")
    if marker.metadata:
        parts.append(_metadata_text(marker.metadata))
    return " ".join(parts)


def _title_and_metadata(text: str) -> tuple[str, dict[str, Any]]:
    for start in (0, *(match.end() for match in re.finditer(r"\s+", text))):
        metadata = _metadata_of(text[start:])
        if metadata:
            return text[:start].strip(), metadata
    return text, {}


def _metadata_text(metadata: Mapping[str, Any]) -> str:
    if all(_KEY.fullmatch(f"{key}=") for key in metadata):
        return " ".join(f"{key}={_ascii_json(value)}" for key, value in metadata.items())
    return _ascii_json(metadata)


def _ascii_json(value: Any) -> str:
    """JSON on one line, whatever editors take for the end of a line."""
    text = compact_json(value)
    return text if len(text.splitlines()) == 1 and text.isprintable() else json.dumps(json.loads(text))


def _metadata_of(text: str) -> dict[str, Any] | None:
    """The metadata that a text is, empty for an empty text; None when it is something else."""
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None
    metadata: dict[str, Any] = {}
    place = 0
    while place < len(text):
        match = _KEY.match(text, place)
        if match is None:
            return None
        try:
            metadata[match[1]], place = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return None
        if place < len(text) and not text[place].isspace():
            return None
        while place < len(text) and text[place].isspace():
            place += 1
    return metadata

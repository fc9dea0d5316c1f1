"""The documentation as data: its pages, their fenced blocks, links and headings.

An HTML comment right above a fence, which readers of the rendered page don't see, says what a block is for:

- `<!-- saved as NAME -->`: a file of the page's folder. `<!-- added to NAME -->`: more of that file.
- `<!-- needs KERNEL … -->`: run only where these kernels can start.
- `<!-- not run: WHY -->`: shown only; so are fences with `not-run` behind their language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verso.api.record import Record

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(
        path
        for pattern in ("*.md", "docs/**/*.md", "samples/**/*.md", "extensions/**/*.md", "kernels/**/*.md")
        for path in ROOT.glob(pattern)
    )
)
README = ROOT / "README.md"
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"(?P<notes>(?:^[ ]*<!--[^\n]*-->\n+)*)"
    r"^(?P<indent>[ ]*)```(?P<language>[\w+-]*)(?P<info>[^\n]*)\n(?P<text>.*?)^[ ]*```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_NOTE = re.compile(r"<!--\s*(saved as|added to|needs|not run:)\s+(.*?)\s*-->")
_LINK = re.compile(r"(?<!\\)\[[^\]\n]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_SPAN = re.compile(r"`[^`\n]*`")


class Block(Record):
    """A fenced block. `line`: of its fence, from 1. `notes`: what the comments above it say, by their first words."""

    page: Path
    line: int
    language: str
    text: str
    notes: dict[str, Any]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        indent = len(found["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in found["text"].splitlines(keepends=True))
        yield Block(
            page=page,
            line=text.count("\n", 0, found.start("indent")) + 1,
            language=found["language"],
            text=body,
            notes=_notes(found["notes"], found["info"]),
        )


def _notes(comments: str, info: str) -> dict[str, str]:
    notes = {name.rstrip(":"): value for name, value in _NOTE.findall(comments)}
    return notes | {"not run": info.strip()} if "not-run" in info.split() else notes


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links and pictures."""
    yield from _LINK.findall(_SPAN.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings have, as GitHub makes them."""
    seen: dict[str, int] = {}
    found = set()
    for heading in _HEADING.findall(prose(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
        seen[slug] = seen.get(slug, 0) + 1
    return found


def section(page: Path, heading: str) -> str:
    """The part of a page below a heading, to the next one of the same or a higher level. `LookupError`."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}\s*$", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"{page.relative_to(ROOT)} has no heading {heading!r}")
    rest = text[found.end() :]
    end = re.search(
        rf"^#{{1,{len(found[1])}}} ",
        re.sub(r"```.*?```", lambda m: " " * len(m[0]), rest, flags=re.DOTALL),
        re.MULTILINE,
    )
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[list[list[str]]]:
    """The tables of a Markdown text: rows of cells, the head first, without the line of dashes."""
    for found in re.finditer(r"(?:^\|.*\|[ ]*\n)+", text, re.MULTILINE):
        rows = [_cells(line) for line in found[0].splitlines()]
        if len(rows) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
            yield [rows[0], *rows[2:]]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]

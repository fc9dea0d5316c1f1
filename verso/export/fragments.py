"""Fragments of HTML on their way into one page: anchors made unique, headings listed, pictures taken in.

The fragments come from a sanitiser, so they are well-formed and every attribute is in double quotes.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

from verso.api.record import Record
from verso.export.pictures import Pictures

_ID: Final = re.compile(r'(<[a-z][^<>]*?\s)id="([^"]*)"')
_HEADING: Final = re.compile(r'<h([1-6])\b[^>]*?\sid="([^"]*)"[^>]*>(.*?)</h\1>', re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_PICTURE: Final = re.compile(r'<(img|video|audio|source)\b[^>]*?\s(src|poster)="([^"]*)"[^>]*>')
_ALT: Final = re.compile(r'\salt="([^"]*)"')


class Heading(Record):
    """A heading of the page. `level` from 1; `anchor` is its id in the page."""

    level: int
    text: str
    anchor: str


class Anchors:
    """The ids that a page has already given away."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, wanted: str) -> str:
        """`wanted`, or with the first number behind it that makes it unique."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name

    def make_unique(self, markup: str) -> str:
        """The fragment with ids that no other fragment of the page has, and its own links to them changed along."""
        renamed: dict[str, str] = {}

        def claim(found: re.Match[str]) -> str:
            old = unescape(found[2])
            renamed[old] = new = self.claim(old)
            return f'{found[1]}id="{escape(new)}"'

        changed = _ID.sub(claim, markup)
        for old, new in renamed.items():
            if old != new:
                changed = changed.replace(f'href="#{escape(old)}"', f'href="#{escape(new)}"')
        return changed


def headings(markup: str) -> list[Heading]:
    """The headings of a fragment, in order."""
    return [
        Heading(level=int(level), anchor=unescape(anchor), text=" ".join(unescape(_TAG.sub("", inner)).split()))
        for level, anchor, inner in _HEADING.findall(markup)
    ]


def take_in_pictures(markup: str, pictures: Pictures) -> str:
    """The fragment with every picture as a `data:` URL; one that can't be had becomes a note with its description and,
    for one on the network, a link."""

    def replace(found: re.Match[str]) -> str:
        reference = unescape(found[3])
        url = pictures.data_url(reference)
        if url is not None:
            return found[0].replace(f'{found[2]}="{found[3]}"', f'{found[2]}="{escape(url)}"')
        alt = _ALT.search(found[0])
        name = (alt[1] if alt else "") or found[3]
        if reference.startswith(("http://", "https://")):
            return (
                f'<span class="missing-picture">picture on the network: '
                f'<a href="{found[3]}" rel="noopener noreferrer">{name}</a></span>'
            )
        return f'<span class="missing-picture">missing picture: {name}</span>'

    return _PICTURE.sub(replace, markup)

"""Reading what a picture holds, by the structure that Graphviz gives to its SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def groups(svg: str | bytes, kind: str) -> list[ElementTree.Element]:
    """The `<g class="kind">` elements, in order. Fails when the text is no well-formed XML."""
    return [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == kind]


def texts(group: ElementTree.Element) -> list[str]:
    """The lines of text shown in a group."""
    return ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]


def extent(svg: str | bytes) -> tuple[float, float]:
    """Width and height of the picture in points."""
    box = ElementTree.fromstring(svg).get("viewBox", "").split()
    return float(box[2]), float(box[3])

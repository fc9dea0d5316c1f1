"""The SVG that Graphviz writes, made fit to stand in a page."""

from __future__ import annotations

from zlib import crc32


def embeddable(svg: str) -> str:
    """The `<svg>` element alone, without the XML declaration and document type before it."""
    return svg[max(svg.find("<svg"), 0) :].rstrip() + "\n"


def scope_of(dot: str) -> str:
    """The `id` to give a graph, made of what is drawn: Graphviz puts it before the ids of the picture's parts.

    Without it, all pictures use `node1`, …, and the gradients of the second in a page are those of the first.
    """
    return f"g{crc32(dot.encode()):08x}"

"""XML as text: read without danger, indented, and written with the prefixes that it has."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any
from xml.dom import Node, minidom
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

MAX_INDENTED = 2_000_000
"""Longest text that is indented, in characters; a longer one stays as it came."""


class _Builder(ElementTree.TreeBuilder):
    """Builds a tree and notes the namespaces: prefix → name, the first meaning of each."""

    def __init__(self) -> None:
        super().__init__(insert_comments=True, insert_pis=True)
        self.names: dict[str, str] = {}

    def start_ns(self, prefix: str, name: str) -> None:
        self.names.setdefault(prefix or "", name)


def read_xml(text: str) -> tuple[ElementTree.ElementTree, dict[str, str]]:
    """A document, and its namespaces by prefix. `ValueError` with the reason.

    Entities are refused, since they may grow without end; nothing is fetched.
    """
    if "<!ENTITY" in text:
        raise ValueError("it defines entities, which may grow without end")
    builder = _Builder()
    parser = ElementTree.XMLParser(target=builder)
    try:
        parser.feed(text)
        root: Any = parser.close()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    return ElementTree.ElementTree(root), builder.names


def inner_xml(node: Any, names: Mapping[str, str]) -> str:
    """What is within an element: its text, or XML where it has elements; for a document, the whole of it."""
    if isinstance(node, ElementTree.ElementTree):
        return _written(node.getroot(), names)
    if not isinstance(node.tag, str) or len(node) == 0:  # a comment, or text alone
        return node.text or ""
    tails = (f"{_written(child, names)}{escape(child.tail or '')}" for child in node)
    return f"{escape(node.text or '')}{''.join(tails)}"


def _written(element: Any, names: Mapping[str, str]) -> str:
    pieces: list[str] = []
    target = ElementTree.C14NWriterTarget(pieces.append, with_comments=True)
    for prefix, name in names.items():
        target.start_ns(prefix, name)
    _write(element, target)
    return "".join(pieces)


def _write(element: Any, target: Any) -> None:
    if element.tag is ElementTree.Comment:
        target.comment(element.text or "")
    elif element.tag is ElementTree.ProcessingInstruction:
        target.pi(*(element.text or "").split(" ", 1))
    else:
        target.start(element.tag, element.attrib)
        target.data(element.text or "")
        for child in element:
            _write(child, target)
            target.data(child.tail or "")
        target.end(element.tag)


def indented(text: str) -> str:
    """The document with each element on a line, or as it came where that would change what it means."""
    if len(text) > MAX_INDENTED or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return text
    try:
        document = minidom.parseString(text)
        for node in document.childNodes:
            _indent(node, 1)
        head = re.match(r"\s*(<\?xml\s.*?\?>)", text, re.DOTALL)
        return (
            "\n".join((*head.groups(), *(node.toxml() for node in document.childNodes)))
            if head
            else "\n".join(node.toxml() for node in document.childNodes)
        )
    except (ExpatError, RecursionError, ValueError):
        return text


def _indent(node: Any, depth: int) -> None:
    if node.nodeType != Node.ELEMENT_NODE or node.getAttribute("xml:space") == "preserve":
        return
    texts = [child for child in node.childNodes if child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE)]
    if len(texts) == len(node.childNodes) or any(child.data.strip() for child in texts):
        return
    for child in texts:
        node.removeChild(child)
    for child in tuple(node.childNodes):
        node.insertBefore(node.ownerDocument.createTextNode("\n" + "  " * depth), child)
        _indent(child, depth + 1)
    node.appendChild(node.ownerDocument.createTextNode("\n" + "  " * (depth - 1)))

"""Draws diagrams in this process with mermaidx: the real mermaid.js in an embedded engine, without a browser."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re

from verso.api.record import Record

_JISON = re.compile(r"Parse error on line (\d+):\n(.*)\n(-*)\^\n?(.*)", re.DOTALL)
_LANGIUM = re.compile(
    r"(?:Lexer|Parse) error on line (\d+), column (\d+): (.*?)(?=(?:Lexer|Parse) error on line|\Z)", re.DOTALL
)
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"')
_BEFORE = re.compile(r"\A\s*(?:---[ \t]*\n(?s:.*?)\n---[ \t]*\n)?(?:[ \t]*(?:%%.*)?\n)*[ \t]*")
"""What may stand above a diagram: its settings, and comments."""

_WITH_ART = (
    "graph", "flowchart", "sequenceDiagram", "classDiagram", "stateDiagram", "erDiagram", "block", "gitGraph", "gantt",
    "pie", "treemap", "mindmap", "packet", "xychart", "journey", "timeline", "kanban", "quadrantChart", "architecture",
)  # fmt: skip
_QUOTED = re.compile(r"[\"(]\W*([\w.-]+)|:(\S+)\Z")


class Wrong(Record):
    """What Mermaid says is wrong with a diagram. `offset`: where in its text."""

    message: str
    offset: int = 0


class Drawing(Record):
    """What came of drawing: an SVG, or what is wrong; neither when the engine could not draw what is right."""

    svg: str = ""
    wrong: tuple[Wrong, ...] = ()


def can_draw() -> bool:
    """Whether the `mermaid` extra is installed."""
    return importlib.util.find_spec("mermaidx") is not None


def draw(text: str) -> Drawing:
    """Draws a diagram; takes tenths of a second, so call it in a thread. Ids in the SVG are its own, so that several
    can stand in one page."""
    mermaidx = importlib.import_module("mermaidx")
    try:
        svg = str(mermaidx.render(text).svg())
    except (RuntimeError, ValueError) as error:
        message = str(error).removeprefix("Mermaid rendering failed: ").removeprefix("Error: ")
        return Drawing() if "unknown error" in message else Drawing(wrong=diagnose(message, text))
    own = f"mermaid-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return Drawing(svg=_sized(svg.replace("my-svg", own)))


def _sized(svg: str) -> str:
    """The SVG at its own size: Mermaid's takes all the width there is and is held back by a style, if at all."""
    head, end, rest = svg.partition(">")
    box = _VIEW_BOX.search(head)
    if box is None:
        return svg
    head = re.sub(r'\s(?:width|height|style)="[^"]*"', "", head)
    return f'{head} width="{float(box[1]):.0f}" height="{float(box[2]):.0f}" style="max-width: 100%"{end}{rest}'


def ascii_art(text: str) -> str:
    """The diagram in box characters, or empty for one that the extra has no such picture of."""
    diagram = _BEFORE.sub("", text)
    if not diagram.startswith(_WITH_ART):  # others it would take for flowcharts
        return ""
    try:
        termaid = importlib.import_module("termaid")
        art = str(termaid.render(diagram)).rstrip("\n")
    except Exception:  # what it does not know it fails at in many ways; the text of the diagram is shown then
        return ""
    return art if "\n" in art else ""


def diagnose(message: str, text: str) -> tuple[Wrong, ...]:
    """Mermaid's message as places in the text. Its parsers write in two ways; other messages name a word at best."""
    found = _JISON.match(message)
    if found:
        return (Wrong(message=_one_line(found[4]), offset=_pointed(text, int(found[1]), found[2], len(found[3]))),)
    several = [
        Wrong(message=_one_line(said), offset=_offset(text, int(line), int(column)))
        for line, column, said in _LANGIUM.findall(message)
    ]
    if several:
        return tuple(several)
    if "No diagram type detected" in message:
        word = next(iter(message.partition("for text:")[2].split()), "")
        said = f"no kind of diagram begins with {word!r}" if word else "the diagram is empty"
        return (Wrong(message=said, offset=max(text.find(word), 0)),)
    word = next((found[1] or found[2] for found in _QUOTED.finditer(message)), "")
    return (Wrong(message=_one_line(message), offset=max(text.rfind(word), 0) if word else 0),)


def _pointed(text: str, line: int, shown: str, caret: int) -> int:
    """The offset that the caret points at. `shown` is a window of the text without its line breaks."""
    flat = [(place, character) for place, character in enumerate(text) if character != "\n"]
    joined = "".join(character for _, character in flat)
    window = shown.removeprefix("...")
    before = caret - (len(shown) - len(window))
    core = window.removesuffix("...").rstrip()
    at = joined.rfind(core) if core else -1
    if at < 0:
        return _offset(text, line, 1)
    place = at + before
    return flat[place][0] if place < len(flat) else len(text.rstrip())


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    line = min(line, len(lines))
    return sum(len(one) + 1 for one in lines[: line - 1]) + min(column - 1, len(lines[line - 1]))


def _one_line(text: str) -> str:
    return " ".join(text.split())

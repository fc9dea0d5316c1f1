"""`text/plain` as HTML: ANSI colours become spans, carriage returns overwrite, links of OSC 8 become links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from rich.ansi import AnsiDecoder
from rich.color import ColorType
from rich.style import Style

from verso.api.rendering import RenderContext, View

_OTHER_CONTROL: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b\](?!8;).*?(?:\x07|\x1b\\)|\x1b[PX^_].*?\x1b\\|\x1b[()#][ -~]|\x1b[=>78cDEHM]"
    r"|[\x00-\x06\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)
_FIRST_GREY: Final = 232
_WEB: Final = ("http://", "https://", "mailto:")


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of plain text, one `<pre>`."""
    text = content if isinstance(content, str) else str(content)
    return View(content=f'<pre class="verso-text">{to_html(text)}</pre>')


def to_html(text: str) -> str:
    """Text as escaped HTML.

    The 16 colours of a terminal are the classes `ansi-fg-0` … `ansi-bg-15`, which the theme fills; greys of the 256
    are the muted one, other colours are written out, mixed with the theme's own. Control sequences other than
    colours and links are left out.
    """
    text = _OTHER_CONTROL.sub("", text.replace("\r\n", "\n"))
    if "\r" in text:
        text = "\n".join(map(overwritten, text.split("\n")))
    if "\x1b" not in text:
        return escape(text, quote=False)
    decoder = AnsiDecoder()
    # What is left of a sequence that was cut off is no text either.
    return "\n".join("".join(_spans(decoder, line)) for line in text.split("\n")).replace("\x1b", "")


def overwritten(line: str) -> str:
    """What a line shows in the end: text after a carriage return is written over what was there."""
    shown = ""
    for part in line.split("\r"):
        plain = "\x1b" not in shown and "\x1b" not in part
        shown = part + shown[len(part) :] if plain else part or shown
    return shown


def _spans(decoder: AnsiDecoder, line: str) -> Iterator[str]:
    text = decoder.decode_line(line)
    for segment in text.render(_PlainConsole):  # type: ignore[arg-type]
        escaped = escape(segment.text, quote=False)
        yield _styled(escaped, segment.style) if segment.style else escaped


class _PlainConsole:
    """The only question that `Text.render` asks of a console: what a style's name means. We pass styles."""

    @staticmethod
    def get_style(style: Style, *, default: Style | None = None) -> Style:
        return style if isinstance(style, Style) else Style.null()


def _styled(escaped: str, style: Style) -> str:
    classes: list[str] = []
    declarations: list[str] = []
    sides = [("fg", "color", style.color), ("bg", "background-color", style.bgcolor)]
    if style.reverse:
        sides = [("fg", "color", style.bgcolor), ("bg", "background-color", style.color)]
        classes.append("ansi-inverse")
    for side, declaration, color in sides:
        if color is None or color.is_default:
            continue
        if color.number is not None and (color.type is ColorType.STANDARD or color.number < 16):
            classes.append(f"ansi-{side}-{color.number}")
        elif color.number is not None and color.number >= _FIRST_GREY:
            classes.append(f"ansi-{side}-8")
        else:
            # Chosen for some other background: mixed with ours it stays readable in light and dark.
            share, ground = (70, "--text") if side == "fg" else (30, "--background")
            shade = color.get_truecolor().hex
            declarations.append(f"{declaration}:color-mix(in srgb,{shade} {share}%,var({ground}))")
    marks = ("bold", "dim", "italic", "underline", "strike", "conceal")
    classes += (f"ansi-{mark}" for mark in marks if getattr(style, mark))
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    attributes += f' style="{";".join(declarations)}"' if declarations else ""
    span = f"<span{attributes}>{escaped}</span>" if attributes else escaped
    if style.link and style.link.startswith(_WEB):
        return f'<a href="{escape(style.link)}" rel="noopener noreferrer">{span}</a>'
    return span

"""Renderers (MIME bundle → view) and exporters (notebook → document)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from verso.api.layouts import LayoutFunction
from verso.api.notebook import Notebook
from verso.api.record import Record, field
from verso.api.themes import Theme

Surface = Literal["html", "terminal"]


class Asset(Record):
    """A script or style sheet that a view needs once per page. `key` names it; `content` is its whole text,
    shipped with the plugin: nothing is fetched when the page is shown."""

    key: str
    kind: Literal["script", "style"]
    content: str


class View(Record):
    """What a renderer made of one MIME type's content.

    For `html`: `content` is a fragment of HTML that is safe to put into the page, and `assets` what it needs.
    `sandboxed`: the fragment holds active content of the notebook's author and must be shown in a sandboxed frame.
    For `terminal`: `content` is text, which may hold ANSI colours.
    """

    content: str
    assets: tuple[Asset, ...] = ()
    sandboxed: bool = False


def as_text(markup: str) -> str:
    """`markup` escaped, so that it shows as text: the strictest way to make HTML harmless.

    As `html.escape`, whose module costs a start of `verso` more than all of this one."""
    return markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class RenderContext(Record):
    """What a renderer may know. `width`: columns of a terminal. `colors`: whether ANSI colours are welcome.
    `trusted`: the output was just made by this session and not read from a stranger's file. `sanitize`: what a
    renderer passes HTML through that it did not write itself; it keeps what is harmless in the page."""

    surface: Surface = "html"
    width: int = 120
    colors: bool = False
    trusted: bool = False
    theme: Theme = field(default_factory=Theme)
    sanitize: Callable[[str], str] = as_text


RenderFunction = Callable[[Any, Mapping[str, Any], RenderContext], View | None]


class Renderer(Record):
    """Describes a renderer without importing it: `render` is `package.module:name` of a `RenderFunction`
    (content, the output's metadata, context → view; None when this content is not for it).

    Of several for one type and surface, the highest `priority` is asked first.
    """

    name: str
    mime: str
    render: str | RenderFunction
    surface: Surface = "html"
    priority: int = 0


class ExportOptions(Record):
    """What an exporter is told. `title`: for the document's head. `code`: whether sources are shown.
    `layout`: id of a layout or empty. `theme`: the theme's name or empty for light and dark by the reader's
    preference. `suffix` of the target. `render`: shows an output's bundle and metadata as an HTML view.
    `layouts`: layout name → its function. `directory`: the notebook's folder, from which pictures are taken; None
    for a notebook without a place. `languages`: kernel names and aliases → kernel name. `comments`, `highlights`:
    kernel name → line comment, name of the pygments lexer. `titles`, `suffixes`: kernel name → what people call the
    language, ending of its scripts. `prose`: cell types whose source is not shown beside their output."""

    title: str = ""
    code: bool = True
    layout: str = ""
    theme: str = ""
    suffix: str = ""
    render: Callable[[Mapping[str, Any], Mapping[str, Any]], View] | None = None
    themes: tuple[Theme, ...] = ()
    layouts: Mapping[str, LayoutFunction] = field(default_factory=dict)
    directory: Path | None = None
    languages: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    highlights: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, str] = field(default_factory=dict)
    prose: tuple[str, ...] = ("markdown", "html", "mermaid")


ExportFunction = Callable[[Notebook, ExportOptions], str]


class Exporter(Record):
    """Describes an exporter without importing it: `export` is `package.module:name` of an `ExportFunction`."""

    name: str
    title: str
    suffix: str
    export: str | ExportFunction

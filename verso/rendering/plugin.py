"""What this plugin brings: the built-in renderers, themes and layouts."""

from __future__ import annotations

from verso.api.layouts import Layout
from verso.api.marks import hookimpl
from verso.api.mime import (
    GIF,
    HTML,
    JAVASCRIPT,
    JPEG,
    JSON,
    LATEX,
    MARKDOWN,
    MERMAID,
    PLAIN,
    PNG,
    SVG,
    TABLE,
    WEBP,
)
from verso.api.rendering import Renderer
from verso.api.themes import VERSO_DARK, VERSO_LIGHT, Theme

MEDIA = ("audio/mpeg", "audio/ogg", "audio/wav", "audio/x-wav", "video/mp4", "video/ogg", "video/webm")
PICTURES = (PNG, JPEG, GIF, WEBP)


@hookimpl
def verso_renderers() -> tuple[Renderer, ...]:
    html = {
        PLAIN: "ansi:render",
        HTML: "markup:render",
        SVG: "images:render_svg",
        JSON: "trees:render",
        TABLE: "tables:render",
        JAVASCRIPT: "scripts:render",
        **dict.fromkeys(PICTURES, "images:render_picture"),
        **dict.fromkeys(MEDIA, "images:render_media"),
    }
    terminal = {
        PLAIN: "terminal:render_text",
        HTML: "terminal_html:render",
        MARKDOWN: "terminal_rich:render_markdown",
        TABLE: "terminal_rich:render_table",
        JSON: "terminal:render_json",
        MERMAID: "terminal:render_text",
        LATEX: "terminal:render_text",
        **dict.fromkeys((SVG, *PICTURES, *MEDIA), "terminal:render_placeholder"),
    }
    return (
        *(Renderer(name=f"{mime} as HTML", mime=mime, render=f"verso.rendering.{ref}") for mime, ref in html.items()),
        *(
            Renderer(name=f"{mime} as text", mime=mime, surface="terminal", render=f"verso.rendering.{ref}")
            for mime, ref in terminal.items()
        ),
    )


@hookimpl
def verso_themes() -> tuple[Theme, ...]:
    return (
        VERSO_LIGHT,
        VERSO_DARK,
        Theme(
            name="verso-highcontrast",
            title="Verso high contrast",
            scheme="dark",
            colors={
                "background": "#000000",
                "surface": "#0b0b0b",
                "text": "#ffffff",
                "muted": "#dcdcdc",
                "accent": "#7cc8ff",
                "border": "#ffffff",
                "error": "#ff9e96",
                "warning": "#ffd45e",
                "success": "#8dffa8",
                "code-keyword": "#e0b8ff",
                "code-string": "#9dffb0",
                "code-number": "#ffd08a",
                "code-comment": "#cfcfcf",
                "code-name": "#9ad8ff",
                "code-operator": "#ffffff",
            },
        ),
    )


@hookimpl
def verso_layouts() -> tuple[Layout, ...]:
    return (
        Layout(name="notebook", title="Notebook", place="verso.rendering.layouts:notebook"),
        Layout(name="dashboard", title="Dashboard", place="verso.rendering.layouts:dashboard"),
        Layout(name="presentation", title="Presentation", place="verso.rendering.layouts:presentation"),
    )

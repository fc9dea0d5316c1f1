"""The `html` exporter: a notebook as one self-contained page.

The page loads nothing from anywhere: styles, scripts and pictures are in it, and its Content-Security-Policy says so
to the browser. Outputs of the notebook stand in it sanitised, or in sandboxed frames.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from verso.api.layouts import Placement
from verso.api.notebook import EXECUTION, Cell, Notebook
from verso.api.parameters import Parameter
from verso.api.record import Record
from verso.api.rendering import Asset, ExportOptions
from verso.api.themes import Theme
from verso.export.cells import CellPage, CellPages
from verso.export.fragments import Heading
from verso.export.styles import asset, page_styles

_CONTENTS_LEVELS: Final = 3
_FEWEST_HEADINGS: Final = 2


class Page(Record):
    """What the page's template shows. `sections`: groups of cells, one a slide in a presentation.
    `parameters_after`: anchor of the cell below which the table of parameters stands, empty for the page's head."""

    title: str
    shows_title: bool
    language: str
    layout: str
    fixed_theme: bool
    color_scheme: str
    policy: str
    styles: Markup
    scripts: tuple[Markup, ...]
    facts: tuple[str, ...]
    contents: tuple[Heading, ...]
    parameters: tuple[Parameter, ...]
    parameters_after: str
    sections: tuple[tuple[CellPage, ...], ...]


def export(notebook: Notebook, options: ExportOptions) -> str:
    """The notebook as an HTML page. `options.layout`, else the notebook's active layout, says where cells stand."""
    environment = Environment(
        loader=PackageLoader("verso.export"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(page=_page(notebook, options))


def _page(notebook: Notebook, options: ExportOptions) -> Page:
    layout, placements = _placements(notebook, options)
    pages = CellPages(notebook, options)
    by_id = {cell.id: cell for cell in notebook.cells}
    sections: dict[int, list[CellPage]] = {}
    for place in placements:
        cell = by_id.get(place.cell_id)
        if cell is not None and place.shows != "nothing":
            shown = pages.page(cell, code=options.code and place.shows == "all", style=_style(place, layout))
            if shown is not None:
                sections.setdefault(place.row if layout == "presentation" else 0, []).append(shown)
    fixed = _fixed_theme(notebook, options)
    title = options.title or notebook.title or next((h.text for h in pages.headings if h.level == 1), "") or "Notebook"
    scripts = _scripts(pages.assets)
    contents = tuple(heading for heading in pages.headings if heading.level <= _CONTENTS_LEVELS)
    return Page(
        title=title,
        shows_title=not any(heading.level == 1 for heading in pages.headings),
        language="en",
        layout=layout,
        fixed_theme=fixed is not None,
        color_scheme=fixed.scheme if fixed else "light dark",
        policy=_policy(scripts, frames=pages.has_frames),
        styles=Markup(page_styles(options.themes, fixed) + _asset_styles(pages.assets)),
        scripts=tuple(map(Markup, scripts)),
        facts=_facts(notebook, pages),
        contents=contents if len(contents) >= _FEWEST_HEADINGS else (),
        parameters=notebook.parameters,
        parameters_after=_parameters_place(sections, pages.headings),
        sections=tuple(tuple(section) for _, section in sorted(sections.items())),
    )


def _placements(notebook: Notebook, options: ExportOptions) -> tuple[str, tuple[Placement, ...]]:
    """The layout's name and where it puts the cells; the plain flow of cells for a layout that nobody brings."""
    wanted = options.layout or notebook.active_layout or "notebook"
    place = options.layouts.get(wanted)
    if place is None:
        return "notebook", tuple(Placement(cell_id=cell.id, row=row) for row, cell in enumerate(notebook.cells))
    return re.sub(r"[^\w-]", "-", wanted), place(notebook)


def _style(place: Placement, layout: str) -> str:
    if layout in ("notebook", "presentation"):
        return ""
    # The document's head is in the first row of the grid.
    return f"grid-column: {place.column + 1} / span {place.width}; grid-row: {place.row + 2} / span {place.height or 1}"


def _fixed_theme(notebook: Notebook, options: ExportOptions) -> Theme | None:
    """The theme that was asked for; of the notebook's own wish, only one beyond the pair of light and dark, between
    which the reader chooses."""
    themes = {theme.name: theme for theme in options.themes}
    if options.theme:
        return themes.get(options.theme)
    pair = [next((t.name for t in options.themes if t.scheme == scheme), "") for scheme in ("light", "dark")]
    wished = notebook.preferred_theme or ""
    return None if wished in pair else themes.get(wished)


def _scripts(assets: Iterable[Asset]) -> tuple[str, ...]:
    texts = (asset("page.js"), *(one.content for one in assets if one.kind == "script"))
    return tuple(re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE) for text in texts)


def _asset_styles(assets: Iterable[Asset]) -> str:
    return "".join(
        "\n" + re.sub(r"</(?=style)", r"<\\/", one.content, flags=re.IGNORECASE)
        for one in assets
        if one.kind == "style"
    )


def _policy(scripts: Iterable[str], *, frames: bool) -> str:
    """The page's Content-Security-Policy. Only our own scripts run, known by their hashes; where there are sandboxed
    frames, which inherit this policy, inline scripts have to be allowed, and the sandbox is what keeps them apart."""
    if frames:
        allowed = "'unsafe-inline' 'unsafe-eval' blob: data:"
    else:
        hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
        allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "media-src data: blob:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'"
    )


def _parameters_place(sections: Mapping[int, list[CellPage]], headings: list[Heading]) -> str:
    """Where the notebook has a cell for its parameters, there; else below the cell with the document's title."""
    shown = [cell for _, section in sorted(sections.items()) for cell in section]
    own = [cell.anchor for cell in shown if cell.kind == "parameters"]
    leading = [shown[0].anchor] if shown and headings and headings[0].level == 1 and shown[0].kind == "markdown" else []
    return next(iter(own + leading), "")


def _facts(notebook: Notebook, pages: CellPages) -> tuple[str, ...]:
    facts: list[str] = []
    if pages.languages:
        facts.append(", ".join(pages.languages))
    stamp = notebook.modified or notebook.created
    if stamp:
        facts.append(stamp[:16].replace("T", " "))
    ran = [status for status in map(_status, notebook.cells) if status]
    bad = sum(status not in ("ok", "skipped") for status in ran)
    if ran:
        facts.append(f"{bad} of {len(ran)} cells failed" if bad else f"{len(ran)} cell{'s' * (len(ran) > 1)} run")
    return tuple(facts)


def _status(cell: Cell) -> str:
    execution: Any = cell.metadata.get(EXECUTION)
    status = execution.get("status") if isinstance(execution, Mapping) else None
    return status if isinstance(status, str) else ""

"""Views for a terminal that rich draws: tables and Markdown. Loaded only where such an output is shown in colour."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from verso.api.rendering import RenderContext, View
from verso.rendering.tables import cell_text, read

ROWS: Final = 50
"""A terminal shows so many rows of a table."""


def render_markdown(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """Markdown with its headings, lists and tables drawn."""
    return View(content=_drawn(Markdown(content), context)) if isinstance(content, str) else None


def render_table(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """A table with its columns aligned."""
    data = read(content)
    if data is None:
        return None
    table = Table()
    for column in data.columns:
        table.add_column(Text(column.name), justify="right" if column.numeric else "left")
    for row in data.rows[:ROWS]:
        table.add_row(*(Text(cell_text(value), style="dim" if value is None else "") for value in row))
    count = len(data.rows)
    note = f"{count:,} row{'s' * (count != 1)}" + (f", first {ROWS} shown" if count > ROWS else "")
    return View(content=f"{_drawn(table, context)}\n{note}")


def _drawn(renderable: RenderableType, context: RenderContext) -> str:
    target = io.StringIO()
    console = Console(
        file=target,
        width=context.width,
        force_terminal=context.colors,
        no_color=not context.colors,
        color_system="256" if context.colors else None,
        legacy_windows=False,
    )
    console.print(renderable)
    return "\n".join(line.rstrip() for line in target.getvalue().rstrip().split("\n"))

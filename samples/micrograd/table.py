"""Rows of numbers that a cell shows as a table, in a page and in a terminal alike."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Table:
    """A heading and rows. Floating-point numbers show `digits` places after the point."""

    def __init__(self, heading: Iterable[str], rows: Iterable[Iterable[object]], digits: int = 4) -> None:
        self.heading = list(heading)
        self.rows = [[f"{cell:.{digits}f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="text-align:right">{escape(name)}</th>' for name in self.heading)
        body = "".join(
            "<tr>" + "".join(f'<td style="text-align:right">{escape(cell)}</td>' for cell in row) + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.heading, *self.rows)]
        lines = [self.heading, ["─" * width for width in widths], *self.rows]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths)) for line in lines)

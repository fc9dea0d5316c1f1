"""Tables of text for the commands that list things."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click


def show_rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints columns as wide as their content; the last column is not padded."""
    table = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def show_json(value: Any) -> None:
    """Prints a value as readable JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))

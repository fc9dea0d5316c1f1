"""The `script` exporter: the code of the notebook's default language as one script, the rest as comments."""

from __future__ import annotations

from verso.api.notebook import Cell, Notebook
from verso.api.rendering import ExportOptions


def export(notebook: Notebook, options: ExportOptions) -> str:
    """A script in the notebook's default language. Cells in it follow each other as they are; prose and cells of other
    languages are line comments, so that nothing is lost and the script still runs. For a script that can be read back
    as a notebook there is the percent format."""
    default = notebook.default_kernel or "python"
    default = options.languages.get(default, default)
    comment = options.comments.get(default) or "#"
    blocks = [_block(cell, default, comment, options) for cell in notebook.cells if cell.source.strip()]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(cell: Cell, default: str, comment: str, options: ExportOptions) -> str:
    name = cell.language or (default if cell.type == "code" else cell.type)
    kernel = options.languages.get(name, name)
    source = cell.source.strip("\n")
    if cell.type in ("code", default) and kernel == default and not _has_magic(source):
        return source
    lines = source.split("\n")
    if cell.type != "markdown":
        lines.insert(0, f"[{cell.type if cell.type == 'raw' else kernel}]")
    return "\n".join(f"{comment} {line}".rstrip() for line in lines)


def _has_magic(source: str) -> bool:
    """Whether the cell speaks to the engine or switches language: as a script it would not run."""
    return any(line.startswith("#!") for line in source.split("\n"))

"""The `script` exporter: the code of one language as a script, the rest as comments."""

from __future__ import annotations

from verso.api.formats import WriteOptions
from verso.api.notebook import Cell, Notebook
from verso.api.rendering import ExportOptions
from verso.formats.script import comment_of, language_of
from verso.formats.script_lines import ScriptLines


def export(notebook: Notebook, options: ExportOptions) -> str:
    """A script in the language of the target's suffix, else the notebook's default language. Cells in it follow each
    other as they are, but for IPython's magics; prose and cells of other languages are line comments, so that nothing
    is lost and the script still runs. For a script that can be read back as a notebook there is the percent format."""
    default = notebook.default_kernel or "python"
    default = options.languages.get(default, default)
    forms = WriteOptions(
        suffix=options.suffix, languages=options.languages, comments=options.comments, suffixes=options.suffixes
    )
    language = language_of(forms) or default
    form = ScriptLines(comment_of(language, forms), language)
    blocks = [_block(cell, default, form, options) for cell in notebook.cells if cell.source.strip()]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(cell: Cell, default: str, form: ScriptLines, options: ExportOptions) -> str:
    name = cell.language or (default if cell.type == "code" else cell.type)
    kernel = options.languages.get(name, name)
    source = cell.source.strip("\n")
    lines = source.split("\n")
    if cell.type in ("code", form.language) and kernel == form.language and not _has_magic(source):
        return "\n".join(form.written(lines, commented=False))
    if cell.type != "markdown":
        lines.insert(0, f"[{cell.type if cell.type == 'raw' else kernel}]")
    return "\n".join(f"{form.comment} {line}".rstrip() for line in lines)


def _has_magic(source: str) -> bool:
    """Whether the cell speaks to the engine or switches language: as a script it would not run."""
    return any(line.startswith("#!") for line in source.split("\n"))

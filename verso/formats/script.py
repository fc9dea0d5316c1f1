"""Scripts with `# %%` cells: plain `.py`, `.ps1`, `.sql` … files that editors run cell by cell (docs/formats.md).

Markers are as in jupytext's percent format: `# %% title [type or language] key=JSON`. A cell that is not in the
script's language is commented out, so that the script still runs on its own. Sources, types, languages, titles
and metadata are kept; ids, attachments, outputs and what else an execution leaves are not.
"""

from __future__ import annotations

import re
from typing import Any, Final

from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import Cell, Notebook
from verso.formats.cells import LANGUAGE_TYPES, derived_id, unix_lines
from verso.formats.script_lines import ScriptLines
from verso.formats.script_markers import Marker, marker_text, read_marker

HEADER: Final = "scriptHeader"
"""The key in `Notebook.metadata` of the lines before the first cell: `#!` line, encoding, jupytext's front matter."""

NEWLINE: Final = "newline"
"""The key in `Notebook.extra` that says that a file's lines end with `\\r\\n`."""

_UNMARKED: Final = "verso:unmarked"
"""Metadata of the first cell when it has no marker: the text before the first one, or a script without any."""

_EXACT: Final = "verso:cell"
"""Metadata in a marker: the cell's type and language, where the brackets can't say them. Such a cell is commented."""

DEFAULT: Final = "python"
"""The language of a notebook that names none; the engine runs its cells in this kernel as well."""

_LANGUAGES: Final = {
    ".py": "python", ".ps1": "powershell", ".js": "javascript", ".mjs": "javascript", ".ts": "typescript",
    ".sql": "sql", ".sh": "bash", ".bash": "bash", ".zsh": "zsh", ".r": "r", ".R": "r", ".jl": "julia",
    ".cs": "csharp", ".csx": "csharp", ".fsx": "fsharp", ".rb": "ruby", ".lua": "lua",
}  # fmt: skip
"""Languages of suffixes that no installed kernel has."""

_COMMENTS: Final = {
    "javascript": "//", "typescript": "//", "sql": "--", "csharp": "//", "fsharp": "//", "lua": "--"
}  # fmt: skip
_FRONT_MATTER: Final = "---"
_CODING: Final = re.compile(r"#.*?coding[:=]\s*[-\w.]+")


def read(text: str, options: ReadOptions) -> Notebook:
    """The notebook of a script. Text before the first marker is a cell of its own, except a header (`HEADER`); a
    script without markers is one cell. Any text is a script: nothing is refused."""
    language = language_of(options)
    form = ScriptLines(comment_of(language, options), language or "")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    header, lines = _header_of(lines, form)
    starts = [number for number, line in enumerate(lines) if form.is_marker(line)]
    cells: list[Cell] = []
    before = lines[: starts[0]] if starts else lines
    if any(before) or not (starts or header):
        source = "\n".join(_without_separator(before) if starts else before)
        cells.append(Cell(id=derived_id(0, source), source=source, metadata={_UNMARKED: True} if source else {}))
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        body = lines[start + 1 : end]
        if end < len(lines):
            body = _without_separator(body)
        marker = read_marker(form.marker_of(lines[start]), options.languages)
        own = marker.kind is not None and _known(marker.kind, options) == language
        cells.append(_cell_of(marker, form, body, len(cells), own=own))
    first = text.find("\n")
    return Notebook(
        default_kernel=language,
        cells=tuple(cells),
        metadata={HEADER: "\n".join(header)} if header else {},
        extra={NEWLINE: "\r\n"} if first > 0 and text[first - 1] == "\r" else {},
    )


def write(notebook: Notebook, options: WriteOptions) -> str:
    """The script, in the language of `options.suffix`, else the notebook's default kernel, else Python."""
    default = _known(notebook.default_kernel or DEFAULT, options)
    language = language_of(options) or default
    form = ScriptLines(comment_of(language, options), language or "")
    parts: list[str] = []
    header = notebook.metadata.get(HEADER)
    if isinstance(header, str) and header and default == language:
        parts.append(header + "\n")
    for position, cell in enumerate(notebook.cells):
        own = _is_own(cell, notebook, language, options)
        unmarked = own and position == 0 and _may_be_unmarked(cell, form, header=bool(parts))
        source = unix_lines(cell.source)
        lines = source.split("\n") if source else []
        body = lines
        if not unmarked:
            marker = _marker_of(cell, own=own, default=notebook.default_kernel, options=options)
            body = [f"{form.comment} {marker_text(marker)}", *form.written(lines, commented=not own)]
        parts.append("".join(line + "\n" for line in body))
    text = "\n".join(parts)
    return text.replace("\n", "\r\n") if notebook.extra.get(NEWLINE) == "\r\n" else text


def language_of(options: ReadOptions | WriteOptions) -> str | None:
    """The language of a script with this suffix, in any case: an installed kernel's, else a well-known one, else
    None."""
    for suffix in filter(None, (options.suffix, options.suffix.lower())):
        language = options.suffixes.get(suffix) or _known(_LANGUAGES.get(suffix), options)
        if language is not None:
            return language
    return None


def _known(name: str | None, options: ReadOptions | WriteOptions) -> str | None:
    return None if name is None else options.languages.get(name, name)


def comment_of(language: str | None, options: ReadOptions | WriteOptions) -> str:
    """The line comment of a language; `#` where none is known."""
    language = language or ""
    return options.comments.get(language) or _COMMENTS.get(language, "#")


# --- cells ----------------------------------------------------------------------------------------------


def _cell_of(marker: Marker, form: ScriptLines, body: list[str], position: int, *, own: bool) -> Cell:
    metadata = dict(marker.metadata)
    kind, language = _type_and_language(marker.kind)
    exact = metadata.get(_EXACT)
    if isinstance(exact, dict) and isinstance(exact.get("type"), str):
        del metadata[_EXACT]
        kind, language = exact["type"], exact.get("language")
        language = language if isinstance(language, str) else None
    else:
        exact = None
    commented = exact is not None or (marker.kind is not None and not own)
    source = "\n".join(form.read(body, commented=commented))
    if marker.title:
        metadata = {"title": marker.title, **metadata}
    return Cell(id=derived_id(position, source), type=kind, language=language, source=source, metadata=metadata)


def _type_and_language(kind: str | None) -> tuple[str, str | None]:
    if kind is None:
        return "code", None
    if kind in LANGUAGE_TYPES:
        return kind, LANGUAGE_TYPES[kind]
    return "code", kind


def _same(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    """Whether two types and languages mean the same: a code cell in `sql` is an `sql` cell."""
    return other in (one, ("code", one[0]))


def _is_own(cell: Cell, notebook: Notebook, language: str | None, options: WriteOptions) -> bool:
    """Whether a cell is in the script's own language."""
    named = cell.language or (notebook.default_kernel if cell.type == "code" else cell.type)
    return named is None or _known(named, options) == language


def _marker_of(cell: Cell, *, own: bool, default: str | None, options: WriteOptions) -> Marker:
    kind = None if own else cell.language or default
    if not own and cell.type != "code":
        kind = cell.type
    metadata: dict[str, Any] = {key: value for key, value in cell.cleared().metadata.items() if key != _UNMARKED}
    language = cell.language or (default if cell.type == "code" else None)
    if kind is not None:
        known = read_marker(marker_text(Marker(kind=kind)), options.languages).kind == kind
        if not known or not _same(_type_and_language(kind), (cell.type, language)):
            metadata[_EXACT] = {"type": cell.type, "language": language}
            kind = kind if known else None
    title = metadata.pop("title", None)
    if "title" in cell.metadata and not _is_title(title, kind, options):
        metadata = {"title": title, **metadata}
        title = None
    return Marker(kind=kind, title=title or "", metadata=metadata)


def _is_title(title: object, kind: str | None, options: WriteOptions) -> bool:
    if not isinstance(title, str) or not title or "\n" in title:
        return False
    marker = Marker(kind=kind, title=title, metadata={})
    return read_marker(marker_text(marker), options.languages) == marker


def _may_be_unmarked(cell: Cell, form: ScriptLines, *, header: bool) -> bool:
    """Whether the first cell can stand without a marker: it had none, and it can't be mistaken for something else."""
    if cell.cleared().metadata != {_UNMARKED: True} or not cell.source.strip("\n"):
        return False
    lines = cell.source.split("\n")
    if not header and _header_of(lines, form)[0]:
        return False
    return not any(form.is_marker(line) for line in lines)


# --- header and separators ------------------------------------------------------------------------------


def _header_of(lines: list[str], form: ScriptLines) -> tuple[list[str], list[str]]:
    """The lines that belong to no cell, and the rest."""
    end = 0
    if lines and lines[0].startswith("#!/"):
        end = 1
    if end < len(lines) and form.comment == "#" and _CODING.match(lines[end]):
        end += 1
    fence = f"{form.comment} {_FRONT_MATTER}"
    if end < len(lines) and lines[end].rstrip() == fence and fence in (line.rstrip() for line in lines[end + 1 :]):
        end += 1
        while lines[end].rstrip() != fence:
            end += 1
        end += 1
    rest = lines[end:]
    if end and rest and rest[0] == "":
        rest = rest[1:]
    return lines[:end], rest


def _without_separator(lines: list[str]) -> list[str]:
    """The lines of a cell without the empty one that stands before the next marker."""
    return lines[:-1] if lines and lines[-1] == "" else lines

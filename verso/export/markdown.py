"""The `markdown` exporter: prose as it is, code in fences, outputs below it, pictures inside as `data:` URLs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from verso.api.mime import GIF, HTML, JPEG, JSON, LATEX, MARKDOWN, MERMAID, PLAIN, PNG, SVG, WEBP
from verso.api.notebook import Cell, Notebook
from verso.api.outputs import DisplayData, Error, ExecuteResult, Output, Stream
from verso.api.rendering import ExportOptions
from verso.export.pictures import Pictures

_ORDER: Final = (MARKDOWN, SVG, PNG, JPEG, GIF, WEBP, MERMAID, LATEX, HTML, PLAIN, JSON)
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].*?(?:\x07|\x1b\\))", re.DOTALL)
_ACTIVE: Final = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|form|svg)\b|\son\w+\s*=|javascript:", re.IGNORECASE
)
_ATTACHMENT: Final = re.compile(r"\]\(<?(attachment:[^)\s>]+)>?")


def export(notebook: Notebook, options: ExportOptions) -> str:
    """The notebook as one Markdown document (GitHub-flavoured). HTML outputs stay HTML where they are plain tables
    and the like, else their text is shown. Pictures by relative path stay as they are; attachments come in."""
    title = options.title or notebook.title
    first = next((cell for cell in notebook.cells if cell.source.strip()), None)
    has_title = first is not None and first.type == "markdown" and first.source.lstrip().startswith("# ")
    blocks = [f"# {title}"] if title and not has_title else []
    parameters = [_parameters(notebook)] if not any(cell.type == "parameters" for cell in notebook.cells) else []
    if not has_title:
        blocks += parameters
    for cell in notebook.cells:
        blocks += [_parameters(notebook)] if cell.type == "parameters" else _cell(cell, notebook, options)
        if has_title and cell is first:
            blocks += parameters
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def fenced(text: str, info: str = "") -> str:
    """Text in a fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{text.rstrip()}\n{fence}"


def _cell(cell: Cell, notebook: Notebook, options: ExportOptions) -> Iterator[str]:
    if cell.type == "raw":
        yield cell.source
        return
    if cell.type not in options.prose:
        name = cell.language or (notebook.default_kernel or "python" if cell.type == "code" else cell.type)
        kernel = options.languages.get(name, name)
        if options.code and cell.source.strip():
            yield fenced(cell.source, options.highlights.get(kernel, "") or kernel)
        yield from filter(None, map(_output, cell.outputs))
    elif cell.type == "markdown":
        shown = _joined(cell.outputs, MARKDOWN) or cell.source
        yield _with_attachments(shown, Pictures(None, cell.attachments))
    elif cell.type == "mermaid":
        yield fenced(_joined(cell.outputs, MERMAID) or cell.source, "mermaid")
    else:
        yield _joined(cell.outputs, HTML) or cell.source


def _joined(outputs: Iterable[Output], mime: str) -> str:
    found = (output.data.get(mime) for output in outputs if isinstance(output, (DisplayData, ExecuteResult)))
    return "\n\n".join(content for content in found if isinstance(content, str))


def _output(output: Output) -> str:
    match output:
        case Stream():
            return fenced(_plain(output.text), "text") if output.text.strip() else ""
        case Error():
            shown = "\n".join(output.traceback) or ": ".join(filter(None, (output.ename, output.evalue)))
            return fenced(_plain(shown), "text")
        case DisplayData() | ExecuteResult():
            return _display(output.data)


def _display(bundle: Mapping[str, Any]) -> str:
    for mime in _ORDER:
        content = bundle.get(mime)
        if content is None or (mime == HTML and (_ACTIVE.search(content) and len(bundle) > 1)):
            continue
        if mime == MARKDOWN:
            return str(content)
        if mime == SVG:
            return f"![output](data:{mime},{quote(content)})"
        if mime.startswith("image/"):
            return f"![output](data:{mime};base64,{''.join(content.split())})"
        if mime == MERMAID:
            return fenced(content, "mermaid")
        if mime == LATEX:
            return f"$$\n{content.strip().strip('$')}\n$$"
        if mime == HTML:
            # A blank line ends a block of HTML in Markdown.
            return re.sub(r"\n\s*\n", "\n", str(content).strip())
        if mime == JSON:
            return fenced(json.dumps(content, indent=2, ensure_ascii=False), "json")
        return fenced(_plain(str(content)), "text")
    return fenced(", ".join(bundle), "text") if bundle else ""


def _plain(text: str) -> str:
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPE.sub("", text).split("\n"))
    return "\n".join(lines)


def _with_attachments(source: str, pictures: Pictures) -> str:
    def replace(found: re.Match[str]) -> str:
        url = pictures.data_url(found[1])
        return f"]({url}" if url else found[0]

    return _ATTACHMENT.sub(replace, source)


def _parameters(notebook: Notebook) -> str:
    def cell(value: object) -> str:
        return str(value).replace("|", "\\|").replace("\n", " ")

    rows = [
        f"| `{parameter.name}` | {parameter.type} | {'' if parameter.default is None else cell(parameter.default)} "
        f"| {cell(parameter.description or '')} |"
        for parameter in notebook.parameters
    ]
    return (
        "\n".join(("| Parameter | Type | Default | Description |", "| --- | --- | --- | --- |", *rows)) if rows else ""
    )

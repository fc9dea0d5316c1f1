"""One cell on its way into the HTML page: source, status and outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from textwrap import dedent
from typing import Any, Final

from markupsafe import Markup

from verso.api.mime import HTML, MARKDOWN, MERMAID, PLAIN, is_binary
from verso.api.notebook import EXECUTION, Cell, Notebook
from verso.api.outputs import DisplayData, Error, ExecuteResult, Output, Stream
from verso.api.record import Record
from verso.api.rendering import Asset, ExportOptions, View
from verso.export.fragments import Anchors, Heading, headings, take_in_pictures
from verso.export.frames import frame
from verso.export.highlighting import highlighted
from verso.export.pictures import Pictures

LONG: Final = 30
"""An output of more lines is folded."""

_PROSE_MIME: Final = {"markdown": MARKDOWN, "html": HTML, "mermaid": MERMAID}
_STATUS_TEXT: Final = {
    "ok": "ok",
    "error": "failed",
    "cancelled": "cancelled",
    "timed_out": "timed out",
    "skipped": "skipped",
}


class OutputPage(Record):
    """One output as the template shows it. `kind`: stdout, stderr, error, display. `lines`: how many it has when it is
    folded, else 0."""

    kind: str
    content: Markup
    anchor: str
    label: str = ""
    lines: int = 0


class CellPage(Record):
    """One cell as the template shows it. `source` is highlighted, empty when it is not shown."""

    anchor: str
    kind: str
    title: str
    source: Markup
    count: int | None
    status: str
    status_text: str
    status_note: str
    elapsed: str
    style: str
    outputs: tuple[OutputPage, ...]


class CellPages:
    """Makes the cells of one page, and gathers what the page needs for them: `headings`, `assets` (each once), the
    titles of the `languages`, and whether there are sandboxed frames."""

    def __init__(self, notebook: Notebook, options: ExportOptions) -> None:
        self._options = options
        self._default = notebook.default_kernel or "python"
        self._places = {cell.id: place for place, cell in enumerate(notebook.cells, 1)}
        self._anchors = Anchors()
        self._assets: dict[str, Asset] = {}
        self.headings: list[Heading] = []
        self.languages: list[str] = []
        self.has_frames = False

    @property
    def assets(self) -> tuple[Asset, ...]:
        """What the views need, in the order in which they came."""
        return tuple(self._assets.values())

    def page(self, cell: Cell, *, code: bool, style: str) -> CellPage | None:
        """The cell for the page; None when there is nothing of it to show. `code`: whether its source is wanted."""
        prose = cell.type in self._options.prose
        kernel = self._kernel(cell)
        title = self._options.titles.get(kernel, kernel)
        if not prose and cell.type not in ("raw", "parameters") and title not in self.languages:
            self.languages.append(title)
        anchor = self._anchors.claim(f"cell-{self._places[cell.id]}")
        outputs = tuple(self._outputs(cell, anchor))
        shows_source = code and not prose and cell.type not in ("raw", "parameters") and bool(cell.source.strip())
        if not (shows_source or outputs or cell.type == "parameters"):
            return None
        status, elapsed, reason = _execution(cell)
        return CellPage(
            anchor=anchor,
            kind=cell.type if cell.type in (*self._options.prose, "raw", "parameters") else "code",
            title=title,
            source=Markup(highlighted(cell.source, self._options.highlights.get(kernel, "") or kernel))
            if shows_source
            else Markup(""),
            count=cell.execution_count,
            status=status,
            status_text=_STATUS_TEXT.get(status, status),
            status_note=reason,
            elapsed=elapsed,
            style=style,
            outputs=outputs,
        )

    def _kernel(self, cell: Cell) -> str:
        name = cell.language or (self._default if cell.type == "code" else cell.type)
        return self._options.languages.get(name, name)

    def _outputs(self, cell: Cell, anchor: str) -> Iterator[OutputPage]:
        pictures = Pictures(self._options.directory, cell.attachments)
        for number, output in enumerate(_shown_outputs(cell), 1):
            bundle, metadata = _bundle(output, cell)
            view = self._view(bundle, metadata)
            label = _first_line(output) if isinstance(output, Error) else ""
            content = self._placed(view, pictures, f"output {number} of {anchor}") if _has_content(bundle) else ""
            if not (content or label):
                continue
            lines = 0 if view.sandboxed else content.count("<tr") or content.count("\n")
            yield OutputPage(
                kind=_kind(output),
                label=label,
                content=Markup(content),
                anchor=self._anchors.claim(f"{anchor}-output-{number}"),
                lines=lines if lines > LONG and cell.type not in _PROSE_MIME else 0,
            )

    def _view(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any]) -> View:
        if self._options.render is None:
            return View(content=f'<pre class="verso-text">{escape(str(bundle.get(PLAIN, "")), quote=False)}</pre>')
        return self._options.render(bundle, metadata)

    def _placed(self, view: View, pictures: Pictures, title: str) -> str:
        """A view's HTML for this page, in a frame where it has to be."""
        if view.sandboxed:
            self.has_frames = True
            return frame(view, title=title)
        for one in view.assets:
            self._assets.setdefault(one.key, one)
        markup = self._anchors.make_unique(take_in_pictures(view.content, pictures))
        if "verso-markdown" in markup[:60]:
            self.headings += headings(markup)
        return markup


def _shown_outputs(cell: Cell) -> tuple[Output, ...]:
    """The cell's outputs; for prose that was not run, what its source is."""
    if cell.outputs or not cell.source.strip():
        return cell.outputs
    mime = _PROSE_MIME.get(cell.type)
    if cell.type == "raw":
        given = cell.metadata.get("raw_mimetype") or cell.metadata.get("format")
        mime = given if isinstance(given, str) and "/" in given and not is_binary(given) else PLAIN
    return (DisplayData(data={mime: cell.source, PLAIN: cell.source}),) if mime else ()


def _bundle(output: Output, cell: Cell) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    match output:
        case Stream():
            return {PLAIN: output.text}, {}
        case Error():
            return {PLAIN: _below_first_line(output)}, {}
        case DisplayData() | ExecuteResult():
            # A Markdown cell is text of the page: its Markdown is rendered here, where raw HTML in it is sanitised,
            # instead of going into a frame because of it.
            skipped = {HTML} if cell.type == "markdown" and MARKDOWN in output.data else set()
            return {mime: content for mime, content in output.data.items() if mime not in skipped}, output.metadata


def _has_content(bundle: Mapping[str, Any]) -> bool:
    return bundle != {PLAIN: ""}


def _first_line(error: Error) -> str:
    """What stands above an error: its name and the first line of what it says."""
    return ": ".join(filter(None, (error.ename, error.evalue.partition("\n")[0])))


def _below_first_line(error: Error) -> str:
    """The rest: the traceback, or what it says beyond its first line, without saying that line twice."""
    shown = "\n".join(error.traceback) or error.evalue
    for line in (_first_line(error), error.evalue.partition("\n")[0]):
        if line and (shown == line or shown.startswith(f"{line}\n")):
            return dedent(shown[len(line) + 1 :])
    return shown


def _kind(output: Output) -> str:
    match output:
        case Stream():
            return output.shown_as
        case Error():
            return "error"
        case DisplayData() | ExecuteResult():
            return "display"


def _execution(cell: Cell) -> tuple[str, str, str]:
    """Status, time and reason of the cell's last execution, each empty where it is not known."""
    execution = cell.metadata.get(EXECUTION)
    known: Mapping[str, Any] = execution if isinstance(execution, Mapping) else {}
    status = known.get("status")
    if not isinstance(status, str) or status not in _STATUS_TEXT:
        status = "error" if any(isinstance(output, Error) and output.fatal for output in cell.outputs) else ""
    elapsed = known.get("elapsed")
    shown = _seconds(float(elapsed)) if isinstance(elapsed, (int, float)) and not isinstance(elapsed, bool) else ""
    return status, shown, str(known.get("reason") or "")


def _seconds(elapsed: float) -> str:
    if elapsed < 1:
        return f"{elapsed * 1000:.0f} ms"
    return f"{elapsed:.1f} s" if elapsed < 60 else f"{int(elapsed // 60)} min {int(elapsed % 60)} s"

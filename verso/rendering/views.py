"""Which renderer shows an output: the richest MIME type first, the next one when a renderer passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from verso.api.mime import (
    GIF,
    HTML,
    JPEG,
    JSON,
    LATEX,
    MARKDOWN,
    MERMAID,
    PLAIN,
    PNG,
    RICHEST_FIRST,
    SVG,
    TABLE,
    WEBP,
    is_binary,
    is_json,
    richest,
)
from verso.api.outputs import DisplayData, Error, ExecuteResult, Output, Stream
from verso.api.rendering import RenderContext, Renderer, RenderFunction, View, as_text
from verso.rendering.terminal import placeholder, render_text

_PICTURES: Final = (SVG, PNG, JPEG, GIF, WEBP)
_COLOR_TERMINAL: Final = (*_PICTURES, MARKDOWN, TABLE, JSON, MERMAID, PLAIN, LATEX, HTML)
_PLAIN_TERMINAL: Final = (*_PICTURES, PLAIN, MERMAID, MARKDOWN, JSON, TABLE, LATEX, HTML)


class Views:
    """Shows outputs on the surface of `context`.

    `renderers`: all there are, of both surfaces. `resolve`: imports what a renderer's `module:name` refers to; it
    is called once for each renderer, when it is first asked.
    """

    def __init__(self, renderers: Iterable[Renderer], context: RenderContext, *, resolve: Callable[[Any], Any]) -> None:
        self.context = context
        self._resolve = resolve
        self._by_mime: dict[str, list[Renderer]] = {}
        for renderer in sorted(renderers, key=lambda renderer: -renderer.priority):
            if renderer.surface == context.surface:
                self._by_mime.setdefault(renderer.mime, []).append(renderer)
        self._functions: dict[str, RenderFunction] = {}

    def view(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> View:
        """The view of a MIME bundle.

        Types without a renderer are passed over; when nothing is left, the view says what there is and how large it
        is. A renderer that fails is passed over too, and the view says so: nothing in a file keeps a page from being
        made.
        """
        failures: list[str] = []
        for mime in self._order(bundle):
            for renderer in self._by_mime.get(mime.partition(";")[0].strip().lower(), ()):
                try:
                    view = self._function(renderer)(bundle[mime], metadata or {}, self.context)
                except Exception as error:
                    failures.append(f"{renderer.name}: {type(error).__name__}: {error}")
                    continue
                if view is not None:
                    return self._with_notes(view, failures)
        return self._with_notes(self._unknown(bundle), failures)

    def output(self, output: Output) -> View:
        """The view of a cell's output of any kind. An error shows its traceback, or its name and message."""
        match output:
            case Stream():
                return self.view({PLAIN: output.text})
            case Error():
                shown = "\n".join(output.traceback) or ": ".join(filter(None, (output.ename, output.evalue)))
                return self.view({PLAIN: shown})
            case DisplayData() | ExecuteResult():
                return self.view(output.data, output.metadata)

    def _order(self, bundle: Mapping[str, Any]) -> Iterator[str]:
        left = list(bundle)
        if self.context.surface == "terminal":
            yield from sorted(left, key=self._terminal_rank(bundle))
            return
        while left:
            best = richest(left)
            left.remove(best)
            yield best

    def _terminal_rank(self, bundle: Mapping[str, Any]) -> Callable[[str], int]:
        """A terminal's own order: text that was drawn for it (several lines) comes before a picture's placeholder."""
        order = _COLOR_TERMINAL if self.context.colors else _PLAIN_TERMINAL
        drawn = isinstance(text := bundle.get(PLAIN), str) and "\n" in text.strip() and TABLE not in bundle
        ranks = {mime: place for place, mime in enumerate(order)}
        return lambda mime: -1 if mime == PLAIN and drawn and MARKDOWN not in bundle else ranks.get(mime, len(order))

    def _function(self, renderer: Renderer) -> RenderFunction:
        function = self._functions.get(renderer.name)
        if function is None:
            function = self._functions[renderer.name] = self._resolve(renderer.render)
        return function

    def _unknown(self, bundle: Mapping[str, Any]) -> View:
        """What is shown of types that nobody renders: text as text, the rest by name and size, to be downloaded."""
        if not bundle:
            return View(content="")
        for mime, content in bundle.items():
            if not is_binary(mime) and not is_json(mime) and isinstance(content, str) and mime not in RICHEST_FIRST:
                text = render_text(content, {}, self.context.replace(colors=False))
                if text is not None:
                    return (
                        text if self._on_terminal else View(content=f'<pre class="verso-text">{as_text(content)}</pre>')
                    )
        if self._on_terminal:
            return View(content=" ".join(placeholder(mime, content) for mime, content in bundle.items()))
        return View(content="".join(_download(mime, content) for mime, content in bundle.items()))

    @property
    def _on_terminal(self) -> bool:
        return self.context.surface == "terminal"

    def _with_notes(self, view: View, failures: list[str]) -> View:
        if not failures:
            return view
        if self._on_terminal:
            return view.replace(content="\n".join((view.content, *(f"({failure})" for failure in failures))))
        notes = "".join(f'<p class="verso-note">This view failed: {as_text(failure)}</p>' for failure in failures)
        return view.replace(content=view.content + notes)


def _download(mime: str, content: Any) -> str:
    """A note with a link that saves the content; it is never opened as what it claims to be."""
    note = as_text(placeholder(mime, content))
    if not (isinstance(content, str) and is_binary(mime)):
        return f'<p class="verso-note">{note}</p>'
    packed = as_text("".join(content.split()))
    return (
        f'<p class="verso-note"><a download="output.{_suffix(mime)}" '
        f'href="data:application/octet-stream;base64,{packed}">{note}</a></p>'
    )


def _suffix(mime: str) -> str:
    suffix = mime.rpartition("/")[2].partition("+")[0].rpartition(".")[2]
    return suffix if suffix.isalnum() else "bin"

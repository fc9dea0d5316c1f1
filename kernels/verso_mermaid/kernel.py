"""The Mermaid kernel: puts the shared variables into a diagram's text and draws it, in the engine's process."""

from __future__ import annotations

import asyncio
import importlib.metadata
from typing import Final

from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    Completion,
    DiagnoseReply,
    DiagnoseRequest,
    Diagnostic,
    ExecuteReply,
    ExecuteRequest,
)
from verso.api.mime import MERMAID, PLAIN, SVG
from verso.api.outputs import DisplayData, Error
from verso.api.templates import TemplateKernel
from verso_mermaid.drawing import Drawing, ascii_art, can_draw, draw
from verso_mermaid.keywords import KEYWORDS
from verso_mermaid.source import Source, fill
from verso_mermaid.threads import in_own_thread

LARGEST: Final = 80
"""Lines. The time that drawing takes grows with the square of a diagram (seconds at this size, without a way to stop
it), so a larger one is left to the page that shows it, where a browser draws it in an instant."""


class MermaidKernel(TemplateKernel):
    """Its variables are the values that were set; a cell makes none. Without the `mermaid` extra it hands the text
    on, and the page that shows it draws it."""

    def __init__(self) -> None:
        super().__init__()
        self._drawing: asyncio.Future[tuple[Drawing, str]] | None = None
        self._interrupted = False

    async def start(self) -> KernelInfo:
        if not can_draw():
            return KernelInfo(language="mermaid", program="in process", detail={"draws": "in the page"})
        version = importlib.metadata.version("mermaidx")
        return KernelInfo(language="mermaid", program="in process", detail={"draws": f"mermaidx {version}"})

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        source = fill(request.code, self.values)
        if not source.text.strip():
            return ExecuteReply()
        if not can_draw() or source.text.count("\n") >= LARGEST:
            sink.put(DisplayData(data={MERMAID: source.text, PLAIN: source.text}))
            return ExecuteReply()
        self._interrupted = False
        self._drawing = in_own_thread(lambda: _draw(source.text))
        try:
            drawing, art = await self._drawing
        except asyncio.CancelledError:
            if not self._interrupted:
                raise
            return ExecuteReply(status="cancelled")
        finally:
            self._drawing = None
        if drawing.wrong:
            sink.put(_error(drawing, source, request.name))
            return ExecuteReply(status="error")
        data = {MERMAID: source.text, PLAIN: art or source.text}
        sink.put(DisplayData(data={SVG: drawing.svg, **data} if drawing.svg else data))
        return ExecuteReply()

    async def interrupt(self) -> None:
        """The cell ends at once; a drawing under way is finished in its thread and thrown away."""
        if self._drawing is not None:
            self._interrupted = True
            self._drawing.cancel()

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        before = request.code[: request.position]
        start = len(before)
        while start and (before[start - 1].isalnum() or before[start - 1] in "_-"):
            start -= 1
        typed = before[start:]
        if before[:start].endswith("@"):
            found = [Completion(text=name, label=name, kind="variable") for name in self.values]
        else:
            found = [Completion(text=word, label=word, kind="keyword") for word in KEYWORDS]
        fitting = tuple(one for one in found if one.text.lower().startswith(typed.lower()))
        return CompleteReply(start=start, end=request.position, completions=fitting)

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        if not can_draw() or not request.code.strip():
            return DiagnoseReply()
        source = fill(request.code, self.values)
        drawing = await in_own_thread(lambda: draw(source.text))
        return DiagnoseReply(diagnostics=_diagnostics(drawing, source))


async def create(context: KernelContext) -> Kernel:
    """The kernel of Mermaid cells."""
    return MermaidKernel()


def _draw(text: str) -> tuple[Drawing, str]:
    drawing = draw(text)
    return drawing, "" if drawing.wrong else ascii_art(text)


def _diagnostics(drawing: Drawing, source: Source) -> tuple[Diagnostic, ...]:
    found = []
    for wrong in drawing.wrong:
        line, column = source.original_position(wrong.offset)
        end = Diagnostic(message=wrong.message, line=line, column=column, end_line=line, end_column=column + 1)
        found.append(end.replace(source="mermaid"))
    return tuple(found)


def _error(drawing: Drawing, source: Source, name: str) -> Error:
    first, *_ = found = _diagnostics(drawing, source)
    shown = source.original.split("\n")[first.line - 1]
    lines = [f"{name}:{first.line}:{first.column}", shown, " " * (first.column - 1) + "^"]
    lines += [f"{one.line}:{one.column}: {one.message}" for one in found]
    return Error(
        ename="MermaidError", evalue=first.message, traceback=tuple(lines), line=first.line, column=first.column
    )

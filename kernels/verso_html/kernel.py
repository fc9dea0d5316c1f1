"""The HTML kernel: shows a cell's HTML with the shared variables put in, in process."""

from __future__ import annotations

from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.mime import HTML, PLAIN
from verso.api.outputs import DisplayData
from verso.api.substitution import substitute_html
from verso.api.templates import TemplateKernel


class HtmlKernel(TemplateKernel):
    """Its variables are the values that were set; a cell makes none."""

    async def start(self) -> KernelInfo:
        return KernelInfo(language="html", version="5", program="in process")

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        markup = substitute_html(request.code.strip("\n"), self.values)
        if markup.strip():
            sink.put(DisplayData(data={HTML: markup, PLAIN: markup}))
        return ExecuteReply()


async def create(context: KernelContext) -> Kernel:
    """The kernel of HTML cells."""
    return HtmlKernel()

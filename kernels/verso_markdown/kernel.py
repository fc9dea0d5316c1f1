"""The Markdown kernel: renders a cell with the shared variables put in, in process."""

from __future__ import annotations

import asyncio

from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.mime import HTML, MARKDOWN, PLAIN
from verso.api.outputs import DisplayData
from verso.api.templates import TemplateKernel
from verso.api.values import TypedValue
from verso_markdown.document import to_html
from verso_markdown.substitution import put_plain_values, put_values


class MarkdownKernel(TemplateKernel):
    """Its variables are the values that were set; a cell makes none.

    The `text/html` that it puts out holds the author's raw HTML as it is: who shows it makes it harmless.
    """

    async def start(self) -> KernelInfo:
        return KernelInfo(language="markdown", version="GitHub-flavoured", program="in process")

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        if request.code.strip():
            code = request.code.strip("\n")  # the lines before a language switch are empty ones here
            # Math and highlighting of a long cell take a while: not on the loop.
            sink.put(DisplayData(data=await asyncio.to_thread(_bundle, code, dict(self.values))))
        return ExecuteReply()


async def create(context: KernelContext) -> Kernel:
    """The kernel of Markdown cells."""
    return MarkdownKernel()


def _bundle(code: str, values: dict[str, TypedValue]) -> dict[str, str]:
    source = put_values(code, values)
    return {HTML: to_html(source), MARKDOWN: source, PLAIN: put_plain_values(code, values)}

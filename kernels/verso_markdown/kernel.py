"""The Markdown kernel: renders a cell with the shared variables put in, in process."""

from __future__ import annotations

import asyncio

from verso.api.errors import VariableError
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.mime import HTML, MARKDOWN, PLAIN
from verso.api.outputs import DisplayData
from verso.api.substitution import value_text
from verso.api.values import TypedValue
from verso.api.variables import PREVIEW_LENGTH, VariableInfo
from verso_markdown.document import to_html
from verso_markdown.substitution import put_plain_values, put_values


class MarkdownKernel(Kernel):
    """Its variables are the values that were set; a cell makes none.

    The `text/html` that it puts out holds the author's raw HTML as it is: who shows it makes it harmless.
    """

    def __init__(self) -> None:
        self._values: dict[str, TypedValue] = {}

    async def start(self) -> KernelInfo:
        return KernelInfo(language="markdown", version="GitHub-flavoured", program="in process")

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        if request.code.strip():
            # Math and highlighting of a long cell take a while: not on the loop.
            sink.put(DisplayData(data=await asyncio.to_thread(_bundle, request.code, dict(self._values))))
        return ExecuteReply()

    async def shutdown(self) -> None:
        self._values.clear()

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(
            VariableInfo(name=name, type=value["t"], preview=_preview(value)) for name, value in self._values.items()
        )

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        try:
            return self._values[name]
        except KeyError:
            raise VariableError(f"the Markdown kernel was given no variable {name!r}") from None

    async def set_variable(self, name: str, value: TypedValue) -> None:
        self._values[name] = value


async def create(context: KernelContext) -> Kernel:
    """The kernel of Markdown cells."""
    return MarkdownKernel()


def _bundle(code: str, values: dict[str, TypedValue]) -> dict[str, str]:
    source = put_values(code, values)
    return {HTML: to_html(source), MARKDOWN: source, PLAIN: put_plain_values(code, values)}


def _preview(value: TypedValue) -> str:
    text = " ".join(value_text(value).split())
    return text if len(text) <= PREVIEW_LENGTH else text[: PREVIEW_LENGTH - 1] + "…"

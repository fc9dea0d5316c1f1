"""The HTML kernel: shows a cell's HTML with the shared variables put in, in process."""

from __future__ import annotations

from verso.api.errors import VariableError
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.mime import HTML, PLAIN
from verso.api.outputs import DisplayData
from verso.api.substitution import substitute_html, value_text
from verso.api.values import TypedValue
from verso.api.variables import PREVIEW_LENGTH, VariableInfo


class HtmlKernel(Kernel):
    """Its variables are the values that were set; a cell makes none."""

    def __init__(self) -> None:
        self._values: dict[str, TypedValue] = {}

    async def start(self) -> KernelInfo:
        return KernelInfo(language="html", version="5", program="in process")

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        markup = substitute_html(request.code, self._values)
        if markup.strip():
            sink.put(DisplayData(data={HTML: markup, PLAIN: markup}))
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
            raise VariableError(f"the HTML kernel was given no variable {name!r}") from None

    async def set_variable(self, name: str, value: TypedValue) -> None:
        self._values[name] = value


async def create(context: KernelContext) -> Kernel:
    """The kernel of HTML cells."""
    return HtmlKernel()


def _preview(value: TypedValue) -> str:
    text = " ".join(value_text(value).split())
    return text if len(text) <= PREVIEW_LENGTH else text[: PREVIEW_LENGTH - 1] + "…"

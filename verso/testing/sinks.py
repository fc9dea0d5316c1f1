"""A sink that remembers what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from verso.api.errors import InputNotAvailableError
from verso.api.messages import InputRequest, OutputMessage, UpdateDisplayData
from verso.api.mime import MimeBundle
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream

Answer = str | None | Callable[[InputRequest], Awaitable[str | None]]


class RecordingSink:
    """Keeps each output in `outputs` and each question in `questions`.

    `answers` are given in turn to the questions: a text, None (input ended), or an async function of the request. When
    none is left, `InputNotAvailableError`.
    """

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self.outputs: list[OutputMessage] = []
        self.questions: list[InputRequest] = []
        self._answers = list(answers)
        self._came = asyncio.Event()

    def put(self, message: OutputMessage) -> None:
        """As `Sink.put`."""
        self.outputs.append(message)
        self._came.set()

    async def ask(self, request: InputRequest) -> str | None:
        """As `Sink.ask`."""
        self.questions.append(request)
        self._came.set()
        if not self._answers:
            raise InputNotAvailableError("nobody is there to answer")
        answer = self._answers.pop(0)
        return await answer(request) if callable(answer) else answer

    async def until(self, holds: Callable[[RecordingSink], bool], *, seconds: float = 20.0) -> None:
        """Waits until something is true of this sink. `TimeoutError`, with what came, when it does not."""
        try:
            async with asyncio.timeout(seconds):
                while not holds(self):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise TimeoutError(f"not within {seconds:g} seconds; what came: {self.outputs!r}") from None

    def text(self, name: str | None = None) -> str:
        """The text of the streams of this name (None: of all) in order, joined."""
        streams = (output for output in self.outputs if isinstance(output, Stream))
        return "".join(stream.text for stream in streams if name in (None, stream.name))

    @property
    def bundles(self) -> list[MimeBundle]:
        """The bundles of displays, results and updates, in order."""
        return [out.data for out in self.outputs if isinstance(out, DisplayData | ExecuteResult | UpdateDisplayData)]

    @property
    def errors(self) -> list[Error]:
        """The errors, in order."""
        return [output for output in self.outputs if isinstance(output, Error)]

    @property
    def shown(self) -> str:
        """All that a reader without pictures sees: the streams' text, the `text/plain` of bundles, and errors."""
        parts: list[str] = []
        for output in self.outputs:
            if isinstance(output, Stream):
                parts.append(output.text)
            elif isinstance(output, DisplayData | ExecuteResult | UpdateDisplayData):
                parts.append(str(output.data.get("text/plain", "")))
            elif isinstance(output, Error):
                parts.append("\n".join((output.ename, output.evalue, *output.traceback)))
        return "\n".join(parts)

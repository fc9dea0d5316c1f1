"""Where a cell's outputs go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from verso.api.errors import InputNotAvailableError, VersoError
from verso.api.events import CellOutput, Event
from verso.api.messages import InputRequest, OutputMessage
from verso.api.notebook import Cell
from verso.api.outputs import Error
from verso.api.secrets import Secrets
from verso.engine.masking import OutputMask
from verso.engine.outputs import CellOutputs

Answer = Callable[[InputRequest], Awaitable[str | None]]
"""Answers a question that a cell asks; None when input ended."""


class CellSink:
    """Takes a cell's outputs: masks secrets, keeps them, tells listeners, and asks the person at the notebook.

    What comes before `begin` waits for it: a kernel may be quicker than the engine's books.
    """

    __slots__ = (
        "_answer",
        "_begun",
        "_early",
        "_emit",
        "_mask",
        "_refresh",
        "_secrets",
        "cell_id",
        "errors",
        "finished",
        "index",
        "outputs",
    )

    def __init__(
        self,
        cell: Cell,
        index: int,
        outputs: CellOutputs,
        emit: Callable[[Event], None],
        answer: Answer | None,
        refresh: Callable[[CellOutputs], None],
        secrets: Secrets,
    ) -> None:
        self.cell_id = cell.id
        self.index = index
        self.outputs = outputs
        self.errors = 0
        """How many errors the cell has put out."""
        self.finished = False
        self._begun = False
        self._early: list[OutputMessage | asyncio.Future[None]] = []
        self._emit = emit
        self._answer = answer
        self._refresh = refresh
        self._secrets = secrets
        self._mask = OutputMask(secrets)

    def begin(self) -> None:
        """The cell has started, and all were told. Doing it twice is harmless."""
        self._begun = True
        early, self._early = self._early, []
        for each in early:
            if not isinstance(each, asyncio.Future):
                self.put(each)
            elif not each.done():
                each.set_result(None)

    def put(self, message: OutputMessage) -> None:
        """Keeps an output and tells of it; also one that comes after the cell had finished."""
        if not self._begun:
            self._early.append(message)
        elif self._secrets:
            for masked in self._mask.masked(message):
                self._put(masked)
            if self.finished:
                self.flush()
        else:
            self._put(message)

    def flush(self) -> None:
        """Puts out the end of a text that was held back, since it could have been the beginning of a secret."""
        for held in self._mask.rest():
            self._put(held)

    def _put(self, message: OutputMessage) -> None:
        self.errors += isinstance(message, Error)
        for other in self.outputs.add(message):
            self._refresh(other)
        if self.finished:
            self._refresh(self.outputs)
        self._emit(CellOutput(cell_id=self.cell_id, index=self.index, output=message))

    async def ask(self, request: InputRequest) -> str | None:
        """The answer to a question; one to a question that hides it is a secret from then on.
        `InputNotAvailableError`."""
        if not self._begun:
            turn = asyncio.get_running_loop().create_future()
            self._early.append(turn)
            await turn
        self.flush()
        if self._answer is None:
            raise InputNotAvailableError(
                f"the cell asks for input ({request.prompt or request.kind}) and nobody is there to answer",
                next_step="run it where input is possible, or give the value as a parameter",
            )
        try:
            answer = await self._answer(request)
        except VersoError:
            raise
        except Exception as error:
            text = f"what answers questions failed on its own account: {type(error).__name__}: {error}"
            self.put(Error(ename="AnswerFault", evalue=text, traceback=(f"AnswerFault: {text}",), fatal=False))
            raise InputNotAvailableError(text) from error
        if answer is not None and request.kind == "secret":
            self._secrets.add(answer)
        return answer

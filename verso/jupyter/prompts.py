"""Questions of cells, asked at the front end (stdin channel)."""

from __future__ import annotations

import asyncio
from typing import Final

from verso.api.errors import InputNotAvailableError
from verso.api.messages import InputRequest
from verso.jupyter.channels import Channels
from verso.jupyter.execution import Execution

_END_OF_INPUT: Final = "\x04"
"""What Jupyter's clients send when input ended."""


class Prompts:
    """Asks one question at a time."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._waiting: asyncio.Future[str] | None = None

    async def ask(self, request: InputRequest, execution: Execution | None) -> str | None:
        """The answer of the front end that sent the execution; None when input ended. `InputNotAvailableError` when it
        takes no questions."""
        if execution is None or not execution.allow_stdin:
            raise InputNotAvailableError(
                f"the cell asks for input ({request.prompt or request.kind}) and this front end takes no questions",
                next_step="give the value in the cell, or run it where input is possible",
            )
        lines = [request.caption, request.message]
        lines += [f"[{choice.key}] {choice.label} {choice.help}".rstrip() for choice in request.choices]
        text = "".join(f"{line}\n" for line in lines if line)
        if text:
            self._channels.publish("stream", {"name": "stdout", "text": text}, execution.message)
        content = {"prompt": request.prompt, "password": request.kind == "secret"}
        answered = self._waiting = asyncio.get_running_loop().create_future()
        self._channels.reply(self._channels.stdin, execution.identity, "input_request", content, execution.message)
        value = await answered
        return None if value == _END_OF_INPUT else value

    async def listen(self) -> None:
        """Takes answers, until cancelled. One that nobody waits for is dropped."""
        while True:
            received = await self._channels.receive(self._channels.stdin)
            if received is not None and self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(str(received[1]["content"].get("value", "")))

    def withdraw(self) -> None:
        """The cell has ended: nobody waits for an answer any more."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

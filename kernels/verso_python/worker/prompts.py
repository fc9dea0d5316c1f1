"""Questions to the person at the notebook: `input` and `getpass.getpass`."""

from __future__ import annotations

import builtins

from .channel import Channel
from .imports import ImportHooks
from .inbox import Inbox
from .kinds import Any


class Prompts:
    """Asks through the channel. `allowed` says whether anybody can answer the cell that runs."""

    def __init__(self, channel: Channel, inbox: Inbox) -> None:
        self._channel = channel
        self._inbox = inbox
        self._count = 0
        self.cell = ""
        self.allowed = False

    def install(self, hooks: ImportHooks) -> None:
        """Takes the place of `input`, and of `getpass.getpass` once that is imported."""
        builtins.input = self.input
        hooks.watch("getpass", self._patch)

    def input(self, prompt: Any = "", /) -> str:
        """Asks for a line and returns it without its end. `EOFError` when input ended or nobody is there to answer."""
        return self._ask(str(prompt), "line")

    def getpass(self, prompt: str = "Password: ", stream: Any = None, **_: Any) -> str:
        """Asks for a secret, which is neither shown nor saved."""
        return self._ask(str(prompt), "secret")

    def _patch(self, module: Any) -> None:
        module.getpass = self.getpass

    def _ask(self, prompt: str, kind: str) -> str:
        if not self.allowed or not self._channel.open:
            raise EOFError(
                "this run of the notebook can't answer questions, so %r was not asked" % (prompt or "input()")
            )
        self._count += 1
        identity = "%s.%d" % (self.cell, self._count)
        self._channel.send(
            {"type": "input_request", "id": self.cell, "input_id": identity, "prompt": prompt, "kind": kind}
        )
        value = self._inbox.answer(identity)
        if value is None:
            raise EOFError("input ended")
        return value

"""An execute request while it is answered."""

from __future__ import annotations

from verso.api.outputs import Error, ExecuteResult
from verso.jupyter.channels import Identity, Message


class Execution:
    """One execute request: what its outputs have for a parent, and whom its questions go to. `error`, `result`: the
    last that came."""

    def __init__(self, identity: Identity, message: Message, execution_count: int, *, silent: bool = False) -> None:
        content = message["content"]
        self.identity = identity
        self.message = message
        self.execution_count = execution_count
        self.silent = silent
        self.allow_stdin = bool(content.get("allow_stdin"))
        self.error: Error | None = None
        self.result: ExecuteResult | None = None

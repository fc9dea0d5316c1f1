"""A kernel that is run by a worker process (docs/wire.md): what `KernelContext.worker` returns."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Generator, Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import KernelError, ProtocolError, VariableError
from verso.api.kernel import Kernel, KernelInfo, Sink, WorkerCommand
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    DiagnoseReply,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InspectReply,
    InspectRequest,
)
from verso.api.outputs import Error
from verso.api.values import TypedValue
from verso.api.variables import VariableInfo
from verso.host.conversation import Conversation
from verso.host.process import spawn
from verso.host.request import PendingRequest
from verso.wire import codec


class WorkerKernel(Kernel):
    """Starts `command`, talks to it, and ends it and all that it started.

    `directory`: where it runs unless the command says so itself. `exchange`: the folder for table files; without one,
    tables travel inside their messages. Requests are handled one after another, however many are awaited at once; a
    request whose awaiting is given up changes nothing for the worker. After its worker died, every request raises
    why, until `start` or `restart`.
    """

    def __init__(self, command: WorkerCommand, *, directory: Path | None = None, exchange: Path | None = None) -> None:
        self._command = command
        self._name = f"the {command.language} kernel"
        self._directory = command.directory or directory
        self._exchange = exchange
        self._conversation: Conversation | None = None
        self._info: KernelInfo | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> KernelInfo:
        """Starts the worker, unless it runs already. `KernelStartError` when it can't, with its last words."""
        async with self._starting:
            if self._conversation is not None and self._conversation.death is None and self._info is not None:
                return self._info
            command = self._command
            process = spawn(
                command.argv,
                directory=self._directory,
                environ=_environment(command.environ),
                merge_raw=command.merge_raw,
            )
            conversation = self._conversation = Conversation(command, process)
            try:
                self._info = await conversation.handshake()
            except BaseException:
                if self._conversation is conversation:
                    self._conversation = None
                raise
            return self._info

    async def shutdown(self) -> None:
        """Ends the worker: it is asked, and killed with its process group after the command's `stop_timeout`."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            await conversation.stop(self._command.stop_timeout)

    async def interrupt(self) -> None:
        """Stops what `execute` runs, as the command's `InterruptPolicy` says. Returns when asked; when it does not
        stop, `execute` raises `KernelUnresponsiveError`."""
        if self._conversation is not None:
            await self._conversation.interrupt()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        """As `Kernel.execute`; `KernelUnresponsiveError` when the code did not stop after an interrupt and its worker
        was killed. A message that breaks the protocol is an `Error` output, and the status is then `error`."""
        return await _executed(self._running().submit(codec.request_to_wire(request), sink), sink)

    def execute_next(self, request: ExecuteRequest, sink: Sink) -> Awaitable[ExecuteReply | None] | None:
        """As `Kernel.execute_next`; of workers that say `ahead` in their `ready`."""
        if self._info is None or not self._info.ahead:
            return None
        pending = self._running().submit_next(codec.request_to_wire(request), sink)
        return None if pending is None else _Next(pending, sink)

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        """As `Kernel.complete`; after what runs. `KernelError` with the worker's words when it failed."""
        return codec.complete_reply(await self._ask(codec.request_to_wire(request)))

    async def inspect(self, request: InspectRequest) -> InspectReply:
        """As `Kernel.inspect`; after what runs. `KernelError` with the worker's words when it failed."""
        return codec.inspect_reply(await self._ask(codec.request_to_wire(request)))

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        """As `Kernel.diagnose`; after what runs. `KernelError` with the worker's words when it failed."""
        return codec.diagnose_reply(await self._ask(codec.request_to_wire(request)))

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        """As `Kernel.list_variables`. `KernelError` with the worker's words when it failed."""
        return codec.variables_reply(await self._ask({"type": "variables"}))

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        """As `Kernel.get_variable`: a table comes as an Arrow file when the reader takes it and there is a folder."""
        exchange = "" if self._exchange is None else str(self._exchange)
        message = {"type": "get_variable", "name": name, "arrow": arrow and bool(exchange), "exchange": exchange}
        return codec.typed_value(await self._ask(message, name))

    async def set_variable(self, name: str, value: TypedValue) -> None:
        """As `Kernel.set_variable`."""
        await self._ask({"type": "set_variable", "name": name, "value": value}, name)

    def _running(self) -> Conversation:
        if self._conversation is None:
            raise KernelError(f"{self._name} is not started", next_step="Start it first.")
        return self._conversation

    async def _ask(self, message: dict[str, Any], variable: str | None = None) -> dict[str, Any]:
        reply = await self._running().submit(message).reply
        status = reply.get("status")
        if status == "ok":
            return reply
        if status not in ("error", "cancelled"):
            raise ProtocolError(f"{self._name} replied with the unknown status {status!r}")
        words = str(reply.get("message") or f"{self._name} gave no reason")
        if variable is None:
            raise KernelError(f"{self._name} could not answer: {words}")
        raise VariableError(words, next_step=_NEXT_STEPS.get(reply.get("what") or "", ""))


class _Next:
    """The reply to come of a request that was sent ahead. An object, since nobody need ever await it."""

    def __init__(self, pending: PendingRequest, sink: Sink) -> None:
        self._pending = pending
        self._sink = sink

    def __await__(self) -> Generator[Any, None, ExecuteReply | None]:
        return self._outcome().__await__()

    async def _outcome(self) -> ExecuteReply | None:
        withdrawn = (await self._pending.reply).get("status") == "withdrawn"
        return None if withdrawn else await _executed(self._pending, self._sink)


async def _executed(pending: PendingRequest, sink: Sink) -> ExecuteReply:
    message = await pending.reply
    if pending.broken is not None:
        raise pending.broken
    reply = codec.execute_reply(message)
    refusal = message.get("message")
    if reply.status == "error" and isinstance(refusal, str) and refusal:
        sink.put(Error(ename="KernelError", evalue=refusal))
    return reply.replace(status="error") if pending.violated and reply.status == "ok" else reply


_NEXT_STEPS = {
    "unknown": "Run the cell that makes it first.",
    "untransferable": "Turn it into plain values (numbers, text, lists, maps, a table) and share that.",
    "name": "Give it another name.",
}


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    environment = dict(os.environ)
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment

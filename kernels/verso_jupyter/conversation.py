"""The conversation with one kernel over its four channels: requests, their replies, and what comes in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient

from verso.api.errors import KernelError
from verso_jupyter.messages import Content

REMEMBERED: Final = 64
"""So many of the last executions still get what comes late."""
GRACE: Final = 4.0
"""Seconds for which the second of "idle" and the reply is waited for when the first was there."""

OutputHandler = Callable[[str, Content], None]
InputHandler = Callable[[Content], Awaitable[str | None]]


class Exchange:
    """One request and all that answers it. `reply` gets the reply's content; `idle` is set when the kernel has nothing
    more to say; `begun` when it runs the code (or said anything about it)."""

    __slots__ = ("asking", "begun", "idle", "input", "message_id", "output", "reply")

    def __init__(self, message_id: str, output: OutputHandler | None, ask: InputHandler | None) -> None:
        self.message_id = message_id
        self.output = output
        self.input = ask
        self.reply: asyncio.Future[Content] = asyncio.get_running_loop().create_future()
        self.idle = asyncio.Event()
        self.begun = asyncio.Event()
        self.asking: set[asyncio.Task[None]] = set()


class Conversation:
    """Sends requests and hands each message to the exchange it belongs to. An async context manager over a client whose
    channels are started; leaving stops listening.

    `stray` gets the output messages that belong to no execution that is remembered.
    """

    def __init__(self, client: AsyncKernelClient, stray: OutputHandler) -> None:
        self._client = client
        self._stray = stray
        self._exchanges: dict[str, Exchange] = {}
        self._late: OrderedDict[str, OutputHandler] = OrderedDict()
        self._heard = asyncio.Event()
        self._listeners: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Conversation:
        client = self._client
        for channel, handle in (
            (client.iopub_channel, self._on_iopub),
            (client.shell_channel, self._on_reply),
            (client.control_channel, self._on_reply),
            (client.stdin_channel, self._on_input),
        ):
            self._listeners.append(asyncio.create_task(self._listen(channel, handle)))
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in self._listeners:
            task.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        for exchange in list(self._exchanges.values()):
            self.close(exchange)

    # -- asking

    async def ready(self) -> Content:
        """The kernel's `kernel_info_reply`, once iopub is heard as well: what is published before that is lost."""
        while True:
            exchange = self.open("shell", "kernel_info_request", {})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    reply = await asyncio.shield(exchange.reply)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await self._heard.wait()
                if self._heard.is_set():
                    return reply
            self.close(exchange)

    def open(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        *,
        metadata: dict[str, Any] | None = None,
        output: OutputHandler | None = None,
        ask: InputHandler | None = None,
    ) -> Exchange:
        """Sends a request. `output` gets every output message that belongs to it, late ones too; `ask` answers its
        questions (None: input ended) and is cancelled when the request has ended."""
        message = self._client.session.msg(kind, content, metadata=metadata)
        exchange = Exchange(message["header"]["msg_id"], output, ask)
        self._exchanges[exchange.message_id] = exchange
        if output is not None and kind == "execute_request":
            self._late[exchange.message_id] = output
            if len(self._late) > REMEMBERED:
                self._late.popitem(last=False)
        getattr(self._client, f"{channel}_channel").send(message)
        return exchange

    async def finish(self, exchange: Exchange) -> Content:
        """The reply, when the kernel is idle as well: only then all its output was there. `KernelError` when a kernel
        says that it is idle and never replies."""
        idle = asyncio.create_task(exchange.idle.wait())
        try:
            await asyncio.wait((idle, exchange.reply), return_when=asyncio.FIRST_COMPLETED)
            if exchange.reply.done() and idle.done():
                return exchange.reply.result()
            await asyncio.wait((idle, exchange.reply), timeout=GRACE)
            if not exchange.reply.done():
                raise KernelError("the kernel said that it is idle and did not reply", next_step="run the cell again")
            return exchange.reply.result()
        finally:
            idle.cancel()
            self.close(exchange)

    def close(self, exchange: Exchange) -> None:
        """Forgets an exchange: its questions are withdrawn, its late output still finds its way."""
        self._exchanges.pop(exchange.message_id, None)
        for task in exchange.asking:
            task.cancel()
        if not exchange.reply.done():
            exchange.reply.cancel()

    # -- hearing

    async def _listen(self, channel: Any, handle: Callable[[dict[str, Any]], None]) -> None:
        socket, session = channel.socket, channel.session
        while True:
            try:
                frames = await socket.recv_multipart()
            except zmq.ZMQError:
                return  # the socket was closed
            with contextlib.suppress(ValueError, TypeError, KeyError):  # not signed with our key, or no message at all
                _, frames = session.feed_identities(frames)
                handle(session.deserialize(frames))

    def _exchange(self, message: dict[str, Any]) -> Exchange | None:
        return self._exchanges.get(_parent(message))

    def _on_reply(self, message: dict[str, Any]) -> None:
        exchange = self._exchange(message)
        if exchange is not None and not exchange.reply.done():
            exchange.reply.set_result(message["content"])

    def _on_iopub(self, message: dict[str, Any]) -> None:
        self._heard.set()
        kind, content = message["header"]["msg_type"], message["content"]
        exchange = self._exchange(message)
        if kind == "status":
            if exchange is not None and content.get("execution_state") == "idle":
                exchange.idle.set()
            return
        if exchange is not None:
            exchange.begun.set()
        if kind in ("execute_input", "iopub_welcome", "shutdown_reply"):
            return
        if exchange is not None:
            if exchange.output is not None:
                exchange.output(kind, content)
            return
        late = self._late.get(_parent(message), self._stray)
        late(kind, content)

    def _on_input(self, message: dict[str, Any]) -> None:
        exchange = self._exchange(message)
        if message["header"]["msg_type"] != "input_request" or exchange is None:
            return
        task = asyncio.create_task(self._answer(exchange, message["content"]))
        exchange.asking.add(task)
        task.add_done_callback(exchange.asking.discard)

    async def _answer(self, exchange: Exchange, content: Content) -> None:
        value = None if exchange.input is None else await exchange.input(content)
        self._client.input("\x04" if value is None else value)  # as jupyter_client's own client says that input ended


def _parent(message: dict[str, Any]) -> str:
    return str((message.get("parent_header") or {}).get("msg_id") or "")

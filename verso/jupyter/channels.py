"""The five sockets of a Jupyter kernel, signed messages in and out (Jupyter messaging protocol, "Wire protocol")."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import zmq
import zmq.asyncio
from jupyter_client.session import Session as Signer

from verso.api.errors import VersoError

Message = dict[str, Any]
Identity = list[bytes]
"""The routing frames of a client's socket."""

_CLOSE_WITHIN: Final = 500
"""Milliseconds for which closing waits until the last messages are sent."""


class Channels:
    """The sockets that a connection file names, bound. A context manager: leaving closes them.

    `VersoError` when the file can't be read or a port is taken.
    """

    def __init__(self, connection_file: Path) -> None:
        try:
            info = json.loads(connection_file.read_text(encoding="utf-8"))
            self._where = (info["transport"], info["ip"])
            ports = {name: int(info[f"{name}_port"]) for name in ("shell", "control", "stdin", "iopub", "hb")}
            self._signer = Signer(
                key=info["key"].encode(), signature_scheme=info.get("signature_scheme", "hmac-sha256")
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VersoError(f"{connection_file} can't be read as a connection file: {error!r}") from None
        self._context = zmq.asyncio.Context()
        try:
            self.shell = self._bind(zmq.ROUTER, ports["shell"])
            self.control = self._bind(zmq.ROUTER, ports["control"])
            self.stdin = self._bind(zmq.ROUTER, ports["stdin"])
            self.iopub = self._bind(zmq.PUB, ports["iopub"])
            self.heartbeat = self._bind(zmq.REP, ports["hb"])
        except zmq.ZMQError as error:
            self._context.destroy(linger=0)
            raise VersoError(f"a port of {connection_file} can't be used: {error}") from None

    def __enter__(self) -> Channels:
        return self

    def __exit__(self, *exception: object) -> None:
        self._context.destroy(linger=_CLOSE_WITHIN)

    async def receive(self, socket: zmq.asyncio.Socket) -> tuple[Identity, Message] | None:
        """The next message and who sent it; None for one that is not signed with our key or no message at all."""
        frames = await socket.recv_multipart()
        try:
            identity, rest = self._signer.feed_identities(frames)
            return list(identity), self._signer.deserialize(rest)
        except (ValueError, TypeError, KeyError, UnicodeDecodeError):
            return None

    def reply(
        self, socket: zmq.asyncio.Socket, identity: Identity, kind: str, content: Message, parent: Message
    ) -> None:
        """Sends a message to the one who sent `parent`."""
        self._signer.send(socket, kind, content, parent=parent, ident=identity)

    def publish(self, kind: str, content: Message, parent: Message | None) -> None:
        """Tells everybody who listens."""
        self._signer.send(self.iopub, kind, content, parent=parent, ident=kind.encode())

    async def beat(self) -> None:
        """Answers heartbeats, until cancelled."""
        while True:
            await self.heartbeat.send_multipart(await self.heartbeat.recv_multipart())

    def _bind(self, kind: int, port: int) -> zmq.asyncio.Socket:
        socket = self._context.socket(kind)
        transport, ip = self._where
        socket.bind(f"{transport}://{ip}{':' if transport == 'tcp' else '-'}{port}")
        return socket

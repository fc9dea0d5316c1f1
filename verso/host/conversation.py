"""One worker from its start to its end: what is asked, what comes back, and in which order it is shown.

docs/wire.md is the contract; the sections "Order" and "Life" are kept here.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from copy import copy
from typing import Any, Final

from verso.api.errors import (
    InputNotAvailableError,
    KernelDiedError,
    KernelError,
    KernelStartError,
    KernelUnresponsiveError,
    ProtocolError,
)
from verso.api.kernel import KernelInfo, Sink, WorkerCommand
from verso.api.messages import OutputMessage
from verso.api.outputs import Error, Stream
from verso.host.channel import Channel
from verso.host.exit import LAST_WORDS, exit_cause, kernel_died, quoted
from verso.host.interrupt import ask_to_stop, insist
from verso.host.process import WorkerProcess
from verso.host.rawstream import RawStream
from verso.host.request import PendingRequest
from verso.wire import codec

LAST_READS: Final = 16
"""How often each pipe of a dead worker is read at most: more than it can hold, but no end to a stranger's flood."""

SILENT_SECONDS: Final = 2.0
"""How long a worker that closed its channel may take to end."""

KILL_SECONDS: Final = 5.0
"""How long a killed worker is waited for: longer only when the system itself holds it (a dead network disk)."""

STRAY_CHARACTERS: Final = 10_000
"""How much of a line that is no message is shown: it may be a damaged message of any size."""

REMEMBERED: Final = 64
"""Of how many executions the sinks are kept for output that comes late."""


class Conversation:
    """Talks to one worker process. Requests are sent one at a time, in the order in which they were submitted.

    `death`: why there will be no more replies, or None while the worker lives.
    """

    def __init__(self, command: WorkerCommand, process: WorkerProcess) -> None:
        self.death: KernelError | None = None
        self._command = command
        self._name = f"the {command.language} kernel"
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._fate: KernelError | None = None
        self._last_words = ""
        self._requests = 0
        self._shutdown_id = ""
        self._active: PendingRequest | None = None
        self._next: PendingRequest | None = None
        self._waiting: deque[PendingRequest] = deque()
        self._insisting: asyncio.Task[None] | None = None
        self._insisted_on: PendingRequest | None = None
        self._sinks: dict[str, Sink] = {}
        self._last_sink: Sink | None = None
        self._channel = Channel(
            process.incoming,
            process.outgoing,
            on_message=self._on_message,
            on_stray=self._on_stray,
            on_end=self._on_channel_end,
        )
        self._raw = [
            RawStream(name, descriptor, before=self._channel.read, on_text=self._on_raw)
            for name, descriptor in process.raw.items()
        ]
        process.watch(self._loop, self._on_exit)

    # --- life ---------------------------------------------------------------------------------------------

    async def handshake(self) -> KernelInfo:
        """Waits for `ready`. `KernelStartError` when it does not come or is not as it must be: then the worker is
        ended."""
        command = self._command
        try:
            async with asyncio.timeout(command.start_timeout):
                return codec.kernel_info(await self._ready, command.language)
        except TimeoutError:
            await self.kill()
            raise KernelStartError(
                f"the {command.language} kernel was not ready within {command.start_timeout:g} seconds"
                + quoted(self._last_words),
                next_step=f"Try its program by hand: {' '.join(command.argv)}",
            ) from None
        except ProtocolError as error:
            await self.kill()
            raise KernelStartError(f"the {command.language} kernel can't be used: {error}") from error
        except BaseException:
            await self.kill()
            raise

    async def stop(self, grace: float) -> None:
        """Asks the worker to end, and ends it and all that it started after `grace` seconds."""
        if not self._ended.done():
            self._fate = self._fate or KernelDiedError(f"{self._name} was shut down")
            try:
                if self._ready.done():
                    self._ask_to_end()
                    await asyncio.wait({self._ended}, timeout=grace)
            finally:
                await self.kill()

    def _ask_to_end(self) -> None:
        self._requests += 1
        self._shutdown_id = f"r{self._requests}"
        self._send({"type": "shutdown", "id": self._shutdown_id})
        if self._active is not None:  # it won't read on before its code ends: the channel's end stops that
            self._channel.close_outgoing()

    async def kill(self) -> None:
        """Ends the worker and all that it started, at once."""
        if not self._ended.done():
            self._process.signal_group(signal.SIGKILL)
            await asyncio.wait({self._ended}, timeout=KILL_SECONDS)

    def _on_channel_end(self) -> None:
        self._loop.call_later(SILENT_SECONDS, self._end_silent)

    def _end_silent(self) -> None:
        if not self._ended.done():
            words = "it closed its channel, went on running and was killed"
            self._fate = self._fate or kernel_died(self._command.language, words, last_words=self._last_words)
            self._process.signal_group(signal.SIGKILL)

    def _on_exit(self) -> None:
        self._process.signal_group(signal.SIGKILL)
        returncode = self._process.reap()
        sources: tuple[Channel | RawStream, ...] = (self._channel, *self._raw)
        for source in sources:
            reads = 0
            while reads < LAST_READS and source.read():
                reads += 1
            source.close()
        self.death = self._fate or self._death(returncode)
        if not self._ready.done():
            self._ready.set_exception(
                KernelStartError(self._fate.what) if self._fate else self._not_started(returncode)
            )
        if self._insisting is not None:
            self._insisting.cancel()
        for request in (self._active, self._next, *self._waiting):
            if request is not None:
                request.resolve(copy(self.death))
        self._active = self._next = None
        self._waiting.clear()
        self._ended.set_result(None)

    def _death(self, returncode: int) -> KernelDiedError:
        cause = exit_cause(returncode)
        return kernel_died(self._command.language, cause.what, hint=cause.hint, last_words=self._last_words)

    def _not_started(self, returncode: int) -> KernelStartError:
        cause = exit_cause(returncode)
        return KernelStartError(
            f"{self._name} did not start: {cause.what}{quoted(self._last_words)}",
            next_step=f"Try its program by hand: {' '.join(self._command.argv)}",
        )

    # --- asking -------------------------------------------------------------------------------------------

    def submit(self, message: dict[str, Any], sink: Sink | None = None) -> PendingRequest:
        """Asks for something; the request's `reply` tells the answer. `sink` makes it an execution."""
        self._requests += 1
        request = PendingRequest(f"r{self._requests}", message, sink)
        if self.death is not None:
            request.resolve(copy(self.death))
        elif self._active is None:
            self._dispatch(request)
        else:
            self._waiting.append(request)
        return request

    def submit_next(self, message: dict[str, Any], sink: Sink) -> PendingRequest | None:
        """Sends an execute request that the worker begins when the one that runs has ended `ok` (docs/wire.md,
        "Ahead"). None when nothing runs, or something follows already."""
        before = self._active
        if before is None or before.sink is None or self._next is not None or self._waiting:
            return None
        self._requests += 1
        request = PendingRequest(f"r{self._requests}", message, sink)
        self._send({"type": "execute", "id": request.id, **message, "after": before.id})
        self._next = request
        return request

    def _dispatch(self, request: PendingRequest) -> None:
        self._active = request
        if request.sink is not None:
            self._listen_for(request.id, request.sink)
        kind = request.message["type"]
        try:
            self._send({"type": kind, "id": request.id, **request.message})
        except Exception as error:
            self._finish(request, error)

    def _listen_for(self, request_id: str, sink: Sink) -> None:
        self._last_words = ""
        self._last_sink = self._sinks[request_id] = sink
        if len(self._sinks) > REMEMBERED:
            del self._sinks[next(iter(self._sinks))]

    def _send(self, message: dict[str, Any]) -> None:
        if self._command.outgoing is not None:
            message = self._command.outgoing(message)
        self._channel.send(message)

    def _finish(self, request: PendingRequest, outcome: dict[str, Any] | Exception) -> None:
        self._active, self._next = self._next, None
        request.resolve(outcome)
        if self._active is not None and self._active.sink is not None and _is_ok(outcome):
            self._listen_for(self._active.id, self._active.sink)
        while self._waiting and self._active is None:
            following = self._waiting.popleft()
            if not following.reply.done():  # else nobody waits for it any more, and the worker need not know
                self._dispatch(following)

    async def interrupt(self) -> None:
        """Stops the execution that runs, if one does. Returns when it was asked to stop; when it does not, the worker
        is killed and the execution's reply is a `KernelUnresponsiveError`."""
        request = self._active
        if request is None or request.sink is None:
            return
        policy = self._command.interrupt

        def ask() -> None:
            self._send({"type": "interrupt", "id": request.id})

        if self._insisting is None or self._insisting.done() or self._insisted_on is not request:
            self._insisted_on = request
            self._insisting = self._loop.create_task(insist(policy, request, self._process, self._give_up))
        await ask_to_stop(policy, request, self._process, ask)

    def _give_up(self) -> None:
        seconds = self._command.interrupt.kill_after
        self._fate = KernelUnresponsiveError(
            f"{self._name} did not stop within {seconds:g} seconds of an interrupt and was killed",
            next_step="Restart the kernel and run the cells again whose variables are needed: they are gone.",
        )
        self._process.signal_group(signal.SIGKILL)

    # --- hearing ------------------------------------------------------------------------------------------

    def _on_message(self, message: dict[str, Any]) -> None:
        request_id = message.get("id")
        try:
            if self._command.incoming is not None:
                message = self._command.incoming(message)
            self._handle(message)
        except ProtocolError as error:
            self._complain(request_id, error)
        except Exception as error:  # a fault of a plugin's `incoming`: the conversation goes on
            trouble = ProtocolError(f"a message of the {self._command.language} kernel can't be translated: {error!r}")
            self._complain(request_id, trouble)

    def _handle(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        request_id = message.get("id")
        if not self._ready.done():
            if kind == "ready":
                self._ready.set_result(message)
            else:
                self._ready.set_exception(KernelStartError(f"{self._name}'s first message is {kind!r} and not 'ready'"))
        elif codec.is_output(kind):
            self._put(self._sink_of(request_id), codec.output_from_wire(message))
        elif kind == "reply":
            self._on_reply(request_id, message)
        elif kind == "input_request":
            self._on_question(request_id, message)
        elif kind == "stopping":
            if self._active is not None and request_id in (None, self._active.id):
                self._active.mark_stopping()
        elif kind == "not_running":
            pass  # the interrupt came too late: the reply is on its way or was there
        elif kind == "protocol_error":
            self._on_not_understood(str(message.get("message", "")))
        else:
            raise ProtocolError(f"{self._name} sent a message of the unknown type {kind!r}")

    def _on_reply(self, request_id: Any, message: dict[str, Any]) -> None:
        request = self._active
        if request is not None and request.id == request_id:
            if request.sink is not None and not (self._next is not None and _is_ok(message)):
                for stream in self._raw:  # what the code printed and the worker did not wait for
                    stream.read()
                    stream.flush()
            self._finish(request, message)
        elif request_id == self._shutdown_id:
            self._channel.close_outgoing()
        else:
            self._note("reply", f"{self._name} replied twice; the second reply was ignored\n")

    def _on_question(self, request_id: Any, message: dict[str, Any]) -> None:
        request = self._active
        if request is None or request.sink is None or request_id not in (None, request.id):
            self._send({"type": "input_reply", "input_id": message.get("input_id"), "value": None})
            return
        task = self._loop.create_task(self._answer(request, request.sink, message))
        request.asking.add(task)
        task.add_done_callback(request.asking.discard)

    async def _answer(self, request: PendingRequest, sink: Sink, message: dict[str, Any]) -> None:
        value: str | None = None
        try:
            value = await sink.ask(codec.input_request_from_wire(message))
        except InputNotAvailableError:
            pass  # null: input ended
        except ProtocolError as error:
            self._complain(request.id, error)
        except Exception as error:
            request.broken = request.broken or error
        self._send({"type": "input_reply", "input_id": message.get("input_id"), "value": value})

    def _on_not_understood(self, words: str) -> None:
        error = ProtocolError(f"{self._name} could not read a request: {words}")
        if self._active is not None:
            self._finish(self._active, error)
        else:
            self._complain(None, error)

    def _on_stray(self, line: str) -> None:
        self._note("stray", f"{self._name}'s channel carried text that is no message:\n")
        if len(line) > STRAY_CHARACTERS:
            line = f"{line[:STRAY_CHARACTERS]}… ({len(line) - STRAY_CHARACTERS:,} characters more)"
        self._on_raw("stderr", line + "\n")

    def _on_raw(self, name: str, text: str) -> None:
        if name == "stderr" or self._command.merge_raw or not self._ready.done():
            self._last_words = (self._last_words + text)[-LAST_WORDS:]
        self._put(self._last_sink, Stream(name=name, text=text))

    # --- showing ------------------------------------------------------------------------------------------

    def _sink_of(self, request_id: Any) -> Sink | None:
        return self._sinks.get(request_id, self._last_sink) if request_id else self._last_sink

    def _put(self, sink: Sink | None, output: OutputMessage) -> None:
        if sink is None:
            return
        try:
            sink.put(output)
        except Exception as error:  # told to who executes; the conversation goes on
            if self._active is None or self._active.sink is not sink:
                context = {"message": "a sink failed on late output", "exception": error}
                self._loop.call_exception_handler(context)
            else:
                self._active.broken = self._active.broken or error

    def _complain(self, request_id: Any, error: ProtocolError) -> None:
        """Tells the user of a breach of the protocol: something that was to be seen may be missing."""
        if self._active is not None:
            self._active.violated = True
        self._put(self._sink_of(request_id), Error(ename="ProtocolError", evalue=str(error), fatal=False))

    def _note(self, kind: str, words: str) -> None:
        """A remark among the text on stderr, once a request."""
        if self._active is not None:
            if kind in self._active.noted:
                return
            self._active.noted.add(kind)
        self._put(self._last_sink, Stream(name="stderr", text=f"[verso] {words}"))


def _is_ok(outcome: dict[str, Any] | Exception) -> bool:
    return isinstance(outcome, dict) and outcome.get("status") == "ok"

"""The kernel itself: takes a front end's requests, has the engine's session answer them, and publishes outputs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

import zmq.asyncio

from verso import __version__
from verso.api.edits import InsertCell, RemoveCell
from verso.api.errors import UnknownNameError, VersoError
from verso.api.events import CellOutput, Event
from verso.api.messages import InputRequest
from verso.api.notebook import Cell, CellId, CellStatus, new_cell_id
from verso.api.outputs import Error, ExecuteResult
from verso.engine.outputs import Limits
from verso.engine.session import Session
from verso.jupyter.channels import Channels, Identity, Message
from verso.jupyter.execution import Execution
from verso.jupyter.history import History
from verso.jupyter.kernelspec import language_info
from verso.jupyter.outputs import error_content, message_of
from verso.jupyter.prompts import Prompts

PROTOCOL: Final = "5.3"
KEPT: Final = Limits(stream=2, display=1, count=1)
"""The front end keeps the outputs; the session would hold them a second time."""
REMEMBERED: Final = 64
"""So many of the last executed cells still get what comes late."""

Handler = Callable[[Identity, Message], Awaitable[dict[str, Any] | None]]


class Server:
    """Serves one session to the front ends of one kernel. `answer` is what the session asks people with."""

    def __init__(self, channels: Channels, default_kernel: str) -> None:
        self._channels = channels
        self._default = default_kernel
        self._session: Session | None = None
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._current: Execution | None = None
        self._execution_count = 0
        self._prompts = Prompts(channels)
        self._history = History()
        self._stopping = asyncio.Event()
        self._interrupts: set[asyncio.Task[None]] = set()
        anywhere: dict[str, Handler] = {"kernel_info_request": self._kernel_info, "shutdown_request": self._shutdown}
        self._shell: dict[str, Handler] = {
            **anywhere,
            "execute_request": self._execute,
            "complete_request": self._complete,
            "inspect_request": self._inspect,
            "is_complete_request": self._is_complete,
            "history_request": self._answer_history,
            "comm_info_request": self._comm_info,
        }
        self._control: dict[str, Handler] = {**anywhere, "interrupt_request": self._interrupt_request}

    async def serve(self, session: Session) -> None:
        """Answers until a front end shuts the kernel down, the process is asked to end, or its parent is gone."""
        self._session = session
        unsubscribe = session.subscribe(self._on_event)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt_soon)
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        self._channels.publish("status", {"execution_state": "starting"}, None)
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._channels.beat(),
                self._listen(self._channels.shell, self._shell),
                self._listen(self._channels.control, self._control),
                self._prompts.listen(),
                self._watch_parent(),
                self._stopping.wait(),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            unsubscribe()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def answer(self, request: InputRequest) -> str | None:
        """Asks the front end whose cell runs. `InputNotAvailableError` when it takes no questions."""
        return await self._prompts.ask(request, self._current)

    # -- hearing

    async def _listen(self, socket: zmq.asyncio.Socket, handlers: dict[str, Handler]) -> None:
        while True:
            received = await self._channels.receive(socket)
            if received is not None:
                await self._handle(socket, handlers, *received)

    async def _handle(
        self, socket: zmq.asyncio.Socket, handlers: dict[str, Handler], identity: Identity, message: Message
    ) -> None:
        kind = message["header"]["msg_type"]
        handler = handlers.get(kind)
        self._channels.publish("status", {"execution_state": "busy"}, message)
        content: dict[str, Any] | None = None
        if handler is not None:
            try:
                content = await handler(identity, message)
            except Exception as error:  # a request that is odd, or a fault of ours: the user's variables stay
                content = _error_reply(error)
        if content is not None:
            content = {"status": "ok", **content}
            # Looked for before the reply: what a front end sends once it has that, it sends knowing of the failure.
            waiting = await self._waiting(socket) if _stops_others(kind, content, message) else []
            self._channels.reply(socket, identity, kind.replace("_request", "_reply"), content, message)
            self._channels.publish("status", {"execution_state": "idle"}, message)
            for received in waiting:
                await self._abort(socket, handlers, *received)
        else:
            self._channels.publish("status", {"execution_state": "idle"}, message)

    async def _waiting(self, socket: zmq.asyncio.Socket) -> list[tuple[Identity, Message]]:
        """What front ends have sent and nobody has looked at yet."""
        found = []
        while await socket.poll(0):
            received = await self._channels.receive(socket)
            if received is not None:
                found.append(received)
        return found

    async def _abort(
        self, socket: zmq.asyncio.Socket, handlers: dict[str, Handler], identity: Identity, message: Message
    ) -> None:
        """What a front end sent together with a cell that failed does not run; questions are answered."""
        if message["header"]["msg_type"] != "execute_request":
            await self._handle(socket, handlers, identity, message)
            return
        self._channels.publish("status", {"execution_state": "busy"}, message)
        self._channels.reply(socket, identity, "execute_reply", {"status": "aborted"}, message)
        self._channels.publish("status", {"execution_state": "idle"}, message)

    async def _watch_parent(self) -> None:
        parent = os.getppid()
        while os.getppid() == parent:  # noqa: ASYNC110 (another program's end is no event of ours)
            await asyncio.sleep(1.0)

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, CellOutput):
            return
        execution = self._executions.get(event.cell_id)
        if execution is None:
            return
        if isinstance(event.output, Error) and event.output.fatal:
            execution.error = event.output
        if isinstance(event.output, ExecuteResult):
            execution.result = event.output
        message = message_of(event.output, execution.execution_count)
        if message is not None and not execution.silent:
            self._channels.publish(*message, execution.message)

    # -- answering

    async def _execute(self, identity: Identity, message: Message) -> dict[str, Any]:
        content = message["content"]
        code = str(content["code"])
        silent = bool(content.get("silent"))
        if not silent and content.get("store_history", True):
            self._execution_count += 1
            self._history.add(self._execution_count, code)
        execution = Execution(identity, message, self._execution_count, silent=silent)
        if not silent:
            shown = {"code": code, "execution_count": self._execution_count}
            self._channels.publish("execute_input", shown, message)
        cell_id = CellId(str((message.get("metadata") or {}).get("cellId") or new_cell_id()))
        try:
            status = await self._run(cell_id, code, execution)
            if silent or not content.get("store_history", True):
                # What a front end runs for itself is no cell: those of the notebook keep their numbers in tracebacks.
                self._known_session().edit(RemoveCell(cell_id=cell_id))
        except VersoError as error:
            execution.error = Error(ename=type(error).__name__, evalue=str(error), traceback=(str(error),))
            if not silent:
                self._channels.publish("error", error_content(execution.error), message)
            status = CellStatus.ERROR
        counted = {"execution_count": self._execution_count}
        if status is CellStatus.OK:
            expressions = content.get("user_expressions") or {}
            values = {str(key): await self._value_of(str(text), identity, message) for key, text in expressions.items()}
            return {**counted, "payload": [], "user_expressions": values}
        failure = execution.error or Error(ename="Error", evalue=f"the cell ended as {status}")
        return {**counted, "status": "error", **error_content(failure)}

    async def _run(self, cell_id: CellId, code: str, execution: Execution) -> CellStatus:
        """Runs code as a cell of the document, at the place where its cell ran before if it did."""
        session = self._known_session()
        self._executions.pop(cell_id, None)
        self._executions[cell_id] = execution
        if len(self._executions) > REMEMBERED:
            self._executions.popitem(last=False)
        self._put(cell_id, code)
        self._current = execution
        try:
            return (await session.execute(cell_id)).status
        finally:
            self._current = None
            self._prompts.withdraw()
            self._put(cell_id, code)  # without what the session kept of its outputs

    async def _value_of(self, expression: str, identity: Identity, message: Message) -> dict[str, Any]:
        """A user expression's value as Jupyter has it: its bundle, or its error."""
        execution = Execution(identity, message, self._execution_count, silent=True)
        cell_id = new_cell_id()
        status = await self._run(cell_id, expression, execution)
        self._known_session().edit(RemoveCell(cell_id=cell_id))
        if status is CellStatus.OK and execution.result is not None:
            return {"status": "ok", "data": dict(execution.result.data), "metadata": dict(execution.result.metadata)}
        nothing = Error(ename="NoValue", evalue=f"{expression!r} has no value")
        return {"status": "error", **error_content(execution.error or nothing)}

    def _put(self, cell_id: CellId, code: str) -> None:
        session = self._known_session()
        places = [cell.id for cell in session.notebook.cells]
        place = places.index(cell_id) if cell_id in places else None
        if place is not None:
            session.edit(RemoveCell(cell_id=cell_id))
        session.edit(InsertCell(cell=Cell(id=cell_id, source=code), index=place))

    async def _complete(self, identity: Identity, message: Message) -> dict[str, Any]:
        content = message["content"]
        code, position = str(content["code"]), int(content["cursor_pos"])
        reply = await self._known_session().questions.complete(code, position, self._default)
        typed = [
            {"start": reply.start, "end": reply.end, "text": each.text, "type": each.kind, "signature": each.detail}
            for each in reply.completions
        ]
        return {
            "matches": [each.text for each in reply.completions],
            "cursor_start": reply.start,
            "cursor_end": reply.end,
            "metadata": {"_jupyter_types_experimental": typed},
        }

    async def _inspect(self, identity: Identity, message: Message) -> dict[str, Any]:
        content = message["content"]
        reply = await self._known_session().questions.inspect(
            str(content["code"]), int(content["cursor_pos"]), self._default
        )
        return {"found": reply.found, "data": dict(reply.data), "metadata": {}}

    async def _is_complete(self, identity: Identity, message: Message) -> dict[str, Any]:
        code = str(message["content"]["code"])
        try:
            reply = await self._known_session().questions.diagnose(code, self._default)
        except UnknownNameError:
            return {"status": "unknown"}
        if reply.incomplete:
            return {"status": "incomplete", "indent": _next_indent(code)}
        wrong = any(each.severity == "error" for each in reply.diagnostics)
        return {"status": "invalid" if wrong else "complete"}

    async def _kernel_info(self, identity: Identity, message: Message) -> dict[str, Any]:
        spec = self._known_session().plugins.kernelspec(self._default)
        running = self._known_session().kernels().get(spec.name)
        return {
            "protocol_version": PROTOCOL,
            "implementation": "verso",
            "implementation_version": __version__,
            "language_info": language_info(spec, running.info.version if running else ""),
            "banner": f"Verso {__version__}: cells in {spec.title}, or in the language of #!LANGUAGE at their top",
            "help_links": [],
        }

    async def _answer_history(self, identity: Identity, message: Message) -> dict[str, Any]:
        return {"history": self._history.answer(message["content"])}

    async def _comm_info(self, identity: Identity, message: Message) -> dict[str, Any]:
        return {"comms": {}}

    async def _interrupt_request(self, identity: Identity, message: Message) -> dict[str, Any]:
        self._interrupt_soon()
        return {}

    async def _shutdown(self, identity: Identity, message: Message) -> dict[str, Any]:
        content = {"restart": bool(message["content"].get("restart"))}
        self._channels.publish("shutdown_reply", {"status": "ok", **content}, message)
        asyncio.get_running_loop().call_soon(self._stopping.set)
        return content

    # -- inside

    def _interrupt_soon(self) -> None:
        task = asyncio.create_task(self._known_session().interrupt())
        self._interrupts.add(task)
        task.add_done_callback(self._interrupts.discard)

    def _known_session(self) -> Session:
        assert self._session is not None, "requests come while `serve` runs"
        return self._session


def _stops_others(kind: str, reply: dict[str, Any], request: Message) -> bool:
    failed = kind == "execute_request" and reply["status"] == "error"
    return failed and bool(request["content"].get("stop_on_error", True))


def _error_reply(error: Exception) -> dict[str, Any]:
    ename = type(error).__name__
    return {"status": "error", "ename": ename, "evalue": str(error), "traceback": [f"{ename}: {error}"]}


def _next_indent(code: str) -> str:
    last = code.rstrip("\n").rpartition("\n")[2]
    return last[: len(last) - len(last.lstrip())] + " " * 4 * last.rstrip().endswith((":", "{", "(", "["))

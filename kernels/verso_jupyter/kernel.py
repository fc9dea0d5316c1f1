"""A kernel that speaks the Jupyter messaging protocol, as a kernel of a notebook."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from jupyter_client.asynchronous.client import AsyncKernelClient

from verso.api.errors import (
    InputNotAvailableError,
    KernelDiedError,
    KernelError,
    KernelStartError,
    KernelUnresponsiveError,
    VariableError,
)
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    DiagnoseReply,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InputRequest,
    InspectReply,
    InspectRequest,
)
from verso.api.outputs import Error, Stream
from verso.api.values import TypedValue
from verso.api.variables import VariableChanges, VariableInfo
from verso_jupyter.conversation import Conversation, Exchange
from verso_jupyter.death import RUN_AGAIN, cause, died, not_started
from verso_jupyter.kernelspecs import PREFIX
from verso_jupyter.messages import (
    Content,
    complete_reply,
    inspect_reply,
    invalid_code,
    output_from,
    pages,
    unambiguous,
)
from verso_jupyter.process import KernelProcess, RunningKernel, StartedKernel
from verso_jupyter.variables import NoVariables, Variables, variables_of

STARTS: Final = 3
START_TIMEOUT: Final = 60.0
"""Seconds until a kernel has to answer; the setting `start_timeout` of `verso.jupyter` changes it."""
KILL_AFTER: Final = 10.0
"""Seconds after an interrupt after which a kernel that still executes is killed."""
_BEGIN_TIMEOUT: Final = 1.0
_STOP_EVERY: Final = 1.0
_LOOK_EVERY: Final = 0.1

T = TypeVar("T")


def started_from(name: str, context: KernelContext) -> Kernel:
    """A kernel of the kernelspec `name`."""
    return JupyterKernel(f"{PREFIX}{name}", context, lambda printed: StartedKernel(name, context.directory, printed))


def connected_to(connection_file: str, context: KernelContext) -> Kernel:
    """The running kernel that a connection file tells of."""
    path = Path(connection_file)
    return JupyterKernel(path.name, context, lambda printed: RunningKernel(path))


class JupyterKernel(Kernel):
    """One Jupyter kernel. `make_process` gets what takes the text that its process prints by itself."""

    def __init__(
        self, name: str, context: KernelContext, make_process: Callable[[Callable[[str], None]], KernelProcess]
    ) -> None:
        self._name = name
        self._context = context
        self._make_process = make_process
        self._process: KernelProcess | None = None
        self._client: AsyncKernelClient | None = None
        self._conversation: Conversation | None = None
        self._info = KernelInfo(language="")
        self._variables: Variables = NoVariables("")
        self._sink: Sink | None = None
        self._running: Exchange | None = None
        self._interrupted = False
        self._refused = False
        self._insisting: asyncio.Task[None] | None = None
        self._fate: KernelError | None = None
        self._publishes_all = False

    # -- life

    async def start(self) -> KernelInfo:
        if self._process is None:
            await self._try_to_start(STARTS)
        return self._info

    async def _try_to_start(self, times: int) -> None:
        try:
            await self._start()
        except KernelStartError as error:
            # Another program took one of its ports between the choice and the use.
            if times == 1 or "Address already in use" not in str(error):
                raise
            await self._try_to_start(times - 1)

    async def _start(self) -> None:
        self._fate = None
        process = self._make_process(self._printed)
        self._client = await process.begin()
        self._process = process
        self._conversation = Conversation(self._client, self._put_late)
        await self._conversation.__aenter__()
        try:
            async with asyncio.timeout(self._start_timeout()):
                told = await self._while_alive(self._conversation.ready())
        except TimeoutError:
            await self.shutdown()
            limit = f"it did not answer within {self._start_timeout():g} seconds"
            raise not_started(self._name, limit, process.last_words) from None
        except KernelDiedError as error:
            raise not_started(self._name, cause(process.exit_code)[0], process.last_words) from error
        except BaseException:
            await self.shutdown()
            raise
        # What it said while it started is no last word.
        process.last_words = ""
        # ipykernel also publishes what programs write to its stdout, and passes it on besides.
        self._publishes_all = told.get("implementation") == "ipython"
        self._info = await self._get_to_know(told)

    async def shutdown(self) -> None:
        process, self._process = self._process, None
        if process is None or self._client is None or self._conversation is None:
            return
        if self._insisting is not None:
            self._insisting.cancel()
        busy = self._running is not None
        try:
            await process.end(self._client, busy=busy)
        finally:
            await self._conversation.__aexit__()

    # -- executing

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        conversation = self._alive_conversation()
        self._sink = sink
        self._interrupted = self._refused = False

        def put(kind: str, content: Content) -> None:
            output = output_from(kind, content)
            if output is not None:
                sink.put(output)

        async def answer(content: Content) -> str | None:
            kind = "secret" if content.get("password") else "line"
            try:
                return await sink.ask(InputRequest(prompt=str(content.get("prompt") or ""), kind=kind))  # type: ignore[arg-type]
            except InputNotAvailableError as error:
                # Also where the request said that nobody answers: not every kernel heeds that.
                sink.put(Error(ename="InputNotAvailable", evalue=str(error), traceback=(str(error),)))
                self._refused = True
                while True:  # until the code has ended: R loses an interrupt now and then while it waits
                    await self._stop()
                    await asyncio.sleep(_STOP_EVERY)

        exchange = conversation.open(
            "shell",
            "execute_request",
            {
                "code": request.code,
                "silent": False,
                "store_history": True,
                "user_expressions": dict(self._variables.expressions),
                "allow_stdin": request.allow_input,
                "stop_on_error": False,
            },
            metadata={"cellId": request.cell_id},
            output=put,
            ask=answer,
        )
        self._running = exchange
        try:
            reply = await self._while_alive(self._finish(conversation, exchange))
        finally:
            self._running = None
            if self._insisting is not None:
                self._insisting.cancel()
        for page in pages(reply):
            sink.put(page)
        count = reply.get("execution_count")
        return ExecuteReply(
            status=self._status(reply),
            execution_count=count if isinstance(count, int) else None,
            changes=await self._changes(reply),
        )

    async def interrupt(self) -> None:
        running = self._running
        if running is None:
            return
        # A kernel ignores the signal until it runs the code, and nobody would send it again.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BEGIN_TIMEOUT):
                await running.begun.wait()
        if running is not self._running:
            return
        self._interrupted = True
        for task in running.asking:
            task.cancel()
        await self._stop()

    # -- an editor's questions

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        code = self._for_positions(request.code)
        reply = await self._ask("complete_request", {"code": code, "cursor_pos": request.position})
        return complete_reply(reply, request.code, request.position)

    async def inspect(self, request: InspectRequest) -> InspectReply:
        code = self._for_positions(request.code)
        reply = await self._ask("inspect_request", {"code": code, "cursor_pos": request.position, "detail_level": 0})
        return inspect_reply(reply)

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        found = await self._variables.diagnose(request.code)
        if found is not None:
            return DiagnoseReply(diagnostics=found[0], incomplete=found[1])
        status = (await self._ask("is_complete_request", {"code": request.code})).get("status")
        wrong = (invalid_code(request.code, self._info.language),) if status == "invalid" else ()
        return DiagnoseReply(diagnostics=wrong, incomplete=status == "incomplete")

    # -- variables

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return await self._variables.list()

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        return await self._variables.get(name, str(self._context.exchange) if arrow else "")

    async def set_variable(self, name: str, value: TypedValue) -> None:
        await self._variables.set(name, value)

    # -- inside

    def _start_timeout(self) -> float:
        given = self._context.settings.get("start_timeout")
        return float(given) if isinstance(given, int | float) and given > 0 else START_TIMEOUT

    async def _get_to_know(self, told: Content) -> KernelInfo:
        language_info = told.get("language_info") or {}
        language = str(language_info.get("name") or "").lower()
        self._variables = await variables_of(language, self._run_unseen, self._context.exchange)
        return KernelInfo(
            language=language,
            version=str(language_info.get("version") or ""),
            program=self._process.program if self._process is not None else "",
            arrow=self._variables.arrow,
            detail={
                "implementation": f"{told.get('implementation', '')} {told.get('implementation_version', '')}".strip(),
                "protocol_version": str(told.get("protocol_version") or ""),
            },
        )

    async def _run_unseen(self, fields: dict[str, Any], output: Callable[[str, Content], None]) -> Content:
        """Executes code of ours: not counted, not in the history, its output to `output`."""
        conversation = self._alive_conversation()
        content = {"silent": True, "store_history": False, "allow_stdin": False, "stop_on_error": False, **fields}
        exchange = conversation.open("shell", "execute_request", {"user_expressions": {}, **content}, output=output)
        return await self._while_alive(conversation.finish(exchange))

    async def _ask(self, kind: str, content: dict[str, Any]) -> Content:
        conversation = self._alive_conversation()
        return await self._while_alive(conversation.finish(conversation.open("shell", kind, content)))

    def _for_positions(self, code: str) -> str:
        return code if self._info.language == "python" else unambiguous(code)

    async def _changes(self, reply: Content) -> VariableChanges:
        try:
            return await self._variables.changes(reply)
        except VariableError as error:
            if self._sink is not None:
                self._sink.put(Stream(name="stderr", text=f"variables of {self._name} are not known: {error}\n"))
            return VariableChanges()

    def _status(self, reply: Content) -> Any:
        status = reply.get("status")
        if self._refused:
            return "error"
        if status in ("aborted", "abort") or (self._interrupted and status == "error"):
            return "cancelled"
        return "ok" if status == "ok" else "error"

    async def _finish(self, conversation: Conversation, exchange: Exchange) -> Content:
        try:
            reply = await conversation.finish(exchange)
        except KernelDiedError:
            raise
        except KernelError:
            if self._interrupted or self._refused:  # ipykernel drops the reply when the signal meets its own code
                return {"status": "aborted"}
            raise
        return reply

    async def _stop(self) -> None:
        if self._process is None or self._client is None:
            return
        await self._process.interrupt(self._client)
        if self._insisting is None or self._insisting.done():
            self._insisting = asyncio.create_task(self._insist(self._process))

    async def _insist(self, process: KernelProcess) -> None:
        await asyncio.sleep(KILL_AFTER)
        what = f"the kernel {self._name} did not stop within {KILL_AFTER:g} seconds of an interrupt"
        if await process.kill():
            self._fate = KernelUnresponsiveError(f"{what} and was killed", next_step=RUN_AGAIN)
        else:
            self._fate = KernelUnresponsiveError(what, next_step="restart it in the program that started it")

    def _alive_conversation(self) -> Conversation:
        if self._conversation is None or self._process is None:
            raise KernelDiedError(f"the kernel {self._name} does not run", next_step=RUN_AGAIN)
        return self._conversation

    async def _while_alive(self, work: Awaitable[T]) -> T:
        """What the work returns. `KernelDiedError` when the kernel ended meanwhile, `KernelUnresponsiveError` when it
        had to be given up; what is left of it is cleaned away then."""
        process = self._process
        assert process is not None
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_EVERY))[0]:
                if self._fate is not None or not await process.alive():
                    await asyncio.wait({task}, timeout=_LOOK_EVERY)  # what it sent before it ended
                    break
            if task.done():
                return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if self._process is None:
            raise KernelDiedError(f"the kernel {self._name} was shut down", next_step=RUN_AGAIN)
        await self.shutdown()
        raise self._fate or died(self._name, process.exit_code, process.last_words)

    def _printed(self, text: str) -> None:
        if self._sink is not None and not self._publishes_all:
            self._sink.put(Stream(name="stdout", text=text))

    def _put_late(self, kind: str, content: Content) -> None:
        output = output_from(kind, content)
        if output is not None and self._sink is not None:
            self._sink.put(output)

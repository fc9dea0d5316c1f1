"""A kernel in the engine's process that does what its code says, one command a line, for testing the engine alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from verso.api.errors import KernelDiedError, VariableError
from verso.api.kernel import Availability, Kernel, KernelContext, KernelInfo, Kernelspec, ProbeContext, Sink
from verso.api.marks import hookimpl
from verso.api.messages import ClearOutput, ExecuteReply, ExecuteRequest, InputRequest, UpdateDisplayData
from verso.api.outputs import DisplayData, DisplayId, Error, Stream
from verso.api.values import TypedValue, Untransferable, decode, encode
from verso.api.variables import VariableChanges, VariableInfo


class ScriptedKernel(Kernel):
    """Commands: `print T`, `raw T`, `err T`, `let N V`, `opaque N`, `del N`, `show N`, `display ID T`, `update ID T`,
    `clear`, `clearwait`, `fail T`, `sleep S`, `moan S` (with an error of its own when stopped), `ask T`, `die`,
    `fault`, `hold` (does not stop when interrupted)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, object] = {}
        self.started = 0
        self.shutdowns = 0
        self.given: list[str] = []
        self.stop = asyncio.Event()

    async def start(self) -> KernelInfo:
        self.started += 1
        self.values = {}
        return KernelInfo(language=self.name, version="1.5", program=f"/bin/{self.name}")

    async def shutdown(self) -> None:
        self.shutdowns += 1
        self.values = {}

    async def interrupt(self) -> None:
        self.stop.set()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        self.stop.clear()
        before = dict(self.values)
        status = "ok"
        for line in filter(None, request.code.split("\n")):
            status = await self._command(line, sink)
            if status != "ok":
                break
        added = tuple(VariableInfo(name=name, type="text") for name in self.values if name not in before)
        changed = tuple(
            VariableInfo(name=name, type="text")
            for name, value in self.values.items()
            if name in before and before[name] is not value
        )
        removed = tuple(name for name in before if name not in self.values)
        changes = VariableChanges(added=added, changed=changed, removed=removed, replaced=_replaced(request.code))
        return ExecuteReply(status=status, changes=changes)  # type: ignore[arg-type]

    async def _command(self, line: str, sink: Sink) -> str:
        word, _, rest = line.partition(" ")
        first, _, second = rest.partition(" ")
        match word:
            case "print":
                sink.put(Stream(text=rest.encode().decode("unicode_escape") + "\n"))
            case "raw":
                sink.put(Stream(text=rest.encode().decode("unicode_escape")))
            case "err":
                sink.put(Stream(name="stderr", text=rest + "\n"))
            case "let":
                self.values[first] = str(second)
            case "opaque":
                self.values[first] = object()
            case "del":
                del self.values[first]
            case "show":
                sink.put(Stream(text=f"{self.values.get(first, 'nothing')}\n"))
            case "display":
                sink.put(DisplayData(data={"text/plain": second}, display_id=DisplayId(first)))
            case "update":
                sink.put(UpdateDisplayData(data={"text/plain": second}, display_id=DisplayId(first)))
            case "clear":
                sink.put(ClearOutput())
            case "clearwait":
                sink.put(ClearOutput(wait=True))
            case "ask":
                sink.put(Stream(text=f"{await sink.ask(InputRequest(prompt=rest))}\n"))
            case "fail":
                sink.put(Error(ename="Failure", evalue=rest))
                return "error"
            case "sleep" | "moan":
                try:
                    async with asyncio.timeout(float(rest)):
                        await self.stop.wait()
                except TimeoutError:
                    return "ok"
                if word == "moan":
                    sink.put(Error(ename="Stopped", evalue="in the middle of a nap"))
                return "cancelled"
            case "die":
                raise KernelDiedError("the kernel ended with exit code 9", next_step="run the cells above again")
            case "fault":
                raise RuntimeError("a plugin's own mistake")
            case _:
                sink.put(Error(ename="UnknownCommand", evalue=line))
                return "error"
        return "ok"

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(VariableInfo(name=name) for name in self.values)

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        try:
            return encode(self.values[name])
        except Untransferable as error:
            raise VariableError(str(error)) from None

    async def set_variable(self, name: str, value: TypedValue) -> None:
        self.given.append(name)
        self.values[name] = decode(value)


def _replaced(code: str) -> tuple[str, ...]:
    read: set[str] = set()
    found: dict[str, None] = {}
    for line in code.split("\n"):
        word, name, *_ = [*line.split(" "), ""]
        if word == "show":
            read.add(name)
        elif word == "let" and name not in read:
            found[name] = None
    return tuple(found)


class ScriptedPlugin:
    """Brings the kernels `one` (alias `uno`), `two`, and `absent`, which can't start here."""

    def __init__(self) -> None:
        self.kernels: dict[str, ScriptedKernel] = {}
        self.kernel_class = ScriptedKernel

    @hookimpl
    def verso_kernels(self) -> Sequence[Kernelspec]:
        def create(name: str):  # type: ignore[no-untyped-def]
            async def make(context: KernelContext) -> Kernel:
                self.kernels[name] = self.kernel_class(name)
                return self.kernels[name]

            return make

        def missing(context: ProbeContext) -> Availability:
            return Availability(found=False, detail="no program", how_to_get="install it with: get absent")

        return (
            Kernelspec(name="one", title="One", create=create("one"), aliases=("uno",)),
            Kernelspec(name="two", title="Two", create=create("two")),
            Kernelspec(name="three", title="Three", create=create("three"), ignores_case=True, mentions=r"\$(\w+)"),
            Kernelspec(name="absent", title="Absent", create=create("absent"), probe=missing),
        )

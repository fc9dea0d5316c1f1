"""The PowerShell kernel: a worker inside the user's pwsh, and what the engine's side adds to it.

The worker is the folder `worker`; pwsh compiles it once per version into the user's cache folder. Its dialect is
translated in `dialect`; here is what concerns a whole request: the status of a cell, its positions, its variables.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from verso.api.errors import KernelDiedError, KernelStartError, VariableError
from verso.api.kernel import InterruptPolicy, Kernel, KernelContext, KernelInfo, Sink, WorkerCommand
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
from verso.api.outputs import DisplayId, Error
from verso.api.values import TypedValue, Untransferable
from verso.api.variables import VariableInfo
from verso_powershell import find, names, positions, tables
from verso_powershell.cache import cache_folder, worker_folder
from verso_powershell.dialect import Dialect
from verso_powershell.read_values import MAX_DEPTH, Unfinished, from_powershell
from verso_powershell.sink import CellSink
from verso_powershell.write_values import to_powershell

SETTINGS_ID: Final = "verso.powershell"
"""Key of the kernel's settings in a notebook and in a cell's metadata."""

START_SCRIPT: Final = Path(__file__).parent / "worker" / "start.ps1"

MODULE_PATH: Final = "PSModulePath"
"""Environment variable with the folders of modules, as PowerShell spells it."""

WIDTH: Final = 120
"""Columns of the screen that PowerShell lays text out for."""

INTERRUPT: Final = InterruptPolicy(ask=True, await_stopping=2.0, signal=True, kill_children_after=2.0, kill_after=10.0)
"""Ask first: a native child that dies before the pipeline is marked as stopping lets the script go on. Signal second:
PowerShell kills its native child but waits for the pipe that a grandchild holds. Kill third: who ignores SIGINT."""

FIRST_REACH: Final = (3, 100)
"""Levels and items of the first look at a variable: enough for most values, and quick for those that stay."""

ALL_ITEMS: Final = 2**31 - 1


async def create(context: KernelContext) -> Kernel:
    """The kernel for a session, not yet started. `KernelStartError` when there is no pwsh, or a setting is wrong."""
    search = find.find(find.named_program(context.settings, context.options))
    if not search.program:
        raise KernelStartError(find.missing(search), next_step=find.how_to_get())
    strict = _stops_at(context.settings, "the notebook's settings")
    dialect = Dialect(program=search.program, arrow=tables.has_arrow())
    cache = cache_folder()
    compiled = await asyncio.to_thread(worker_folder, cache, START_SCRIPT.parent)
    worker = context.worker(worker_command(search.program, context, dialect, cache=cache, compiled=compiled))
    return PowerShellKernel(worker, dialect, exchange=context.exchange, strict=strict)


def worker_command(
    program: str, context: KernelContext, dialect: Dialect, *, cache: Path, compiled: Path
) -> WorkerCommand:
    """How the worker is started and spoken to. `cache`: for what modules compile; `compiled`: for the worker itself."""
    arguments = ("-In", "{read_fd}", "-Out", "{write_fd}", "-Cache", str(compiled), "-Width", str(WIDTH))
    return WorkerCommand(
        argv=(program, "-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(START_SCRIPT), *arguments),
        language="powershell",
        directory=context.directory,
        environ=_environ(context.module_paths, cache),
        interrupt=INTERRUPT,
        merge_raw=True,
        outgoing=dialect.outgoing,
        incoming=dialect.incoming,
    )


def _environ(module_paths: tuple[Path, ...], cache: Path) -> Mapping[str, str | None]:
    environ: dict[str, str | None] = {
        "POWERSHELL_TELEMETRY_OPTOUT": "1",
        "POWERSHELL_UPDATECHECK": "Off",
        "VERSO_CACHE": str(cache),
        "VERSO_PYTHON": sys.executable or None,
    }
    if module_paths:
        # pwsh puts its own and the user's folders in front of what it finds here (RFC 0049): ours stay last.
        present = os.environ.get(MODULE_PATH)
        environ[MODULE_PATH] = os.pathsep.join(filter(None, [present, *map(str, module_paths)]))
    return environ


def _stops_at(settings: Mapping[str, Any], place: str) -> bool:
    """Whether each reported error makes a cell fail (`all`, the default) or only `terminating` ones."""
    chosen = settings.get("errors", "all")
    if chosen not in ("all", "terminating"):
        raise KernelStartError(
            f"PowerShell's setting 'errors' is {chosen!r} in {place}", next_step="it can be 'all' or 'terminating'"
        )
    return bool(chosen == "all")


class PowerShellKernel(Kernel):
    """A worker in pwsh. `strict`: an error record that reached the error stream fails the cell, although PowerShell
    goes on; a cell's own setting (metadata `verso.powershell`, `errors`) goes before. `exchange`: for Arrow files."""

    def __init__(self, worker: Kernel, dialect: Dialect, *, exchange: Path, strict: bool = True) -> None:
        self._worker = worker
        self._dialect = dialect
        self._exchange = exchange
        self._strict = strict
        self._sources: dict[str, str] = {}
        self._displays: dict[str, DisplayId] = {}
        self._asking = asyncio.Lock()

    async def start(self) -> KernelInfo:
        """As `Kernel.start`; also `KernelStartError` for a PowerShell that is too old."""
        try:
            return await self._checked(await self._worker.start())
        except KernelStartError as error:
            if "is too old" in error.what:  # the start script's own words
                raise KernelStartError(error.what, next_step=find.how_to_get()) from error
            raise

    async def restart(self) -> KernelInfo:
        """As `Kernel.restart`."""
        self._sources.clear()
        self._displays.clear()
        return await self._checked(await self._worker.restart())

    async def shutdown(self) -> None:
        """As `Kernel.shutdown`."""
        await self._worker.shutdown()

    async def interrupt(self) -> None:
        """As `Kernel.interrupt`, in the order of `INTERRUPT`."""
        await self._worker.interrupt()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        """As `Kernel.execute`. The status is `error` when a statement ended in one, when parsing failed, and, unless
        the settings ask for terminating errors only, when an error was reported and the cell went on."""
        try:
            own = request.metadata.get(SETTINGS_ID)
            strict = _stops_at(own, "the cell") if isinstance(own, Mapping) and "errors" in own else self._strict
        except KernelStartError as error:
            sink.put(Error(ename="SettingError", evalue=str(error), traceback=(str(error),)))
            return ExecuteReply(status="error")
        if not request.code.strip():
            return ExecuteReply()
        self._sources[request.name] = request.code
        cell = CellSink(sink, request, self._sources, self._displays)
        try:
            reply = await self._worker.execute(request, cell)
        except KernelDiedError as error:
            raise _explained(error) from error
        finally:
            cell.finished = True
        if reply.status == "ok" and strict and reply.detail.get("errors"):
            reply = reply.replace(status="error")
        return reply

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        """As `Kernel.complete`."""
        code = request.code
        reply = await self._worker.complete(request.replace(position=positions.units(code, request.position)))
        return reply.replace(start=positions.points(code, reply.start), end=positions.points(code, reply.end))

    async def inspect(self, request: InspectRequest) -> InspectReply:
        """As `Kernel.inspect`: a command's synopsis and syntax, a variable's type and value."""
        return await self._worker.inspect(request.replace(position=positions.units(request.code, request.position)))

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        """As `Kernel.diagnose`: what the parser says, with the session's classes known."""
        reply = await self._worker.diagnose(request)
        return reply.replace(
            diagnostics=tuple(
                diagnostic.replace(
                    column=positions.column(request.code, diagnostic.line, diagnostic.column),
                    end_column=positions.column(request.code, diagnostic.end_line, diagnostic.end_column),
                )
                for diagnostic in reply.diagnostics
            )
        )

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        """As `Kernel.list_variables`: the user's own, by name."""
        return await self._worker.list_variables()

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        """As `Kernel.get_variable`. What the worker cuts is asked for again, deeper each time: a value that can't
        travel is found out before all of a large object graph is read."""
        depth, items = FIRST_REACH
        async with self._asking:
            while True:
                self._dialect.reach.depth, self._dialect.reach.items = depth, items
                shown = await self._worker.get_variable(name)
                try:
                    value = await asyncio.to_thread(from_powershell, shown)
                    break
                except Unfinished as cut:
                    if cut.items and items < ALL_ITEMS:
                        items = ALL_ITEMS
                    elif depth < MAX_DEPTH:
                        depth, items = min(depth * 2, MAX_DEPTH), ALL_ITEMS
                    else:
                        raise _stays(name, "it is nested too deeply or contains itself") from None
                except Untransferable as reason:
                    raise _stays(
                        name, f"{reason.path or 'its value'} is of type {reason.type_name}: {reason.why}"
                    ) from None
        if arrow and value["t"] == "table":
            return await asyncio.to_thread(tables.to_arrow, value, self._exchange)
        return value

    async def set_variable(self, name: str, value: TypedValue) -> None:
        """As `Kernel.set_variable`. `VariableError` for PowerShell's own variables and for values that .NET can't
        hold exactly."""
        names.check(name)
        try:
            given = await asyncio.to_thread(_for_worker, value, name)
        except Untransferable as reason:
            raise VariableError(f"{name} was not set in PowerShell: {reason}") from None
        await self._worker.set_variable(name, given)

    async def _checked(self, info: KernelInfo) -> KernelInfo:
        try:
            find.check_version(info.version, info.program)
        except KernelStartError:
            await self._worker.shutdown()
            raise
        return info


def _for_worker(value: TypedValue, name: str) -> TypedValue:
    return to_powershell(tables.with_rows(value) if value.get("t") == "table" else value, name)


def _stays(name: str, why: str) -> VariableError:
    return VariableError(
        f"${name} stays in PowerShell: {why}",
        next_step="Turn it into plain values (numbers, text, hashtables, [pscustomobject], arrays) and share that.",
    )


def _explained(error: KernelDiedError) -> KernelDiedError:
    if "SIGABRT" not in error.what and "Stack overflow" not in error.what:
        return error
    reason = "A class method that calls itself some thousands of times ends PowerShell: use a loop, or a function."
    return KernelDiedError(error.what, where=error.where, next_step=f"{reason} {error.next_step}".strip())

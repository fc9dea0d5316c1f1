"""What a kernel is, how it is described, and what it is handed to live.

A plugin offers `Kernelspec`s. A spec's `create` makes a `Kernel` from a `KernelContext`; a kernel that is a
program of its own returns `context.worker(WorkerCommand(...))`, or wraps that, and speaks docs/wire.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from verso.api.errors import VariableError
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
    OutputMessage,
)
from verso.api.record import Record, field
from verso.api.secrets import Secrets
from verso.api.values import TypedValue
from verso.api.variables import VariableInfo


class Sink(Protocol):
    """Where a kernel's outputs go while a cell executes. What comes late (a background child still printing after
    `execute` returned) may still be put and belongs to the cell."""

    def put(self, message: OutputMessage) -> None:
        """Hands over one output, in order. Never blocks; may be called from the event loop's thread only."""

    async def ask(self, request: InputRequest) -> str | None:
        """The answer to a question; None when input ended. `InputNotAvailableError` when nobody can answer."""


class KernelInfo(Record):
    """What a started kernel says of itself.

    `version` of the language, `program` that runs it (path, or "in process"). `arrow`: it reads tables from
    Arrow files. `ahead`: it takes an execution while another runs (`Kernel.execute_next`). `detail`: anything else
    worth showing.
    """

    language: str
    version: str = ""
    program: str = ""
    arrow: bool = False
    ahead: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)


class Kernel(ABC):
    """Runs one language. An async context manager: entering starts it, leaving shuts it down.

    The engine asks one thing at a time, except that `interrupt` and `execute_next` come while `execute` runs. A method
    that a language has no answer for keeps the default here: no completions, nothing found, no variables.
    """

    @abstractmethod
    async def start(self) -> KernelInfo:
        """Gets ready to execute. `KernelStartError` when it can't, with what to do about it."""

    @abstractmethod
    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        """Runs the code and puts its outputs into `sink`. A user's exception is an `Error` output and the
        status `error`; an interrupt is the status `cancelled`. `KernelDiedError` when the kernel ended, and
        `KernelUnresponsiveError` when it was killed because it did not stop after an interrupt."""

    @abstractmethod
    async def shutdown(self) -> None:
        """Ends the kernel and all it started. Doing it twice is harmless."""

    async def interrupt(self) -> None:  # noqa: B027 (doing nothing is right where nothing takes long)
        """Stops what `execute` runs and keeps the state; returns when asked, not when stopped.

        When it does not stop in time the kernel is killed, and `execute` raises `KernelUnresponsiveError`."""

    def execute_next(self, request: ExecuteRequest, sink: Sink) -> Awaitable[ExecuteReply | None] | None:
        """Hands over, while `execute` runs, what is to be executed right when that ended `ok`: so no time passes
        between the two. Awaited after the other's reply, it gives this one's, or None: the other did not end `ok`, and
        this one has not begun and never will. None at once: the kernel takes nothing ahead (or has something
        already)."""
        return None

    async def restart(self) -> KernelInfo:
        """Starts over with nothing kept."""
        await self.shutdown()
        return await self.start()

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        """Proposals at a position."""
        return CompleteReply(start=request.position, end=request.position)

    async def inspect(self, request: InspectRequest) -> InspectReply:
        """Help on the thing at a position."""
        return InspectReply()

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        """What is wrong with code, without running it."""
        return DiagnoseReply()

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        """The user's variables, in the order in which they were made where the language knows it."""
        return ()

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        """A variable's value. `arrow`: the reader takes tables as Arrow files (in `KernelContext.exchange`).

        `VariableError` for an unknown name, and for a value that can't travel (with its type and why)."""
        raise VariableError(f"this kernel has no variable {name!r}")

    async def set_variable(self, name: str, value: TypedValue) -> None:
        """Makes or changes a variable. `VariableError` for a name or value that the language can't have."""
        raise VariableError(f"this kernel takes no variables, so {name!r} was not set")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()


class InterruptPolicy(Record):
    """How a worker is stopped. Steps in order; each is left out where its field says so. Seconds.

    `ask`: send the `interrupt` message. `await_stopping`: after asking, wait up to this long for `stopping` or the
    reply before the signal (0: do not wait). `signal`: send SIGINT to the worker's process group.
    `kill_children_after`: then SIGKILL the group's other processes (None: never). `kill_after`: at last kill the
    worker and say so.
    """

    ask: bool = False
    await_stopping: float = 0.0
    signal: bool = True
    kill_children_after: float | None = None
    kill_after: float = 10.0


class WorkerCommand(Record):
    """A program that speaks the wire protocol on two pipes of its own (docs/wire.md).

    In `argv`, the texts `{read_fd}` and `{write_fd}` stand for the numbers of the two inherited descriptors.
    The process's own stdout and stderr are the user's: what appears there becomes `stream` messages, in order
    (`merge_raw`: both on one pipe, as a terminal has it, shown as stdout). `environ` is added to the engine's
    environment (a None removes). `start_timeout`: seconds until `ready` has to be there. `stop_timeout`: seconds
    after the `shutdown` message before it is killed. `outgoing`, `incoming`: translate the JSON object of each message
    for a worker with a dialect of its own.
    """

    argv: tuple[str, ...]
    language: str
    directory: Path | None = None
    environ: Mapping[str, str | None] = field(default_factory=dict)
    interrupt: InterruptPolicy = field(default_factory=InterruptPolicy)
    merge_raw: bool = False
    start_timeout: float = 60.0
    stop_timeout: float = 3.0
    outgoing: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    incoming: Callable[[dict[str, Any]], dict[str, Any]] | None = None


class KernelContext(Protocol):
    """What the engine hands to a kernel's `create`."""

    @property
    def directory(self) -> Path:
        """The folder of the notebook (or the current one): where code runs."""

    @property
    def exchange(self) -> Path:
        """A private folder of the session for table files; gone when the session ends. A file placed here under a
        fresh name belongs to the engine once its path was handed over in a typed value."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The notebook's settings for this kernel: `extension_settings` under the spec's `settings_id`."""

    @property
    def options(self) -> Mapping[str, str]:
        """What the person who runs the notebook chose for this kernel (`--python PATH` is `{"program": PATH}`),
        before the notebook's settings."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the notebook's cells in this kernel's language (inline dependencies are in there)."""

    @property
    def module_paths(self) -> tuple[Path, ...]:
        """The folders of every plugin's `ModulePath` for this kernel, in the order of plugins."""

    @property
    def secrets(self) -> Secrets:
        """What the session neither shows nor saves. It masks the outputs and previews of every kernel, so this is for
        kernels that cut or encode texts; what is added is masked everywhere."""

    def worker(self, command: WorkerCommand) -> Kernel:
        """A kernel that is run by a worker process; it starts when `start` is awaited."""


class Availability(Record):
    """Whether a kernel could start here. `detail`: the program and version that were found, or what was looked for and
    is not here. `how_to_get`: what to install."""

    found: bool
    detail: str = ""
    how_to_get: str = ""


class ProbeContext(Protocol):
    """What is known when asking whether a kernel could start, before anything runs."""

    @property
    def directory(self) -> Path:
        """As `KernelContext.directory`."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """As `KernelContext.settings`."""

    @property
    def options(self) -> Mapping[str, str]:
        """As `KernelContext.options`."""


KernelFactory = Callable[[KernelContext], Awaitable[Kernel]]
Probe = Callable[[ProbeContext], Availability]


class Kernelspec(Record):
    """Describes a kernel without importing it.

    `name` and `aliases` are what cells call it, unique over all plugins (case matters). `create` and `probe` are
    `package.module:name` of a `KernelFactory` and a `Probe`, imported when first needed, or the callables
    themselves. A probe looks up files only: no process, no network. `suffixes`: file endings of scripts in this
    language. `comment`: the language's line comment. `runs_in`: the name of another spec whose kernel (same
    process, same variables) runs this language too. `identifier`: a regular expression that a variable's name
    matches. `mentions`: a regular expression that finds the names of variables in code (its only group, or all of it):
    what it finds of the shared names is brought to the kernel before a cell; `ignores_case`: whatever its case.
    `shares_variables`: takes part in the
    shared space. `settings_id`: key of its settings in a notebook.
    """

    name: str
    title: str
    create: str | KernelFactory = ""
    aliases: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    comment: str = "#"
    probe: str | Probe | None = None
    runs_in: str | None = None
    identifier: str = r"[^\W\d]\w*"
    mentions: str = r"[^\W\d]\w*"
    ignores_case: bool = False
    shares_variables: bool = True
    settings_id: str = ""
    highlight: str = ""


class ModulePath(Record):
    """A folder of modules in a kernel's language that a plugin ships for the cells of a notebook.

    `kernel`: the spec's name. `folder`: as that language's search path wants it (PowerShell: one folder a module in
    it). The kernel puts it last on its search path: a module that the user installed under the same name wins.
    """

    kernel: str
    folder: Path


class KernelFamily(Record):
    """Kernels that are found when asked for: every name that starts with `prefix` (`jupyter:`).

    `find`: `module:name` of a function from the rest of the name to a `Kernelspec` or None. `names`: likewise,
    of a function that returns all names (with the prefix) that would be found on this machine.
    """

    prefix: str
    title: str
    find: str | Callable[[str], Kernelspec | None]
    names: str | Callable[[], tuple[str, ...]]

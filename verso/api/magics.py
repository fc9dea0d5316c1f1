"""Magics: lines that start with `#!` and speak to the engine, not to the language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from verso.api.kernel import Kernel, KernelInfo, Kernelspec, Sink
from verso.api.notebook import Notebook
from verso.api.record import Record, field
from verso.api.values import TypedValue
from verso.api.variables import SharedVariable


class MagicOption(Record):
    """One `--option` (or positional argument, when `name` has no dashes).

    `flag`: takes no value. `repeatable`: may come more than once; its value is then a tuple. `rest`: takes all that
    is left on the line as one text (positional only). `secret`: never shown nor saved. `short`: like `-n`.
    """

    name: str
    help: str = ""
    required: bool = False
    flag: bool = False
    repeatable: bool = False
    rest: bool = False
    secret: bool = False
    short: str = ""


class MagicCall(Record):
    """A magic line, parsed. `arguments`: option name without dashes → text (True for a flag, tuple when repeatable),
    only what was given; `@kernel:name` stays text. `body`: the lines below it, when the magic takes them.
    `line` counts from 1 within the cell; `language` is the kernel whose code the line stands in."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    line: int = 1
    language: str = ""


class MagicContext(Protocol):
    """What the engine hands to a magic while it runs."""

    @property
    def sink(self) -> Sink:
        """The cell's outputs."""

    @property
    def notebook(self) -> Notebook:
        """The document as it is now."""

    @property
    def directory(self) -> Path:
        """The notebook's folder."""

    async def kernel(self, name: str) -> Kernel:
        """The session's kernel of this name or alias, started if it was not. `UnknownNameError`."""

    async def execute(self, language: str, code: str) -> bool:
        """Runs code in a kernel as part of this cell; whether it ended ok."""

    async def connect(self, spec: Kernelspec) -> None:
        """Makes a kernel known to this session by the spec's name. `PluginError` when the name is taken."""

    async def connect_with(self, connector: str, arguments: str, line: int) -> None:
        """Connects by a connector's name, with the text of its options as they stand on that line of the cell."""

    def has_plugin(self, name: str) -> bool:
        """Whether a plugin or package of this name is loaded."""

    async def restart(self, name: str) -> None:
        """Restarts the session's kernel of this name; its variables leave the shared space."""

    async def run_notebook(self, path: Path, parameters: Mapping[str, str]) -> bool:
        """Runs another notebook's or script's code cells in this session; whether all ended ok."""

    def variables(self) -> tuple[SharedVariable, ...]:
        """All names of the shared space, by name."""

    async def value(self, name: str, kernel: str | None = None) -> TypedValue:
        """The value of a shared variable, or of a kernel's own, as the cell's language can read it: tables as an Arrow
        file or as rows. `VariableError`."""

    async def share(
        self,
        name: str,
        value: TypedValue,
        *,
        to: str | None = None,
        secret: bool = False,
        holder: str | None = None,
    ) -> None:
        """Gives a name a value, in the shared space and, when named, in that kernel at once. A secret is in no
        preview, and masked wherever its text shows. `holder`: the kernel that has just this value under this name, and
        stays its owner."""

    def magics(self) -> tuple[Magic, ...]:
        """Every magic known here, by name."""

    def kernels(self) -> tuple[Kernelspec, ...]:
        """Every kernelspec known here, by name."""

    def running(self) -> Mapping[str, KernelInfo]:
        """The kernels that run in this session, by the spec's name, with what they said of themselves."""

    def after(self, callback: Callable[[float], None]) -> None:
        """Calls back when the cell's code has run, with its seconds; it may still put outputs."""


MagicFunction = Callable[[MagicCall, MagicContext], Awaitable[None]]


class Magic(Record):
    """Describes a magic without importing it. `run`: `package.module:name` of a `MagicFunction`.

    It may raise any `VersoError`: the cell ends as an error and its code does not run. `takes_body`: the lines
    below belong to the magic and are not code.
    """

    name: str
    summary: str
    run: str | MagicFunction
    options: tuple[MagicOption, ...] = ()
    takes_body: bool = False
    examples: tuple[str, ...] = ()


class Connector(Record):
    """A way to `#!connect NAME …`: `connect` is `package.module:name` of a function from the parsed call to a
    `Kernelspec`. `--kernel-name` is among every connector's options."""

    name: str
    summary: str
    connect: str | Callable[[MagicCall], Awaitable[Kernelspec]]
    options: tuple[MagicOption, ...] = ()

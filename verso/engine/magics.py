"""Calls magics: parses their line, hands them the session's side of the public `MagicContext`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from verso.api.errors import MagicError, UnknownNameError, VariableError, VersoError
from verso.api.kernel import Kernel, KernelInfo, Kernelspec
from verso.api.magics import Magic, MagicCall, MagicOption
from verso.api.mime import PLAIN
from verso.api.notebook import CellStatus, Notebook
from verso.api.outputs import DisplayData
from verso.api.previews import variable_info
from verso.api.values import TypedValue
from verso.api.variables import NOTEBOOK_OWNER, PARAMETERS_OWNER, SharedVariable
from verso.engine.arguments import parse_arguments, usage
from verso.engine.execution import Execution
from verso.engine.kernels import KernelPool
from verso.engine.plugins import Plugins
from verso.engine.segments import MagicPart
from verso.engine.sharing import Sharing
from verso.engine.sink import CellSink
from verso.engine.variables import SharedSpace

_HELP = ("-h", "--help")


class Document(Protocol):
    """What magics need of the session's document."""

    @property
    def notebook(self) -> Notebook:
        """As it is now."""

    @property
    def directory(self) -> Path:
        """Its folder."""


RunNotebook = Callable[[Path, Mapping[str, str], Execution], Awaitable[bool]]


class MagicRunner:
    """Runs the magics of one session."""

    def __init__(
        self,
        plugins: Plugins,
        pool: KernelPool,
        space: SharedSpace,
        sharing: Sharing,
        document: Document,
        run_notebook: RunNotebook,
    ) -> None:
        self.plugins = plugins
        self.pool = pool
        self.space = space
        self.sharing = sharing
        self.document = document
        self.run_notebook = run_notebook

    def takes_body(self, name: str) -> bool | None:
        """Whether the magic takes the lines below it; None when there is no such magic."""
        magic = self.plugins.magics.get(name)
        return None if magic is None else magic.takes_body

    async def run(self, part: MagicPart, spec: Kernelspec, execution: Execution) -> None:
        """Runs one magic line. `MagicError` and whatever else the magic raises."""
        magic = self.plugins.magics.get(part.name)
        if magic is None:
            known = ", ".join(f"#!{name}" for name in (*self.plugins.magics.names(), *self.pool.names()))
            raise MagicError(f"there is no magic #!{part.name}", line=part.line, column=1, next_step=f"known: {known}")
        if _asks_for_help(part.text[part.arguments_at :].split(), magic):
            execution.sink.put(DisplayData(data={PLAIN: help_text(magic)}))
            return
        arguments = parse_arguments(part.text, part.line, part.arguments_at, magic.name, magic.options)
        call = MagicCall(name=magic.name, arguments=arguments, body=part.body, line=part.line, language=spec.name)
        run = self.plugins.resolve(magic.run, what=f"magic #!{magic.name}")
        try:
            await run(call, CellMagicContext(self, execution, spec, part))
        except VersoError:
            raise
        except Exception as error:
            plugin = self.plugins.magics.owner(magic.name)
            raise MagicError(
                f"#!{magic.name} failed on its own account: {type(error).__name__}: {error}",
                line=part.line,
                column=1,
                next_step=f"this looks like a fault of the plugin {plugin!r}",
            ) from error


class CellMagicContext:
    """The `MagicContext` of one cell."""

    def __init__(self, runner: MagicRunner, execution: Execution, spec: Kernelspec, part: MagicPart) -> None:
        self._runner = runner
        self._execution = execution
        self._spec = spec
        self._part = part

    @property
    def sink(self) -> CellSink:
        """The cell's outputs."""
        return self._execution.sink

    @property
    def notebook(self) -> Notebook:
        """The document as it is now."""
        return self._runner.document.notebook

    @property
    def directory(self) -> Path:
        """The notebook's folder."""
        return self._runner.document.directory

    async def kernel(self, name: str) -> Kernel:
        """A started kernel."""
        return (await self._runner.pool.get(self._runner.pool.spec(name))).kernel

    async def execute(self, language: str, code: str) -> bool:
        """Runs code as part of this cell."""
        status = await self._execution.run_code(self._runner.pool.spec(language), code, language)
        return status is CellStatus.OK

    async def connect(self, spec: Kernelspec) -> None:
        """Makes a kernel known here."""
        self._runner.pool.connect(spec)

    async def connect_with(self, connector: str, arguments: str, line: int) -> None:
        """Connects by a connector."""
        found = self._runner.plugins.connectors.get(connector)
        if found is None:
            raise UnknownNameError.among("connector", connector, self._runner.plugins.connectors.names())
        options = found.options
        if not any(option.name == "--kernel-name" for option in options):
            options = (MagicOption(name="--kernel-name", required=True, help="the name to use here"), *options)
        if any(word in _HELP for word in arguments.split()):
            text = f"{found.summary}\n{usage(f'connect {connector}', options)}"
            self.sink.put(DisplayData(data={PLAIN: text}))
            return
        text = self._part.text.rstrip()
        # On the line itself, where they stand at its end, so that an error has its column.
        text, start = (text, len(text) - len(arguments)) if text.endswith(arguments) else (arguments, 0)
        given = parse_arguments(text, line, start, f"connect {connector}", options)
        connect = self._runner.plugins.resolve(found.connect, what=f"connector {connector!r}")
        self._runner.pool.connect(await connect(MagicCall(name=connector, arguments=given, line=line)))

    def has_plugin(self, name: str) -> bool:
        """Whether a plugin is loaded."""
        return any(
            name in (origin.name, origin.package) for origin in self._runner.plugins.origins() if not origin.blocked
        )

    async def restart(self, name: str) -> None:
        """Restarts a kernel."""
        await self._runner.pool.restart(self._runner.pool.spec(name))

    async def run_notebook(self, path: Path, parameters: Mapping[str, str]) -> bool:
        """Runs another notebook's cells in this session."""
        return await self._runner.run_notebook(path, parameters, self._execution)

    def variables(self) -> tuple[SharedVariable, ...]:
        """All shared names."""
        return self._runner.space.all()

    async def value(self, name: str, kernel: str | None = None) -> TypedValue:
        """A variable's value."""
        self._runner.space.note_use(self._execution.cell.id, [name])
        arrow = self._spec.shares_variables and (await self._runner.pool.get(self._spec)).info.arrow
        shared = self._runner.space.get(name)
        if kernel in (None, NOTEBOOK_OWNER, PARAMETERS_OWNER) or (shared and shared.owner == self._home(kernel)):
            return await self._runner.sharing.value(name, arrow=arrow)
        return await self._runner.sharing.value_of(kernel, name, arrow=arrow)

    async def share(
        self,
        name: str,
        value: TypedValue,
        *,
        to: str | None = None,
        secret: bool = False,
        holder: str | None = None,
    ) -> None:
        """Gives a name a value."""
        if not name.strip():
            raise VariableError("a variable needs a name")
        space, pool = self._runner.space, self._runner.pool
        running = await pool.get(pool.spec(to)) if to is not None and pool.spec(to).shares_variables else None
        if running is not None:
            async with running.turn:
                await running.kernel.set_variable(name, value)
        shared = space.get(name)
        has_it = self._home(holder) if holder is not None else ""
        if shared is None or shared.owner != has_it:
            in_file = value["t"] == "table" and "arrow" in value["v"]
            owner = running.spec.name if running is not None and in_file else NOTEBOOK_OWNER
            info = variable_info(name, value)
            shared, stale = space.define(info, value, owner, self._execution.cell.id, secret=secret)
            self._execution.stale += stale
            if has_it:
                space.note_given(has_it, name, shared.version)
        if running is not None:
            space.note_given(running.spec.name, name, shared.version)

    def _home(self, kernel: str) -> str:
        if kernel in (NOTEBOOK_OWNER, PARAMETERS_OWNER):
            return kernel
        return self._runner.pool.home(self._runner.pool.spec(kernel)).name

    def magics(self) -> tuple[Magic, ...]:
        """Every magic."""
        return tuple(sorted(self._runner.plugins.magics, key=lambda magic: magic.name))

    def kernels(self) -> tuple[Kernelspec, ...]:
        """Every kernelspec."""
        return self._runner.pool.specs()

    def running(self) -> Mapping[str, KernelInfo]:
        """What the running kernels said of themselves."""
        return {name: running.info for name, running in sorted(self._runner.pool.running().items())}

    def after(self, callback: Callable[[float], None]) -> None:
        """Calls back when the cell's code has run."""
        self._execution.after.append(callback)


def _asks_for_help(words: list[str], magic: Magic) -> bool:
    """Whether `-h` is meant for the magic: where it hands on the rest of its line, only in the first place."""
    hands_on = any(option.rest for option in magic.options)
    return any(word in _HELP for word in (words[:1] if hands_on else words))


def help_text(magic: Magic) -> str:
    """What `#!magic -h` shows."""
    lines = [magic.summary, usage(magic.name, magic.options)]
    for option in magic.options:
        names = f"{option.name}, {option.short}" if option.short else option.name
        lines.append(f"  {names:<24} {option.help}{' (required)' if option.required else ''}")
    lines += [f"  {example}" for example in magic.examples]
    return "\n".join(lines)

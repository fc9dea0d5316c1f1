"""A session: one open notebook, its kernels, its variables, and what happens to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from verso.api.edits import ChangeNotebook, Edit
from verso.api.errors import MagicError, NotebookUnreadableError
from verso.api.events import CellFinished, Event, KernelStateChanged, NotebookChanged, VariableChanged
from verso.api.kernel import Kernelspec
from verso.api.notebook import CellStatus, Notebook
from verso.api.parameters import parameter_values
from verso.api.previews import variable_info
from verso.api.secrets import Secrets
from verso.api.values import encode
from verso.api.variables import PARAMETERS_OWNER, SharedVariable
from verso.engine.document import CellReference, Document
from verso.engine.documents import notebook_from
from verso.engine.events import Events
from verso.engine.exchange import exchange_folder
from verso.engine.execution import Execution
from verso.engine.kernels import KernelPool, LaunchContext, RunningKernel
from verso.engine.magics import MagicRunner
from verso.engine.outputs import Limits
from verso.engine.plugins import Plugins, describe_problem
from verso.engine.questions import Questions
from verso.engine.requirements import Languages, check_requirements
from verso.engine.runner import Runner, RunResult
from verso.engine.shared import SharedVariables
from verso.engine.sharing import Sharing
from verso.engine.sink import Answer
from verso.engine.variables import SharedSpace


@asynccontextmanager
async def open_session(
    source: Notebook | str | Path,
    *,
    plugins: Plugins | None = None,
    directory: Path | None = None,
    parameters: Mapping[str, object] | None = None,
    options: Mapping[str, Mapping[str, str]] | None = None,
    default_kernel: str | None = None,
    answer: Answer | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Session]:
    """Opens a notebook, or a file of one, to run it; leaving ends all its kernels.

    `plugins`: the installed ones when left out. `directory`: where code runs (the file's folder, else the current
    one). `parameters`: name → value, or text that is read as the parameter's type. `options`: kernel name → what the
    person who runs it chose for that kernel. `default_kernel`: instead of the notebook's own. `answer`: answers the
    questions that cells ask. Raises what reading raises, and `ParameterError`; `VersoError` for two cells with one id.
    """
    chosen = plugins if plugins is not None else Plugins.load()
    notebook, home = await notebook_from(source, chosen)
    with exchange_folder() as exchange:
        session = Session(
            notebook,
            plugins=chosen,
            directory=_absolute(directory or home),
            exchange=exchange,
            options=options or {},
            default_kernel=default_kernel,
            answer=answer,
            limits=limits or Limits(),
        )
        session.set_parameters(parameters or {})
        try:
            yield session
        finally:
            await session.close()


def _absolute(directory: Path | None) -> Path:
    try:
        return (directory or Path.cwd()).resolve()
    except FileNotFoundError:
        raise NotebookUnreadableError(
            "the current folder was deleted, so code has no place to run in", next_step="change to another folder"
        ) from None


class Session:
    """One open notebook. Made by `open_session`.

    Nothing here blocks the loop, and every method is for the loop's own thread.
    """

    def __init__(
        self,
        notebook: Notebook,
        *,
        plugins: Plugins,
        directory: Path,
        exchange: Path,
        options: Mapping[str, Mapping[str, str]],
        default_kernel: str | None,
        answer: Answer | None,
        limits: Limits,
    ) -> None:
        self.plugins = plugins
        self.directory = directory
        self.parameters: dict[str, Any] = {}
        self.secrets = Secrets()
        """What is neither shown nor saved: answers to questions that hide them, values of secret variables, and what
        the program adds."""
        self._document = Document(notebook, limits)
        self._exchange = exchange
        self._options = options
        self._events = Events()
        self._pool = KernelPool(plugins, self._launch_context, self._kernel_changed, self._kernel_gone)
        self._space = SharedSpace(self._variable_changed, self.secrets)
        engine_settings = notebook.extension_settings.get("verso.engine", {})
        self._sharing = Sharing(self._space, self._pool, automatic=engine_settings.get("sharing") != "explicit")
        self._languages = Languages(plugins, self._pool, default_kernel)
        self._magics = MagicRunner(plugins, self._pool, self._space, self._sharing, self, self._run_other)
        self._runner = Runner(
            self._document,
            languages=self._languages,
            pool=self._pool,
            space=self._space,
            sharing=self._sharing,
            magics=self._magics,
            events=self._events,
            answer=answer,
            secrets=self.secrets,
        )
        self.variables = SharedVariables(self._space, self._sharing, self.secrets)
        self.questions = Questions(plugins, self._pool, self._magics, self.secrets)
        """What an editor asks about a cell's source."""

    # -- the document

    @property
    def notebook(self) -> Notebook:
        """The document as it is now, with the outputs so far."""
        return self._document.notebook

    def edit(self, edit: Edit) -> None:
        """Applies an edit. `UnknownNameError`, `VersoError`; nothing is changed then."""
        self._document.edit(edit)
        if isinstance(edit, ChangeNotebook):
            self.set_parameters(self.parameters)
        self._events.emit(NotebookChanged(cells=self._document.ids()))

    def set_parameters(self, given: Mapping[str, object]) -> None:
        """Gives the notebook's parameters their values: what is given, else the defaults. `ParameterError`."""
        values: dict[str, Any] = dict(parameter_values(self._document.head.parameters, given))
        for name, value in values.items():
            if name not in self.parameters or self.parameters[name] != value:
                self._define(name, value)
        self.parameters = values

    # -- following

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Calls back with every event, in order, at once; returns what ends that. A listener that raises is dropped
        and told of in a `Notice`."""
        return self._events.subscribe(listener)

    def events(self) -> AsyncIterator[Event]:
        """Every event from now on, until the session is closed."""
        return self._events.stream()

    def notices(self) -> tuple[str, ...]:
        """What was worth telling when the notebook was opened: broken plugins, mended cells."""
        return (*self.notebook.warnings, *map(describe_problem, self.plugins.problems))

    # -- running

    def check(self, cells: Sequence[CellReference] | None = None) -> None:
        """`MissingComponentError` with all that the cells (all, when left out) need and is not here."""
        chosen = self._document.cells() if cells is None else [self._document.cell(cell) for cell in cells]
        check_requirements(self.notebook, chosen, self._languages, self._pool, self.plugins)

    def select(
        self,
        cells: Iterable[CellReference] | CellReference | None = None,
        *,
        tags: Iterable[str] | str = (),
        start: CellReference | None = None,
    ) -> list[int]:
        """Places of the cells to run: those named in the order given; those with one of the tags; from `start` on;
        all when nothing is said. `UnknownNameError` for a cell or tag that is not there."""
        return self._document.select(cells, tags, start)

    async def run(
        self,
        cells: Iterable[CellReference] | CellReference | None = None,
        *,
        tags: Iterable[str] | str = (),
        start: CellReference | None = None,
        stop_on_error: bool = False,
        timeout: float | None = None,
        cell_timeout: float | None = None,
        ahead: bool = False,
    ) -> RunResult:
        """Runs cells one after the other: all, some by id or index (in the order given), those with a tag, or from
        `start` on. `timeout` is for the whole run, `cell_timeout` for each cell, in seconds. `ahead`: a kernel may have
        the next cell while it works on the one before, and begin it as soon as that ended ok: twice as many short cells
        a second, for runs during which nobody edits cells, executes others or sets variables. Without effect under time
        limits.

        How cells end is in the result, never an exception; `MissingComponentError` before anything runs,
        `UnknownNameError` for a cell or tag that is not there.
        """
        places = self.select(cells, tags=tags, start=start)
        self.check(places)
        return await self._runner.run(
            places, stop_on_error=stop_on_error, timeout=timeout, cell_timeout=cell_timeout, ahead=ahead
        )

    async def execute(self, cell: CellReference, *, timeout: float | None = None) -> CellFinished:
        """Runs one cell; cells of different kernels may run at once, those of one kernel wait in a queue."""
        place = self._document.place(cell)
        self.check([place])
        return await self._runner.execute(place, timeout)

    async def interrupt(self) -> None:
        """Stops the cells that run, and with them the runs they belong to; state is kept."""
        await self._runner.interrupt()

    async def kill(self) -> None:
        """Ends the kernels that run cells at once, without waiting for their state or their clean-up."""
        self._runner.cancel()
        await self._pool.shut_down()

    async def kernel(self, name: str) -> RunningKernel:
        """The session's kernel of this name or alias, started if it was not: for completion, inspection and the
        like (take its `turn`). `UnknownNameError`, `KernelStartError`."""
        return await self._pool.get(self._pool.spec(name))

    def kernels(self) -> dict[str, RunningKernel]:
        """The kernels that run, by name."""
        return self._pool.running()

    def language(self, cell: CellReference) -> str | None:
        """The name of the kernel that runs a cell; None when it is not executed. `MissingComponentError`."""
        name = self._languages.language(self._document.cell(cell), self._document.head)
        return None if name is None else self._pool.spec(name).name

    async def restart(self, name: str) -> None:
        """Restarts a kernel: what it held is gone, its variables leave the shared space."""
        await self._pool.restart(self._pool.spec(name))

    async def close(self) -> None:
        """Ends everything. Called by `open_session`."""
        await self.interrupt()
        await self._pool.close()
        self._events.close()

    # -- inside

    async def _run_other(self, path: Path, parameters: Mapping[str, str], execution: Execution) -> bool:
        """`#!import`: the code cells of another document run as part of this cell."""
        path = path.resolve()
        if path in execution.importing:
            chain = " → ".join(each.name for each in (*execution.importing, path))
            raise MagicError(f"{path.name} imports itself: {chain}")
        execution.importing.append(path)
        try:
            return await self._run_cells_of(path, parameters, execution)
        finally:
            execution.importing.pop()

    async def _run_cells_of(self, path: Path, parameters: Mapping[str, str], execution: Execution) -> bool:
        other, _ = await notebook_from(path, self.plugins)
        for name, value in parameter_values(other.parameters, parameters).items():
            self._define(name, value)
        check_requirements(other, other.cells, self._languages, self._pool, self.plugins)
        for cell in other.cells:
            language = self._languages.language(cell, other)
            if language is None or not self.plugins.cell_types[cell.type].shows_source:
                continue
            if await execution.run_source(cell.source, self._pool.spec(language), language) is not CellStatus.OK:
                return False
        return True

    def _define(self, name: str, value: Any) -> None:
        """Makes a parameter a shared variable."""
        typed = encode(value)
        info = variable_info(name, typed)
        self._space.define(info, typed, PARAMETERS_OWNER)

    # -- what the parts ask and tell

    def _launch_context(self, spec: Kernelspec) -> LaunchContext:
        names = {spec.name, *spec.aliases}
        head = self._document.head
        sources = (cell.source for cell in self._document.cells() if self._languages.quick(cell, head) in names)
        return LaunchContext(
            directory=self.directory,
            exchange=self._exchange,
            settings=head.extension_settings.get(spec.settings_id, {}),
            options=self._options.get(spec.name, {}),
            sources=tuple(sources),
            module_paths=tuple(path.folder for path in self.plugins.module_paths if path.kernel == spec.name),
            secrets=self.secrets,
        )

    def _kernel_gone(self, kernel: str) -> None:
        self._space.kernel_gone(kernel)

    def _kernel_changed(self, event: KernelStateChanged) -> None:
        self._events.emit(event.replace(reason=self.secrets.mask(event.reason)) if event.reason else event)

    def _variable_changed(self, variable: SharedVariable, removed: bool) -> None:
        self._events.emit(VariableChanged(variable=variable, removed=removed))

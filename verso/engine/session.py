"""A session: one open notebook, its kernels, its variables, and what happens to them."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from verso.api.edits import ChangeNotebook, Edit, apply_edit
from verso.api.errors import UnknownNameError
from verso.api.events import (
    CellFinished,
    CellQueued,
    CellStale,
    Event,
    NotebookChanged,
    RunFinished,
    RunStarted,
    VariableChanged,
)
from verso.api.kernel import Kernelspec
from verso.api.notebook import Cell, CellId, CellStatus, Notebook
from verso.api.parameters import parameter_values
from verso.api.record import Record
from verso.api.values import encode
from verso.api.variables import PARAMETERS_OWNER, SharedVariable, VariableInfo
from verso.engine.documents import notebook_from
from verso.engine.events import Events
from verso.engine.execution import Answer, CellSink, Deadline, Execution
from verso.engine.kernels import KernelPool, LaunchContext, RunningKernel
from verso.engine.magics import MagicRunner
from verso.engine.outputs import CellOutputs, Displays, Limits
from verso.engine.plugins import Plugins, describe_problem
from verso.engine.previews import describe
from verso.engine.requirements import Languages, check_requirements
from verso.engine.shared import SharedVariables
from verso.engine.sharing import Sharing
from verso.engine.variables import SharedSpace

EXECUTION_KEY = "verso:execution"
"""Key of a cell's metadata under which its last execution is kept: `{"status", "elapsed", "reason"?}`."""

T = TypeVar("T")

CellReference = str | int
"""A cell's id, or its place in the notebook from 0."""


class RunResult(Record):
    """How a run ended. `cells`: one for each cell of the run, in order of the run. `reason`: `timed_out`,
    `cancelled` or `failed` when it ended early, else empty. `elapsed` is in seconds."""

    cells: tuple[CellFinished, ...]
    elapsed: float
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether every cell of the run ended ok."""
        return not self.reason and all(cell.status is CellStatus.OK for cell in self.cells)


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
    questions that cells ask. Raises what reading raises, and `ParameterError`.
    """
    chosen = plugins if plugins is not None else Plugins.load()
    notebook, home = await notebook_from(source, chosen)
    exchange = Path(tempfile.mkdtemp(prefix="verso-"))
    try:
        session = Session(
            notebook,
            plugins=chosen,
            directory=(directory or home or Path.cwd()).resolve(),
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
    finally:
        shutil.rmtree(exchange, ignore_errors=True)


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
        self._document = notebook
        self._cells: list[Cell] = list(notebook.cells)
        self._index: dict[CellId, int] = {cell.id: place for place, cell in enumerate(self._cells)}
        self._changed = False
        self._exchange = exchange
        self._options = options
        self._answer = answer
        self._limits = limits
        self._displays = Displays()
        self._outputs: dict[CellId, CellOutputs] = {}
        self._events = Events()
        self._active: set[Execution] = set()
        self._stop_reason = ""
        self._runs = 0
        self._pool = KernelPool(plugins, self._launch_context, self._events.emit, self._kernel_gone)
        self._space = SharedSpace(self._variable_changed)
        engine_settings = notebook.extension_settings.get("verso.engine", {})
        self._sharing = Sharing(self._space, self._pool, automatic=engine_settings.get("sharing") != "explicit")
        self._languages = Languages(plugins, self._pool, default_kernel)
        self._magics = MagicRunner(plugins, self._pool, self._space, self._sharing, self, self._run_other)
        self.variables = SharedVariables(self._space, self._sharing)

    # -- the document

    @property
    def notebook(self) -> Notebook:
        """The document as it is now, with the outputs so far."""
        if self._changed:
            self._document = self._document.replace(cells=tuple(self._cells))
            self._changed = False
        return self._document

    def edit(self, edit: Edit) -> None:
        """Applies an edit. `UnknownNameError`, `VersoError`; nothing is changed then."""
        self._document = apply_edit(self.notebook, edit)
        self._cells = list(self._document.cells)
        self._index = {cell.id: place for place, cell in enumerate(self._cells)}
        for cell_id in [cell_id for cell_id in self._outputs if cell_id not in self._index]:
            self._outputs.pop(cell_id).release()
        if isinstance(edit, ChangeNotebook):
            self.set_parameters(self.parameters)
        self._events.emit(NotebookChanged(cells=tuple(self._index)))

    def set_parameters(self, given: Mapping[str, object]) -> None:
        """Gives the notebook's parameters their values: what is given, else the defaults. `ParameterError`."""
        declared = {parameter.name for parameter in self._document.parameters}
        values: dict[str, Any] = dict(parameter_values(self._document.parameters, given))
        for name, value in values.items():
            if self.parameters.get(name) == value and name in self.parameters:
                continue
            typed = encode(value)
            preview, kind, count = describe(typed)
            info = VariableInfo(name=name, type=kind, preview=preview, count=count)
            self._space.define(info, typed, PARAMETERS_OWNER)
        self.parameters = {name: values[name] for name in values if name in declared}

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
        chosen = self._cells if cells is None else [self._cells[self.place(cell)] for cell in cells]
        check_requirements(self.notebook, chosen, self._languages, self._pool, self.plugins)

    def place(self, reference: CellReference) -> int:
        """Where a cell stands, from 0. `UnknownNameError` for an id or index that is not there."""
        if isinstance(reference, int):
            if 0 <= reference < len(self._cells):
                return reference
            raise UnknownNameError(
                f"there is no cell {reference}", next_step=f"the notebook has cells 0 to {len(self._cells) - 1}"
            )
        try:
            return self._index[CellId(reference)]
        except KeyError:
            raise UnknownNameError.among("cell", reference, self._index) from None

    def select(
        self,
        cells: Iterable[CellReference] | None = None,
        *,
        tags: Iterable[str] = (),
        start: CellReference | None = None,
    ) -> list[int]:
        """Places of the cells to run: those named in the order given; those with one of the tags; from `start` on;
        all when nothing is said. `UnknownNameError` for a cell or tag that is not there."""
        wanted = tuple(tags)
        known = {tag for cell in self._cells for tag in cell.tags}
        for tag in wanted:
            if tag not in known:
                raise UnknownNameError.among("tag", tag, known)
        chosen = [self.place(reference) for reference in cells] if cells is not None else []
        if wanted:
            tagged = [place for place, cell in enumerate(self._cells) if set(wanted) & set(cell.tags)]
            chosen += [place for place in tagged if place not in chosen]
        elif cells is None:
            chosen = list(range(len(self._cells)))
        return chosen if start is None else [place for place in chosen if place >= self.place(start)]

    async def run(
        self,
        cells: Iterable[CellReference] | None = None,
        *,
        tags: Iterable[str] = (),
        start: CellReference | None = None,
        stop_on_error: bool = False,
        timeout: float | None = None,
        cell_timeout: float | None = None,
    ) -> RunResult:
        """Runs cells one after the other: all, some by id or index (in the order given), those with a tag, or from
        `start` on. `timeout` is for the whole run, `cell_timeout` for each cell, in seconds.

        How cells end is in the result, never an exception; `MissingComponentError` before anything runs,
        `UnknownNameError` for a cell or tag that is not there.
        """
        places = self.select(cells, tags=tags, start=start)
        self.check(places)
        return await self._to_its_end(self._run_cells(places, stop_on_error, timeout, cell_timeout))

    async def execute(self, cell: CellReference, *, timeout: float | None = None) -> CellFinished:
        """Runs one cell; cells of different kernels may run at once, those of one kernel wait in a queue."""
        place = self.place(cell)
        self.check([place])
        cell_id = self._cells[place].id
        self._events.emit(CellQueued(cell_id=cell_id, index=place))
        return await self._to_its_end(self._run_cell(cell_id, Deadline(timeout, None)))

    async def interrupt(self) -> None:
        """Stops the cells that run, and with them the runs they belong to; state is kept."""
        if self._runs:
            self._stop_reason = "cancelled"
        stopping = (execution.stop(CellStatus.CANCELLED, "it was interrupted") for execution in tuple(self._active))
        await asyncio.gather(*stopping)

    async def kill(self) -> None:
        """Ends the kernels that run cells at once, without waiting for their state or their clean-up."""
        if self._runs:
            self._stop_reason = "cancelled"
        await self._pool.close()

    async def kernel(self, name: str) -> RunningKernel:
        """The session's kernel of this name or alias, started if it was not: for completion, inspection and the
        like (take its `turn`). `UnknownNameError`, `KernelStartError`."""
        return await self._pool.get(self._pool.spec(name))

    def kernels(self) -> dict[str, RunningKernel]:
        """The kernels that run, by name."""
        return self._pool.running()

    def language(self, cell: CellReference) -> str | None:
        """The name of the kernel that runs a cell; None when it is not executed. `MissingComponentError`."""
        name = self._languages.language(self._cells[self.place(cell)], self.notebook)
        return None if name is None else self._pool.spec(name).name

    async def restart(self, name: str) -> None:
        """Restarts a kernel: what it held is gone, its variables leave the shared space."""
        await self._pool.restart(self._pool.spec(name))

    async def close(self) -> None:
        """Ends everything. Called by `open_session`."""
        await self.interrupt()
        await self._pool.close()
        self._events.close()

    # -- running

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work returns. Cancelling the awaiting task interrupts the cells that run and lets the work come to
        its end (outputs kept, events told) before the cancellation goes on."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await self.interrupt()
            await asyncio.wait((task,))
            raise

    async def _run_cells(
        self, places: list[int], stop_on_error: bool, timeout: float | None, cell_timeout: float | None
    ) -> RunResult:
        began = time.monotonic()
        ends_at = None if timeout is None else began + timeout
        ids = [self._cells[place].id for place in places]
        if not self._runs:
            self._stop_reason = ""
        self._runs += 1
        self._events.emit(RunStarted(cells=tuple(ids)))
        for place, cell_id in zip(places, ids, strict=True):
            self._events.emit(CellQueued(cell_id=cell_id, index=place))
        finished: list[CellFinished] = []
        reason = ""
        try:
            for cell_id in ids:
                reason = reason or self._stop_reason
                if not reason and ends_at is not None and time.monotonic() >= ends_at:
                    reason = "timed_out"
                if reason or cell_id not in self._index:
                    finished.append(self._skip(cell_id, reason or "it was removed"))
                    continue
                done = await self._run_cell(cell_id, Deadline(cell_timeout, ends_at))
                finished.append(done)
                reason = self._early_end(done, ends_at, stop_on_error)
        finally:
            self._runs -= 1
            elapsed = time.monotonic() - began
            self._events.emit(RunFinished(elapsed=elapsed, reason=reason))
        return RunResult(cells=tuple(finished), elapsed=elapsed, reason=reason)

    async def _run_cell(self, cell_id: CellId, deadline: Deadline) -> CellFinished:
        place = self._index[cell_id]
        cell = self._cells[place]
        began = time.perf_counter()
        language = self._languages.language(cell, self._document)
        if language is None:
            return self._finish(cell, place, CellStatus.OK, 0.0, None)
        outputs = self._fresh_outputs(cell)
        sink = CellSink(cell, place, outputs, self._events.emit, self._answer)
        execution = Execution(
            cell,
            sink,
            deadline,
            pool=self._pool,
            space=self._space,
            sharing=self._sharing,
            emit=self._events.emit,
            run_magic=self._magics.run,
            magic_takes_body=self._magics.takes_body,
            language=language,
            allow_input=self._answer is not None,
        )
        self._active.add(execution)
        try:
            status = await execution.run()
        finally:
            self._active.discard(execution)
        return self._finish(cell, place, status, time.perf_counter() - began, execution)

    def _fresh_outputs(self, cell: Cell) -> CellOutputs:
        earlier = self._outputs.get(cell.id)
        if earlier is not None:
            earlier.release()
        outputs = self._outputs[cell.id] = CellOutputs(cell.id, self._limits, self._displays)
        return outputs

    def _finish(
        self, cell: Cell, place: int, status: CellStatus, elapsed: float, execution: Execution | None
    ) -> CellFinished:
        reason = execution.reason if execution else ""
        cell = self._keep(cell, status, elapsed, reason, execution)
        event = CellFinished(
            cell_id=cell.id,
            index=self._index.get(cell.id, place),
            status=status,
            elapsed=elapsed,
            cell=cell,
            kernel=execution.kernel if execution else "",
            kernel_died=execution.kernel_died if execution else False,
            reason=reason,
        )
        self._events.emit(event)
        for stale, name in execution.stale if execution else ():
            if stale in self._index:
                self._events.emit(CellStale(cell_id=stale, index=self._index[stale], variable=name))
        return event

    def _keep(self, cell: Cell, status: CellStatus, elapsed: float, reason: str, execution: Execution | None) -> Cell:
        """Puts what came out of an execution into the document (the cell may have been edited meanwhile)."""
        place = self._index.get(cell.id)
        current = self._cells[place] if place is not None else cell
        if execution is not None:
            info: dict[str, Any] = {"status": str(status), "elapsed": round(elapsed, 6)}
            if reason:
                info["reason"] = reason
            current = current.replace(
                outputs=execution.sink.outputs.outputs(),
                execution_count=execution.execution_count,
                metadata={**current.metadata, EXECUTION_KEY: info},
            )
            for other in execution.sink.changed_elsewhere:
                self._refresh(CellId(other.cell_id))
        if place is not None:
            self._cells[place] = current
            self._changed = True
        return current

    def _refresh(self, cell_id: CellId) -> None:
        place = self._index.get(cell_id)
        if place is not None:
            self._cells[place] = self._cells[place].replace(outputs=self._outputs[cell_id].outputs())
            self._changed = True

    def _skip(self, cell_id: CellId, reason: str) -> CellFinished:
        place = self._index.get(cell_id, -1)
        cell = self._cells[place] if place >= 0 else Cell(id=cell_id)
        event = CellFinished(
            cell_id=cell_id, index=place, status=CellStatus.SKIPPED, elapsed=0.0, cell=cell, reason=reason
        )
        self._events.emit(event)
        return event

    def _early_end(self, done: CellFinished, ends_at: float | None, stop_on_error: bool) -> str:
        if done.status is CellStatus.CANCELLED:
            return "cancelled"
        if done.status is CellStatus.TIMED_OUT and ends_at is not None and time.monotonic() >= ends_at:
            return "timed_out"
        if stop_on_error and done.status is not CellStatus.OK:
            return "failed"
        return self._stop_reason

    async def _run_other(self, path: Path, parameters: Mapping[str, str], execution: Execution) -> bool:
        """`#!import`: the code cells of another document run as part of this cell."""
        other, _ = await notebook_from(path, self.plugins)
        for name, value in parameter_values(other.parameters, parameters).items():
            typed = encode(value)
            preview, kind, count = describe(typed)
            self._space.define(
                VariableInfo(name=name, type=kind, preview=preview, count=count), typed, PARAMETERS_OWNER
            )
        check_requirements(other, other.cells, self._languages, self._pool, self.plugins)
        for cell in other.cells:
            language = self._languages.language(cell, other)
            kind_of_cell = self.plugins.cell_types[cell.type]
            if language is None or not kind_of_cell.shows_source:
                continue
            if await execution.run_source(cell.source, self._pool.spec(language), language) is not CellStatus.OK:
                return False
        return True

    # -- what the parts ask and tell

    def _launch_context(self, spec: Kernelspec) -> LaunchContext:
        names = {spec.name, *spec.aliases}
        sources = tuple(
            cell.source for cell in self._cells if (self._languages.quick(cell, self._document) or "") in names
        )
        return LaunchContext(
            directory=self.directory,
            exchange=self._exchange,
            settings=self._document.extension_settings.get(spec.settings_id, {}),
            options=self._options.get(spec.name, {}),
            sources=sources,
            module_paths=tuple(path.folder for path in self.plugins.module_paths if path.kernel == spec.name),
        )

    def _kernel_gone(self, kernel: str) -> None:
        self._space.kernel_gone(kernel)

    def _variable_changed(self, variable: SharedVariable, removed: bool) -> None:
        self._events.emit(VariableChanged(variable=variable, removed=removed))

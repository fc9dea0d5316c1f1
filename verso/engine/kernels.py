"""The kernels of one session: started when first needed, one at a time each, replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import KernelError, KernelStartError, PluginError, UnknownNameError, VersoError
from verso.api.events import KernelState, KernelStateChanged
from verso.api.kernel import Availability, Kernel, KernelInfo, Kernelspec, WorkerCommand
from verso.api.record import Record, field
from verso.api.secrets import Secrets
from verso.engine.plugins import Plugins
from verso.host.worker import WorkerKernel


class LaunchContext(Record):
    """The `KernelContext` and `ProbeContext` that the engine hands to kernels."""

    directory: Path
    exchange: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    module_paths: tuple[Path, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)

    def worker(self, command: WorkerCommand) -> Kernel:
        """A kernel that a worker process runs."""
        return WorkerKernel(command, directory=self.directory, exchange=self.exchange)


class RunningKernel:
    """A started kernel. `turn` is held while the kernel does one thing; `previous_death` is why the one before
    it ended, until a cell was told."""

    __slots__ = ("info", "kernel", "previous_death", "ready", "spec", "state", "turn")

    def __init__(self, spec: Kernelspec, kernel: Kernel, info: KernelInfo, previous_death: str) -> None:
        self.spec = spec
        self.kernel = kernel
        self.info = info
        self.turn = asyncio.Lock()
        self.state = KernelState.IDLE
        self.previous_death = previous_death
        self.ready = time.time()


class KernelPool:
    """Starts, finds, restarts and ends the kernels of a session. An async context manager: leaving ends them all."""

    def __init__(
        self,
        plugins: Plugins,
        launch: Callable[[Kernelspec], LaunchContext],
        changed: Callable[[KernelStateChanged], None],
        gone: Callable[[str], None],
    ) -> None:
        self._plugins = plugins
        self._launch = launch
        self._changed = changed
        self._gone = gone
        self._connected: dict[str, Kernelspec] = {}
        self._running: dict[str, RunningKernel] = {}
        self._starting: dict[str, asyncio.Lock] = {}
        self._deaths: dict[str, str] = {}
        self._lanes: dict[str, asyncio.Lock] = {}
        self._closed = False

    async def __aenter__(self) -> KernelPool:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    # -- names

    def connect(self, spec: Kernelspec) -> None:
        """Makes a spec known to this session only. `PluginError` when one of its names is taken."""
        for name in (spec.name, *spec.aliases):
            if self.find(name) is not None:
                raise PluginError(f"there is a kernel named {name!r} already", next_step="choose another --kernel-name")
        for name in (spec.name, *spec.aliases):
            self._connected[name] = spec

    def find(self, name: str) -> Kernelspec | None:
        """The spec of a name or alias, or None."""
        return self._connected.get(name) or self._plugins.find_kernelspec(name)

    def spec(self, name: str) -> Kernelspec:
        """The spec of a name or alias. `UnknownNameError`."""
        spec = self.find(name)
        if spec is None:
            raise UnknownNameError.among("kernel", name, self.names())
        return spec

    def names(self) -> tuple[str, ...]:
        """Every name and alias known in this session."""
        return tuple(sorted({*self._plugins.kernels.names(), *self._connected}))

    def specs(self) -> tuple[Kernelspec, ...]:
        """Every spec known in this session, by name."""
        known = {spec.name: spec for spec in (*self._plugins.kernels, *self._connected.values())}
        return tuple(known[name] for name in sorted(known))

    def home(self, spec: Kernelspec) -> Kernelspec:
        """The spec whose kernel runs this language: itself, or the one it `runs_in`."""
        return self.spec(spec.runs_in) if spec.runs_in else spec

    def availability(self, spec: Kernelspec) -> Availability:
        """Whether the spec's kernel could start here, by its probe alone."""
        home = self.home(spec)
        if home.name in self._running or home.probe is None:
            return Availability(found=True)
        probe = self._plugins.resolve(home.probe, what=f"kernel {home.name!r}")
        found: Availability = probe(self._launch(home))
        return found

    # -- life

    def lane(self, spec: Kernelspec) -> asyncio.Lock:
        """The queue of the cells of the spec's kernel: held by the one that runs. What a cell does in a kernel holds
        its `turn` besides, since cells of other kernels and front ends ask it for things as well."""
        return self._lanes.setdefault(spec.runs_in or spec.name, asyncio.Lock())

    def running(self) -> dict[str, RunningKernel]:
        """The started kernels by name."""
        return dict(self._running)

    async def get(self, spec: Kernelspec) -> RunningKernel:
        """The spec's kernel, started if it was not. `KernelStartError`."""
        home = self.home(spec) if spec.runs_in else spec
        running = self._running.get(home.name)
        if running is not None:
            return running
        async with self._starting.setdefault(home.name, asyncio.Lock()):
            return self._running.get(home.name) or await self._start(home)

    async def restart(self, spec: Kernelspec) -> None:
        """Starts a kernel over with nothing kept (starts it if it did not run)."""
        home = self.home(spec)
        running = self._running.get(home.name)
        if running is None:
            await self.get(home)
            return
        async with running.turn:
            self._set_state(running, KernelState.RESTARTING)
            self._gone(home.name)
            try:
                running.info = await running.kernel.restart()
            except KernelError as error:
                self.died(running, str(error))
                raise
            self._set_state(running, KernelState.IDLE)

    def died(self, running: RunningKernel, reason: str) -> None:
        """Takes note that a kernel ended by itself: the next cell that needs it gets a new one."""
        name = running.spec.name
        if self._running.get(name) is running:
            del self._running[name]
            self._deaths[name] = reason
            self._set_state(running, KernelState.DEAD, reason)
            self._gone(name)

    def set_busy(self, running: RunningKernel, busy: bool) -> None:
        """Tells that a kernel works or waits."""
        if running.state is not KernelState.DEAD:
            self._set_state(running, KernelState.BUSY if busy else KernelState.IDLE)

    async def close(self) -> None:
        """Ends every kernel for good, also those that are starting."""
        self._closed = True
        await self.shut_down()

    async def shut_down(self) -> None:
        """Ends every kernel, all at once. What goes wrong on the way is no error: they are gone afterwards."""
        ending = list(self._running.values())
        self._running.clear()
        await asyncio.gather(*(running.kernel.shutdown() for running in ending), return_exceptions=True)
        for running in ending:
            self._set_state(running, KernelState.STOPPED)

    # -- inside

    async def _start(self, spec: Kernelspec) -> RunningKernel:
        self._changed(KernelStateChanged(kernel=spec.name, state=KernelState.STARTING))
        kernel: Kernel | None = None
        try:
            create = self._plugins.resolve(spec.create, what=f"kernel {spec.name!r}")
            self._refuse_when_closed(spec)
            kernel = await create(self._launch(spec))
            info = await kernel.start()
            self._refuse_when_closed(spec)
        except BaseException as error:
            if kernel is not None:
                with contextlib.suppress(Exception):
                    await kernel.shutdown()
            failure = _start_failure(spec, error)
            self._changed(KernelStateChanged(kernel=spec.name, state=KernelState.DEAD, reason=str(failure)))
            if failure is error:
                raise
            raise failure from error
        running = RunningKernel(spec, kernel, info, self._deaths.pop(spec.name, ""))
        self._running[spec.name] = running
        self._set_state(running, KernelState.IDLE)
        return running

    def _refuse_when_closed(self, spec: Kernelspec) -> None:
        if self._closed:
            raise KernelStartError(
                f"kernel {spec.name!r} can't start: the session is closed", next_step="open the notebook again"
            )

    def _set_state(self, running: RunningKernel, state: KernelState, reason: str = "") -> None:
        running.state = state
        self._changed(KernelStateChanged(kernel=running.spec.name, state=state, reason=reason))


def _start_failure(spec: Kernelspec, error: BaseException) -> BaseException:
    """The error itself where it says enough or is a cancellation, else one that blames the plugin."""
    if isinstance(error, VersoError) or not isinstance(error, Exception):
        return error
    return KernelStartError(
        f"kernel {spec.name!r} did not start: {type(error).__name__}: {error}",
        next_step="this looks like a fault of its plugin",
    )

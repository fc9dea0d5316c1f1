"""Brings the shared variables that a cell names into the kernel that is about to run it."""

from __future__ import annotations

import re

from verso.api.errors import VariableError, VersoError
from verso.api.outputs import Stream
from verso.api.values import TypedValue
from verso.engine.kernels import KernelPool, RunningKernel
from verso.engine.variables import SharedSpace, Wanted


class Sharing:
    """Moves values between kernels. `automatic`: before each cell, what it names; else only when told to."""

    def __init__(self, space: SharedSpace, pool: KernelPool, *, automatic: bool) -> None:
        self._space = space
        self._pool = pool
        self.automatic = automatic

    async def provide(self, running: RunningKernel, names: list[str]) -> list[Stream]:
        """Gives a kernel the current version of the names that it lacks. Returns what could not travel, as text for
        the cell; the cell goes on. Values are asked for before the kernel's turn is taken, so that two kernels that
        want something of each other don't wait for ever."""
        kernel = running.spec.name
        notes: list[Stream] = []
        for wanted in self._space.wanted(kernel, names):
            try:
                if not re.fullmatch(running.spec.identifier, wanted.name):
                    raise VariableError(f"{wanted.name!r} is no name that {running.spec.title} allows")
                await self._give(running, wanted)
            except VersoError as error:
                notes.append(Stream(name="stderr", text=f"variable {wanted.name!r} of {wanted.owner}: {error}\n"))
            # Also when it failed: the same version would fail again before every cell.
            self._space.note_given(kernel, wanted.name, wanted.version)
        return notes

    async def _give(self, running: RunningKernel, wanted: Wanted) -> None:
        """Gives a kernel a variable: a table whose file it can't read (a type of column that its library has not) goes
        by rows. `VersoError`."""
        value = await self.value(wanted.name, arrow=running.info.arrow)
        try:
            async with running.turn:
                await running.kernel.set_variable(wanted.name, value)
        except VariableError:
            if value["t"] != "table" or "arrow" not in value["v"]:
                raise
            by_rows = await self.value_of(wanted.owner, wanted.name, arrow=False)
            async with running.turn:
                await running.kernel.set_variable(wanted.name, by_rows)

    async def value(self, name: str, *, arrow: bool) -> TypedValue:
        """The value of a shared variable. `VariableError` when it is unknown or can't travel."""
        shared = self._space.get(name)
        if shared is None:
            known = ", ".join(self._space.names()) or "none"
            raise VariableError(f"there is no shared variable {name!r}", next_step=f"shared: {known}")
        held = self._space.held_value(name, arrow=arrow)
        if held is not None:
            return held
        value = await self.value_of(shared.owner, name, arrow=arrow)
        if value.get("t") == "table" and "arrow" in value["v"]:
            self._space.hold_table(name, shared.version, value)
        return value

    async def value_of(self, kernel: str, name: str, *, arrow: bool) -> TypedValue:
        """The value of a kernel's own variable. `VariableError`; `UnknownNameError` for the kernel."""
        running = self._pool.running().get(self._pool.home(self._pool.spec(kernel)).name)
        if running is None:
            raise VariableError(
                f"kernel {kernel!r} does not run, so it has no {name!r}", next_step="run a cell that makes it first"
            )
        async with running.turn:
            return await running.kernel.get_variable(name, arrow=arrow)

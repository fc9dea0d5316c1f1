"""Makes the Python kernel: finds the interpreter and describes the worker that it runs."""

from __future__ import annotations

from pathlib import Path

from verso.api import values
from verso.api.kernel import Availability, InterruptPolicy, Kernel, KernelContext, ProbeContext, WorkerCommand
from verso_python.interpreter import choose, find

MAIN = Path(__file__).parent / "worker" / "main.py"


async def create(context: KernelContext) -> Kernel:
    """The kernel of a notebook. `KernelStartError` when its interpreter is not there or can't be made."""
    program = await choose(context)
    return context.worker(
        WorkerCommand(
            argv=(program, str(MAIN), "{read_fd}", "{write_fd}", values.__file__, *map(str, context.module_paths)),
            language="python",
            directory=context.directory,
            # The signal stops at once; the message says what was meant, should the signal come before the cell begins.
            interrupt=InterruptPolicy(ask=True, kill_children_after=2.0),
        )
    )


def probe(context: ProbeContext) -> Availability:
    """Whether the interpreter that was asked for is there."""
    program = context.options.get("program") or context.settings.get("program") or ""
    found = find(str(program), context.directory) if program else None
    if program and found is None:
        return Availability(found=False, how_to_get=f"no Python interpreter {program!r}: give the path of one")
    return Availability(found=True, detail=found or "the interpreter that runs Verso")

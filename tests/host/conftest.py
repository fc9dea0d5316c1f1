"""Kernels run by the small workers beside these tests."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from verso.api.kernel import InterruptPolicy, WorkerCommand
from verso.host.worker import WorkerKernel

WORKERS = Path(__file__).parent / "workers"

Make = Callable[..., WorkerKernel]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes kernels run by `workers/scripted.py`, not started; all are shut down at the end."""
    made: list[WorkerKernel] = []

    def scripted(
        environ: Mapping[str, str | None] | None = None,
        *,
        directory: Path | None = None,
        exchange: Path | None = None,
        **command: Any,
    ) -> WorkerKernel:
        fields = {
            "argv": (sys.executable, "-S", str(WORKERS / "scripted.py"), "{read_fd}", "{write_fd}"),
            "language": "scripted",
            "environ": environ or {},
            "interrupt": InterruptPolicy(kill_after=5.0),
            **command,
        }
        kernel = WorkerKernel(WorkerCommand(**fields), directory=directory, exchange=exchange)
        made.append(kernel)
        return kernel

    yield scripted
    for kernel in made:
        await kernel.shutdown()


@pytest.fixture
async def kernel(make: Make) -> WorkerKernel:
    """A started kernel."""
    kernel = make()
    await kernel.start()
    return kernel

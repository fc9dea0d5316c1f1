"""What the engine hands to the kernel, for tests that need no engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verso.api.kernel import Kernel, WorkerCommand
from verso.api.record import Record, field
from verso.host.worker import WorkerKernel


class Context(Record):
    """A `KernelContext`."""

    directory: Path
    exchange: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    module_paths: tuple[Path, ...] = ()

    def worker(self, command: WorkerCommand) -> Kernel:
        """A kernel that a worker process runs."""
        return WorkerKernel(command, directory=self.directory, exchange=self.exchange)

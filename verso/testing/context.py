"""What a kernel is handed to live, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from verso.api.kernel import Availability, Kernel, Kernelspec, WorkerCommand
from verso.api.record import Record, field
from verso.api.secrets import Secrets
from verso.host.worker import WorkerKernel


class TestKernelContext(Record):
    """A `KernelContext` and `ProbeContext` without a session. The folders have to be there."""

    __test__ = False  # not a test case, though its name begins like one

    directory: Path
    exchange: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    module_paths: tuple[Path, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)

    def worker(self, command: WorkerCommand) -> Kernel:
        """A kernel that a worker process runs, as the engine makes it."""
        return WorkerKernel(command, directory=self.directory, exchange=self.exchange)


async def make_kernel(spec: Kernelspec, context: TestKernelContext) -> Kernel:
    """The kernel of a spec, not started. `ImportError` or `AttributeError` when its `create` names nothing."""
    create = resolve_name(spec.create) if isinstance(spec.create, str) else spec.create
    kernel: Kernel = await create(context)
    return kernel


def availability(spec: Kernelspec, context: TestKernelContext) -> Availability:
    """What the spec's probe says; without one, the kernel is there."""
    if spec.probe is None:
        return Availability(found=True)
    probe = resolve_name(spec.probe) if isinstance(spec.probe, str) else spec.probe
    found: Availability = probe(context)
    return found

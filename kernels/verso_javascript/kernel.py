"""The kernel: a worker process under Node or Deno, and what happens to the messages on the way to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verso.api.kernel import InterruptPolicy, Kernel, KernelContext, WorkerCommand
from verso_javascript.runtime import find_runtime
from verso_javascript.source import prepare, wire

WORKER = Path(__file__).parent / "worker" / "main.mjs"


async def create(context: KernelContext) -> Kernel:
    """A kernel for `javascript` and `typescript` cells. `KernelStartError` when there is no runtime."""
    runtime = find_runtime(context.options, context.settings)
    return context.worker(
        WorkerCommand(
            argv=(runtime.program, *runtime.flags, str(WORKER), "{read_fd}", "{write_fd}"),
            language="javascript",
            directory=context.directory,
            environ={"NODE_REPL_EXTERNAL_MODULE": None, "FORCE_COLOR": None},
            interrupt=InterruptPolicy(ask=True, await_stopping=1.0, signal=False, kill_after=10.0),
            outgoing=_prepare,
        )
    )


def _prepare(message: dict[str, Any]) -> dict[str, Any]:
    """A request on its way to the worker: code gets its prepared form, languages their own name."""
    if message.get("type") not in ("execute", "diagnose", "complete", "inspect"):
        return message
    language = "typescript" if message.get("language") in ("typescript", "ts") else "javascript"
    message = {**message, "language": language}
    if message["type"] in ("execute", "diagnose"):
        message["prepared"] = wire(prepare(message["code"], language), message["code"])
    return message

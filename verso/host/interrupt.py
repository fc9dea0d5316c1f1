"""Stopping what a worker runs, step by step, as its `InterruptPolicy` says."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from verso.api.kernel import InterruptPolicy
from verso.host.process import WorkerProcess
from verso.host.request import PendingRequest


async def ask_to_stop(
    policy: InterruptPolicy, request: PendingRequest, process: WorkerProcess, ask: Callable[[], None]
) -> None:
    """The first steps: the `interrupt` message, the wait for the worker's word, SIGINT. Returns when asked.

    The order matters to languages that start programs: a child that dies of the signal before its script is marked as
    stopping lets the script go on to its next statement.
    """
    if policy.ask:
        ask()
        if policy.await_stopping:
            await asyncio.wait({request.stopping}, timeout=policy.await_stopping)
    if policy.signal and not request.over.done():
        process.signal_group(signal.SIGINT)


async def insist(
    policy: InterruptPolicy, request: PendingRequest, process: WorkerProcess, give_up: Callable[[], None]
) -> None:
    """The last steps, for code that goes on: SIGKILL to the children, then `give_up`."""
    spent = 0.0
    if policy.kill_children_after is not None and policy.kill_children_after < policy.kill_after:
        spent = policy.kill_children_after
        await asyncio.wait({request.over}, timeout=spent)
        if not request.over.done():
            await process.kill_children()
    await asyncio.wait({request.over}, timeout=policy.kill_after - spent)
    if not request.over.done():
        give_up()

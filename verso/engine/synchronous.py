"""One call that runs a notebook, for scripts that have no event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import VersoError
from verso.api.notebook import Notebook
from verso.api.record import Record
from verso.engine.plugins import Plugins
from verso.engine.runner import RunResult
from verso.engine.session import open_session


class Run(Record):
    """A finished run: how it went, the notebook with its outputs, and the shared variables as Python objects (those
    that can travel)."""

    result: RunResult
    notebook: Notebook
    variables: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether every cell ended ok."""
        return self.result.ok


def run(
    source: Notebook | str | Path,
    parameters: Mapping[str, object] | None = None,
    *,
    plugins: Plugins | None = None,
    stop_on_error: bool = False,
    timeout: float | None = None,
    cell_timeout: float | None = None,
) -> Run:
    """Runs a notebook to its end. Blocking; `VersoError` where an event loop runs. Raises what `open_session` and
    `Session.run` raise; how cells ended is in the result. Limits are in seconds.
    """
    if _loop_runs():
        raise VersoError(
            "verso.run is for programs without an event loop, and one runs here",
            next_step="use it as async with verso.open_session(…) as session: await session.run()",
        )

    async def run_all() -> Run:
        async with open_session(source, plugins=plugins, parameters=parameters) as session:
            result = await session.run(
                stop_on_error=stop_on_error, timeout=timeout, cell_timeout=cell_timeout, ahead=True
            )
            return Run(result=result, notebook=session.notebook, variables=await session.variables.read())

    return asyncio.run(run_all())


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

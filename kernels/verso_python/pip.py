"""`#!pip`: installs packages into the interpreter of the notebook's Python cells."""

from __future__ import annotations

import shlex

from verso.api.errors import AlreadyToldError, MagicError
from verso.api.magics import MagicCall, MagicContext
from verso_python.environment import find_uv

CODE = """\
__import__("verso_worker.packages").packages.pip({arguments!r}, {uv!r})
"""


async def run(call: MagicCall, context: MagicContext) -> None:
    """Runs pip (or uv, in an environment without pip) with what the line says; its output is the cell's.

    `AlreadyToldError` when it failed: the rest of the cell does not run.
    """
    try:
        arguments = shlex.split(str(call.arguments.get("arguments", "")))
    except ValueError as error:
        raise MagicError(f"#!pip: {error}", line=call.line, column=1) from None
    if not await context.execute("python", CODE.format(arguments=arguments, uv=find_uv())):
        raise AlreadyToldError("#!pip failed")

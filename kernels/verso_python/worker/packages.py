"""Packages of the interpreter that runs this worker."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys


def pip(arguments: list[str], uv: str | None) -> None:
    """Runs pip with these arguments, or `uv pip` where the environment has no pip. `SystemExit` when it fails.

    What it installed can be imported at once.
    """
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", *arguments]
    elif uv is not None:
        command = [uv, "pip", *arguments[:1], "--python", sys.executable, *arguments[1:]]
    else:
        raise SystemExit("this environment has neither pip nor uv: python -m ensurepip gives it pip")
    code = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    importlib.invalidate_caches()
    if code:
        raise SystemExit(code)

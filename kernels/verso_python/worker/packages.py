"""Packages of the interpreter that runs this worker."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys


class PipError(Exception):
    """Packages could not be installed; why is in what pip printed."""


def pip(arguments: list[str], uv: str | None) -> None:
    """Runs pip with these arguments, or `uv pip` where the environment has no pip. `PipError` when it fails.

    What it installed can be imported at once.
    """
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", *arguments]
    elif uv is not None:
        command = [uv, "pip", *arguments[:1], "--python", sys.executable, *arguments[1:]]
    else:
        raise PipError("this environment has neither pip nor uv: %s -m ensurepip gives it pip" % sys.executable)
    code = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    importlib.invalidate_caches()
    if code:
        raise PipError("pip %s ended with exit code %d" % (" ".join(arguments), code))

"""`#!connect jupyter`: a kernelspec under a name of one's own, or a kernel that another program started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from verso.api.errors import MagicError
from verso.api.kernel import Kernelspec
from verso.api.magics import MagicCall
from verso_jupyter.kernelspecs import EXTRA, Launch, availability, kernelspec

try:
    from jupyter_core.paths import jupyter_runtime_dir
except ImportError:

    def jupyter_runtime_dir() -> str:
        return ""


_NEEDED: Final = ("ip", "transport", "key", "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


async def connect(call: MagicCall) -> Kernelspec:
    """The spec of `#!connect jupyter --kernel-name n` with `--kernel-spec s` or `--connection-file f`.

    `MagicError` when neither or both are given, and for a kernelspec or file that is not there or not usable.
    """
    called = call.arguments["kernel_name"]
    spec: str = call.arguments.get("kernel_spec") or ""
    file: str = call.arguments.get("connection_file") or ""
    if bool(spec) == bool(file):
        raise MagicError(
            "#!connect jupyter takes one of --kernel-spec (starts a kernel) and --connection-file (one that runs)",
            line=call.line,
            column=1,
        )
    if file:
        return _running(called, file, call.line)
    found = availability(spec)
    if not found.found:
        raise MagicError(found.detail, line=call.line, column=1, next_step=found.how_to_get)
    return kernelspec(called, spec)


def _running(called: str, file: str, line: int) -> Kernelspec:
    path = _find(file)
    if path is None:
        raise MagicError(
            f"there is no connection file {file!r}",
            line=line,
            column=1,
            next_step=f"%connect_info in the running kernel names it; Jupyter keeps them in {jupyter_runtime_dir()}"
            if jupyter_runtime_dir()
            else EXTRA,
        )
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in _NEEDED if key not in info]
    except (OSError, ValueError, TypeError) as error:
        raise MagicError(f"{path} can't be read as a connection file: {error}", line=line, column=1) from None
    if missing:
        raise MagicError(f"{path} is no connection file: it lacks {', '.join(missing)}", line=line, column=1)
    like = kernelspec(called, str(info.get("kernel_name") or called))
    # What language it runs is known for sure only when it answers, so variables are tried.
    return like.replace(
        title=f"Jupyter kernel of {path.name}",
        create=Launch(make="verso_jupyter.kernel:connected_to", argument=str(path)),
        probe=None,
        shares_variables=True,
    )


def _find(file: str) -> Path | None:
    given = Path(file).expanduser()
    places = [given, given.with_name(given.name + ".json")]
    if not given.is_absolute() and jupyter_runtime_dir():
        folder = Path(jupyter_runtime_dir())
        places += [folder / name for name in (file, f"{file}.json", f"kernel-{file}.json")]
    return next((place.resolve() for place in places if place.is_file()), None)

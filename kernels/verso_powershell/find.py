"""Where PowerShell is on this machine, and what to say when it is not.

Only files are looked up: nothing is started. The version shows when the worker does (`check_version`).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from verso.api.errors import KernelStartError
from verso.api.kernel import Availability, ProbeContext
from verso.api.record import Record

PROGRAM_VARIABLE: Final = "VERSO_PWSH"
"""Environment variable with the path of the pwsh to use."""

OLDEST: Final = (7, 2)
"""The oldest PowerShell that the worker is written for."""

_ON_PATH: Final = ("pwsh", "pwsh-preview")
_MANUAL: Final = "https://aka.ms/install-powershell"


class Search(Record):
    """What looking for pwsh came to. `program`: absolute path, or empty. `looked_at`: places in order, as text."""

    program: str = ""
    looked_at: tuple[str, ...] = ()


def find(named: str = "", *, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Search:
    """Looks for pwsh: what was `named` (a path, or a name on PATH), else `VERSO_PWSH`, else `pwsh` and
    `pwsh-preview` on PATH, else where installers put it. A program that was named (also by `VERSO_PWSH`) is the
    only one looked for: another one in its place would be a surprise."""
    chosen = environ.get(PROGRAM_VARIABLE, "")
    if named or chosen:
        wanted = named or chosen
        origin = "named for this notebook" if named else PROGRAM_VARIABLE
        found = shutil.which(Path(wanted).expanduser(), path=environ.get("PATH"))
        return Search(program=_absolute(found), looked_at=(f"{wanted} ({origin})",))
    looked_at = [f"{PROGRAM_VARIABLE} (not set)"]
    for name in _ON_PATH:
        looked_at.append(f"{name} on PATH")
        if found := shutil.which(name, path=environ.get("PATH")):
            return Search(program=_absolute(found), looked_at=tuple(looked_at))
    for place in _usual_places(environ, platform):
        looked_at.append(str(place))
        if os.access(place, os.X_OK) and place.is_file():
            return Search(program=str(place), looked_at=tuple(looked_at))
    return Search(looked_at=tuple(looked_at))


def named_program(settings: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """The program that the person (`options`) or the notebook (`settings`) names under `program`, or empty."""
    named = options.get("program") or settings.get("program") or ""
    return named if isinstance(named, str) else ""


def probe(context: ProbeContext) -> Availability:
    """Whether pwsh is here; when it is not, where it was looked for and how to install it."""
    search = find(named_program(context.settings, context.options))
    if search.program:
        return Availability(found=True, detail=search.program)
    return Availability(found=False, detail=missing(search), how_to_get=how_to_get())


def missing(search: Search) -> str:
    """The sentence that says what was looked for."""
    return f"PowerShell (pwsh {_dotted(OLDEST)} or newer) was not found; looked at: {', '.join(search.looked_at)}"


def how_to_get(platform: str = sys.platform) -> str:
    """How to install PowerShell on a platform (a value of `sys.platform`), in one sentence."""
    if platform == "win32":
        first = "winget install --id Microsoft.PowerShell --source winget"
    elif platform == "darwin":
        first = "brew install powershell"
    else:
        first = "sudo snap install powershell --classic, or your distribution's package"
    return (
        f"install PowerShell: {first}, or dotnet tool install --global PowerShell ({_MANUAL}); "
        f"or set {PROGRAM_VARIABLE} to the path of pwsh"
    )


def check_version(version: str, program: str) -> None:
    """`KernelStartError` when `version` (`7.6.5`, `7.5.0-preview.3`) is older than the oldest supported."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) >= OLDEST:
        return
    raise KernelStartError(
        f"{program} is PowerShell {version}, and {_dotted(OLDEST)} is the oldest that works", next_step=how_to_get()
    )


def _absolute(found: str | None) -> str:
    return str(Path(found).absolute()) if found else ""


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _usual_places(environ: Mapping[str, str], platform: str) -> Iterator[Path]:
    home = Path.home()
    if platform == "win32":
        for programs in filter(None, (environ.get("ProgramW6432"), environ.get("ProgramFiles"))):
            for folder in ("7", "7-preview"):
                yield Path(programs, "PowerShell", folder, "pwsh.exe")
        if local := environ.get("LOCALAPPDATA"):
            yield Path(local, "Microsoft", "WindowsApps", "pwsh.exe")
        yield home / ".dotnet" / "tools" / "pwsh.exe"
        return
    if platform == "darwin":
        yield Path("/opt/homebrew/bin/pwsh")
        roots = [Path("/usr/local/microsoft/powershell")]
    else:
        yield Path("/usr/bin/pwsh")
        yield Path("/snap/bin/pwsh")
        roots = [Path("/opt/microsoft/powershell")]
    yield Path("/usr/local/bin/pwsh")
    for root in roots:
        for folder in ("7", "7-lts", "7-preview"):
            yield root / folder / "pwsh"
    yield home / ".dotnet" / "tools" / "pwsh"
    yield home / ".local" / "bin" / "pwsh"

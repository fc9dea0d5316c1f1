"""Finds the kernelspecs that are installed here, where Jupyter looks for them, without importing jupyter_client.

Format and places: "Kernel specs" in the documentation of jupyter_client. Names are compared in lower case.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final

from verso.api.errors import KernelStartError
from verso.api.kernel import Availability, Kernel, KernelContext, Kernelspec, ProbeContext
from verso.api.record import Record, field
from verso_jupyter.languages import language

try:
    from jupyter_core.paths import jupyter_path
except ImportError:  # the `jupyter` extra is not installed: there are no kernelspecs, and `probe` says what to do

    def jupyter_path(*subdirs: str) -> list[str]:
        return []


PREFIX: Final = "jupyter:"
SETTINGS_ID: Final = "verso.jupyter"
EXTRA: Final = 'pip install "verso-notebook[jupyter]"'

_NAME: Final = re.compile(r"[a-z0-9._\-]+", re.IGNORECASE)
_NATIVE: Final = "python3"
_HOW_TO_GET: Final = {
    "python": "pip install ipykernel",
    "python3": "pip install ipykernel",
    "bash": "pip install bash_kernel, then python -m bash_kernel.install",
    "ir": "install R, then in R: install.packages('IRkernel'); IRkernel::installspec()",
    "deno": "install deno, then deno jupyter --install",
}


class Installed(Record):
    """A kernelspec on this machine. `argv` and the rest are as in its `kernel.json`."""

    name: str
    argv: tuple[str, ...] = ()
    display_name: str = ""
    language: str = ""
    interrupt_mode: str = "signal"
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str | None:
        """The path of the program that runs the kernel; None where it is not there."""
        if not self.argv:
            return None
        if self.argv[0] in ("python", "python3"):
            return sys.executable  # that of its own environment, says jupyter_client
        return shutil.which(str(Path(self.argv[0]).expanduser()), path=self.environ.get("PATH"))


class Launch(Record):
    """A kernelspec's `create`, which imports jupyter_client (0.4 s) only when a kernel is to start, and in a thread:
    `make` names the function that makes the kernel from `argument` and a context."""

    make: str
    argument: str

    async def __call__(self, context: KernelContext) -> Kernel:
        """The kernel. `KernelStartError` where jupyter_client is not installed."""
        try:
            function = await asyncio.to_thread(resolve_name, self.make)
        except ImportError as error:
            raise KernelStartError(f"Jupyter kernels need what is not here: {error}", next_step=EXTRA) from error
        kernel: Kernel = function(self.argument, context)
        return kernel


class Probe(Record):
    """A kernelspec's `probe`."""

    name: str

    def __call__(self, context: ProbeContext) -> Availability:
        """Whether the kernelspec, its program and jupyter_client are here."""
        return availability(self.name)


def find(name: str) -> Kernelspec | None:
    """The `Kernelspec` of `jupyter:<name>`, also when no such kernelspec is installed (its probe tells what to do);
    None for what can't be a kernelspec's name."""
    if not _NAME.fullmatch(name):
        return None
    return kernelspec(f"{PREFIX}{name}", name)


def names() -> tuple[str, ...]:
    """`jupyter:<kernelspec>` for every installed one, sorted."""
    return tuple(f"{PREFIX}{name}" for name in sorted(installed()))


def kernelspec(called: str, name: str) -> Kernelspec:
    """The kernelspec of the Jupyter kernelspec `name`, under the name `called`."""
    found = read(name) or Installed(name=name)
    known = language(found.language)
    return Kernelspec(
        name=called,
        title=found.display_name or f"Jupyter kernel {name}",
        create=Launch(make="verso_jupyter.kernel:started_from", argument=name),
        probe=Probe(name=name),
        comment=known.comment,
        identifier=known.identifier,
        mentions=known.mentions,
        shares_variables=known.shares,
        settings_id=SETTINGS_ID,
        highlight=found.language.lower(),
    )


def installed() -> dict[str, Path | None]:
    """The folder of each kernelspec by name; None for ipykernel's own, which needs no folder."""
    found: dict[str, Path | None] = {}
    for place in map(Path, jupyter_path("kernels")):
        if place.is_dir():
            for folder in sorted(place.iterdir()):
                if (folder / "kernel.json").is_file() and _NAME.fullmatch(folder.name):
                    found.setdefault(folder.name.lower(), folder)
    if _NATIVE not in found and importlib.util.find_spec("ipykernel") is not None:
        found[_NATIVE] = None
    return found


def read(name: str) -> Installed | None:
    """The installed kernelspec of that name; None when there is none, or its `kernel.json` is not what it should be."""
    here = installed()
    if name.lower() not in here:
        return None
    folder = here[name.lower()]
    if folder is None:
        return Installed(name=_NATIVE, argv=("python",), display_name="Python 3 (ipykernel)", language="python")
    try:
        content: Any = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
        environ = content.get("env") or {}
        return Installed(
            name=name.lower(),
            argv=tuple(map(str, content["argv"])),
            display_name=str(content.get("display_name") or name),
            language=str(content.get("language") or ""),
            interrupt_mode=str(content.get("interrupt_mode") or "signal"),
            environ={str(key): str(value) for key, value in environ.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def availability(name: str) -> Availability:
    """Whether a kernel of this kernelspec could start here; nothing is started."""
    if importlib.util.find_spec("jupyter_client") is None:
        return Availability(found=False, detail="jupyter_client is not installed", how_to_get=EXTRA)
    here = installed()
    if name.lower() not in here:
        listed = ", ".join(sorted(here)) or "none"
        how = _HOW_TO_GET.get(name.lower(), "install the kernel of that language")
        return Availability(
            found=False,
            detail=f"no Jupyter kernelspec {name!r} is installed (installed: {listed})",
            how_to_get=f"{how} (jupyter kernelspec list shows what is found, and where)",
        )
    spec = read(name)
    if spec is None or not spec.argv:
        return Availability(
            found=False,
            detail=f"{here[name.lower()]}/kernel.json is no kernelspec",
            how_to_get="install the kernel again",
        )
    if spec.program is not None:
        return Availability(found=True, detail=f"{spec.display_name}: {spec.program}")
    return Availability(
        found=False,
        detail=f"the Jupyter kernelspec {name!r} runs {spec.argv[0]!r}, which is not there",
        how_to_get=_HOW_TO_GET.get(name.lower(), f"install {spec.argv[0]!r}, or the kernel again"),
    )

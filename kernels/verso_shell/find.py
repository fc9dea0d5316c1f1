"""Where shells and other programs are. Only files are looked up: nothing is started."""

from __future__ import annotations

import shutil
import sys

from verso.api.kernel import Availability, ProbeContext
from verso_shell.dialects import BASH, SH, ZSH, Dialect
from verso_shell.repls import Repl


def program(dialect: Dialect, context: ProbeContext) -> str | None:
    """The shell's path: the one that was chosen (`--program` or the setting `program`), else the one on PATH."""
    return shutil.which(_wanted(dialect, context))


def _wanted(dialect: Dialect, context: ProbeContext) -> str:
    programs = context.settings.get("programs")
    chosen = str(programs.get(dialect.name) or "") if isinstance(programs, dict) else ""
    return context.options.get("program") or chosen or dialect.name


def probe_bash(context: ProbeContext) -> Availability:
    """Whether bash is here."""
    return _probe(BASH, context)


def probe_zsh(context: ProbeContext) -> Availability:
    """Whether zsh is here."""
    return _probe(ZSH, context)


def probe_sh(context: ProbeContext) -> Availability:
    """Whether sh is here."""
    return _probe(SH, context)


def _probe(dialect: Dialect, context: ProbeContext) -> Availability:
    if sys.platform == "win32":
        return Availability(found=False, detail="shells run on Linux and macOS", how_to_get="use WSL")
    found = program(dialect, context)
    if found is None:
        return Availability(found=False, detail=_not_found(_wanted(dialect, context)), how_to_get=dialect.how_to_get)
    return Availability(found=True, detail=found)


def probe_repl(repl: Repl, context: ProbeContext) -> Availability:
    """Whether a prompt-driven program is here."""
    wanted = context.options.get("program") or repl.command[0]
    found = shutil.which(wanted)
    if found is None:
        advice = repl.how_to_get or f"install {wanted}, or give its path"
        return Availability(found=False, detail=_not_found(wanted), how_to_get=advice)
    return Availability(found=True, detail=found)


def _not_found(wanted: str) -> str:
    return f"there is no program {wanted}" if "/" in wanted else f"{wanted} is not on PATH"

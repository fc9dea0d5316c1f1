"""Where shells and other programs are. Only files are looked up: nothing is started."""

from __future__ import annotations

import shutil
import sys

from verso.api.kernel import Availability, ProbeContext
from verso_shell.dialects import BASH, SH, ZSH, Dialect
from verso_shell.repls import Repl


def program(dialect: Dialect, context: ProbeContext) -> str | None:
    """The shell's path: the one that was chosen (`--program` or the setting `program`), else the one on PATH."""
    chosen = context.options.get("program") or _chosen(context, dialect.name) or dialect.name
    return shutil.which(chosen)


def _chosen(context: ProbeContext, name: str) -> str:
    programs = context.settings.get("programs")
    return str(programs.get(name) or "") if isinstance(programs, dict) else ""


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
        return Availability(found=False, how_to_get="shells run on Linux and macOS: use WSL")
    found = program(dialect, context)
    return Availability(found=bool(found), detail=found or "", how_to_get="" if found else dialect.how_to_get)


def probe_repl(repl: Repl, context: ProbeContext) -> Availability:
    """Whether a prompt-driven program is here."""
    wanted = context.options.get("program") or repl.command[0]
    found = shutil.which(wanted)
    advice = repl.how_to_get or f"install {wanted}, or give its path: it is not on PATH"
    return Availability(found=bool(found), detail=found or "", how_to_get="" if found else advice)

"""The environment that a shell or a prompt-driven program is started with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PAGERS: Final = ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER")
"""On a terminal, many programs show long text through one of these, and it would wait for keys."""


def shell_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with what fits a notebook: a terminal that has colours and a UTF-8 locale, no pagers, no size of the
    window that Verso runs in."""
    changed = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **dict.fromkeys(_PAGERS, "cat")}
    for name in ("COLUMNS", "LINES", "PS1", "PS2", "PROMPT_COMMAND", "ENV", "BASH_ENV"):
        changed.pop(name, None)
    locale = changed.get("LC_ALL") or changed.get("LC_CTYPE") or changed.get("LANG") or ""
    if "utf" not in locale.lower():
        changed.pop("LC_ALL", None)
        changed["LC_CTYPE"] = "C.UTF-8"
    return changed

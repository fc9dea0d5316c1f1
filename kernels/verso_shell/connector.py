"""`#!connect repl --kernel-name n --command "…" --prompt "…"`: any program with a prompt."""

from __future__ import annotations

import re
import shlex
from typing import Final

from verso.api.errors import MagicError
from verso.api.kernel import Kernelspec
from verso.api.magics import MagicCall
from verso_shell.repls import Repl

_PATTERNS: Final = ("prompt", "continuation", "error")


async def connect(call: MagicCall) -> Kernelspec:
    """The spec of the program. `MagicError` for a pattern that is no regular expression, a command that can't be split,
    a `--load` without `{file}`, and a time that is no number."""
    given = call.arguments
    for name in _PATTERNS:
        _check_pattern(call, name)
    try:
        command = tuple(shlex.split(given["command"]))
    except ValueError as error:
        raise MagicError(f"--command can't be read: {error}", line=call.line, column=1) from None
    if not command:
        raise MagicError("--command is empty", line=call.line, column=1)
    load = given.get("load", "")
    if load and "{file}" not in load:
        raise MagicError(f"--load {load!r} does not say where the file's path goes: {{file}}", line=call.line, column=1)
    return Repl(
        name=given["kernel_name"],
        title=given["kernel_name"],
        command=command,
        prompt=given["prompt"],
        continuation=given.get("continuation", ""),
        load=load,
        error=given.get("error", ""),
        setup=tuple(given.get("setup", ())),
        interrupt=given.get("interrupt", "sigint"),
        start_timeout=_seconds(call),
    ).kernelspec()


def _check_pattern(call: MagicCall, name: str) -> None:
    try:
        re.compile(call.arguments.get(name, ""))
    except re.error as error:
        raise MagicError(f"--{name} is no regular expression: {error}", line=call.line, column=1) from None


def _seconds(call: MagicCall) -> float:
    text = call.arguments.get("start_timeout", "10")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise MagicError(f"--start-timeout takes seconds, not {text!r}", line=call.line, column=1)
    return seconds

"""What is wrong with shell code, by the shell's own `-n`: it reads everything and runs nothing."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from verso.api.messages import DiagnoseReply, Diagnostic
from verso_shell.dialects import Dialect

CHECK_TIMEOUT: Final = 10.0
"""Seconds; code that takes longer to read is not checked."""

_INCOMPLETE: Final = re.compile(r"unexpected end of file|unexpected EOF|end of file unexpected|Unterminated|unmatched")
_NEAR: Final = re.compile(r"near `(.+)'\Z")
_WARNING: Final = re.compile(r"^warning: ")


async def check(dialect: Dialect, program: str, code: str) -> DiagnoseReply:
    """The faults that the shell finds. Nothing runs, and a shell that is not there finds none."""
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *dialect.check,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError:
        return DiagnoseReply()
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            _, said = await process.communicate(f"{code}\n".encode("utf-8", "replace"))
    except TimeoutError:
        return DiagnoseReply()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read_faults(dialect, said.decode("utf-8", "replace"), code, failed=process.returncode != 0)


def read_faults(dialect: Dialect, said: str, code: str, *, failed: bool) -> DiagnoseReply:
    """What a shell printed as diagnostics. Its lines count from 1; it tells no columns, so a diagnostic is of the
    whole line."""
    lines = code.split("\n")
    found = []
    for fault in dialect.fault.finditer(said):
        message = fault[2].strip()
        line = _place(min(max(int(fault[1]), 1), len(lines)), message, lines)
        end = len(lines[line - 1]) + 1
        severity = "warning" if _WARNING.match(message) or not failed else "error"
        found.append(
            Diagnostic(
                message=_WARNING.sub("", message),
                severity=severity,  # type: ignore[arg-type]
                line=line,
                end_line=line,
                end_column=end,
                source=dialect.name,
            )
        )
    if failed and not found:
        message = said.strip().splitlines()[0] if said.strip() else "the shell can't read this"
        found.append(Diagnostic(message=message, source=dialect.name))
    return DiagnoseReply(diagnostics=tuple(found), incomplete=bool(_INCOMPLETE.search(said) or _at_end(said, code)))


def _at_end(said: str, code: str) -> bool:
    """zsh complains of a newline behind the last line where others say that the end is missing."""
    found = re.search(r":(\d+): parse error near `\\n'", said)
    return found is not None and int(found[1]) > len(code.rstrip("\n").split("\n"))


def _place(line: int, message: str, lines: list[str]) -> int:
    """The line of a fault: a shell may name the one that it had read by then, below the text that it complains of."""
    near = _NEAR.search(message)
    if near is None:
        return line
    word = "" if near[1] == "\\n" else near[1]
    for place in range(line, 0, -1):
        if lines[place - 1].strip() and word in lines[place - 1]:
            return place
    return line

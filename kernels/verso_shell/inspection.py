"""Help on a word of shell code: a variable's value, or what a command is and how its manual begins."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
from typing import Final

from verso.api.messages import InspectReply
from verso.api.mime import PLAIN
from verso_shell.declarations import Variable
from verso_shell.snapshot import describe

MANUAL_LINES: Final = 40
MANUAL_TIMEOUT: Final = 5.0

_WORD: Final = re.compile(r"\$\{?[#!]?[A-Za-z_]\w*\}?|[^\s;|&()<>\"'`$={}]+", re.ASCII)
_OVERSTRIKE: Final = re.compile(r".\x08")


def word_at(code: str, position: int) -> str:
    """The word at (or right before) a position; a variable as `$name`; empty for none."""
    for found in _WORD.finditer(code):
        if found.start() <= position <= found.end():
            word = found[0]
            return f"${word.strip('${}#!')}" if word.startswith("$") else word
    return ""


def quoted(word: str) -> str:
    """The word for a shell's command line."""
    return shlex.quote(word)


def variable(found: Variable | None) -> InspectReply:
    """A variable's kind and value."""
    if found is None:
        return InspectReply()
    info = describe(found)
    attributes = [
        info.type,
        *(word for word, has in (("exported", found.exported), ("readonly", found.readonly)) if has),
    ]
    return InspectReply(found=True, data={PLAIN: f"{found.name}: {', '.join(attributes)}\n{info.preview}"})


async def command(word: str, described: str) -> InspectReply:
    """What the shell says of a command, and the first lines of its manual page where there is one."""
    if not described.strip():
        return InspectReply()
    text = described.strip()
    if "\n" not in text:  # neither a function's body nor a builtin's help
        manual = await _manual(word)
        text = f"{text}\n\n{manual}" if manual else text
    return InspectReply(found=True, data={PLAIN: text})


async def _manual(word: str) -> str:
    program = shutil.which("man")
    if program is None or word.startswith("-") or "/" in word:
        return ""
    process = await asyncio.create_subprocess_exec(
        program,
        "-P",
        "cat",
        word,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "MANWIDTH": "80", "MANPAGER": "cat", "TERM": "dumb"},
    )
    try:
        async with asyncio.timeout(MANUAL_TIMEOUT):
            said, _ = await process.communicate()
    except TimeoutError:
        return ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = _OVERSTRIKE.sub("", said.decode("utf-8", "replace")).strip().splitlines()
    return "\n".join(lines[:MANUAL_LINES]) if process.returncode == 0 else ""

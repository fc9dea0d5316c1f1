"""Answers a cell's questions at the terminal. Linux and macOS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

import click

from verso.api.messages import InputRequest

_LONGEST: Final = 1 << 16
"""Bytes of a line that is read at once; terminals hand out no more than 4,096."""


class TerminalInput:
    """Asks on stderr, or on stdout where only that is a terminal, and reads from standard input, which is a terminal.

    `undisturbed`: makes the context in which nothing else is drawn on the terminal while it asks. A question whose
    answer is not awaited any more (the cell was stopped) is given up at once.
    """

    def __init__(self) -> None:
        self.undisturbed: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext
        self._turn = asyncio.Lock()
        self._on_stderr = sys.stderr.isatty() or not sys.stdout.isatty()

    async def answer(self, request: InputRequest) -> str | None:
        """The person's answer, typed in the terminal; None at the end of input. Secrets are not shown."""
        async with self._turn:
            with self.undisturbed(), _echo(request.kind != "secret"):
                click.echo(question(request), nl=False, err=self._on_stderr)
                line = await _read_line(sys.stdin.fileno())
                if request.kind == "secret" or line is None:
                    click.echo(err=self._on_stderr)
                return line


def question(request: InputRequest) -> str:
    """A question as it stands before the cursor: caption, message and choices on lines of their own, the prompt."""
    choices = "  ".join(
        f"[{choice.key}] {choice.label}{' (default)' if place == request.default else ''}"
        for place, choice in enumerate(request.choices)
    )
    lines = [line for line in (request.caption, request.message, choices) if line]
    prompt = request.prompt or ("secret" if request.kind == "secret" else "")
    return "\n".join([*lines, prompt])


@contextlib.contextmanager
def _echo(shown: bool) -> Iterator[None]:
    """Whether the terminal shows what is typed (termios(3), ECHO)."""
    if shown:
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    hidden = [*before]
    hidden[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


async def _read_line(descriptor: int) -> str | None:
    """The next line without its newline, or None at the end of input. No thread waits: one could not be stopped."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(descriptor, arrived.set)
    try:
        await arrived.wait()
    finally:
        loop.remove_reader(descriptor)
    try:
        line = os.read(descriptor, _LONGEST)
    except OSError:  # the terminal hung up
        return None
    return line.decode(sys.stdin.encoding, "replace").removesuffix("\n") if line else None

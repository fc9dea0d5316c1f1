"""Answers a cell's questions at the terminal."""

from __future__ import annotations

import asyncio
import sys

import click

from verso.api.messages import InputRequest


async def terminal_answer(request: InputRequest) -> str | None:
    """The person's answer, typed in the terminal; None at the end of input. Secrets are not shown."""
    return await asyncio.to_thread(_ask, request)


def _ask(request: InputRequest) -> str | None:
    for line in filter(None, (request.caption, request.message)):
        click.echo(line, err=True)
    try:
        if request.kind == "secret":
            answer: str = click.prompt(
                request.prompt or "secret", prompt_suffix="", hide_input=True, default="", show_default=False, err=True
            )
            return answer
        click.echo(request.prompt, nl=False, err=True)
        line = sys.stdin.readline()
    except (click.Abort, EOFError):
        return None
    return line.rstrip("\n") if line else None

"""Commands that a plugin adds to the `verso` program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from verso.api.record import Record


class Command(Record):
    """Describes a command without importing it: `command` is `package.module:name` of a `click.Command`."""

    name: str
    summary: str
    command: str | Callable[..., Any]

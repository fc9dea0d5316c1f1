"""The terminal reporter with the renderers of the installed plugins."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

from verso.api.rendering import RenderContext
from verso.cli.terminal import TerminalReporter
from verso.engine.plugins import Plugins
from verso.rendering.views import Views


def terminal_reporter(plugins: Plugins, verbosity: int, out: TextIO) -> TerminalReporter:
    """A reporter on the terminal that `out` leads to."""
    console = Console(file=out, highlight=False)
    context = RenderContext(
        surface="terminal", width=console.width, colors=console.color_system is not None, trusted=True
    )
    views = Views(plugins.renderers, context, resolve=plugins.resolve)
    return TerminalReporter(console, views.view, verbosity)

"""The installed plugins, for commands whose standard output is data."""

from __future__ import annotations

import contextlib
import sys

from verso.engine.plugins import Plugins


def installed_plugins() -> Plugins:
    """`Plugins.load()`; what a plugin prints while it is imported goes to stderr. `PluginError`."""
    with contextlib.redirect_stdout(sys.stderr):
        return Plugins.load()

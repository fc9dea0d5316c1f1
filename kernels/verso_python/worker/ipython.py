"""A shell of IPython's that lives in the worker's namespace and shows things through the worker."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from matplotlib_inline.config import InlineBackend
from traitlets.config import Config

from .display import Display
from .kinds import Any
from .variables import Variables


class Shell(InteractiveShell):  # type: ignore[misc]
    """IPython's shell without its own terminal, history file and prompt."""

    def system(self, cmd: str) -> None:
        """`!command`: on the worker's own stdout and stderr, live and in order. `_exit_code` is set as in IPython."""
        code = subprocess.run(
            self.var_expand(cmd, depth=1),
            shell=True,
            executable=os.environ.get("SHELL"),
            stdin=subprocess.DEVNULL,
        ).returncode
        self.user_ns["_exit_code"] = code

    system_raw = system_piped = system

    def begin(self, text: str) -> None:
        """Tells extensions that a cell begins."""
        self.events.trigger("pre_execute")
        self.events.trigger("pre_run_cell", ExecutionInfo(text, False, False, False, ""))

    def end(self) -> None:
        """Tells extensions that it has run."""
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", ExecutionResult(None))

    def enable_gui(self, gui: Any = None) -> None:
        """No event loop of a toolkit runs in a worker."""

    def init_history(self) -> None:
        """History in memory alone: nothing is written to the user's home."""
        self.config.HistoryManager.enabled = False
        super().init_history()

    def init_sys_modules(self) -> None:
        """`__main__` is the worker's already."""


def make_shell(namespace: dict[str, Any], display: Display, variables: Variables) -> Any:
    """The one shell of this process. Takes a third of a second, most of it IPython's import."""
    before = dict(namespace)
    hooks = sys.displayhook, sys.excepthook
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor" if _old_colors() else "nocolor"
    shell = Shell.instance(config=config, user_module=sys.modules["__main__"], user_ns=namespace)
    sys.displayhook, sys.excepthook = hooks
    for name in ("In", "Out", "_", "__", "___"):
        if name in before:
            namespace[name] = before[name]
    for name in {"exit", "quit"} - before.keys():
        namespace.pop(name, None)  # IPython's end its own prompt; Python's end the cell
    variables.hide(set(namespace) - set(before))
    display.formatters.registered = partial(_registered, shell.display_formatter.formatters)
    pictures = InlineBackend.instance(parent=shell)  # for `%config InlineBackend.figure_format`
    pictures.shell = shell
    shell.configurables.append(pictures)
    shell.display_pub.publish = display.publish
    shell.display_pub.clear_output = display.clear_output
    return shell


def _registered(formatters: dict[str, Any], kind: type) -> list[tuple[str, Any]]:
    """What was registered for a type with `get_ipython().display_formatter.formatters[mime].for_type`."""
    found = []
    for mime, formatter in formatters.items():
        if mime != "text/plain":
            try:
                found.append((mime, formatter.lookup_by_type(kind)))
            except KeyError:
                pass
    return found


def _old_colors() -> bool:
    from IPython import version_info

    return tuple(version_info[:1]) < (9,)

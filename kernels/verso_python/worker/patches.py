"""What other modules have to know of the worker, told to them when they are imported."""

from __future__ import annotations

import builtins
import os

from .display import Display
from .execution import Execution
from .imports import ImportHooks
from .kinds import Any, Callable
from .sources import Sources
from .streams import Streams

_SIGINT = 2


def install_patches(
    hooks: ImportHooks, display: Display, sources: Sources, execution: Execution, streams: Streams
) -> None:
    """Makes `display` and its relatives known, and waits for the modules that concern the worker."""
    for name in ("display", "update_display", "clear_output"):
        setattr(builtins, name, getattr(display, name))

    def matplotlib(module: Any) -> None:
        from .figures import use_figures

        use_figures(module, execution.after_cell)

    def ipython_display(module: Any) -> None:
        """`from IPython.display import display` without a shell would only print."""
        _replace(module, display=display.display, publish_display_data=display.publish)
        _replace(module, update_display=display.update_display, clear_output=display.clear_output)

    hooks.watch("linecache", sources.fill)
    hooks.watch("IPython.core.display_functions", ipython_display)
    hooks.watch("IPython.core.display", ipython_display)
    hooks.watch("IPython.core.getipython", lambda module: _replace(module, get_ipython=execution.magics.shell))
    hooks.watch("matplotlib", matplotlib)
    hooks.watch("matplotlib_inline.backend_inline", lambda module: execution.magics.shell())
    hooks.watch("multiprocessing.spawn", lambda module: _patch_spawn(module, sources, execution.namespace))
    hooks.watch("inspect", lambda module: _patch_inspect(module, sources))
    hooks.watch("subprocess", lambda module: _flush_before(module.Popen, "_execute_child", streams))
    for name in ("system", "posix_spawn", "posix_spawnp"):
        _flush_before(os, name, streams)
    os.system = _interruptible(os.system)  # type: ignore[assignment]
    os.register_at_fork(before=streams.flush)


def _replace(module: Any, **functions: Any) -> None:
    for name, function in functions.items():
        if hasattr(module, name):
            setattr(module, name, function)


def _flush_before(owner: Any, name: str, streams: Streams) -> None:
    """A child process may print: an incomplete line of this one comes first."""
    start: Callable[..., Any] | None = getattr(owner, name, None)
    if start is None:
        return

    def flushed(*arguments: Any, **options: Any) -> Any:
        streams.flush()
        return start(*arguments, **options)

    flushed.__name__, flushed.__doc__ = name, start.__doc__
    setattr(owner, name, flushed)


def _interruptible(system: Callable[[str], int]) -> Callable[[str], int]:
    """`os.system` shuts its eyes to SIGINT while the child runs; a child that died of it means the cell as well."""

    def interruptible(command: str) -> int:
        status = system(command)
        if status in (_SIGINT, (128 + _SIGINT) << 8):
            raise KeyboardInterrupt
        return status

    interruptible.__name__, interruptible.__doc__ = "system", system.__doc__
    return interruptible


def _patch_spawn(module: Any, sources: Sources, namespace: dict[str, Any]) -> None:
    """A spawned process gets the functions, classes and imports of the cells as its main module."""
    from .children import MainScript

    prepare = module.get_preparation_data
    script = MainScript(sources, namespace)

    def get_preparation_data(name: str) -> Any:
        return {**prepare(name), "init_main_from_path": script.write()}

    module.get_preparation_data = get_preparation_data


def _patch_inspect(module: Any, sources: Sources) -> None:
    """The file of a class from a cell: a class keeps none itself, but its methods do."""
    getfile = module.getfile

    def file_of(object: Any) -> Any:
        if isinstance(object, type) and object.__module__ == "__main__":
            for member in vars(object).values():
                code = getattr(getattr(member, "__func__", member), "__code__", None)
                if code is not None and sources.get(code.co_filename) is not None:
                    return code.co_filename
            for file, text in reversed(sources.all()):
                if "class " + object.__name__ in text:
                    return file
        return getfile(object)

    module.getfile = file_of

"""What other modules have to know of the worker, told to them when they are imported."""

from __future__ import annotations

import builtins

from .display import Display
from .execution import Execution
from .imports import ImportHooks
from .kinds import Any
from .sources import Sources


def install_patches(hooks: ImportHooks, display: Display, sources: Sources, execution: Execution) -> None:
    """Makes `display` and its relatives known, and waits for the modules that concern the worker."""
    for name in ("display", "update_display", "clear_output"):
        setattr(builtins, name, getattr(display, name))

    def ipython_display(module: Any) -> None:
        """`from IPython.display import display` without a shell would only print."""
        for name, function in (
            ("display", display.display),
            ("update_display", display.update_display),
            ("clear_output", display.clear_output),
            ("publish_display_data", display.publish),
        ):
            if hasattr(module, name):
                setattr(module, name, function)

    def matplotlib(module: Any) -> None:
        from .figures import use_figures

        use_figures(module, display, execution.after_cell)

    hooks.watch("linecache", sources.fill)
    hooks.watch("IPython.core.display_functions", ipython_display)
    hooks.watch("IPython.core.display", ipython_display)
    hooks.watch("matplotlib", matplotlib)
    hooks.watch("multiprocessing.spawn", lambda module: _patch_spawn(module, sources, execution))
    hooks.watch("inspect", lambda module: _patch_inspect(module, sources))


def _patch_spawn(module: Any, sources: Sources, execution: Execution) -> None:
    """A spawned process gets the functions, classes and imports of the cells as its main module."""
    prepare = module.get_preparation_data

    def get_preparation_data(name: str) -> Any:
        from .children import main_script

        data = prepare(name)
        data["init_main_from_path"] = main_script(sources, execution.namespace)
        return data

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

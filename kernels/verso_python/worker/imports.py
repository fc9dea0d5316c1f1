"""What is done when a module is imported for the first time: patches that only those pay for who need them."""

from __future__ import annotations

import sys

from .kinds import Any, Callable


class ImportHooks:
    """A finder that finds nothing itself: the others find a watched module, and it calls back once that is loaded."""

    def __init__(self) -> None:
        self._watched: dict[str, Callable[[Any], None]] = {}

    def install(self) -> None:
        """Puts itself in front of the finders."""
        sys.meta_path.insert(0, self)

    def watch(self, name: str, callback: Callable[[Any], None]) -> None:
        """Calls `callback` with the module `name` when it was imported; at once if it is there already."""
        module = sys.modules.get(name)
        if module is not None:
            callback(module)
        else:
            self._watched[name] = callback

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that another finder has for a watched module, with a loader that calls back."""
        callback = self._watched.pop(name, None)
        if callback is None:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, callback)
                return spec
        self._watched[name] = callback
        return None


class _Loader:
    """Loads as the module's own loader does and then calls back."""

    def __init__(self, loader: Any, callback: Callable[[Any], None]) -> None:
        self._loader = loader
        self._callback = callback

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._callback(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

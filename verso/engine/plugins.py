"""Plugins: finds them by entry point, loads them one at a time, and holds what they bring.

Built on pluggy: the group is `verso`, the hooks are in `verso.api.hookspecs`. A plugin that can't be loaded is
a `PluginProblem` with its name and everything else works; two plugins that claim one name are a `PluginError`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, Generic, TypeVar

import pluggy

from verso.api import API_VERSION, hookspecs
from verso.api.celltypes import CellType
from verso.api.commands import Command
from verso.api.errors import PluginError, UnknownNameError, VersoError
from verso.api.formats import Format
from verso.api.kernel import KernelFamily, Kernelspec, ModulePath
from verso.api.layouts import Layout
from verso.api.magics import Connector, Magic
from verso.api.record import Record
from verso.api.rendering import Exporter, Renderer
from verso.api.themes import Theme
from verso.engine.entrypoints import EntryPoint, find_entry_points
from verso.engine.references import resolve

GROUP: Final = "verso"
BLOCK_VARIABLE: Final = "VERSO_BLOCK"
"""Environment variable with the names of plugins to leave out, separated by commas."""

T = TypeVar("T")


class PluginOrigin(Record):
    """Where a plugin came from. `package` and `version` are its distribution's; `module` is what was imported."""

    name: str
    module: str
    package: str = ""
    version: str = ""
    blocked: bool = False


class PluginProblem(Record):
    """Why a plugin, or one of its hooks, is left out."""

    plugin: str
    message: str


class Catalog(Generic[T]):
    """What the plugins bring of one kind, by name. Iterates over values in order of registration.

    `add` raises `PluginError` when another plugin holds one of the names.
    """

    def __init__(self, kind: str, names: Callable[[T], Iterable[str]]) -> None:
        self.kind = kind
        self._names = names
        self._values: list[T] = []
        self._by_name: dict[str, T] = {}
        self._owners: dict[str, str] = {}

    def add(self, value: T, plugin: str) -> None:
        """Registers a value under all its names for a plugin."""
        names = tuple(self._names(value))
        for name in names:
            if name in self._by_name:
                raise PluginError(
                    f"plugins {self._owners[name]!r} and {plugin!r} both bring a {self.kind} named {name!r}",
                    next_step=f"leave one out: {BLOCK_VARIABLE}={self._owners[name]} or {BLOCK_VARIABLE}={plugin}",
                )
        for name in names:
            self._by_name[name] = value
            self._owners[name] = plugin
        self._values.append(value)

    def get(self, name: str) -> T | None:
        """The value of that name or None."""
        return self._by_name.get(name)

    def __getitem__(self, name: str) -> T:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownNameError.among(self.kind, name, self._by_name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def owner(self, name: str) -> str:
        """The name of the plugin that brought it."""
        return self._owners[name]

    def primary_names(self) -> tuple[str, ...]:
        """The first name of each value, in order of registration."""
        return tuple(next(iter(self._names(value))) for value in self._values)

    def names(self) -> tuple[str, ...]:
        """All names, aliases included, sorted."""
        return tuple(sorted(self._by_name))


class Plugins:
    """All loaded plugins and what they bring.

    `Plugins.load()` finds installed ones; `Plugins(...)` with modules or objects makes a set without looking.
    """

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._origins: list[Callable[[], PluginOrigin]] = []
        self.problems: list[PluginProblem] = []
        self.kernels: Catalog[Kernelspec] = Catalog("kernel", lambda spec: (spec.name, *spec.aliases))
        self.families: Catalog[KernelFamily] = Catalog("kernel family", lambda family: (family.prefix,))
        self.module_paths: Catalog[ModulePath] = Catalog("module path", lambda path: (f"{path.kernel}: {path.folder}",))
        self.cell_types: Catalog[CellType] = Catalog("cell type", lambda kind: (kind.name,))
        self.formats: Catalog[Format] = Catalog("format", lambda form: (form.name,))
        self.renderers: Catalog[Renderer] = Catalog("renderer", lambda renderer: (renderer.name,))
        self.exporters: Catalog[Exporter] = Catalog("exporter", lambda exporter: (exporter.name,))
        self.magics: Catalog[Magic] = Catalog("magic", lambda magic: (magic.name,))
        self.connectors: Catalog[Connector] = Catalog("connector", lambda connector: (connector.name,))
        self.themes: Catalog[Theme] = Catalog("theme", lambda theme: (theme.name,))
        self.layouts: Catalog[Layout] = Catalog("layout", lambda layout: (layout.name,))
        self.commands: Catalog[Command] = Catalog("command", lambda command: (command.name,))
        self._catalogs: dict[type, Catalog[Any]] = {
            Kernelspec: self.kernels,
            KernelFamily: self.families,
            ModulePath: self.module_paths,
            CellType: self.cell_types,
            Format: self.formats,
            Renderer: self.renderers,
            Exporter: self.exporters,
            Magic: self.magics,
            Connector: self.connectors,
            Theme: self.themes,
            Layout: self.layouts,
            Command: self.commands,
        }
        self._found: dict[str, Kernelspec | None] = {}

    @classmethod
    def load(cls, *, blocked: Iterable[str] = (), extra: Mapping[str, Any] | None = None) -> Plugins:
        """Every installed plugin except the `blocked` ones (and those in `VERSO_BLOCK`), and `extra` ones:
        name → module or object with marked functions, as an embedding program hands in.

        `PluginError` when two plugins claim one name.
        """
        plugins = cls()
        left_out = {*blocked, *map(str.strip, os.environ.get(BLOCK_VARIABLE, "").split(","))}
        for entry in find_entry_points(GROUP):
            plugins._load_entry(entry, blocked=entry.name in left_out)
        for name, plugin in (extra or {}).items():
            plugins.add(name, plugin)
        return plugins

    def origins(self) -> tuple[PluginOrigin, ...]:
        """Where each plugin came from, blocked and broken ones included, in order of loading."""
        return tuple(origin() for origin in self._origins)

    def add(self, name: str, plugin: Any) -> None:
        """Registers one plugin: a module, or an object with marked functions.

        A fault of the plugin becomes a problem; `PluginError` only when a name is taken.
        """
        module = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
        self._origins.append(lambda: PluginOrigin(name=name, module=module))
        self._register(name, plugin)

    def kernelspec(self, name: str) -> Kernelspec:
        """The spec that answers to a name or alias, members of families included.

        `UnknownNameError` lists what is known.
        """
        spec = self.find_kernelspec(name)
        if spec is None:
            raise UnknownNameError.among("kernel", name, self.kernels.names())
        return spec

    def find_kernelspec(self, name: str) -> Kernelspec | None:
        """As `kernelspec`, with None for an unknown name."""
        spec = self.kernels.get(name)
        if spec is None and name not in self._found:
            self._found[name] = self._find_in_families(name)
        return spec or self._found[name]

    def catalogs(self) -> tuple[Catalog[Any], ...]:
        """Everything that plugins can bring, kind by kind."""
        return tuple(self._catalogs.values())

    def languages(self) -> dict[str, str]:
        """Every kernel name and alias → the kernel's name."""
        return {name: spec.name for spec in self.kernels for name in (spec.name, *spec.aliases)}

    def resolve(self, reference: Any, *, what: str = "") -> Any:
        """The object behind a `module:name` reference. `PluginError`."""
        return resolve(reference, what=what)

    # -- how plugins come in

    def _register(self, name: str, plugin: Any) -> None:
        wanted = getattr(plugin, "VERSO_API", API_VERSION)
        if wanted != API_VERSION:
            self._blame(name, f"it was written for version {wanted} of the plugin API and this Verso has {API_VERSION}")
            return
        try:
            self._manager.register(plugin, name)
            self._refuse_misspelt(plugin)
        except (pluggy.PluginValidationError, ValueError) as error:
            self._blame(name, str(error))
            return
        self._collect(name, plugin)

    def _load_entry(self, entry: EntryPoint, *, blocked: bool) -> None:
        # Reading a distribution's name and version costs a parse of its metadata: only when somebody asks.
        self._origins.append(lambda: _origin(entry, blocked))
        if blocked:
            return
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # a script that somebody took for a module ends the program
            self._blame(entry.name, f"{entry.value} can't be imported: {type(error).__name__}: {error}")
            return
        self._register(entry.name, plugin)

    def _refuse_misspelt(self, plugin: Any) -> None:
        """pluggy's `check_pending` for this plugin alone, so that the others stay."""
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            self._manager.unregister(plugin)
            raise

    def _collect(self, name: str, plugin: Any) -> None:
        for caller in self._manager.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is not plugin:
                    continue
                try:
                    values: Sequence[Any] = tuple(_call(implementation.function))
                except (Exception, SystemExit) as error:
                    self._blame(name, f"{caller.name} failed: {type(error).__name__}: {error}")
                    continue
                for value in values:
                    self._file(value, name, caller.name)

    def _file(self, value: Any, plugin: str, hook: str) -> None:
        catalog = self._catalogs.get(type(value))
        if catalog is None:
            self._blame(plugin, f"{hook} returned a {type(value).__name__}, which is nothing a plugin can bring")
            return
        catalog.add(value, plugin)

    def _find_in_families(self, name: str) -> Kernelspec | None:
        for family in self.families:
            if name.startswith(family.prefix):
                find = resolve(family.find, what=f"kernel family {family.prefix!r}")
                spec: Kernelspec | None = find(name.removeprefix(family.prefix))
                return spec
        return None

    def _blame(self, plugin: str, message: str) -> None:
        self.problems.append(PluginProblem(plugin=plugin, message=message))


def _call(function: Callable[..., Any]) -> Iterable[Any]:
    values: Iterable[Any] = function()
    return values


def _origin(entry: EntryPoint, blocked: bool) -> PluginOrigin:
    # Not at start-up: `importlib.metadata` parses a distribution's metadata with the `email` package.
    distribution = importlib.import_module("importlib.metadata").Distribution.at(entry.folder)
    package, version = distribution.name, distribution.version
    return PluginOrigin(name=entry.name, module=entry.value, package=package, version=version, blocked=blocked)


def describe_problem(problem: PluginProblem) -> str:
    """The sentence that a front end shows for a problem."""
    return str(VersoError(f"plugin {problem.plugin!r} is left out: {problem.message}"))

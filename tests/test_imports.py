"""The borders: who may import whom. What no test holds, somebody breaks sooner or later."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each layer may import itself and the ones named here; `verso.api` is open to all.
LAYERS = {
    "verso.api": (),
    "verso.wire": (),
    "verso.host": ("verso.wire",),
    "verso.formats": (),
    "verso.rendering": (),
    "verso.export": ("verso.formats", "verso.rendering"),
    "verso.engine": ("verso.host", "verso.formats"),
    "verso.testing": ("verso.engine", "verso.host"),
    "verso.jupyter": ("verso.engine",),
    "verso.cli": ("verso.engine", "verso.formats", "verso.rendering"),
}


def modules(folder: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] in ("kernels", "extensions"):
            parts = parts[1:]
        yield ".".join(parts).removesuffix(".__init__"), path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def ours(name: str) -> bool:
    return name == "verso" or name.startswith(("verso.", "verso_"))


def layer(name: str) -> str:
    return next((each for each in LAYERS if name == each or name.startswith(each + ".")), name)


def test_layers_of_the_engine_go_one_way():
    faults = []
    for name, path, tree in modules(ROOT / "verso"):
        home = layer(name)
        for target, line in imported(tree):
            if not ours(target) or target == "verso":
                continue
            allowed = ("verso.api", home, *LAYERS.get(home, ()))
            if layer(target) not in allowed:
                faults.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert faults == []


@pytest.mark.parametrize("folder", ["kernels", "extensions"])
def test_plugins_import_the_public_api_and_nothing_else_of_ours(folder):
    faults = []
    for name, path, tree in modules(ROOT / folder):
        package = name.partition(".")[0]
        for target, line in imported(tree):
            own = target == package or target.startswith(package + ".") or target.startswith("verso_worker")
            if ours(target) and not own and target != "verso.api" and not target.startswith("verso.api."):
                faults.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert faults == []


def test_our_own_modules_are_imported_at_the_top_and_never_for_types_only():
    faults = []
    for folder in ("verso", "kernels", "extensions"):
        for _, path, tree in modules(ROOT / folder):
            inner = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
            # A worker is a program: its `main` makes its own folder a package before it can import from it.
            inner_imports = (found for node in inner for found in imported(node) if "verso_worker" not in found[0])
            lines = {line for target, line in inner_imports if ours(target)}
            faults += [f"{path.relative_to(ROOT)}:{line} imports our own inside a function" for line in sorted(lines)]
            if any(isinstance(node, ast.Name) and node.id == "TYPE_CHECKING" for node in ast.walk(tree)):
                faults.append(f"{path.relative_to(ROOT)} uses TYPE_CHECKING")
    assert faults == []


def test_the_api_needs_only_the_standard_library():
    names = sorted(path.stem for path in (ROOT / "verso/api").glob("*.py") if path.stem != "__init__")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + "\n".join(f"import verso.api.{name}" for name in names)
    done = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_module_is_called_by_what_it_is_not():
    vague = {"helper", "helpers", "utils", "util", "common", "misc", "tools", "manager"}
    found = [
        str(path.relative_to(ROOT))
        for folder in ("verso", "kernels", "extensions")
        for path in (ROOT / folder).rglob("*.py")
        if path.stem in vague
    ]
    assert found == []


HEAVY = ("rich", "nbformat", "jedi", "jinja2", "duckdb", "sqlglot", "markdown_it", "pygments", "pandas", "numpy", "xml")


def test_a_small_run_imports_nothing_that_it_does_not_need():
    code = (
        "import sys\nfrom verso.cli import main, run\nfrom verso.engine.plugins import Plugins\n"
        "assert not Plugins.load().problems, Plugins.load().problems\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""The package costs little to import, and needs nothing of Verso in the user's own interpreter."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import verso_graph


def loaded_after(code: str, *options: str) -> set[str]:
    """The modules loaded in a fresh interpreter after `code`."""
    done = subprocess.run(
        [sys.executable, *options, "-c", f"{code}\nimport sys, json; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_plugin_loads_nothing_else_of_the_package() -> None:
    ours = {name for name in loaded_after("import verso_graph.plugin") if name.startswith("verso_graph")}
    assert ours == {"verso_graph", "verso_graph.plugin"}


def test_the_model_needs_no_heavy_library() -> None:
    loaded = loaded_after("from verso_graph import Graph; Graph().add_edge('a', 'b'); Graph().topological_order()")
    assert loaded.isdisjoint({"networkx", "graphviz", "asyncio", "numpy", "verso.engine"})


def test_the_folder_alone_is_enough(tmp_path: Path) -> None:
    shutil.copytree(Path(verso_graph.__file__).parent, tmp_path / "verso_graph")
    loaded = loaded_after(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from verso_graph import Graph, RenderError, CycleError\n"
        "graph = Graph(); graph.add_edge('a', 'b'); graph.to_dot(); graph.topological_order()\n"
        "assert isinstance(CycleError(graph.vertices), ValueError)\n"
        "assert str(RenderError('no', next_step='do')) == 'no\\n  do'",
        "-I",
        "-S",
    )
    assert "verso_graph.graph" in loaded
    assert not any(name.split(".")[0] == "verso" for name in loaded)


def test_all_public_names_are_there() -> None:
    assert {name for name in dir(verso_graph) if name in verso_graph.__all__} == set(verso_graph.__all__)
    assert all(getattr(verso_graph, name) for name in verso_graph.__all__)

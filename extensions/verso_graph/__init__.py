"""Graphs for notebooks: a small model, DOT text, and pictures drawn without anything but `pip install`.

    from verso_graph import Graph

    graph = Graph()
    graph.add_edge("flour", "dough")
    graph.add_edge("water", "dough")
    graph                      # the last expression of a cell: the picture

Names are loaded when first used: this package is imported whenever `verso` starts (its plugin module lives
in it), and inside the Python process of a notebook.
"""

from importlib import import_module

_HOMES = {
    "CycleError": "verso_graph.errors",
    "DrawingProgramMissingError": "verso_graph.errors",
    "GraphError": "verso_graph.errors",
    "RenderError": "verso_graph.errors",
    "Vertex": "verso_graph.elements",
    "Edge": "verso_graph.elements",
    "Graph": "verso_graph.graph",
    "Program": "verso_graph.drawing",
    "draw": "verso_graph.drawing",
    "record_label": "verso_graph.dot",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]

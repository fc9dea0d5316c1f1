"""Two graphs of one expression: one to look at, and one to walk."""

from __future__ import annotations

from value import Value
from verso_graph import Graph, record_label

GIVEN, MADE, RESULT, OPERATION = "#e0f2fe", "#ffffff", "#fef3c7", "#ede9fe"
INK, LINE, FONT = "#0f172a", "#64748b", "Helvetica"


def expression_graph(result: Value, *, rankdir: str = "LR") -> Graph:
    """The picture: a record for each value, an ellipse for each operation, arrows the way numbers flow.

    Blue values were given, white ones were made on the way, the yellow one is the result. It is a snapshot:
    make it again to see new numbers.
    """
    graph = Graph(unique_labels=False, rankdir=rankdir, nodesep=0.2, ranksep=0.35)  # two `+` are two operations
    vertices = {}
    for value in values_of(result):
        vertices[value] = graph.add_vertex(value, **_look_of_value(value, result, across=rankdir == "LR"))
    for value, vertex in vertices.items():
        if value.operation:
            operation = graph.add_vertex(value.operation, **_look_of_operation())
            graph.add_edge(operation, vertex, color=LINE, arrowsize=0.7)
            for operand in value.operands:
                graph.add_edge(vertices[operand], operation, color=LINE, arrowsize=0.7)
    return graph


def value_graph(result: Value) -> Graph:
    """The order: a vertex for each value, an edge from each operand to what was made of it."""
    graph = Graph(unique_labels=False)
    vertices = {value: graph.add_vertex(value, label=value.label or value.operation) for value in values_of(result)}
    for value, vertex in vertices.items():
        for operand in value.operands:
            graph.add_edge(vertices[operand], vertex)
    return graph


def backpropagate(result: Value) -> None:
    """Adds to `grad` of every value in the expression how fast `result` rises with it.

    The gradient of the result is 1. Each value passes its own on to its operands, times the slope towards each;
    a reverse topological order makes sure that a value is visited when all that was made of it has been.
    """
    flow = {result: 1.0}
    for vertex in value_graph(result).topological_order(reverse=True):
        value = vertex.object
        value.grad += flow[value]
        for operand, slope in zip(value.operands, value.slopes):
            flow[operand] = flow.get(operand, 0.0) + slope * flow[value]


def clear_gradients(result: Value) -> None:
    """Sets every gradient in the expression back to 0: the next backpropagation starts afresh."""
    for value in values_of(result):
        value.grad = 0.0


def values_of(result: Value) -> list[Value]:
    """Every value that went into the result, once, the result first. No recursion: expressions get deep."""
    found = {result: None}
    pending = [result]
    while pending:
        for operand in pending.pop().operands:
            if operand not in found:
                found[operand] = None
                pending.append(operand)
    return list(found)


def _look_of_value(value: Value, result: Value, *, across: bool) -> dict[str, object]:
    fill = RESULT if value is result else MADE if value.operation else GIVEN
    fields = record_label(value.label, f"data {value.data:.4f}", f"grad {value.grad:.4f}")
    return {
        "label": f"{{{fields}}}" if across else fields,  # each pair of braces turns a record by 90 degrees
        "tooltip": f"{value.label or value.operation}: data {value.data!r}, grad {value.grad!r}",
        "shape": "record",
        "style": "rounded,filled",
        "fillcolor": fill,
        "color": LINE,
        "fontname": FONT,
        "fontsize": 11,
        "fontcolor": INK,
        "height": 0.3,
    }


def _look_of_operation() -> dict[str, object]:
    return {
        "shape": "ellipse",
        "style": "filled",
        "fillcolor": OPERATION,
        "color": LINE,
        "fontname": FONT,
        "fontsize": 12,
        "fontcolor": INK,
        "width": 0.5,
        "height": 0.35,
    }

"""What can go wrong with a graph or its picture. All are a `VersoError` where Verso is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["CycleError", "DrawingProgramMissingError", "GraphError", "RenderError", "VersoError"]

try:
    from verso.api.errors import RenderError, VersoError
except ModuleNotFoundError:  # this package alone, in the user's own interpreter: the same shape, without the tree

    class VersoError(Exception):  # type: ignore[no-redef]
        """See `verso.api.errors.VersoError`."""

        def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
            self.what, self.where, self.next_step = what, where, next_step
            super().__init__(what)

        def __str__(self) -> str:
            head = f"{self.where}: {self.what}" if self.where else self.what
            return f"{head}\n  {self.next_step}" if self.next_step else head

    class RenderError(VersoError):  # type: ignore[no-redef]
        """See `verso.api.errors.RenderError`."""


class GraphError(VersoError, ValueError):
    """The graph can't do that: a vertex of another graph, an unknown vertex, a negative weight on a path."""


class CycleError(GraphError):
    """The graph has a cycle where none may be.

    `cycle`: the vertices of one cycle in the order of its edges, the first not repeated at the end.
    """

    def __init__(self, cycle: Sequence[Any]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(
            f"a topological order needs a directed acyclic graph, and this one has a cycle: {_walk(self.cycle)}",
            next_step="remove one of these edges; strong_components() lists everything that is caught in cycles",
        )


class DrawingProgramMissingError(RenderError):
    """Neither `dot` nor the program from the `graphviz-pure` package is there to draw with."""


def _walk(cycle: tuple[Any, ...], shown: int = 8) -> str:
    """`A → B → A`; a long cycle is shortened in the middle."""
    labels = [str(vertex.label) or f"#{vertex.index}" for vertex in (*cycle, cycle[0])]
    if len(labels) > shown + 1:
        labels[shown - 1 : -1] = [f"… {len(labels) - shown} more …"]
    return " → ".join(labels)

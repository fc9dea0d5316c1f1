"""matplotlib's figures: shown where the cell says `plt.show()`, and at its end."""

from __future__ import annotations

import os
import sys

from .kinds import Any, Callable

BACKEND = "module://verso_worker.matplotlib_backend"


def use_figures(matplotlib: Any, after_cell: list[Callable[[], object]]) -> None:
    """Makes the worker's backend the one that matplotlib, just imported, will use, unless `MPLBACKEND` names another.

    It is set in this process only: programs that the user's code starts choose for themselves.
    """
    after_cell.append(show_open_figures)
    if not os.environ.get("MPLBACKEND"):
        matplotlib.rcParams["backend"] = BACKEND
        matplotlib.interactive(True)


def show_open_figures() -> None:
    """What a cell leaves open is shown and closed, in interactive mode (`plt.ioff()` ends that)."""
    backend = sys.modules.get("verso_worker.matplotlib_backend")
    if backend is not None and sys.modules["matplotlib"].is_interactive():
        backend.show_all(unless_shown=True)


def picture(figure: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A figure as PNG, cut to what is drawn, and its metadata. An empty figure is nothing to see."""
    if not figure.axes and not figure.lines and not getattr(figure, "subfigs", None):
        return {}, {}
    import io

    target = io.BytesIO()
    if figure.canvas is None or not hasattr(figure.canvas, "print_png"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        FigureCanvasAgg(figure)
    figure.canvas.print_figure(
        target,
        format="png",
        bbox_inches="tight",
        dpi=figure.dpi,
        facecolor=figure.get_facecolor(),
        edgecolor=figure.get_edgecolor(),
    )
    return {"image/png": target.getvalue()}, {}


def mark_shown(figure: Any) -> None:
    """The reader sees the figure as it is now."""
    if figure.canvas is not None:
        figure.canvas.shown_in_cell = True
        figure.stale = False  # cutting to what is drawn moved things and back

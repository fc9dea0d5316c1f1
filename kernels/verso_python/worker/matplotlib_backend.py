"""The worker's matplotlib backend: figures become `display_data`. Loaded by matplotlib, by name."""

from __future__ import annotations

import builtins

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .kinds import Any


class FigureManager(FigureManagerBase):
    """A figure that pyplot knows."""

    def show(self) -> None:
        """`figure.show()`: displays it; it stays open."""
        builtins.display(self.canvas.figure)  # type: ignore[attr-defined]


class FigureCanvas(FigureCanvasAgg):
    """Draws to memory. `shown_in_cell`: the figure was displayed as it is now, or was before it was changed."""

    manager_class = FigureManager
    shown_in_cell = False


def new_figure_manager(num: Any, *args: Any, FigureClass: Any = Figure, **kwargs: Any) -> FigureManager:
    """As matplotlib asks of a backend."""
    return new_figure_manager_given_figure(num, FigureClass(*args, **kwargs))


def new_figure_manager_given_figure(num: Any, figure: Any) -> FigureManager:
    """As matplotlib asks of a backend."""
    return FigureManager(FigureCanvas(figure), num)


def show(*_: Any, **__: Any) -> None:
    """`plt.show()`: displays all open figures and closes them."""
    show_all(unless_shown=False)


def show_all(*, unless_shown: bool) -> None:
    """Displays and closes the figures of this backend. `unless_shown`: leaves out what a reader sees already."""
    for manager in Gcf.get_all_fig_managers():
        canvas = manager.canvas
        if not isinstance(canvas, FigureCanvas):
            continue
        try:
            if not (unless_shown and canvas.shown_in_cell and not canvas.figure.stale) and _drawn(canvas.figure):
                builtins.display(canvas.figure)  # type: ignore[attr-defined]
        finally:
            Gcf.destroy(manager)


def _drawn(figure: Any) -> bool:
    return bool(figure.axes or figure.lines or getattr(figure, "subfigs", None))

"""DOT text → picture, by Graphviz or by a port of it that `pip` installs.

Two programs can draw. `dot` of Graphviz, run through the `graphviz` package, wherever it is on PATH. Otherwise
`graphviz-pure`, Graphviz 16 translated to Rust, which comes as one program inside a wheel (extra `graph`): same
language, layouts and attributes. What it can't do it refuses or warns of, and both are a `RenderError` here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final

from verso_graph.errors import DrawingProgramMissingError, RenderError
from verso_graph.syntax import after_first_graph

ENGINES: Final = ("dot", "neato", "fdp", "sfdp", "twopi", "circo")
FORMATS: Final = ("svg", "png", "jpg", "dot_json")
_LONGEST: Final = 120.0
_ESTIMATED_WIDTH: Final = b"Warning: no value for width of"
"""graphviz-pure measures ASCII by tables and other characters by their number of bytes in UTF-8, which is close
for most scripts: a label may get a little more or less room, nothing is left out."""
_HOW_TO_GET: Final = (
    "pip install 'verso-notebook[graph]' (brings graphviz-pure), or install Graphviz so that `dot` is on PATH"
)


class Program(StrEnum):
    """A program that draws DOT."""

    GRAPHVIZ = "dot"
    PURE = "graphviz-pure"


def draw(
    dot: str,
    *,
    engine: str = "dot",
    format: str = "svg",
    program: Program | None = None,
    timeout: float = _LONGEST,
) -> bytes:
    """The picture of a DOT text: SVG as UTF-8, PNG, JPEG, or `dot_json` (the graph's parts, Graphviz's own format).

    `engine`: the layout, one of `ENGINES`. `program`: who draws; by default Graphviz where it is, else
    graphviz-pure. `timeout` in seconds. Blocks until drawn.
    `RenderError`: DOT that is wrong, empty or of several graphs, an unknown engine or format, too slow, or a
    warning from graphviz-pure (its picture would lack something). `DrawingProgramMissingError`: nobody to draw.
    """
    _check(engine, ENGINES, "layout engine")
    _check(format, FORMATS, "picture format")
    if not dot.strip():
        raise RenderError("the DOT text is empty", next_step="a smallest graph is: digraph { a -> b }")
    if rest := after_first_graph(dot):
        raise RenderError(
            f"syntax error: a picture is of one graph, and after its closing brace comes {rest[:40]!r}",
            next_step="draw each graph on its own",
        )
    chosen = program or drawing_program()
    if chosen is None:
        raise DrawingProgramMissingError("there is no program to draw graphs with", next_step=_HOW_TO_GET)
    runs = _by_graphviz if chosen is Program.GRAPHVIZ else _by_pure
    try:
        picture = runs(dot.encode(errors="replace"), engine, format, timeout)
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"{chosen} did not finish the drawing within {timeout:g} s",
            next_step="draw a part of the graph, or lay it out with engine='sfdp'",
        ) from None
    if not picture.strip():
        raise RenderError(
            f"{chosen} found no graph in the DOT text", next_step="a smallest graph is: digraph { a -> b }"
        )
    return picture


def drawing_program() -> Program | None:
    """The program that `draw` uses: Graphviz when `dot` is on PATH, else graphviz-pure, else none."""
    if shutil.which("dot"):
        return Program.GRAPHVIZ
    return Program.PURE if _pure_path() else None


def _by_graphviz(dot: bytes, engine: str, format: str, timeout: float) -> bytes:
    # Imported here: 40 ms, and a notebook that draws nothing, or with graphviz-pure, never needs it.
    from graphviz.backend import CalledProcessError, ExecutableNotFound, dot_command, execute  # noqa: PLC0415

    try:
        done = execute.run_check(
            dot_command.command(engine, format), input=dot, capture_output=True, quiet=True, timeout=timeout
        )
    except ExecutableNotFound:
        raise DrawingProgramMissingError("`dot` is not on PATH", next_step=_HOW_TO_GET) from None
    except CalledProcessError as failed:
        raise _refused(Program.GRAPHVIZ, failed.stderr) from None
    if done.stderr:
        sys.stderr.write(done.stderr.decode(errors="replace"))
    return bytes(done.stdout)


def _by_pure(dot: bytes, engine: str, format: str, timeout: float) -> bytes:
    path = _pure_path()
    if path is None:
        raise DrawingProgramMissingError("graphviz-pure is not installed", next_step=_HOW_TO_GET)
    done = subprocess.run([path, f"-K{engine}", f"-T{format}"], input=dot, capture_output=True, timeout=timeout)
    complaints = [line for line in done.stderr.splitlines() if line.strip() and _ESTIMATED_WIDTH not in line]
    if done.returncode or complaints:
        raise _refused(Program.PURE, b"\n".join(complaints))
    return done.stdout


def _refused(program: Program, complaint: bytes) -> RenderError:
    said = complaint.decode(errors="replace").strip() or "no reason given"
    return RenderError(f"{program} can't draw this graph as asked: {said}", next_step="mend the DOT text")


def _pure_path() -> str | None:
    """Beside the running interpreter (where a virtual environment keeps programs), else on PATH."""
    beside = str(Path(sys.executable).parent) if sys.executable else os.defpath
    return shutil.which(Program.PURE, path=beside) or shutil.which(Program.PURE)


def _check(given: str, known: tuple[str, ...], what: str) -> None:
    if given not in known:
        raise RenderError(f"there is no {what} {given!r}", next_step=f"known: {', '.join(known)}")

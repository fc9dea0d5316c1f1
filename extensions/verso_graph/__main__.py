"""`python -m verso_graph render`: DOT from standard input or a file to a picture, for programs in other languages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from verso_graph.drawing import ENGINES, Program, draw
from verso_graph.errors import DrawingProgramMissingError, RenderError

FAILED = 1
NO_PROGRAM = 3
UNREADABLE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws and returns the exit code: 0 drawn; 1 the DOT can't be drawn; 2 wrong usage; 3 no program to draw
    with; 4 a file can't be read or written. What is wrong is on standard error."""
    given = _parser().parse_args(arguments)
    try:
        dot = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
        picture = draw(
            dot.decode("utf-8-sig", errors="replace"), engine=given.engine, format=given.format, program=given.program
        )
        if given.output == "-":
            sys.stdout.buffer.write(picture)
            sys.stdout.buffer.flush()
        else:
            Path(given.output).write_bytes(picture)
    except DrawingProgramMissingError as missing:
        return _complain(missing, NO_PROGRAM)
    except RenderError as wrong:
        return _complain(wrong, FAILED)
    except OSError as unreadable:
        return _complain(unreadable, UNREADABLE)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verso_graph", description="Draws graphs written in DOT.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    render = commands.add_parser("render", help="DOT to SVG, PNG or JPEG", description="Draws a DOT text.")
    render.add_argument("file", nargs="?", default="-", help="the DOT file; standard input by default")
    render.add_argument("--engine", type=str.lower, choices=ENGINES, default="dot", help="the layout (default: dot)")
    render.add_argument(
        "--as", dest="format", type=str.lower, choices=("svg", "png", "jpg"), default="svg", help="default: svg"
    )
    render.add_argument(
        "--program", type=Program, choices=tuple(Program), help="who draws (default: dot, else graphviz-pure)"
    )
    render.add_argument("-o", "--output", default="-", help="where to write; standard output by default")
    return parser


def _complain(problem: Exception, code: int) -> int:
    print(problem, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())

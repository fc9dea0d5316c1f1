"""Runs all benchmarks, or those named: `python -m benchmarks headless sql`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

AVAILABLE = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "__main__", "measure")
)


def main() -> None:
    """Runs them one after the other."""
    for name in sys.argv[1:] or AVAILABLE:
        if name not in AVAILABLE:
            sys.exit(f"there is no benchmark {name!r}; known: {', '.join(AVAILABLE)}")
        importlib.import_module(f"benchmarks.{name}").main()


main()

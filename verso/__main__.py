"""Where the program begins, as `verso` and as `python -m verso`."""

from __future__ import annotations

import gc
import importlib
import sys


def main() -> None:
    """Loads the command line and runs it. Ctrl-C ends the program quietly in the time that loading takes, too."""
    gc.disable()  # what loading makes stays; looking for garbage among it would take a tenth of the time
    try:
        importlib.import_module("verso.cli.main").main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

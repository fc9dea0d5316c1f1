"""A command line of your own around a notebook: `python samples/embedding/command.py eu us`."""

import sys
from pathlib import Path

import verso

NOTEBOOK = Path(__file__).with_name("report.verso")


def main(regions: list[str]) -> int:
    """Prints the total of each region; the exit code is how many runs failed."""
    failed = 0
    for region in regions:
        run = verso.run(NOTEBOOK, {"region": region})
        failed += not run.ok
        print(f"{region}: {run.variables['total'] if run.ok else 'failed'}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["eu"]))

"""Verifies the PowerShell kernel on a real PowerShell: `VERSO_PWSH=/path/to/pwsh python -m tests.powershell.verify`.

One line for each contract, transcript, cmdlet and number: `PASS` or `FAIL` with what differs; a transcript that is
known to look otherwise in a notebook passes and says why. The exit code is 0 when all passed, 1 when something
differs, 2 when there is no PowerShell. Words after the command narrow it down as pytest's `-k` does.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from verso_powershell import find

HERE = Path(__file__).parent

NO_POWERSHELL = 2


class Lines:
    """A pytest plugin that prints a line for each test and counts."""

    def __init__(self) -> None:
        self.counts = {"PASS": 0, "FAIL": 0, "SKIP": 0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test's phase ended: its call tells, and the others only when they fail or skip."""
        if report.when != "call" and report.passed:
            return
        word = "PASS" if report.passed else "SKIP" if report.skipped else "FAIL"
        self.counts[word] += 1
        words = [report.longrepr[2]] if isinstance(report.longrepr, tuple) else []
        words += [f"{name}: {value}" for name, value in report.user_properties]
        print(f"{word}  {title(report.nodeid)}", *(f" ({each})" for each in words), flush=True)
        if word == "FAIL":
            print("\n".join(f"      {line}" for line in report.longreprtext.splitlines()[-40:]), flush=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module could not be read."""
        if report.failed:
            self.counts["FAIL"] += 1
            print(f"FAIL  {report.nodeid}\n{report.longreprtext}", flush=True)


def title(node: str) -> str:
    """`test_transcripts.py::test_a_transcript[errors-throw]` → `transcripts: a transcript, errors-throw`."""
    place, _, case = node.partition("[")  # a case may hold anything, `::` too
    module, _, name = place.partition("::")
    test = name.rpartition("::")[2]
    words = test.removeprefix("test_").replace("_", " ")
    topic = Path(module).stem.removeprefix("test_").replace("_", " ")
    return f"{topic}: {words}{', ' + case.removesuffix(']') if case else ''}"


def main(words: list[str]) -> int:
    """Runs all tests that need a real PowerShell; the exit code."""
    search = find.find()
    if not search.program:
        print(f"{find.missing(search)}\n{find.how_to_get()}", file=sys.stderr)
        return NO_POWERSHELL
    print(f"PowerShell: {search.program}", flush=True)
    lines = Lines()
    narrowed = ["-k", " ".join(words)] if words else []
    quiet = ["-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider", "--capture=sys", "-m", "powershell"]
    code = pytest.main([*quiet, *narrowed, str(HERE)], plugins=[lines])
    counts = lines.counts
    print(f"{counts['PASS']} passed, {counts['FAIL']} failed, {counts['SKIP']} skipped", flush=True)
    return 0 if code == pytest.ExitCode.OK and counts["PASS"] and not counts["FAIL"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

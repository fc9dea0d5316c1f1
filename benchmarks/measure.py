"""Times commands and functions, and prints comparisons."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """One run of a command: wall seconds, and the peak of the resident memory of its whole process tree in MiB."""

    seconds: float
    peak: float


@dataclass(frozen=True)
class Row:
    """One line of the table. `ours` and `theirs` in `unit`; `wanted`: what we aim for, as text."""

    what: str
    ours: float
    theirs: float | None
    unit: str
    peer: str
    wanted: str


def run_command(command: Sequence[str | Path], *, environ: dict[str, str] | None = None) -> Sample:
    """Runs a command to its end, output thrown away. `CalledProcessError` when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environ or {})},
    )
    watch = _Memory(process.pid)
    with watch:
        code = process.wait()
    elapsed = time.perf_counter() - began
    if code:
        raise subprocess.CalledProcessError(code, command)
    return Sample(elapsed, watch.peak)


def in_turn(runs: int, *commands: Callable[[], Sample]) -> list[Sample]:
    """The median of each command's runs; they run in turn (A B A B …), after one run each that is not counted, so
    that a machine whose speed drifts treats them alike. Peaks are medians as well."""
    samples: list[list[Sample]] = [[] for _ in commands]
    for number in range(runs + 1):
        for place, command in enumerate(commands):
            sample = command()
            if number:
                samples[place].append(sample)
    return [
        Sample(statistics.median(s.seconds for s in each), statistics.median(s.peak for s in each)) for each in samples
    ]


def median(runs: int, function: Callable[[], float]) -> float:
    """The median of what a function returns, after one call that is not counted."""
    function()
    return statistics.median(function() for _ in range(runs))


def print_rows(title: str, rows: Iterable[Row]) -> None:
    """Prints a table with the ratio peer ÷ ours (how many times faster or smaller we are)."""
    print(f"\n## {title}")
    print(f"| {'what':<42} | {'Verso':>12} | {'peer':>12} | {'ratio':>7} | {'peer is':<22} | wanted |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        theirs = "–" if row.theirs is None else f"{row.theirs:.4g} {row.unit}"
        ratio = "–" if row.theirs is None else f"{row.theirs / row.ours:.2f}×"
        ours = f"{row.ours:.4g} {row.unit}"
        print(f"| {row.what:<42} | {ours:>12} | {theirs:>12} | {ratio:>7} | {row.peer:<22} | {row.wanted} |")


class _Memory:
    """Samples the resident memory of a process and its descendants every few milliseconds (Linux)."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.01):
            self.peak = max(self.peak, sum(map(_resident, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _resident(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20
    return 0.0

"""Why a kernel's process ended, in words."""

from __future__ import annotations

import signal
from typing import Final

from verso.api.errors import KernelDiedError, KernelStartError
from verso_jupyter.kernelspecs import PREFIX

RUN_AGAIN: Final = "Restart the kernel and run the cells again whose variables are needed: they are gone."
_LINES: Final = 20
_HINTS: Final = {
    "SIGKILL": "Often the system does this when memory runs out: work on less data at a time. ",
    "SIGSEGV": "Native code read or wrote where it must not: often a package built for another version. ",
    "SIGABRT": "The program aborted itself: often a failed check in native code. ",
}


def cause(code: int | None) -> tuple[str, str]:
    """The cause and what is often behind it, for an exit code as `Popen.returncode` has it; None: not known."""
    if code is None:
        return "it does not answer any more", ""
    if code < 0:
        name = signal.Signals(-code).name if -code in {each.value for each in signal.Signals} else f"signal {-code}"
        return f"it was ended by {name}", _HINTS.get(name, "")
    return f"it ended with exit code {code}", "The code of a cell may have ended its own process. "


def died(kernel: str, code: int | None, last_words: str) -> KernelDiedError:
    """The error for a kernel that ended by itself."""
    what, hint = cause(code)
    return KernelDiedError(f"the kernel {kernel} died: {what}{quoted(last_words)}", next_step=f"{hint}{RUN_AGAIN}")


def not_started(kernel: str, why: str, last_words: str) -> KernelStartError:
    """The error for a kernel that did not begin."""
    return KernelStartError(
        f"the kernel {kernel} did not start: {why}{quoted(last_words)}",
        next_step=f"Try it by hand: jupyter console --kernel {kernel.removeprefix(PREFIX)}",
    )


def quoted(last_words: str) -> str:
    """The last lines that a process wrote to stderr, indented below a heading; empty for nothing."""
    lines = last_words.strip().splitlines()[-_LINES:]
    return "\n  its last words:" + "".join(f"\n    {line}" for line in lines) if lines else ""

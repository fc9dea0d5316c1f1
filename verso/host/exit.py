"""Why a worker ended, in words for the person at the notebook."""

from __future__ import annotations

import signal
from typing import Final

from verso.api.errors import KernelDiedError
from verso.api.record import Record

LAST_WORDS: Final = 2_000
"""How many characters of a dead worker's last output an error shows."""


class ExitCause(Record):
    """How a process ended. `code`: its exit code, None when a signal ended it. `signal`: the signal's name, or empty;
    also for a code of 128 + N, by which a shell or a runtime says the same. `what`: the cause in words. `hint`: what is
    often behind it, or empty."""

    code: int | None
    signal: str
    what: str
    hint: str


def exit_cause(returncode: int) -> ExitCause:
    """The cause for a return code as `subprocess.Popen.returncode` has it: -N when signal N ended the process."""
    if returncode < 0:
        name = _signal_name(-returncode) or f"signal {-returncode}"
        return ExitCause(code=None, signal=name, what=f"it was ended by {name}", hint=_HINTS.get(name, ""))
    name = _signal_name(returncode - 128) if returncode > 128 else ""
    if name:
        what = f"it ended with exit code {returncode}, which stands for {name}"
        return ExitCause(code=returncode, signal=name, what=what, hint=_HINTS.get(name, ""))
    hint = "The code of a cell may have ended its own process."
    return ExitCause(code=returncode, signal="", what=f"it ended with exit code {returncode}", hint=hint)


def kernel_died(language: str, cause: str, *, hint: str = "", last_words: str = "") -> KernelDiedError:
    """The error for a worker that ended by itself: the cause, the end of what it wrote to stderr, and the way on."""
    said = quoted(last_words)
    next_step = "Restart the kernel and run the cells again whose variables are needed: they are gone."
    return KernelDiedError(
        f"the {language} kernel died: {cause}{said}", next_step=f"{hint} {next_step}" if hint else next_step
    )


def quoted(last_words: str) -> str:
    """The last lines of what a process wrote, indented below a heading; empty for nothing."""
    words = last_words.strip()
    if not words:
        return ""
    if len(words) > LAST_WORDS:
        words = "…" + words[-LAST_WORDS:]
    return "\n  its last words:" + "".join(f"\n    {line}" for line in words.splitlines()[-20:])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


_HINTS: Final = {
    "SIGKILL": "Often the system does this when memory runs out: work on less data at a time.",
    "SIGABRT": "The program aborted itself: often too deep a recursion, or a failed check in native code.",
    "SIGSEGV": "Native code read or wrote where it must not: often a package built for another version.",
    "SIGBUS": "Native code read what is no longer there: often a file that was cut while mapped, or a full disk.",
    "SIGILL": "Native code holds an instruction that this processor does not know: a package built for another one.",
    "SIGFPE": "Native code divided by zero.",
    "SIGTERM": "Another program asked it to end.",
    "SIGXCPU": "The limit on processor time was reached.",
    "SIGXFSZ": "The limit on the size of a file was reached.",
}

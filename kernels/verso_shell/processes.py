"""What the system tells of processes: who is in a session, and who waits for input from a terminal.

Linux has it all in /proc (proc(5)). Elsewhere `ps` lists the processes, and nothing tells who waits.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from verso.api.record import Record

PROC: Final = Path("/proc")
HAS_PROC: Final = (PROC / "self" / "stat").exists()

_READS: Final = {"x86_64": {0, 19}, "aarch64": {63, 65}}.get(platform.machine(), set())
"""read and readv (syscalls(2)): their first argument is the descriptor."""
_POLLS: Final = {"x86_64": {7, 23, 232, 270, 271, 281}, "aarch64": {22, 72, 73}}.get(platform.machine(), set())
"""poll, select, epoll_wait and their kin."""


class Reader(Record):
    """A process that waits for input. `switches`: how often it gave up the processor by itself, which tells one wait
    from the next; -1 where that can't be seen."""

    pid: int
    switches: int = -1


def session(leader: int) -> list[int]:
    """The living processes of a session."""
    if not HAS_PROC:
        return _group_from_ps(leader)
    return [pid for pid, fields in _all() if int(fields[3]) == leader and fields[0] != b"Z"]


def waiting(leader: int, terminal: str, *, by_character: bool, hidden: bool) -> Reader | None:
    """The process of the session that waits for input from the terminal, if one does.

    `by_character`: the terminal is in a mode for programs that edit lines themselves; they wait in poll or select too.
    `hidden`: the terminal hides what is typed; then a sleeping process that we may not look into (sudo) counts.
    """
    if not HAS_PROC:
        return None
    for pid in _descendants(leader):
        try:
            call = (PROC / str(pid) / "syscall").read_text().split()
        except PermissionError:
            if hidden and _state(pid) == "S":
                return Reader(pid=pid)
            continue
        except OSError:  # ended meanwhile
            continue
        if not call or not call[0].isdecimal():
            continue
        number = int(call[0])
        reads = number in _READS and _is_terminal(pid, int(call[1], 16), terminal)
        if reads or (by_character and number in _POLLS and _is_terminal(pid, 0, terminal)):
            return Reader(pid=pid, switches=_switches(pid))
    return None


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _descendants(int(child))


def _is_terminal(pid: int, descriptor: int, terminal: str) -> bool:
    try:
        return str(Path(f"/proc/{pid}/fd/{descriptor}").readlink()) in (terminal, "/dev/tty")
    except OSError:
        return False


def _state(pid: int) -> str:
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _switches(pid: int) -> int:
    try:
        for line in (PROC / str(pid) / "status").read_text(errors="replace").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
    except OSError:
        pass
    return -1


def _all() -> Iterator[tuple[int, list[bytes]]]:
    """Each process and the fields of its `stat` behind the name: state, parent, group, session …"""
    for name in os.listdir(PROC):  # noqa: PTH208 (some hundred names, ten times faster)
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    yield int(name), file.read().rpartition(b")")[2].split()
            except OSError:  # ended meanwhile
                continue


def _group_from_ps(group: int) -> list[int]:
    table = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False).stdout
    rows = (line.split() for line in table.splitlines())
    return [int(row[0]) for row in rows if len(row) > 2 and int(row[1]) == group and not row[2].startswith("Z")]

"""A worker's process: everything of the host that is particular to an operating system.

Linux and macOS. On Windows, pipes can't be waited for in this way and there are no process groups: a worker is refused
there with a clear error (not run, so not claimed).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from verso.api.errors import KernelStartError

POLL_SECONDS: Final = 0.05
"""Between two looks at a process where the system can't tell that it ended."""

PROC: Final = Path("/proc")
"""Where Linux lists its processes."""


class WorkerProcess:
    """A process in a session and group of its own, whose number is its pid, and the engine's ends of its pipes.

    `incoming`: read what it writes into the channel; `outgoing`: the other direction. `raw`: its stdout and stderr (one
    pipe when merged), by stream name. All are non-blocking.
    """

    def __init__(self, popen: subprocess.Popen[bytes], incoming: int, outgoing: int, raw: dict[str, int]) -> None:
        self.pid = popen.pid
        self.incoming = incoming
        self.outgoing = outgoing
        self.raw = raw
        self._popen = popen
        self._pidfd = -1

    def watch(self, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
        """Calls `ended` once when the process has ended. On Linux it is not reaped before `reap`, so until then its
        number can't have become another's."""
        if hasattr(os, "pidfd_open"):
            try:
                self._pidfd = os.pidfd_open(self.pid)
            except OSError:  # an old system, or one that forbids it
                pass
        if self._pidfd >= 0:
            loop.add_reader(self._pidfd, self._seen, loop, ended)
        else:
            self._poll(loop, ended)

    def _seen(self, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
        loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        ended()

    def _poll(self, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
        if self._popen.poll() is None:
            loop.call_later(POLL_SECONDS, self._poll, loop, ended)
        else:
            ended()

    def reap(self) -> int:
        """The return code of the process, which has ended: -N when signal N ended it."""
        return self._popen.wait()

    def signal_group(self, number: int) -> None:
        """Sends a signal to the process and to all that it started and that did not leave its group."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):  # nobody left; macOS says EPERM for a group of zombies
            pass

    async def kill_children(self) -> None:
        """SIGKILL to the group's other processes."""
        listed = (PROC / "self" / "stat").exists()
        pids = _group_from_proc(self.pid) if listed else await asyncio.to_thread(_group_from_ps, self.pid)
        for pid in pids:
            if pid != self.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass


def _group_from_proc(group: int) -> list[int]:
    """The members of a process group (proc(5), /proc/PID/stat: the third field after the name in parentheses)."""
    members = []
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_bytes()
            except OSError:  # ended meanwhile
                continue
            if int(stat.rpartition(b")")[2].split()[2]) == group:
                members.append(int(folder.name))
    return members


def _group_from_ps(group: int) -> list[int]:
    table = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=False).stdout
    rows = (line.split() for line in table.splitlines())
    return [int(pid) for pid, of_group in rows if int(of_group) == group]


def spawn(argv: Sequence[str], *, directory: Path | None, environ: Mapping[str, str], merge_raw: bool) -> WorkerProcess:
    """Starts a worker. `{read_fd}` and `{write_fd}` in `argv` become the numbers of its ends of the channel.

    `KernelStartError` when the program or the folder is missing, may not be run, or the system has no more room.
    """
    if sys.platform == "win32":
        raise KernelStartError("kernels with a process of their own do not run on Windows yet", next_step="Use WSL.")
    opened: list[int] = []

    def pipe() -> tuple[int, int]:
        ends = os.pipe()
        opened.extend(ends)
        return ends

    try:
        worker_reads, outgoing = pipe()
        incoming, worker_writes = pipe()
        stdout, worker_stdout = pipe()
        stderr, worker_stderr = (stdout, worker_stdout) if merge_raw else pipe()
        popen = subprocess.Popen(
            [part.replace("{read_fd}", str(worker_reads)).replace("{write_fd}", str(worker_writes)) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=worker_stdout,
            stderr=worker_stderr,
            pass_fds=(worker_reads, worker_writes),
            start_new_session=True,
            cwd=directory,
            env=environ,
        )
    except OSError as error:
        for descriptor in opened:
            os.close(descriptor)
        raise _not_started(argv[0], directory, error) from error
    for descriptor in {worker_reads, worker_writes, worker_stdout, worker_stderr}:
        os.close(descriptor)
    raw = {"stdout": stdout} if merge_raw else {"stdout": stdout, "stderr": stderr}
    for descriptor in (incoming, outgoing, *raw.values()):
        os.set_blocking(descriptor, False)
    return WorkerProcess(popen, incoming, outgoing, raw)


def _not_started(program: str, directory: Path | None, error: OSError) -> KernelStartError:
    if directory is not None and not directory.is_dir():
        return KernelStartError(
            f"the folder {directory}, in which the kernel is to run, is not there",
            next_step="Make it, or open the notebook from where it is now.",
        )
    if isinstance(error, FileNotFoundError):
        return KernelStartError(f"the program {program!r} was not found", next_step="Install it, or correct its path.")
    if isinstance(error, PermissionError):
        return KernelStartError(f"the program {program!r} may not be run", next_step="Check its permissions.")
    return KernelStartError(f"the program {program!r} could not be started: {error.strerror or error}")

"""A program on a terminal of its own: pseudo-terminals, the process, and all that it starts.

POSIX only (pty(7), termios(3)). The program leads a session whose controlling terminal is the first pseudo-terminal, as
in a terminal window; its standard error may be on a second one, so that what it prints there can be told apart and
is coloured all the same.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from verso.api.errors import KernelStartError
from verso_shell import processes

ROWS: Final = 40
COLUMNS: Final = 100
"""The size that programs are told: that of a notebook's output, not of the window that Verso runs in."""

KILL_ROUNDS: Final = 20
KILL_PAUSE: Final = 0.02
"""A program may start another while it is being killed: looked at so often, so many seconds apart."""

_LFLAG: Final = 3
_TAKE: Final = 'exec "$@" <>"$0" >&0'
"""A session's leader that opens a terminal without O_NOCTTY gets it as its controlling one (credentials(7)). A line of
sh does it, so that no Python runs between fork and exec in a program with threads."""


class Terminal:
    """A running program and our ends of its terminals. `output`, `errors`: descriptors to read (equal when merged);
    `output_name`, `errors_name`: the paths by which the program knows them. `ended` is set when the process is over,
    and `returncode` then is as in `subprocess.Popen`."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        directory: Path,
        environ: Mapping[str, str],
        separate: bool,
        columns: int = COLUMNS,
    ) -> None:
        self._slaves: list[int] = []
        self._columns = columns
        self.output, self.output_name = self._open()
        self.errors, self.errors_name = self._open() if separate else (self.output, self.output_name)
        try:
            self._process = subprocess.Popen(
                ("/bin/sh", "-c", _TAKE, self.output_name, *argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._slaves[-1],
                start_new_session=True,
                cwd=directory,
                env=environ,
            )
        except OSError as error:
            self.close()
            raise KernelStartError(
                f"{argv[0]} can't be started in {directory}: {error.strerror or error}",
                next_step="Check that the folder is there and that the program may be run.",
            ) from error
        self.pid = self._process.pid
        self.returncode: int | None = None
        self.ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._reaping = self._loop.create_task(self._reap())

    def _open(self) -> tuple[int, str]:
        master, slave = os.openpty()
        self._slaves.append(slave)  # kept open: without a holder the other side would be an end of file for ever
        os.set_blocking(master, False)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, self._columns, 0, 0))
        self._set_modes(slave, canonical=True)
        return master, os.ttyname(slave)

    async def _reap(self) -> None:
        descriptor = -1
        if hasattr(os, "pidfd_open"):
            try:
                descriptor = os.pidfd_open(self.pid)
            except OSError:  # an old system, or one that forbids it
                pass
        if descriptor < 0:
            self.returncode = await asyncio.to_thread(self._process.wait)
        else:
            readable = asyncio.Event()
            self._loop.add_reader(descriptor, readable.set)
            try:
                await readable.wait()
            finally:
                self._loop.remove_reader(descriptor)
                os.close(descriptor)
            self.returncode = self._process.wait()
        self.ended.set()

    # --- modes (termios(3)) -----------------------------------------------------------------------------------

    def reset_modes(self) -> None:
        """Forgets what a program set and left: lines as they are typed, no echo of them, signals on."""
        for slave in self._slaves:
            self._set_modes(slave, canonical=True)

    def take_characters(self) -> None:
        """Hands input over as it comes: a line may then be longer than the 4,095 bytes that the system holds."""
        self._set_modes(self._slaves[0], canonical=False)

    @staticmethod
    def _set_modes(slave: int, *, canonical: bool) -> None:
        modes = termios.tcgetattr(slave)
        modes[0] = (modes[0] | termios.ICRNL) & ~(termios.IXON | termios.IGNCR | termios.INLCR | termios.ISTRIP)
        modes[1] &= ~termios.OPOST  # a newline stays a newline
        modes[_LFLAG] &= ~(termios.ECHO | termios.ICANON)
        modes[_LFLAG] |= termios.ISIG | termios.ECHONL | (termios.ICANON if canonical else 0)
        modes[6][termios.VMIN], modes[6][termios.VTIME] = (b"\x04", modes[6][termios.VTIME]) if canonical else (1, 0)
        if canonical:  # the two share their places with end-of-file and end-of-line on some systems
            modes[6][termios.VEOF], modes[6][termios.VEOL] = b"\x04", b"\x00"
        termios.tcsetattr(slave, termios.TCSANOW, modes)

    @property
    def canonical(self) -> bool:
        """Whether the system collects lines; programs with an editor of their own read characters."""
        return bool(self._local_modes() & termios.ICANON)

    @property
    def secret(self) -> bool:
        """Whether a program reads a line and hides it. ECHO is off anyway, so that nothing comes back that was sent;
        ECHONL and ISIG are on, and what asks for passwords (sudo, ssh, `read -s`, getpass(3)) turns one of them off."""
        modes = self._local_modes()
        hidden = not modes & termios.ECHONL or not modes & termios.ISIG
        return bool(modes & termios.ICANON) and hidden

    @property
    def unread(self) -> int:
        """How many bytes of input no program took yet."""
        answer = fcntl.ioctl(self._slaves[0], termios.FIONREAD, b"\0\0\0\0")
        return int(struct.unpack("i", answer)[0])

    def forget_input(self) -> None:
        """Drops what no program took."""
        termios.tcflush(self._slaves[0], termios.TCIFLUSH)

    def _local_modes(self) -> int:
        modes: list[Any] = termios.tcgetattr(self._slaves[0])
        return int(modes[_LFLAG])

    # --- talking ----------------------------------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        """Types. Waits where the system has no room."""
        while data and not self.ended.is_set():
            try:
                data = data[os.write(self.output, data) :]
            except BlockingIOError:
                await self._room()
            except OSError:  # the program is gone; whoever waits for its answer is told so
                return

    async def _room(self) -> None:
        room = asyncio.Event()
        self._loop.add_writer(self.output, room.set)
        try:
            async with asyncio.timeout(0.1):  # the program may end meanwhile
                await room.wait()
        except TimeoutError:
            pass
        finally:
            self._loop.remove_writer(self.output)

    # --- ending -----------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """SIGINT to the program and to all that it started and that did not leave its group."""
        self._signal_group(signal.SIGINT)

    async def kill_children(self) -> None:
        """SIGKILL to all in the session but the program itself."""
        for pid in await asyncio.to_thread(processes.session, self.pid):
            if pid != self.pid:
                _kill(pid)

    async def kill(self) -> None:
        """Ends the program and all in its session, and waits until they are gone."""
        self._signal_group(signal.SIGKILL)
        for _ in range(KILL_ROUNDS):
            members = await asyncio.to_thread(processes.session, self.pid)
            for pid in members:
                _kill(pid)
            if not members and self.ended.is_set():
                break
            await asyncio.sleep(KILL_PAUSE)

    def close(self) -> None:
        """Lets go of the terminals."""
        for descriptor in {self.output, self.errors, *self._slaves}:
            try:
                os.close(descriptor)
            except OSError:
                pass
        self._slaves.clear()

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):  # nobody left; macOS says EPERM for a group of zombies
            pass


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass

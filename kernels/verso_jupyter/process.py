"""Where a kernel lives: in a process that Verso starts from a kernelspec, or in one that another program started."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from verso.api.errors import KernelStartError
from verso_jupyter.kernelspecs import availability

STOP_TIMEOUT: Final = 3.0
"""Seconds that a kernel has to shut down; after half of them it gets SIGTERM, at the end SIGKILL."""
SILENT_FOR: Final = 6.0
"""Seconds without a heartbeat after which a kernel of another program counts as dead."""
_LAST_WORDS: Final = 4_000


class KernelProcess(ABC):
    """The life of one kernel process. `begin` once, `end` at last."""

    exit_code: int | None = None
    last_words: str = ""
    program: str = ""

    @abstractmethod
    async def begin(self) -> AsyncKernelClient:
        """A client with started channels. `KernelStartError`."""

    @abstractmethod
    async def alive(self) -> bool:
        """Whether it still runs."""

    @abstractmethod
    async def interrupt(self, client: AsyncKernelClient) -> None:
        """Asks it to stop what it executes."""

    @abstractmethod
    async def kill(self) -> bool:
        """Ends it at once; whether that is ours to do."""

    @abstractmethod
    async def end(self, client: AsyncKernelClient, *, busy: bool) -> None:
        """Shuts it down with all that it started, and closes the client. `busy`: it executes."""


class StartedKernel(KernelProcess):
    """A kernel of the kernelspec `name`, run in `directory`. What it writes to its own stdout goes to `printed`."""

    def __init__(self, name: str, directory: Path, printed: Callable[[str], None]) -> None:
        self._name = name
        self._directory = directory
        self._printed = printed
        self._manager: AsyncKernelManager | None = None
        self._group: int | None = None
        self._pipes: list[_Pipe] = []

    async def begin(self) -> AsyncKernelClient:
        found = availability(self._name)
        if not found.found:
            raise KernelStartError(found.detail, next_step=found.how_to_get)
        manager = AsyncKernelManager(kernel_name=self._name, log=_quiet())
        self._pipes = [_Pipe(self._printed), _Pipe(self._remember)]
        try:
            # ipykernel behaves in another way below pytest: it does not look at what is written to its descriptors.
            environ = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
            await manager.start_kernel(
                cwd=str(self._directory),
                env=environ,
                stdout=self._pipes[0].write_end,
                stderr=self._pipes[1].write_end,
            )
        except Exception as error:
            if manager.ready.done():
                manager.ready.exception()  # it was told: asyncio need not warn that nobody looked
            for pipe in self._pipes:
                pipe.close()
            raise KernelStartError(
                f"the Jupyter kernel {self._name!r} did not start: {type(error).__name__}: {error}",
                next_step=f"Try it by hand: jupyter console --kernel {self._name}",
            ) from error
        for pipe in self._pipes:
            pipe.listen()
        self._manager = manager
        self._group = getattr(manager.provisioner, "pgid", None)
        spec = manager.kernel_spec
        self.program = str(spec.argv[0]) if spec is not None and spec.argv else self._name
        client = manager.client()
        client.start_channels(hb=False)
        return client

    async def alive(self) -> bool:
        manager = self._manager
        if manager is None or manager.provisioner is None:
            return False
        code = await manager.provisioner.poll()
        if code is None:
            return True
        self.exit_code = code
        return False

    async def interrupt(self, client: AsyncKernelClient) -> None:
        if self._manager is not None:
            with contextlib.suppress(RuntimeError, OSError):  # it ended meanwhile
                await self._manager.interrupt_kernel()

    async def kill(self) -> bool:
        if self._manager is not None and self._manager.provisioner is not None:
            await self._manager.provisioner.kill()
        return True

    async def end(self, client: AsyncKernelClient, *, busy: bool) -> None:
        manager, self._manager = self._manager, None
        if manager is None:
            return
        try:
            if await manager.is_alive():
                if busy:
                    await manager.interrupt_kernel()
                await manager.request_shutdown()
            await manager.finish_shutdown(waittime=STOP_TIMEOUT, pollinterval=0.01)
        finally:
            if self._group is not None:
                with contextlib.suppress(OSError):  # nothing is left of its process group
                    os.killpg(self._group, signal.SIGKILL)
            client.stop_channels()
            await manager.cleanup_resources()
            for pipe in self._pipes:
                pipe.close()

    def _remember(self, text: str) -> None:
        self.last_words = (self.last_words + text)[-_LAST_WORDS:]


class RunningKernel(KernelProcess):
    """A kernel that another program started, by its connection file. It is left running."""

    def __init__(self, connection_file: Path) -> None:
        self._file = connection_file
        self._client: AsyncKernelClient | None = None
        self._beat = 0.0
        self.program = str(connection_file)

    async def begin(self) -> AsyncKernelClient:
        client = AsyncKernelClient(connection_file=str(self._file))
        try:
            client.load_connection_file()
        except (OSError, ValueError) as error:
            raise KernelStartError(
                f"{self._file} can't be read as a connection file: {error}",
                next_step="the kernel that wrote it has probably ended: connect to one that runs",
            ) from error
        client.start_channels()
        self._client, self._beat = client, time.monotonic()
        return client

    async def alive(self) -> bool:
        if self._client is None:
            return False
        now = time.monotonic()
        if self._client.hb_channel.is_beating():
            self._beat = now
        return now - self._beat < SILENT_FOR

    async def interrupt(self, client: AsyncKernelClient) -> None:
        client.control_channel.send(client.session.msg("interrupt_request", {}))

    async def kill(self) -> bool:
        return False

    async def end(self, client: AsyncKernelClient, *, busy: bool) -> None:
        if self._client is not None:
            self._client = None
            await asyncio.to_thread(client.hb_channel.stop)  # joins its thread
            client.stop_channels()


class _Pipe:
    """Reads what a process writes to one of its standard streams."""

    def __init__(self, text: Callable[[str], None]) -> None:
        self._read_end, self.write_end = os.pipe()
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._loop = asyncio.get_running_loop()

    def listen(self) -> None:
        """To be called when the process has its end."""
        os.close(self.write_end)
        self.write_end = -1
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self._read)

    def close(self) -> None:
        """Reads what is there and closes. Doing it twice is harmless."""
        if self._read_end >= 0:
            if self.write_end >= 0:
                os.close(self.write_end)
            else:
                self._read()
        if self._read_end >= 0:
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
            self._read_end = -1

    def _read(self) -> None:
        try:
            data = os.read(self._read_end, 65_536)
        except BlockingIOError:
            return
        if data:
            self._text(self._decoder.decode(data))
            return
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        self._read_end = -1


def _quiet() -> Any:
    """A logger that says nothing: what goes wrong is an error of ours, told once."""
    logger = logging.Logger("verso.jupyter", level=logging.CRITICAL + 1)
    logger.addHandler(logging.NullHandler())
    return logger

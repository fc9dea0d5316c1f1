"""A started kernel, and a real PostgreSQL for the session where its programs are on the machine."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from verso_sql.connection_strings import read_target
from verso_sql.kernel import SqlKernel

from verso.api.kernel import Kernel
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.outputs import Error
from verso.api.values import TypedValue, decode
from verso.testing.context import TestKernelContext
from verso.testing.sinks import RecordingSink


class Cells:
    """Runs cells in a kernel and reads what became of them."""

    def __init__(self, kernel: SqlKernel) -> None:
        self.kernel = kernel

    async def run(self, code: str) -> tuple[ExecuteReply, RecordingSink]:
        sink = RecordingSink()
        return await self.kernel.execute(ExecuteRequest(code=code, language="sql"), sink), sink

    async def ok(self, code: str) -> RecordingSink:
        reply, sink = await self.run(code)
        assert reply.status == "ok", sink.shown
        return sink

    async def error(self, code: str) -> Error:
        reply, sink = await self.run(code)
        assert reply.status == "error", sink.shown
        return sink.errors[-1]

    async def rows(self, code: str) -> list[list[Any]]:
        """The rows of a cell's last result as Python values."""
        await self.ok(code)
        return python_rows(await self.kernel.get_variable("lastSqlResult"))

    async def value(self, code: str) -> Any:
        """The one value of a cell's result."""
        ((found,),) = await self.rows(code)
        return found

    async def connect(self, name: str, text: str, *, default: bool = True, provider: str = "") -> None:
        target = read_target(text, provider)
        await self.kernel.in_worker(self.kernel.connections.open, name, target)
        if default:
            self.kernel.connections.default = name


def python_rows(value: TypedValue) -> list[list[Any]]:
    return [[decode(cell) for cell in row] for row in value["v"]["rows"]]


@pytest.fixture
def context(tmp_path: Path) -> TestKernelContext:
    for name in ("work", "exchange"):
        (tmp_path / name).mkdir()
    return TestKernelContext(directory=tmp_path / "work", exchange=tmp_path / "exchange")


@pytest_asyncio.fixture
async def kernel(context: TestKernelContext) -> AsyncIterator[Kernel]:
    async with SqlKernel(context) as kernel:
        yield kernel


@pytest.fixture
def cells(kernel: SqlKernel) -> Cells:
    return Cells(kernel)


@pytest_asyncio.fixture
async def sqlite(cells: Cells) -> Cells:
    """Cells that run on a SQLite file in the notebook's folder."""
    await cells.connect("lite", "sqlite:///lite.db")
    return cells


@pytest_asyncio.fixture
async def postgres(cells: Cells, postgres_url: str) -> AsyncIterator[Cells]:
    """Cells that run on PostgreSQL, in a schema of their own."""
    await cells.connect("pg", postgres_url)
    await cells.ok("drop schema if exists public cascade; create schema public")
    yield cells


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL started for this session: VERSO_TEST_POSTGRES, else programs found on the machine."""
    given = os.environ.get("VERSO_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (no initdb on PATH or in /usr/lib/postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="verso-pg-", dir="/tmp"))
    try:
        with _server(programs, folder):
            yield f"postgresql://verso@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: found.parent.name)
    candidates = [*([Path(on_path).resolve().parent] if on_path else []), *reversed(folders)]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextlib.contextmanager
def _server(programs: Path, folder: Path) -> Iterator[None]:
    user = _user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)

    def run(arguments: Sequence[str]) -> None:
        # PostgreSQL refuses to run as root.
        done = subprocess.run(
            arguments,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()

    data = str(folder / "data")
    run([str(programs / "initdb"), "-D", data, "-U", "verso", "-A", "trust", "-E", "UTF8", "--no-sync"])
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    log = str(folder / "log")
    run([str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start"])
    try:
        yield
    finally:
        run([str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop"])


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres or nobody")

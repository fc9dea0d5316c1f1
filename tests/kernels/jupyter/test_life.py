"""What a kernel lives through: it is missing, does not start, does not stop, dies; or another program started it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import AsyncKernelManager
from verso_jupyter import kernel as kernel_module
from verso_jupyter.connector import connect
from verso_jupyter.kernelspecs import find, names

from tests.kernels.jupyter.conftest import install
from verso.api.errors import KernelStartError, KernelUnresponsiveError, MagicError
from verso.api.kernel import Kernel, Kernelspec
from verso.api.magics import MagicCall
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.context import TestKernelContext, availability, make_kernel
from verso.testing.sinks import RecordingSink


def context(folder: Path) -> TestKernelContext:
    return TestKernelContext(directory=folder, exchange=folder)


async def new_kernel(name: str, folder: Path) -> Kernel:
    spec = find(name)
    assert spec is not None
    return await make_kernel(spec, context(folder))


async def run(kernel: Kernel, code: str) -> tuple[ExecuteReply, RecordingSink]:
    sink = RecordingSink()
    return await kernel.execute(ExecuteRequest(code=code), sink), sink


def test_installed_kernelspecs_are_names():
    assert {"jupyter:bash", "jupyter:python3"} <= set(names())


def test_what_is_no_kernelspec_name_is_no_kernel():
    assert find("no such name!") is None


def test_a_missing_kernelspec_says_what_to_install(tmp_path: Path):
    spec = find("deno")
    assert spec is not None
    found = availability(spec, context(tmp_path))
    assert not found.found
    assert "no Jupyter kernelspec 'deno' is installed (installed: bash" in found.detail
    assert "deno jupyter --install" in found.how_to_get


async def test_a_port_that_another_program_took_is_no_reason_to_give_up(kernelspecs: Path, tmp_path: Path):
    taken = (
        "import pathlib, runpy, sys\n"
        f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
        "if not seen.exists():\n"
        "    seen.touch()\n"
        "    sys.exit('zmq.error.ZMQError: Address already in use')\n"
        "sys.argv = ['ipykernel', '-f', sys.argv[1]]\n"
        "runpy.run_module('ipykernel_launcher', run_name='__main__')"
    )
    install(kernelspecs, "unlucky", "Unlucky", "python", (sys.executable, "-c", taken, "{connection_file}"))
    async with await new_kernel("unlucky", tmp_path) as kernel:
        _, sink = await run(kernel, "print(6 * 7)")
        assert sink.text() == "42\n" and (tmp_path / "seen").exists()


async def test_a_missing_program_says_so(kernelspecs: Path, tmp_path: Path):
    install(kernelspecs, "gone", "Gone", "gone", ("/no/such/program", "{connection_file}"))
    with pytest.raises(KernelStartError, match="runs '/no/such/program', which is not there"):
        await (await new_kernel("gone", tmp_path)).start()


async def test_a_broken_kernelspec_says_so(kernelspecs: Path, tmp_path: Path):
    install(kernelspecs, "broken", "Broken", "x", ())
    (kernelspecs / "broken" / "kernel.json").write_text("{", encoding="utf-8")
    with pytest.raises(KernelStartError, match=r"kernel\.json is no kernelspec"):
        await (await new_kernel("broken", tmp_path)).start()


async def test_a_kernel_that_ends_at_once_shows_its_last_words(kernelspecs: Path, tmp_path: Path):
    program = "import sys; sys.exit('a library is missing')"
    install(kernelspecs, "brief", "Brief", "x", (sys.executable, "-c", program))
    with pytest.raises(KernelStartError, match=r"exit code 1\n  its last words:\n    a library is missing"):
        await (await new_kernel("brief", tmp_path)).start()


async def test_a_kernel_that_never_answers_ends_in_its_time(kernelspecs: Path, tmp_path: Path):
    install(kernelspecs, "mute", "Mute", "x", (sys.executable, "-c", "import time; time.sleep(100)"))
    spec = find("mute")
    assert spec is not None
    kernel = await make_kernel(spec, context(tmp_path).replace(settings={"start_timeout": 1}))
    with pytest.raises(KernelStartError, match="it did not answer within 1 seconds"):
        await kernel.start()


async def test_a_kernel_that_ignores_interrupts_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernel_module, "KILL_AFTER", 0.5)
    async with await new_kernel("python3", tmp_path) as kernel:
        code = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(100)"
        sink = RecordingSink()
        running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code), sink))
        await sink.until(lambda sink: "deaf" in sink.text())
        await kernel.interrupt()
        with pytest.raises(KernelUnresponsiveError, match=r"did not stop within 0\.5 seconds"):
            await running
        await kernel.start()
        assert (await run(kernel, "print(1)"))[1].text() == "1\n"


async def test_interrupts_by_message(kernelspecs: Path, tmp_path: Path):
    argv = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
    install(kernelspecs, "by-message", "Python", "python", argv, interrupt_mode="message")
    async with await new_kernel("by-message", tmp_path) as kernel:
        sink = RecordingSink()
        code = "kept = 1\nprint('started', flush=True)\nwhile True: pass"
        running = asyncio.create_task(kernel.execute(ExecuteRequest(code=code), sink))
        await sink.until(lambda sink: "started" in sink.text())
        await kernel.interrupt()
        assert (await running).status == "cancelled"
        assert (await run(kernel, "print(kept)"))[1].text() == "1\n"


async def test_a_question_can_be_interrupted(tmp_path: Path):
    asked = asyncio.Event()

    async def never(request: object) -> str | None:
        asked.set()
        await asyncio.Event().wait()
        return None

    async with await new_kernel("python3", tmp_path) as kernel:
        request = ExecuteRequest(code="input('name? ')", allow_input=True)
        running = asyncio.create_task(kernel.execute(request, RecordingSink([never])))
        await asked.wait()
        await kernel.interrupt()
        assert (await running).status == "cancelled"
        assert (await run(kernel, "print(1)"))[1].text() == "1\n"


class TestConnecting:
    """`#!connect jupyter`."""

    async def connect(self, **arguments: str) -> Kernelspec:
        return await connect(MagicCall(name="jupyter", arguments={"kernel_name": "mine", **arguments}))

    async def test_a_kernelspec_under_a_name_of_its_own(self, tmp_path: Path):
        spec = await self.connect(kernel_spec="python3")
        assert spec.name == "mine" and spec.shares_variables
        async with await make_kernel(spec, context(tmp_path)) as kernel:
            assert (await run(kernel, "print(1)"))[1].text() == "1\n"

    async def test_a_running_kernel_is_used_and_left_running(self, tmp_path: Path):
        manager = AsyncKernelManager(kernel_name="python3")
        await manager.start_kernel(stdout=-3, stderr=-3)
        try:
            for expected in ("[]", "['once']"):
                spec = await self.connect(connection_file=manager.connection_file)
                async with await make_kernel(spec, context(tmp_path)) as kernel:
                    _, sink = await run(kernel, "print([n for n in globals() if n == 'once'])\nonce = 1")
                    assert sink.text() == f"{expected}\n"
            assert await manager.is_alive()
        finally:
            await manager.shutdown_kernel(now=True)

    async def test_a_kernel_that_ended_does_not_answer(self, tmp_path: Path):
        info = {"ip": "127.0.0.1", "transport": "tcp", "key": "secret", "signature_scheme": "hmac-sha256"}
        ports = {f"{name}_port": 1 for name in ("shell", "iopub", "stdin", "control", "hb")}
        (tmp_path / "old.json").write_text(json.dumps({**info, **ports}), encoding="utf-8")
        spec = await self.connect(connection_file=str(tmp_path / "old.json"))
        with pytest.raises(KernelStartError, match=r"old.json did not start"):
            await (await make_kernel(spec, context(tmp_path).replace(settings={"start_timeout": 2}))).start()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({}, "one of --kernel-spec"),
            ({"kernel_spec": "a", "connection_file": "b"}, "one of --kernel-spec"),
            ({"kernel_spec": "nope"}, "no Jupyter kernelspec 'nope' is installed"),
            ({"connection_file": "nope.json"}, "no connection file 'nope.json'"),
        ],
    )
    async def test_wrong_options_are_told(self, arguments: dict[str, str], message: str):
        with pytest.raises(MagicError, match=message):
            await self.connect(**arguments)

    async def test_a_file_that_is_no_connection_file_is_told(self, tmp_path: Path):
        (tmp_path / "other.json").write_text('{"ip": "127.0.0.1"}', encoding="utf-8")
        with pytest.raises(MagicError, match="it lacks transport, key"):
            await self.connect(connection_file=str(tmp_path / "other.json"))

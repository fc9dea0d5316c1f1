"""The three examples of embedding run as they stand."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples/embedding"


def test_the_command():
    done = subprocess.run([sys.executable, SAMPLES / "command.py", "eu", "us", "xx"], capture_output=True, text=True)
    assert done.stdout == "eu: 60\nus: 15\nxx: failed\n"
    assert done.returncode == 1


def test_the_test(tmp_path: Path):
    command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, SAMPLES / "test_report.py"], capture_output=True, text=True, cwd=tmp_path)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


async def test_the_web_handler(monkeypatch: pytest.MonkeyPatch):
    testing = pytest.importorskip("aiohttp.test_utils")
    monkeypatch.syspath_prepend(str(SAMPLES))
    handler = __import__("web_handler")
    async with testing.TestClient(testing.TestServer(handler.make_app())) as client:
        answers = await asyncio.gather(*(client.get("/report", params={"region": name}) for name in ("eu", "us")))
        for answer, total in zip(answers, (60, 15), strict=True):
            lines = [json.loads(line) for line in (await answer.text()).splitlines()]
            assert lines[-1] == {"total": total}
            assert {"cell": 2, "status": "ok"}.items() <= {**lines[-2], "seconds": 0}.items()
        refused = await client.get("/report")
        assert refused.status == 400
        assert "region" in await refused.text()

"""An engine of its own process: starts a worker with a child, prints both pids, and waits to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from verso.api.kernel import WorkerCommand
from verso.api.messages import ExecuteRequest
from verso.host.worker import WorkerKernel
from verso.testing.sinks import RecordingSink

CHILD = "import subprocess; child = subprocess.Popen(['sleep', '60']); print(os.getpid(), child.pid)"
STATES = {
    "idle": "pass",
    "busy": "while True: pass",
    "stubborn": "[signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)]; time.sleep(60)",
}


async def main(state: str) -> None:
    program = (sys.executable, "-S", str(Path(__file__).with_name("scripted.py")), "{read_fd}", "{write_fd}")
    kernel = WorkerKernel(WorkerCommand(argv=program, language="scripted"))
    await kernel.start()
    await kernel.execute(ExecuteRequest(code=CHILD), sink := RecordingSink())
    running = asyncio.create_task(kernel.execute(ExecuteRequest(code=STATES[state]), RecordingSink()))
    await asyncio.sleep(0.1)
    print(sink.text().strip(), flush=True)
    await asyncio.sleep(60)
    await running


asyncio.run(main(sys.argv[1]))

"""A small worker for tests: runs Python, and lets the code of a cell do to the protocol whatever a test needs.

Names in cells: `send(type, **fields)` a message of this request, `channel(data)` raw bytes into the channel,
`settle()` wait until the engine took what was printed, `ask(**fields)` a question, `request` the execute message,
`received` all messages so far. `WORKER_*` in the environment: `NO_READY`, `FIRST` (a line instead of `ready`),
`DEAF` (reads nothing after ready), `STUBBORN` (ignores SIGINT and the end of the channel).
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import signal
import struct
import sys
import termios
import threading
import time
import traceback
from typing import Any

READ_FD, WRITE_FD = int(sys.argv[1]), int(sys.argv[2])
os.set_inheritable(READ_FD, False)
os.set_inheritable(WRITE_FD, False)
requests: queue.Queue[dict[str, Any]] = queue.Queue()
answers: queue.Queue[str | None] = queue.Queue()
received: list[dict[str, Any]] = []
space: dict[str, Any] = {}
running: dict[str, Any] = {"id": None}
OURS = ("__builtins__", "request", "send", "channel", "settle", "ask", "received", "os", "sys", "time", "signal")


def channel(data: bytes) -> None:
    while data:
        data = data[os.write(WRITE_FD, data) :]


def send(type: str, **fields: Any) -> None:
    settle()
    channel(json.dumps({"type": type, "id": running["id"], **fields}).encode() + b"\n")


def settle() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    for descriptor in (1, 2):
        try:
            while struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]:
                time.sleep(0.0002)
        except OSError:  # no pipe any more
            pass


def ask(**fields: Any) -> str | None:
    send("input_request", input_id="i1", **fields)
    return answers.get()


def read() -> None:
    with os.fdopen(READ_FD, "rb") as lines:
        for line in lines:
            message = json.loads(line)
            received.append(message)
            if message["type"] == "input_reply":
                answers.put(message["value"])
            elif message["type"] == "interrupt":
                send("stopping")
            else:
                requests.put(message)
    if "WORKER_STUBBORN" not in os.environ:
        os.killpg(0, signal.SIGKILL)


def execute(message: dict[str, Any]) -> dict[str, Any]:
    try:
        exec(compile(message["code"], message["name"], "exec"), space)
        return {"status": "ok"}
    except KeyboardInterrupt:
        return {"status": "cancelled"}
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        send("error", ename=type(error).__name__, evalue=str(error), traceback=traceback.format_exc().splitlines())
        return {"status": "error"}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    kind = message["type"]
    if kind == "execute":
        return execute(message)
    if kind == "complete":
        names = sorted(name for name in space if name.startswith(message["code"]))
        return {"status": "ok", "start": 0, "end": message["position"], "completions": [{"text": n} for n in names]}
    if kind == "inspect":
        known = message["code"] in space
        return {"status": "ok", "found": known, "data": {"text/plain": repr(space[message["code"]])} if known else {}}
    if kind == "diagnose":
        try:
            compile(message["code"], "cell", "exec")
        except SyntaxError as error:
            return {
                "status": "ok",
                "diagnostics": [{"message": error.msg, "line": error.lineno, "column": error.offset}],
            }
        return {"status": "ok"}
    if kind == "variables":
        return {
            "status": "ok",
            "variables": [{"name": n, "type": type(v).__name__} for n, v in space.items() if n not in OURS],
        }
    if kind == "get_variable":
        if message["name"] not in space:
            return {"status": "error", "what": "unknown", "message": "no variable {!r}".format(message["name"])}
        return {"status": "ok", "value": space[message["name"]]}
    if kind == "set_variable":
        if not message["name"].isidentifier():
            return {"status": "error", "what": "name", "message": "{!r} is no name".format(message["name"])}
        space[message["name"]] = message["value"]
        return {"status": "ok"}
    return {"status": "ok"}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "WORKER_NO_READY" in os.environ:
        time.sleep(60)
    first = os.environ.get("WORKER_FIRST", '{"type": "ready", "protocol": 1, "language": "scripted", "version": "1"}')
    channel(first.encode() + b"\n")
    if "WORKER_DEAF" in os.environ:
        time.sleep(60)
    threading.Thread(target=read, daemon=True).start()
    for name, value in list(globals().items()):
        if name in OURS:
            space[name] = value
    while True:
        message = requests.get()
        running["id"], space["request"] = message["id"], message
        if message["type"] == "execute" and "WORKER_STUBBORN" not in os.environ:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        reply = answer(message)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        send("reply", **reply)
        if message["type"] == "shutdown":
            sys.stdout.flush()
            os._exit(0)


main()

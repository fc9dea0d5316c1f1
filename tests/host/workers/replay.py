"""A stand-in for a worker: answers a recorded conversation, byte for byte, and insists on being asked as recorded.

    python replay.py READ_FD WRITE_FD CONVERSATION.jsonl [--exit CODE] [--report FILE]

Each line of a conversation is an object with one of these keys; all others (times) are ignored.
`to`: a message of the engine: waits for one and compares it, as JSON. `from`: a message of the worker: writes it after
an empty line, as the recorded worker did. `line`: bytes for the channel that are no message (text, as it is).
`raw`: text for stdout; `raw_stderr`: for stderr. `signal_group` 2: waits for SIGINT. `end`: ends with CODE.
Everything after `end` is what the engine did to a dead worker, and is ignored.

When something else comes than was recorded, a `protocol_error` says what, and the exit code is 70. FILE gets one
line at the end: `complete`, or what was different.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

UNLIKE = 70


class Replay:
    """Plays one conversation."""

    def __init__(self, read_fd: int, write_fd: int, code: int, report: Path | None) -> None:
        os.set_inheritable(read_fd, False)
        os.set_inheritable(write_fd, False)
        self._lines = os.fdopen(read_fd, "rb")
        self._channel = os.fdopen(write_fd, "wb", buffering=0)
        self._code = code
        self._report = report

    def play(self, conversation: Path) -> NoReturn:
        with conversation.open(encoding="utf-8") as steps:
            for step in steps:
                self._step(json.loads(step))
        self._end("complete", self._code)

    def _step(self, step: dict[str, Any]) -> None:
        if "to" in step:
            self._expect(step["to"])
        elif "from" in step:
            self._write(b"\n" + json.dumps(step["from"], ensure_ascii=False).encode() + b"\n")
        elif "line" in step:
            self._write(step["line"].encode())
        elif "raw" in step:
            os.write(1, step["raw"].encode())
        elif "raw_stderr" in step:
            os.write(2, step["raw_stderr"].encode())
        elif step.get("signal_group") == signal.SIGINT:
            signal.sigwait({signal.SIGINT})
        elif "end" in step:
            self._end("complete", self._code)

    def _expect(self, recorded: dict[str, Any]) -> None:
        line = self._lines.readline()
        if not line:
            self._end(f"the channel ended before {recorded}", UNLIKE)
        received = json.loads(line)
        if received != recorded:
            words = f"recorded {json.dumps(recorded)}, received {json.dumps(received)}"
            self._write(json.dumps({"type": "protocol_error", "message": words}).encode() + b"\n")
            self._end(words, UNLIKE)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[self._channel.write(data) :]

    def _end(self, words: str, code: int) -> NoReturn:
        if self._report is not None:
            self._report.write_text(words + "\n", encoding="utf-8")
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    parser = argparse.ArgumentParser(description="Answers a recorded conversation.")
    parser.add_argument("read_fd", type=int)
    parser.add_argument("write_fd", type=int)
    parser.add_argument("conversation", type=Path)
    parser.add_argument("--exit", type=int, default=0)
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # kept until a step waits for it
    Replay(given.read_fd, given.write_fd, given.exit, given.report).play(given.conversation)


if __name__ == "__main__":
    main()

"""A program in the place of pwsh: checks how it was started, then plays a recorded conversation.

    pwsh -NoLogo -NoProfile -NonInteractive -File …/start.ps1 -In FD -Out FD -Cache DIR -Width 120

`install` writes it as an executable file and says what it plays. What it saw of its start (arguments, folder,
environment) is written beside it as `started.json`; how the conversation ended as `report`.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

REPLAY = Path(__file__).parent.parent / "host" / "workers" / "replay.py"
GOLDEN = Path(__file__).parent.parent / "golden" / "powershell"

SEEN = ("POWERSHELL_TELEMETRY_OPTOUT", "POWERSHELL_UPDATECHECK", "PSModulePath", "VERSO_CACHE", "VERSO_PYTHON")

_PROGRAM = """#!{python} -S
import json, os, sys
seen = {{name: os.environ.get(name) for name in {names!r}}}
with open({started!r}, "w") as file:
    json.dump({{"arguments": sys.argv[1:], "folder": os.getcwd(), "environ": seen}}, file)
given = dict(zip(sys.argv[6::2], sys.argv[7::2]))
replay = [{replay!r}, given["-In"], given["-Out"], {conversation!r}, "--exit", {code!r}, "--report", {report!r}]
os.execv({python!r}, [{python!r}, "-S", *replay])
"""


def recorded(name: str) -> list[dict[str, Any]]:
    """The steps of a recorded conversation."""
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def install(folder: Path, steps: list[dict[str, Any]], *, code: int = 0) -> Path:
    """Writes the program that plays these steps and then ends with `code`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    conversation = folder / "conversation.jsonl"
    conversation.write_text("".join(json.dumps(step) + "\n" for step in steps), encoding="utf-8")
    program = folder / "pwsh"
    text = _PROGRAM.format(
        python=sys.executable,
        names=SEEN,
        started=str(folder / "started.json"),
        replay=str(REPLAY),
        conversation=str(conversation),
        code=str(code),
        report=str(folder / "report"),
    )
    program.write_text(text, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return program


def asked_by_kernel(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The recorded steps as the kernel has them: it says how much of a variable it wants to see, and numbers its
    requests itself."""
    numbers: dict[str, str] = {}
    played: list[dict[str, Any]] = []
    requests = 0
    for step in steps:
        sent, said = step.get("to"), step.get("from")
        if sent is not None and "id" in sent:
            if sent["type"] != "interrupt":
                requests += 1
                numbers[sent["id"]] = f"r{requests}"
            sent = {**sent, "id": numbers[sent["id"]]}
            if sent["type"] == "get_variable":
                sent.update(depth=3, items=100)
            step = {**step, "to": sent}
        if said is not None and "id" in said:
            said = {**said, "id": numbers[said["id"]]}
            step = {**step, "from": said}
        played.append(step)
    return played


def started(folder: Path) -> dict[str, Any]:
    """How the program was started."""
    seen: dict[str, Any] = json.loads((folder / "started.json").read_text(encoding="utf-8"))
    return seen


def report(folder: Path) -> str:
    """How the conversation ended: `complete`, or what was different."""
    return (folder / "report").read_text(encoding="utf-8").strip()


def environment_without_pwsh() -> dict[str, str]:
    """This environment without any way to a pwsh."""
    return {name: value for name, value in os.environ.items() if name != "VERSO_PWSH"} | {"PATH": "/nowhere"}

"""Cells recorded in a real PowerShell's console: a notebook shows the same. Each case has a session of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.powershell.real import PowerShell

TRANSCRIPTS = Path(__file__).parent.parent / "golden" / "powershell" / "transcripts"
CASES: list[tuple[str, dict[str, Any]]] = [
    (path.stem, case)
    for path in sorted(TRANSCRIPTS.glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
]

DIFFERENT = {
    "parse-error-two-errors": "all errors are listed, not the first alone",
    "different-shapes": "each run of like objects is a table of its own",
    "first-list-then-others": "each run of like objects is a table of its own",
    "key-value-and-group-info": "each run of like objects is a table of its own",
    "xml-and-regex-objects": "each run of like objects is a table of its own",
    "tuple-and-keyvalue": "each run of like objects is a table of its own",
    "table-then-host": "each run of like objects is a table of its own",
    "table-then-string": "each run of like objects is a table of its own",
    "redirect-to-file": "Write-Error into a file names the worker's function",
    "psscriptroot-and-invocation": "$PSCommandPath is the cell's name",
}
"""Cases that look otherwise in a notebook: better, but for the last two. They fail as they did, and only then."""

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
POSITION = re.compile(r"^([\w.\-]+): (?:cell-\d+:\d+|.*?\.ps1:\d+)$", re.MULTILINE)


@pytest.fixture
def without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the transcripts were recorded."""
    monkeypatch.setenv("NO_COLOR", "1")


def test_all_transcripts_are_there() -> None:
    assert len(CASES) == 262 and {name for name, _ in CASES} >= {"errors", "streams", "sample-notebook"}
    assert DIFFERENT.keys() <= {case["name"] for _, case in CASES}


@pytest.mark.powershell
@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[f"{topic}-{case['name']}" for topic, case in CASES])
async def test_a_transcript(
    case: dict[str, Any], without_colours: None, shell: PowerShell, record_property: Callable[[str, object], None]
) -> None:
    looks, differences = [], []
    for source, expected in zip(case["cells"], case["expect"], strict=True):
        cell = await shell.run(source)
        got, wanted = lines_of(cell.seen), lines_of(expected["text"])
        if without_positions(got) != without_positions(wanted) and plain_errors(got) != plain_errors(wanted):
            looks.append(f"cell {source!r}\nwanted\n{wanted}\ngot\n{got}")
        failed = bool(expected["error"] or expected["errors"])
        if bool(cell.sink.errors) != failed:
            differences.append(f"cell {source!r}: errors {expected['errors']}, got {cell.sink.errors}")
        if (cell.status == "error") != failed and cell.status != "cancelled":
            differences.append(f"cell {source!r}: status {cell.status} with errors {expected['errors']}")
    if looks and case["name"] in DIFFERENT:
        record_property("differs as known", DIFFERENT[case["name"]])
    else:
        differences += looks
    assert not differences, "\n".join(differences)


def lines_of(text: str) -> str:
    """The text without colours, blank lines and blanks at the ends of lines: none of them is significant."""
    return "\n".join(line.rstrip() for line in ANSI.sub("", text).split("\n") if line.strip())


def without_positions(text: str) -> str:
    """Errors name their cell in a notebook and their script in the console."""
    return POSITION.sub(r"\1:", text)


def plain_errors(text: str) -> str:
    """Each error as `Name: message`, whatever its position lines and its wrapping."""
    shown: list[str] = []
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        if place + 3 < len(lines) and lines[place + 1].strip() == "Line |":
            name = lines[place].split(":")[0]
            place += 3
            while place < len(lines) and re.match(r"\s+\|", lines[place]) and "~" in lines[place]:
                place += 1
            message = []
            while place < len(lines) and re.match(r"\s+\| ", lines[place]):
                message.append(lines[place].split("|", 1)[1].strip())
                place += 1
            shown.append(f"{name}: {' '.join(message)}")
        else:
            shown.append(lines[place])
            place += 1
    return re.sub(r"\s+", " ", "\n".join(shown)).replace("- ", "").replace(" -", "").strip()

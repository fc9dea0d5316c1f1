"""The sample's PowerShell edition where there is no PowerShell: what it holds, that it says what is missing before
anything runs, and that it can be read as a page."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.powershell.standin import asked_by_kernel, environment_without_pwsh, install, recorded, report, started

SAMPLE = Path(__file__).parents[2] / "samples" / "micrograd"
NOTEBOOK = SAMPLE / "micrograd-ps.verso"
VERSO = Path(sys.executable).with_name("verso")
MISSING_KERNEL = 6


def document() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return content


def contents(mime: str) -> list[str]:
    return [
        output["content"]
        for cell in document()["cells"]
        for output in cell.get("outputs", ())
        if output.get("mimeType") == mime
    ]


def verso(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [str(VERSO), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment_without_pwsh() | environ, stdin=subprocess.DEVNULL
    )


def test_the_story_is_whole() -> None:
    code = "\n".join(cell["source"] for cell in document()["cells"] if cell["type"] == "code")
    for part in (
        "Import-Module PSQuickGraph, PSGraphView",
        ". ./value.ps1",
        ". ./graphHelper.ps1",
        ". ./neuronHelper.ps1",
        ". ./helpers.ps1",
        "Get-GraphTopologicalSort -Graph (New-BackpropagationGraph -val $L) -Reverse",
        "Show-ExpressionGraph",
        ".Tanh()",
        "[MLP]::new(3, (4, 4, 1), $random)",
        "Write-Progress -Activity Training",
    ):
        assert part in code
    parameters = document()["metadata"]["parameters"]
    assert {name: (p["type"], p["default"]) for name, p in parameters.items()} == {
        "steps": ("int", 200),
        "rate": ("float", 0.1),
        "seed": ("int", 1337),
    }
    for script in re.findall(r"^\. \./(\w+\.ps1)$", code, re.MULTILINE):
        assert (SAMPLE / script).is_file()
    assert (SAMPLE / "scalar-graph.svg.ps1").is_file() and (SAMPLE / "loss-history.csv.ps1").is_file()


def test_the_saved_outputs_are_those_of_a_real_run() -> None:
    printed = "".join(contents("text/plain"))
    for line in ("L went from -8 to -7.286496", "41 parameters", "loss 4.201813", "loss 0.001072 after 200 steps"):
        assert line in printed
    pictures = contents("image/svg+xml")
    assert len(pictures) == 6
    drawn = [(picture.count('class="node"'), picture.count('class="edge"')) for picture in pictures]
    assert drawn == [(10, 9), (10, 9), (15, 14), (190, 210), (0, 0), (666, 872)]
    assert "<polyline" in pictures[4]


def test_running_it_says_what_is_missing_before_anything_runs(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "sample")
    notebook = tmp_path / "sample" / NOTEBOOK.name
    done = verso("run", notebook)
    if done.returncode == 0:
        pytest.skip("PowerShell is installed where installers put it, so nothing is missing here")
    assert done.returncode == MISSING_KERNEL
    said = done.stderr + done.stdout
    assert "powershell" in said and "VERSO_PWSH" in said and "install PowerShell" in said
    assert notebook.read_bytes() == NOTEBOOK.read_bytes()


def test_it_exports_as_a_page_with_all_its_pictures(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = verso("export", NOTEBOOK, "--output", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    drawn = [
        base64.b64decode(data).decode("utf-8") if coding else unquote(html.unescape(data))
        for coding, data in re.findall(r"data:image/svg\+xml(?:;charset=[\w-]+)?(;base64)?,([^\"']+)", text)
    ]
    for picture in contents("image/svg+xml"):
        shown = picture[picture.index("<svg") :].strip() if "<svg" in picture else picture
        assert any(shown in other for other in drawn) or shown in text
    assert not re.search(r"(?:src|href)=[\"']https?://(?!github\.com)", text)


def cells_of(folder: Path, *codes: str) -> Path:
    notebook = folder / "cells.verso"
    cells = [{"id": f"c{n}", "type": "code", "language": "pwsh", "source": code} for n, code in enumerate(codes)]
    notebook.write_text(json.dumps({"verso": "1.0", "metadata": {"defaultKernel": "powershell"}, "cells": cells}))
    return notebook


def test_the_command_line_runs_a_cell_in_powershell(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", asked_by_kernel(recorded("hello")))
    done = verso("run", cells_of(tmp_path, "1 + 1"), VERSO_PWSH=str(program))
    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr
    assert report(tmp_path / "bin") == "complete"
    assert started(tmp_path / "bin")["environ"]["PSModulePath"].endswith("verso_graph/powershell")


def test_a_table_that_grew_is_printed_once(tmp_path: Path) -> None:
    steps = recorded("objects")
    program = install(tmp_path / "bin", asked_by_kernel(steps))
    codes = [step["to"]["code"] for step in steps if step.get("to", {}).get("type") == "execute"]
    done = verso("run", cells_of(tmp_path, *codes), VERSO_PWSH=str(program))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n3\ni\n-\n1\n2\n3\n")
    assert report(tmp_path / "bin") == "complete"


def test_a_reported_error_makes_the_run_fail_and_keeps_what_was_put_out(tmp_path: Path) -> None:
    steps = asked_by_kernel(recorded("errors"))
    first = [step for step in steps if (step.get("to") or step.get("from") or {}).get("id") in (None, "r1")][:5]
    last = {"to": {"type": "shutdown", "id": "r2"}}
    program = install(tmp_path / "bin", [*(s for s in first if "to" in s or "from" in s), last, {"end": True}])
    done = verso("run", cells_of(tmp_path, "Get-Item nope; 'after'"), VERSO_PWSH=str(program))
    assert done.returncode == 1
    assert "after" in done.stdout and "Cannot find path '/work-folder/nope'" in done.stdout + done.stderr


def test_variables_go_to_powershell_and_back(tmp_path: Path) -> None:
    """A parameter and a Python list go in, a custom object comes out: only what a cell names, just before it runs."""
    one, text = {"t": "int32", "v": "1"}, {"t": "string", "v": "a"}
    listed = {"t": "array", "of": "System.Object", "v": [one, text]}
    made = {"t": "custom", "v": [["n", {"t": "int32", "v": "7"}], ["list", listed]]}
    info = {"name": "made", "net_type": "System.Management.Automation.PSCustomObject", "preview": "@{n=7}"}
    code = "$made = [pscustomobject]@{ n = $steps; list = $items }"
    ran = {"errors": 0, "exit_code": None, "success": True, "last_exit_code": None, "cwd": "/", "ms": 1}
    none: dict[str, list[Any]] = {"added": [], "changed": [], "removed": []}
    exchanges: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"type": "set_variable", "name": "steps", "value": {"t": "int32", "v": "7"}}, {"variables": none}),
        ({"type": "set_variable", "name": "items", "value": listed}, {"variables": none}),
        (
            {"type": "execute", "code": code, "name": "cell-2", "allow_input": False},
            {**ran, "variables": {**none, "added": [{**info, "count": 2, "shape": None}]}},
        ),
        ({"type": "get_variable", "name": "made", "depth": 3, "items": 100}, {"value": made}),
        ({"type": "shutdown"}, {}),
    ]
    steps = [recorded("hello")[0]]
    for number, (sent, said) in enumerate(exchanges, 1):
        steps.append({"to": {**sent, "id": f"r{number}"}})
        steps.append({"from": {"type": "reply", "id": f"r{number}", "status": "ok", **said}})
    program = install(tmp_path / "bin", [*steps, {"end": True}])
    sources = [("python", "items = [1, 'a']"), ("powershell", code), ("python", "print(made)")]
    cells = [
        {"id": str(number), "type": "code", "language": language, "source": source}
        for number, (language, source) in enumerate(sources)
    ]
    metadata = {"defaultKernel": "python", "parameters": {"steps": {"type": "int", "default": 7}}}
    notebook = tmp_path / "shared.verso"
    notebook.write_text(json.dumps({"verso": "1.0", "metadata": metadata, "cells": cells}))
    done = verso("run", notebook, VERSO_PWSH=str(program))
    assert (done.returncode, done.stdout.strip()) == (0, "{'n': 7, 'list': [1, 'a']}"), done.stdout + done.stderr
    assert report(tmp_path / "bin") == "complete"

"""The C# and PowerShell that is shipped: that it is there, and that it is C# and PowerShell. (That it runs is seen
where a real pwsh is; see `verify`.)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_c_sharp
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).parent.parent.parent
WORKER = ROOT / "kernels" / "verso_powershell" / "worker"
MODULES = ROOT / "extensions" / "verso_graph" / "powershell"
SAMPLE = ROOT / "samples" / "micrograd"

CSHARP = [*sorted(WORKER.glob("*.cs")), *sorted(MODULES.rglob("*.cs"))]
POWERSHELL = [
    *sorted(WORKER.glob("*.ps1")),
    *sorted(path for path in MODULES.rglob("*") if path.suffix in (".psm1", ".psd1")),
    *sorted(SAMPLE.glob("*.ps1")),
]

# What PowerShell allows and the grammar does not know: seen to run on a real one.
GAPS = {
    b"hidden [scriptblock] $backward = {}": b"hidden [scriptblock] $backward = { 1 }",
    b"Import-Module PSQuickGraph, PSGraphView": b"Import-Module -Name PSQuickGraph",
    b"$net.Invoke($x)[0]": b"$net",
    b"| Format-Table label, data, @{": b"| Format-Table @{",
}


def faults(node: Node) -> Iterator[str]:
    if node.is_error or node.is_missing:
        line, column = node.start_point
        yield f"{line + 1}:{column + 1} {node.type}"
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from faults(child)


def parse(source: bytes, language: object) -> list[str]:
    return list(faults(Parser(Language(language)).parse(source).root_node))


def test_all_sources_are_there() -> None:
    assert len(CSHARP) == 15
    names = {path.name for path in CSHARP + POWERSHELL}
    assert {
        "start.ps1",
        "Worker.cs",
        "TypedValue.cs",
        "PSQuickGraph.cs",
        "PSQuickGraph.psm1",
        "PSGraphView.psd1",
    } <= names
    assert {"value.ps1", "graphHelper.ps1", "neuronHelper.ps1", "helpers.ps1"} <= names


@pytest.mark.parametrize("path", CSHARP, ids=lambda path: path.name)
def test_csharp(path: Path) -> None:
    assert parse(path.read_bytes(), tree_sitter_c_sharp.language()) == []


@pytest.mark.parametrize("path", POWERSHELL, ids=lambda path: path.name)
def test_powershell(path: Path) -> None:
    source = path.read_bytes()
    for written, known in GAPS.items():
        source = source.replace(written, known)
    assert parse(source, tree_sitter_powershell.language()) == []


def cells() -> list[str]:
    """The code of the sample's notebook."""
    document = json.loads((SAMPLE / "micrograd-ps.verso").read_text(encoding="utf-8"))
    return [cell["source"] for cell in document["cells"] if cell["type"] == "code"]


@pytest.mark.parametrize("number", range(len(cells())))
def test_a_cell_of_the_sample(number: int) -> None:
    source = cells()[number].encode()
    for written, known in GAPS.items():
        source = source.replace(written, known)
    assert parse(source, tree_sitter_powershell.language()) == []


def test_the_parsers_see_a_fault() -> None:
    assert parse(b"class A { void B( { }", tree_sitter_c_sharp.language())
    assert parse(b"if ($x { 1 }", tree_sitter_powershell.language())


@pytest.mark.parametrize("module", ["PSQuickGraph", "PSGraphView"])
def test_the_manifests_say_what_the_modules_are(module: str) -> None:
    text = (MODULES / module / f"{module}.psd1").read_text(encoding="utf-8")
    assert "Not the module of that name from the PowerShell Gallery" in text

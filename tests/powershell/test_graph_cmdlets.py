"""The graph modules that come with Verso, on a real PowerShell: the contracts that notebooks rely on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.powershell.real import PowerShell
from verso.api.values import decode

pytestmark = pytest.mark.powershell

EDGES = """Import-Module PSQuickGraph
function Edges($graph, $pairs) {
    foreach ($pair in $pairs) { Add-Edge -Graph $graph -From "$($pair[0])" -To "$($pair[1])" }
}
"""

CASES = {
    "a label is one vertex": (
        "$g = New-Graph; Add-Vertex -Graph $g -Vertex A; Add-Vertex -Graph $g -Vertex A; "
        "@(Get-GraphTopologicalSort -Graph $g).Count",
        "1",
    ),
    "labels that are not unique are two": (
        "$g = New-Graph -UseNonUniqueLabels; $p = Add-Vertex -Graph $g -Vertex '+' -PassThru; "
        "$q = Add-Vertex -Graph $g -Vertex '+' -PassThru; Add-Edge -Graph $g -From $p -To $q; "
        "@(Get-GraphTopologicalSort -Graph $g).Count; @(Get-OutEdge -Graph $g -Vertex $p).Count",
        "2\n1",
    ),
    "the same edge twice is one": (
        "$g = New-Graph; Edges $g 'AB','AB'; @(Get-OutEdge -Vertex A -Graph $g).Count; "
        "@(Get-InEdge -Vertex A -Graph $g).Count",
        "1\n0",
    ),
    "sources first, or targets": (
        "$g = New-Graph; Edges $g 'AB','AC','BD','CD'; (Get-GraphTopologicalSort -Graph $g) -join ''; "
        "(Get-GraphTopologicalSort -Graph $g -Reverse) -join ''",
        "ABCD\nDCBA",
    ),
    "levels": (
        "$g = New-Graph; Edges $g 'AB','AC','BD','CD'; "
        "(Get-GraphDistanceVector -Graph $g | % { \"$($_.Vertex)$($_.Level)\" }) -join ' '",
        "A0 B1 C1 D2",
    ),
    "a cycle is found": (
        "$g = New-Graph; Edges $g 'AB','BC','CA','CD'; (Find-GraphCycle -Graph $g).Vertices -join ''",
        "ABC",
    ),
    "a cycle can't be sorted": (
        "$g = New-Graph; Edges $g 'AB','BA'; try { Get-GraphTopologicalSort -Graph $g; 'no' } "
        "catch { $_.FullyQualifiedErrorId.Split(',')[0]; \"$_\" }",
        "GraphContainsCycle\nTopological sort requires a directed acyclic graph.",
    ),
    "components": (
        "$g = New-Graph; Edges $g 'AB','BA','CD','DC'; "
        "(Get-GraphConnectedComponent -Graph $g | group ComponentId | % Count) -join ' '",
        "2 2",
    ),
    "the shortest path": (
        "$g = New-Graph; Edges $g 'AB','BC','CD','AE','EF','FD'; Add-Vertex -Vertex G -Graph $g; "
        "(Get-GraphPath -From A -To D -Graph $g) -join ';'; @(Get-GraphPath -From A -To G -Graph $g).Count; "
        "Test-GraphPath -From A -To D -Graph $g; Test-GraphPath -From A -To G -Graph $g",
        "A -> B;B -> C;C -> D\n0\nTrue\nFalse",
    ),
    "betweenness": (
        "$g = New-Graph; Edges $g 'AB','BC','AD','DC','CE'; "
        "(Get-GraphCentrality -Graph $g | % { \"$($_.Vertex)$($_.Centrality)\" }) -join ' '",
        "A0 B1 C3 D1 E0",
    ),
    "an empty graph": ("@(Get-GraphTopologicalSort -Graph (New-Graph)).Count; (New-Graph).GetType().Name", None),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_cmdlet(name: str, shell: PowerShell) -> None:
    code, wanted = CASES[name]
    cell = await shell.run(EDGES + code)
    assert not cell.sink.errors
    assert wanted is None or cell.text().strip() == wanted
    assert wanted is not None or cell.text().startswith("0\n")


async def test_the_modules_are_last_on_the_path_and_say_what_they_are(shell: PowerShell) -> None:
    cell = await shell.run("$env:PSModulePath.Split([IO.Path]::PathSeparator)[-1]")
    assert cell.text().strip().endswith("verso_graph/powershell")
    cell = await shell.run("(Get-Module -ListAvailable PSQuickGraph, PSGraphView | ? Author -eq 'Verso').Description")
    assert cell.text().count("Not the module of that name from the PowerShell Gallery") == 2


async def test_dot(shell: PowerShell) -> None:
    code = """
function N($type, $Name, $data, $grad) { [pscustomobject]@{ type = $type; Name = $Name; data = $data; grad = $grad } }
$a = N value a 2.0 6.0; $m = N op '*'; $e = N value e -6.0 -2.0
$g = New-Graph
Add-Edge -From $a -To $m -Graph $g; Add-Edge -From $m -To $e -Graph $g
$dot = Export-Graph -Graph $g -Format Graphviz -GraphScript { @{ rankdir = 'LR'; label = 'Micrograd'; notReal = 1 } } `
    -VertexScript { if ($_.type -eq 'op') { @{ Shape = 'Ellipse'; Label = $_.Name } } else {
        $label = '{{ {0} | data {1:F4} | grad {2:F4} }}' -f $_.Name, $_.data, $_.grad
        [pscustomobject]@{ shape = 'Record'; label = $label } } } `
    -EdgeScript { if ($Source.Label -eq 'a') { @{ style = 'Dashed'; label = "$($Source.Label)-to-$($Target.Label)" } } }
"""
    assert not (await shell.run(code)).sink.errors
    dot = decode(await shell.kernel.get_variable("dot"))
    assert set(dot.splitlines()) == {
        "digraph G {",
        'label="Micrograd"; rankdir=LR;',
        '0 [shape=record, label="{ a | data 2.0000 | grad 6.0000 }"];',
        '1 [shape=ellipse, label="*"];',
        '2 [shape=record, label="{ e | data -6.0000 | grad -2.0000 }"];',
        '0 -> 1 [label="a-to-*", style=dashed];',
        "1 -> 2;",
        "}",
    }


@pytest.mark.parametrize("path", ["as it is", "without Graphviz"])
async def test_pictures(path: str, shell: PowerShell) -> None:
    if path == "without Graphviz":
        await shell.run("$env:PATH = '/nowhere'")
    cell = await shell.run("$svg = Export-GraphvizView -InputObject 'digraph { a -> b; b -> c }' -Renderer Dot -As Svg")
    if cell.sink.errors and "GraphvizExecutableNotFound" in cell.error.ename:
        pytest.skip("there is no program to draw with here")
    svg = decode(await shell.kernel.get_variable("svg"))
    assert (len(re.findall('class="node"', svg)), len(re.findall('class="edge"', svg))) == (3, 2)
    wrong = await shell.run("Export-GraphvizView -InputObject 'digraph {' -Renderer Dot")
    assert wrong.error.ename.startswith("PSGraphView.GraphvizRenderFailed")


async def test_the_errors_of_pictures(shell: PowerShell) -> None:
    empty = await shell.run("Export-GraphvizView -InputObject ' ' -Renderer Dot")
    assert empty.error.ename.startswith("PSGraphView.InvalidDotInput")
    missing = await shell.run("Export-GraphvizView -DotPath nowhere.dot -Renderer Dot")
    assert missing.error.ename.startswith("PSGraphView.DotPathNotFound")


async def test_an_unwritable_cache_costs_time_alone(shell: PowerShell) -> None:
    await shell.run("$env:VERSO_CACHE = '/proc/nowhere'")
    assert not (await shell.run("Import-Module PSQuickGraph; New-Graph | Out-Null")).sink.errors


async def test_a_damaged_file_in_the_cache_costs_time_alone(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    code = f"$env:VERSO_CACHE = '{cache}'; Import-Module PSQuickGraph; (New-Graph).VertexCount"
    async with PowerShell(tmp_path, tmp_path) as shell:
        assert (await shell.run(code)).text() == "0\n"
    (library,) = cache.iterdir()
    assert library.match("PSQuickGraph-*.dll")
    library.write_bytes(b"damaged")
    async with PowerShell(tmp_path, tmp_path) as shell:
        assert (await shell.run(code)).text() == "0\n"

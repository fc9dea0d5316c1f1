"""The numbers of a correct micrograd, from the sample's classes on a real PowerShell, and the sample's notebook."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.powershell.real import PowerShell
from verso.api.notebook import Notebook
from verso.api.outputs import DisplayData, Stream
from verso.api.values import decode
from verso.engine.session import open_session

SAMPLE = Path(__file__).parents[2] / "samples" / "micrograd"

SETUP = """Import-Module PSQuickGraph, PSGraphView
. ./value.ps1
. ./graphHelper.ps1
. ./neuronHelper.ps1
. ./helpers.ps1
"""

SCALAR = """
$a = [Value]::new(2, 'a'); $b = [Value]::new(-3, 'b'); $c = [Value]::new(10, 'c'); $f = [Value]::new(-2, 'f')
$e = $a * $b; $d = $e + $c; $L = $d * $f
Invoke-Backpropagation $L
$grads = [ordered]@{ a = $a.grad; b = $b.grad; c = $c.grad; d = $d.grad; e = $e.grad; f = $f.grad; L = $L.grad }
$values = [ordered]@{ e = $e.data; d = $d.data; L = $L.data }
foreach ($v in $a, $b, $c, $f) { $v.data += 0.01 * $v.grad }
$raised = (($a * $b + $c) * $f).data
"""

NEURON = """
$x1 = [Value]::new(2); $x2 = [Value]::new(0); $w1 = [Value]::new(-3); $w2 = [Value]::new(1)
$b = [Value]::new(6.8813735870195432)
$x1w1 = $x1 * $w1; $x2w2 = $x2 * $w2; $n = $x1w1 + $x2w2 + $b; $o = $n.Tanh()
Invoke-Backpropagation $o
$values = [ordered]@{ n = $n.data; o = $o.data }
$grads = [ordered]@{ n = $n.grad; b = $b.grad; x1w1 = $x1w1.grad; x2w2 = $x2w2.grad
    x1 = $x1.grad; w1 = $w1.grad; x2 = $x2.grad; w2 = $w2.grad }
"""

ACCUMULATION = """
$a = [Value]::new(3); Invoke-Backpropagation ($a + $a); $twice = $a.grad
$a = [Value]::new(-2); $b = [Value]::new(3); $f = ($a * $b) * ($a + $b); Invoke-Backpropagation $f
$grads = [double[]]($f.data, $a.grad, $b.grad)
$one = [Value]::new(1); $sum = $one
foreach ($i in 1..10000) { $sum = $sum + $one }
Invoke-Backpropagation $sum
$chain = $one.grad
"""

NETWORK = """
$net = [MLP]::new(3, (4, 4, 1), [Random]::new(1))
$parameters = $net.parameters()
for ($k = 1; $k -le $parameters.Count; $k++) { $parameters[$k - 1].data = [Math]::Sin($k) }
$xs = (2, 3, -1), (3, -1, 0.5), (0.5, 1, 1), (1, 1, -1) | ForEach-Object { , [Value[]] $_ }
$ys = [Value[]] (1, -1, -1, 1)
function Get-Loss {
    $script:predicted = $xs | ForEach-Object { $net.Invoke($_)[0] }
    Zip -Left $ys -Right $script:predicted | Sum-Value { $difference = $_.Right - $_.Left; $difference * $difference }
}
$loss = Get-Loss
$predictions = [double[]]($predicted | ForEach-Object data)
Clear-Gradient $parameters
Invoke-Backpropagation $loss
$grads = [double[]]($parameters | ForEach-Object grad)
$h = 1e-6
$differences = [double[]](foreach ($p in $parameters) {
    $at = $p.data
    $p.data = $at + $h; $up = (Get-Loss).data
    $p.data = $at - $h; $down = (Get-Loss).data
    $p.data = $at
    ($up - $down) / (2 * $h)
})
$losses = [double[]](foreach ($step in 0..50) {
    Clear-Gradient $parameters
    $loss = Get-Loss
    Invoke-Backpropagation $loss
    foreach ($p in $parameters) { $p.data -= 0.05 * $p.grad }
    $loss.data
})
"""


async def numbers(shell: PowerShell, code: str, *names: str) -> list[Any]:
    """The values of variables after the sample's scripts and `code` have run."""
    for name in ("value", "graphHelper", "neuronHelper", "helpers"):
        shutil.copy(SAMPLE / f"{name}.ps1", shell.folder)
    for part in (SETUP, code):
        cell = await shell.run(part)
        assert not cell.sink.errors, cell.seen
    return [decode(await shell.kernel.get_variable(name)) for name in names]


@pytest.mark.powershell
async def test_a_scalar_expression(shell: PowerShell) -> None:
    values, grads, raised = await numbers(shell, SCALAR, "values", "grads", "raised")
    assert values == {"e": -6, "d": 4, "L": -8}
    assert grads == {"a": 6, "b": -4, "c": -2, "d": -2, "e": -2, "f": 4, "L": 1}
    assert raised == pytest.approx(-7.286496, abs=1e-12)


@pytest.mark.powershell
async def test_a_neuron(shell: PowerShell) -> None:
    values, grads = await numbers(shell, NEURON, "values", "grads")
    assert values == pytest.approx({"n": 0.88137358701954316, "o": 0.7071067811865476}, abs=1e-12)
    wanted = {"n": 0.5, "b": 0.5, "x1w1": 0.5, "x2w2": 0.5, "x1": -1.5, "w1": 1, "x2": 0.5, "w2": 0}
    assert grads == pytest.approx(wanted, abs=1e-12)


@pytest.mark.powershell
async def test_gradients_add_up(shell: PowerShell) -> None:
    twice, grads, chain = await numbers(shell, ACCUMULATION, "twice", "grads", "chain")
    assert (twice, grads, chain) == (2, [-6, -3, -8], 10001)


@pytest.mark.powershell
async def test_a_network(shell: PowerShell) -> None:
    names = ("predictions", "grads", "differences", "losses")
    predictions, grads, differences, losses = await numbers(shell, NETWORK, *names)
    wanted = [-0.9227036902770722, -0.9298549960007033, -0.541914796729665, -0.9241506535295497]
    assert predictions == pytest.approx(wanted, abs=1e-12)
    assert len(grads) == 41
    assert grads[0] == pytest.approx(0.07349758360109768, abs=1e-12)
    assert grads[1] == pytest.approx(0.37224603685632346, abs=1e-12)
    assert grads[40] == pytest.approx(-0.46703074673723177, abs=1e-12)
    assert grads == pytest.approx(differences, abs=1e-6)
    assert losses[0] == pytest.approx(7.61390759312455, abs=1e-12)
    later = {
        1: 7.10168312417844,
        5: 0.6543702167380308,
        10: 0.12437751833500768,
        20: 0.05506747808944256,
        50: 0.017227880673090605,
    }
    assert {step: losses[step] for step in later} == pytest.approx(later, abs=1e-8)


@pytest.mark.powershell
async def test_the_notebook_gives_what_it_was_saved_with(tmp_path: Path) -> None:
    folder = tmp_path / "micrograd"
    shutil.copytree(SAMPLE, folder)
    async with open_session(folder / "micrograd-ps.verso") as session:
        saved = session.notebook
        result = await session.run()
        assert result.ok
        made = session.notebook
    assert texts(made) == texts(saved)
    assert pictures(made) == pictures(saved)


def texts(notebook: Notebook) -> list[str]:
    """What the cells printed, blank lines apart."""
    outputs = (output for cell in notebook.cells for output in cell.outputs if isinstance(output, Stream))
    return ["\n".join(line for line in output.text.splitlines() if line.strip()) for output in outputs]


def pictures(notebook: Notebook) -> list[tuple[int, int]]:
    """How many nodes and edges the pictures have."""
    shown = [
        str(output.data["image/svg+xml"])
        for cell in notebook.cells
        for output in cell.outputs
        if isinstance(output, DisplayData) and "image/svg+xml" in output.data
    ]
    return [(len(re.findall('class="node"', svg)), len(re.findall('class="edge"', svg))) for svg in shown]

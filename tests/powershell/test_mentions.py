"""Which shared variables a cell is taken to name: those that PowerShell would read, whatever their case."""

from __future__ import annotations

import pytest
from verso_powershell.plugin import verso_kernels

from verso.api.variables import NOTEBOOK_OWNER, VariableInfo
from verso.engine.variables import SharedSpace

(SPEC,) = verso_kernels()


def named_in(code: str, *shared: str) -> list[str]:
    space = SharedSpace(lambda variable, removed: None)
    for name in shared:
        space.define(VariableInfo(name=name), {"t": "null"}, NOTEBOOK_OWNER)
    return space.named_in(code, SPEC.mentions, ignores_case=SPEC.ignores_case)


@pytest.mark.parametrize(
    "code",
    [
        "$steps",
        "$STEPS",
        "${steps}",
        "$script:steps",
        "${global:Steps}",
        '"done $steps of $($steps)"',
        "Train -Steps:$steps",
        "foreach ($step in 1..$steps) { }",
        "Train @steps",
        "$steps::Parse('1')",
        "Get-Variable steps -ValueOnly",
        "get-variable -Name 'steps'",
        "gv -ValueOnly steps",
        "Test-Path variable:steps",
        "$variable:steps",
        "$using:steps",
        "@'\n$steps\n'@",
    ],
)
def test_a_variable_is_found(code: str) -> None:
    assert named_in(code, "steps", "step", "other") in (["steps"], ["step", "steps"])
    assert "steps" in named_in(code, "steps")


@pytest.mark.parametrize(
    "code",
    [
        "Write-Host 'the item'",
        "Get-Item host",
        "$env:host",
        "$hosts; $myhost",
        "@{ host = 1 }",
        "# the host, an item",
        "[Item]::new()",
        "Invoke-Thing -Item 3",
    ],
)
def test_words_that_are_no_variables_are_left_alone(code: str) -> None:
    """A value of another language would otherwise be brought along, or refused with a remark in the cell."""
    assert named_in(code, "host", "item", "error") == []

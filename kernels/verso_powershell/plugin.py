"""What this package brings: the PowerShell kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl

MENTIONS: Final = (
    r"(?:(?:\$\{?|@)(?:(?!(?i:env):)\w+:)?"  # $steps, ${steps}, $script:steps, @steps, also in strings; not $env:steps
    r"|(?i:(?:variable|\bgv)\s+(?:-\w+\s+)*['\"]?|variable:))"  # Get-Variable -Name steps, gv steps, variable:steps
    r"(\w+)"
)
"""Names of variables in PowerShell code. A command's name is none: `Write-Host` does not mention `$host`."""


@hookimpl
def verso_kernels() -> Sequence[Kernelspec]:
    """PowerShell 7.2 or newer."""
    return [
        Kernelspec(
            name="powershell",
            title="PowerShell",
            create="verso_powershell.kernel:create",
            probe="verso_powershell.find:probe",
            aliases=("pwsh",),
            suffixes=(".ps1", ".psm1"),
            mentions=MENTIONS,
            ignores_case=True,
            settings_id="verso.powershell",
            highlight="powershell",
        )
    ]

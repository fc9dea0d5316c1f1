"""What this package brings: the PowerShell kernel."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl


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
            settings_id="verso.powershell",
            highlight="powershell",
        )
    ]

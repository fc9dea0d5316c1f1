"""PowerShell, run by the user's own `pwsh` in a separate process (docs/kernels/powershell.md)."""

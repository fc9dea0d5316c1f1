# Starts the kernel worker: loads the compiled worker, compiling it when these sources and this
# PowerShell have not met before, and hands over to it. Only engine built-ins are used here, and few:
# every cmdlet from a module would cost its import at each start, every .NET method some milliseconds.
# -Cache is a folder for these very sources (the engine puts their hash into its name).
param([string] $In, [string] $Out, [string] $Cache, [int] $Width = 120)
$ErrorActionPreference = 'Stop'
$dll = [IO.Path]::Combine($Cache, "worker-$($PSVersionTable.PSVersion)-$([Environment]::Version).dll")
try {
    if (-not [IO.File]::Exists($dll)) {
        if ($PSVersionTable.PSVersion.Major -lt 7 -or ($PSVersionTable.PSVersion.Major -eq 7 -and $PSVersionTable.PSVersion.Minor -lt 2)) {
            [Console]::Error.WriteLine("PowerShell $($PSVersionTable.PSVersion) is too old: 7.2 is the oldest that works.")
            exit 3
        }
        # Compile under a name of its own, then rename: a kernel starting at the same time sees
        # either no file or a whole one, and the second rename replaces like with like.
        $null = [IO.Directory]::CreateDirectory($Cache)
        # -OutputAssembly takes wildcards, and no escape for them: name the file from inside its folder.
        $mine = "build-$PID-$([Guid]::NewGuid().ToString('N')).dll"
        Set-Location -LiteralPath $Cache
        Add-Type -LiteralPath ([IO.Directory]::GetFiles($PSScriptRoot, '*.cs')) -OutputAssembly $mine -OutputType Library
        [IO.File]::Move([IO.Path]::Combine($Cache, $mine), $dll, $true)
    }
    $null = [Reflection.Assembly]::LoadFrom($dll)
    $from = 'cache'
} catch {
    # A cache that cannot be written, or a damaged file in it, costs time but no kernel.
    Add-Type -LiteralPath ([IO.Directory]::GetFiles($PSScriptRoot, '*.cs'))
    $from = 'memory'
}
[NotebookKernel.Worker]::Run($In, $Out, $Width, $from)

# Starts the kernel worker: loads the compiled worker, compiling it when this source and this
# PowerShell have not met before, and hands over to it. Only engine built-ins are used here:
# every cmdlet from a module would cost its import at each start.
param([string] $In, [string] $Out, [string] $Cache, [int] $Width = 120)
if ($PSVersionTable.PSVersion.Major -lt 7 -or ($PSVersionTable.PSVersion.Major -eq 7 -and $PSVersionTable.PSVersion.Minor -lt 2)) {
    [Console]::Error.WriteLine("PowerShell $($PSVersionTable.PSVersion) is too old: 7.2 is the oldest that works.")
    exit 3
}
$ErrorActionPreference = 'Stop'
$files = [IO.Directory]::GetFiles($PSScriptRoot, '*.cs')
[Array]::Sort($files, [StringComparer]::Ordinal)
$seed = [Text.StringBuilder]::new("$($PSVersionTable.PSVersion) $([Environment]::Version)")
foreach ($file in $files) { $null = $seed.Append([IO.File]::ReadAllText($file)) }
$hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($seed.ToString()))
$dll = [IO.Path]::Combine($Cache, 'worker-' + [Convert]::ToHexString($hash).Substring(0, 24) + '.dll')
try {
    if (-not [IO.File]::Exists($dll)) {
        # Compile under a name of its own, then rename: a kernel starting at the same time sees
        # either no file or a whole one, and the second rename replaces like with like.
        $null = [IO.Directory]::CreateDirectory($Cache)
        # -OutputAssembly takes wildcards, and no escape for them: name the file from inside its folder.
        $mine = "build-$PID-$([Guid]::NewGuid().ToString('N')).dll"
        Set-Location -LiteralPath $Cache
        Add-Type -LiteralPath $files -OutputAssembly $mine -OutputType Library
        [IO.File]::Move([IO.Path]::Combine($Cache, $mine), $dll, $true)
    }
    $null = [Reflection.Assembly]::LoadFrom($dll)
    $from = 'cache'
} catch {
    # A cache that cannot be written, or a damaged file in it, costs time but no kernel.
    Add-Type -LiteralPath $files
    $from = 'memory'
}
[NotebookKernel.Worker]::Run($In, $Out, $Width, $from)

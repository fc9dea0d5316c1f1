# Loads the cmdlets of PSQuickGraph.cs, compiled once per PowerShell version and source text into the
# user's cache folder. The two that no hot loop calls are functions here.

function Get-CacheFolder {
    if ($env:VERSO_CACHE) { return $env:VERSO_CACHE }
    if ($IsWindows) { return [IO.Path]::Combine($env:LOCALAPPDATA, 'verso', 'Cache', 'powershell') }
    if ($IsMacOS) { return [IO.Path]::Combine($HOME, 'Library', 'Caches', 'verso', 'powershell') }
    $root = if ($env:XDG_CACHE_HOME -and [IO.Path]::IsPathRooted($env:XDG_CACHE_HOME)) { $env:XDG_CACHE_HOME } else { [IO.Path]::Combine($HOME, '.cache') }
    [IO.Path]::Combine($root, 'verso', 'powershell')
}

$source = [IO.Path]::Combine($PSScriptRoot, 'PSQuickGraph.cs')
try {
    $seed = "$($PSVersionTable.PSVersion) $([Environment]::Version) $([IO.File]::ReadAllText($source))"
    $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($seed))
    $cache = Get-CacheFolder
    $library = [IO.Path]::Combine($cache, 'PSQuickGraph-' + [Convert]::ToHexString($hash).Substring(0, 24) + '.dll')
    if (-not [IO.File]::Exists($library)) {
        # Under a name of its own first, then renamed: a compilation that fails leaves an empty file, and
        # of two sessions that start at once each sees no file or a whole one.
        $null = [IO.Directory]::CreateDirectory($cache)
        $mine = "build-$PID-$([Guid]::NewGuid().ToString('N')).dll"
        # -OutputAssembly takes wildcards, and no escape for them: name the file from inside its folder.
        Push-Location -LiteralPath $cache
        try { Add-Type -LiteralPath $source -OutputAssembly $mine -OutputType Library -ErrorAction Stop }
        finally { Pop-Location }
        [IO.File]::Move([IO.Path]::Combine($cache, $mine), $library, $true)
    }
    Import-Module $library -ErrorAction Stop
}
catch {
    # A cache that cannot be written, or a damaged file in it, costs time but no cmdlets.
    Import-Module -Assembly (Add-Type -LiteralPath $source -PassThru -ErrorAction Stop)[0].Assembly -ErrorAction Stop
}

function Test-GraphPath {
    <#
    .SYNOPSIS
    Whether a way leads from one vertex to another.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [object] $From,
        [Parameter(Mandatory)] [object] $To,
        [Parameter(Mandatory)] [object] $Graph)

    @(Get-GraphPath -From $From -To $To -Graph $Graph).Count -gt 0
}

function Get-GraphCentrality {
    <#
    .SYNOPSIS
    Betweenness of each vertex: how many shortest paths between two others lead through it, shared ones in part.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipeline)] [object] $Graph)

    process {
        $vertices = @($Graph.Vertices)
        $count = $vertices.Count
        # Vertices of a graph with labels that are not unique are told apart by reference alone.
        $index = [Collections.Generic.Dictionary[object, int]]::new([Collections.Generic.ReferenceEqualityComparer]::Instance)
        for ($i = 0; $i -lt $count; $i++) { $index[$vertices[$i]] = $i }
        $next = [object[]]::new($count)
        for ($i = 0; $i -lt $count; $i++) { $next[$i] = [Collections.Generic.List[int]]::new() }
        foreach ($edge in $Graph.Edges) { $next[$index[$edge.Source]].Add($index[$edge.Target]) }

        $centrality = [double[]]::new($count)
        for ($start = 0; $start -lt $count; $start++) {
            # Brandes: shortest paths from here, then their shares back from the farthest vertex.
            $paths = [double[]]::new($count)
            $level = [int[]]::new($count)
            $before = [object[]]::new($count)
            for ($i = 0; $i -lt $count; $i++) { $level[$i] = -1; $before[$i] = [Collections.Generic.List[int]]::new() }
            $queue = [Collections.Generic.Queue[int]]::new()
            $seen = [Collections.Generic.Stack[int]]::new()
            $paths[$start] = 1
            $level[$start] = 0
            $queue.Enqueue($start)
            while ($queue.Count) {
                $at = $queue.Dequeue()
                $seen.Push($at)
                foreach ($to in $next[$at]) {
                    if ($level[$to] -lt 0) { $level[$to] = $level[$at] + 1; $queue.Enqueue($to) }
                    if ($level[$to] -eq $level[$at] + 1) { $paths[$to] += $paths[$at]; $before[$to].Add($at) }
                }
            }
            $share = [double[]]::new($count)
            while ($seen.Count) {
                $at = $seen.Pop()
                foreach ($from in $before[$at]) { $share[$from] += $paths[$from] / $paths[$at] * (1 + $share[$at]) }
                if ($at -ne $start) { $centrality[$at] += $share[$at] }
            }
        }
        for ($i = 0; $i -lt $count; $i++) { [pscustomobject]@{ Vertex = $vertices[$i]; Centrality = $centrality[$i] } }
    }
}

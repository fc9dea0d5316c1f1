function Export-GraphvizView {
    <#
    .SYNOPSIS
    Draws a graph in DOT: SVG text, or the bytes of a PNG or JPEG picture.
    .DESCRIPTION
    Graphviz draws, where its program for the layout is on the path; else the notebook engine does, with what its
    graph extension has (VERSO_PYTHON names the engine's Python).
    #>
    [CmdletBinding(DefaultParameterSetName = 'Text')]
    param(
        [Parameter(Mandatory, ValueFromPipeline, ParameterSetName = 'Text')] [AllowEmptyString()] [string] $InputObject,
        [Parameter(Mandatory, ParameterSetName = 'File')] [string] $DotPath,
        [Parameter(Mandatory)] [ValidateSet('Dot', 'Neato', 'Fdp', 'Sfdp', 'Twopi', 'Circo')] [string] $Renderer,
        [ValidateSet('Svg', 'Png', 'Jpg')] [string] $As,
        [string] $OutputPath)
    begin {
        $lines = [Collections.Generic.List[string]]::new()
        function Stop-Export([string] $Id, [string] $Category, [string] $Message, $Target) {
            $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($Message), "PSGraphView.$Id", $Category, $Target))
        }
    }
    process { if ($PSCmdlet.ParameterSetName -eq 'Text') { $lines.Add($InputObject) } }
    end {
        if ($DotPath) {
            $file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($DotPath)
            if (-not [IO.File]::Exists($file)) { Stop-Export DotPathNotFound ObjectNotFound "DOT file not found: $DotPath" $DotPath }
            try { $dot = [IO.File]::ReadAllText($file) }
            catch { Stop-Export DotInputReadFailed ReadError "DOT file $DotPath can't be read: $($_.Exception.Message)" $DotPath }
        }
        else { $dot = $lines -join "`n" }
        if ([string]::IsNullOrWhiteSpace($dot)) { Stop-Export InvalidDotInput InvalidData 'The DOT text is empty.' $dot }
        if (-not $As) {
            $As = switch ([IO.Path]::GetExtension("$OutputPath")) {
                '.png' { 'Png' }
                '.jpg' { 'Jpg' }
                '.jpeg' { 'Jpg' }
                default { 'Svg' }
            }
        }
        $layout = $Renderer.ToLowerInvariant()
        $kind = $As.ToLowerInvariant()
        $tool = Get-Command $layout -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        if ($tool) { $program = $tool.Source; $arguments = @("-T$kind") }
        elseif ($env:VERSO_PYTHON) { $program = $env:VERSO_PYTHON; $arguments = @('-P', '-m', 'verso_graph', 'render', '--engine', $layout, '--as', $kind) }
        else { Stop-Export GraphvizExecutableNotFound ObjectNotFound "Graphviz executable '$layout' was not found." $Renderer }
        $start = [Diagnostics.ProcessStartInfo]::new($program)
        foreach ($argument in $arguments) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $out = [IO.MemoryStream]::new()
        $copy = $process.StandardOutput.BaseStream.CopyToAsync($out)
        $complaint = $process.StandardError.ReadToEndAsync()
        $bytes = [Text.Encoding]::UTF8.GetBytes($dot)
        try { $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length); $process.StandardInput.Close() } catch [IO.IOException] { }
        $process.WaitForExit()
        $copy.Wait()
        if ($process.ExitCode -ne 0) {
            $message = $complaint.Result.Trim()
            # 3 is what `verso_graph render` ends with when it has no program to draw with either.
            if (-not $tool -and $process.ExitCode -eq 3) { Stop-Export GraphvizExecutableNotFound ObjectNotFound "Graphviz executable '$layout' was not found. $message" $Renderer }
            Stop-Export GraphvizRenderFailed InvalidResult "Graphviz failed ($($process.ExitCode)): $message" $Renderer
        }
        if ($OutputPath) { [IO.File]::WriteAllBytes($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath), $out.ToArray()) }
        elseif ($As -eq 'Svg') { [Text.Encoding]::UTF8.GetString($out.ToArray()) }
        else { , $out.ToArray() }
    }
}

@{
    RootModule        = 'PSGraphView.psm1'
    ModuleVersion     = '0.2.0'
    GUID              = '6f1a0d3e-2b7c-4f0e-9d44-0a4a3c3b2a02'
    Author            = 'Verso'
    Description       = 'Not the module of that name from the PowerShell Gallery: a compatible one that comes with Verso, so that notebooks run where the Gallery cannot be reached. It is last on the module path: Install-Module PSGraphView puts the real one before it.'
    PowerShellVersion = '7.2'
    FunctionsToExport = @('Export-GraphvizView')
    CmdletsToExport   = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}

# Runs every Pester test in this folder, and leaves no file behind: pwsh -NoProfile -NonInteractive -File powershell/test/run.ps1
# Exit code: how many failed.
if (-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 })) {
    'skipped: Pester 5 or later is not installed'
    exit 0
}
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.Exit = $true
$configuration.Output.RenderMode = 'Plaintext'
Invoke-Pester -Configuration $configuration

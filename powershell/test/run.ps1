# Runs every Pester test in this folder, and leaves no file behind: pwsh -NoProfile -NonInteractive -File powershell/test/run.ps1
# With names, such as direct, only those of the files that are called so. Exit code: how many failed.
if (-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 })) {
    'skipped: Pester 5 or later is not installed'
    exit 0
}
$configuration = New-PesterConfiguration
$configuration.Run.Path = if ($args) { $args | ForEach-Object { Join-Path $PSScriptRoot "$_.Tests.ps1" } } else { $PSScriptRoot }
$configuration.Run.Exit = $true
$configuration.Output.RenderMode = 'Plaintext'
Invoke-Pester -Configuration $configuration

# Runs the endpoint scripts on machines in memory, many in one process. Reads lines of JSON, { state, parameter } for an
# action or { state, sensor } for a sensor, and answers each with one: { lines, exit, state }, state null where nothing was
# changed, or { failure } where the fake itself failed. The first line that it writes is { version }.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
$out = [Console]::Out
if ($PSVersionTable.PSVersion -lt [version]'7.5') {
    $out.WriteLine('{"version":"' + $PSVersionTable.PSVersion + '","failure":"PowerShell 7.5 or later is needed"}')
    exit 1
}
# What is compared to the drive of a machine in memory.
$env:SystemDrive = 'C:'
$folder = Join-Path $PSScriptRoot '../../../powershell'
# Parsed once, and defined anew for each run as in a new process: a sensor has nothing of the wrapper.
$Wrapper = (Get-Command (Join-Path $folder 'expand_params.ps1')).ScriptBlock
$Management = (Get-Command (Join-Path $folder 'secureone_management.ps1')).ScriptBlock
$Replacements = (Get-Command (Join-Path $PSScriptRoot 'fake.ps1')).ScriptBlock
. $Replacements

# In the place of the wrapper's own.
$WrapperReplacements = {
    function Get-LanguageMode { if ($Fake.State['machine']['Language'] -ceq 'constrained') { 'ConstrainedLanguage' } else { 'FullLanguage' } }

    function Get-ProcessBitness { 64 }

    function Invoke-Script([string[]]$Words) {
        . $Management
        . $Replacements
        Invoke-Management -Arguments $Words
        $script:ExitCode
    }
}

function Invoke-Action([string]$Parameter) {
    . $Wrapper
    . $WrapperReplacements
    # Under constrained language the wrapper prints by the pipeline.
    Invoke-Package $Parameter @() | ForEach-Object { $Fake.Lines.Add($_) }
    $script:PackageExit
}

function Invoke-Sensor([string]$Action) {
    . $Management
    . $Replacements
    $DefaultAction = $Action
    Invoke-Management | ForEach-Object { $Fake.Lines.Add($_) }
    $script:ExitCode
}

function Get-Answer([string]$Line) {
    $request = ConvertFrom-Json $Line -AsHashtable -DateKind String -Depth 20
    $Fake = New-Fake $request['state']
    $exit = if ($request['sensor']) { Invoke-Sensor $request['sensor'] } else { Invoke-Action $request['parameter'] }
    # Nobody but the two scripts writes to the console.
    foreach ($text in $said.ToString() -split '\r?\n') { if ($text) { $Fake.Lines.Add($text) } }
    @{ lines = @($Fake.Lines); exit = $exit; state = if ($Fake.Changed) { $Fake.State } }
}

$out.WriteLine('{"version":"' + $PSVersionTable.PSVersion + '"}')
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $said = [IO.StringWriter]::new()
    [Console]::SetOut($said)
    try { $answer = Get-Answer $line } catch { $answer = @{ failure = "$_ $($_.ScriptStackTrace)" } }
    $out.WriteLine((ConvertTo-Json -InputObject $answer -Depth 20 -Compress -EscapeHandling EscapeNonAscii))
    $out.Flush()
}

# For test/endpoint/crash.test.ts: runs commands on a machine in memory, and dies on the way. Reads lines of JSON:
# { state, commands, at, kill, file, folder }. commands: each a list of arguments. At the step numbered at, every call of a function
# that touches the machine being two, before it and after it, the run ends: as if the process were gone, for nothing of the
# script runs any more, neither a catch nor what follows; with kill the process is gone in earnest. Answers
# { lines, died, effects, state }: effects has the number of the step of each change and the state after it, state what would
# be found after a death; file, if it is given, has that too, written at each change. With folder what the script keeps is in
# real files there, and each statement that writes one is a step; in state, a file that is no entry has its whole name.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
$folder = Split-Path $PSScriptRoot
. (Join-Path $folder 'secureone_management.ps1')
. (Join-Path $folder 'expand_params.ps1')
. (Join-Path $PSScriptRoot '../../src/simulator/powershell/fake.ps1')
. (Join-Path $PSScriptRoot 'state.ps1')
$KeptInFiles = Get-StateBlock Inner-

# As SAM tells it: it keeps the very moment, and tells the age in whole seconds, 0 as where the password was never set.
function Get-FakeSecond { $Fake.Now.ToString('o', [cultureinfo]::InvariantCulture) }

function Get-SamUser {
    foreach ($entry in $Fake.State['users']) {
        $age = if ($entry['passwordSet']) { [Math]::Floor(($Fake.Now - (ConvertFrom-FakeTime $entry['passwordSet'])).TotalSeconds) }
        @{
            Rid = $entry['rid']; Name = $entry['name']; FullName = ''; Description = ''; UserFlags = [int]$entry['userFlags']
            Expires = $null; PasswordSet = if ($age) { $Fake.Now.AddSeconds(-$age) }
        }
    }
}

function Step {
    $Crash.Steps++
    if ($Crash.Steps -ne $Crash.At) { return }
    if ($Crash.Kill) {
        [Diagnostics.Process]::GetCurrentProcess().Kill()
        Start-Sleep -Seconds 60
    }
    if ($Crash.Folder) { Close-Open }
    # To the loop around the run: no catch sees it, and this script has no finally on the way.
    break run
}

# Windows does it in two: in between there is nothing under the name.
function Invoke-Replace($Paths) {
    $from, $to, $aside = $Paths
    [IO.File]::Move($to, $aside)
    Step
    [IO.File]::Move($from, $to)
}

function Write-Kept {
    Get-ChildItem $StateFolder | Remove-Item
    foreach ($name in $Fake.State['files'].Keys) {
        $file = if ($name.Contains('.')) { $name } else { "$name.json" }
        [IO.File]::WriteAllText("$StateFolder/$file", $Fake.State['files'][$name])
    }
}

function Read-Kept {
    $files = @{}
    Get-ChildItem $StateFolder | ForEach-Object { $files[$_.Name -creplace '\.json\z'] = [IO.File]::ReadAllText($_.FullName) }
    $Fake.State['files'] = $files
}

function Save-Effect {
    if ($Crash.Folder) { Read-Kept }
    $text = ConvertTo-Json -InputObject $Fake.State -Depth 20 -Compress
    $Crash.Effects.Add(@{ step = $Crash.Steps; state = $text })
    if ($Crash.File) { [IO.File]::WriteAllText($Crash.File, $text) }
}

$effects = 'Add-SamMember', 'New-SamUser', 'Remove-SamUser', 'Set-SamUser', 'Set-SamPassword', 'Write-State', 'Remove-State'
foreach ($name in $effects + @('Get-Machine', 'Get-SamUser', 'Get-SamGroup', 'Get-SamMember', 'Get-SamPolicy', 'Get-RegistryValue',
        'Get-CimRow', 'Get-TaskRow', 'Get-PoolRow', 'Get-StateName', 'Read-State', 'New-RsaKey', 'Wait-Second', 'Write-Line')) {
    Set-Item "function:Inner-$name" (Get-Item "function:$name").ScriptBlock
    $save = if ($effects -ccontains $name) { 'Save-Effect' }
    Set-Item "function:$name" ([scriptblock]::Create("Step; Inner-$name @args; $save; Step"))
}

function Invoke-Run($Request) {
    $Fake = New-Fake $Request.state
    $Crash = @{
        Steps = 0; At = $Request.at; Kill = [bool]$Request['kill']; File = $Request['file']; Folder = $Request['folder']
        Effects = [Collections.Generic.List[object]]::new()
    }
    if ($Crash.Folder) {
        $StateFolder = $Crash.Folder
        . $KeptInFiles
        Write-Kept
    }
    $died = $true
    :run do {
        foreach ($words in $Request.commands) { Invoke-Management -Arguments $words }
        $died = $false
    } while ($false)
    if ($Crash.Folder) { Read-Kept }
    @{ lines = @($Fake.Lines); died = $died; effects = @($Crash.Effects); state = $Fake.State }
}

while ($null -ne ($line = [Console]::In.ReadLine())) {
    # What was on its way to somebody when the run died comes before the answer.
    $answer = try { @(Invoke-Run (ConvertFrom-Json $line -AsHashtable -DateKind String -Depth 20))[-1] } catch { @{ failure = "$_ $($_.ScriptStackTrace)" } }
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $answer -Depth 20 -Compress -EscapeHandling EscapeNonAscii))
}

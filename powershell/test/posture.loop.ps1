# For test/endpoint/posture.test.ts: answers each line, the raw values of a machine as JSON, with the line that the posture
# sensor prints there.
. (Join-Path (Split-Path $PSScriptRoot) 'secureone_management.ps1')
$DefaultAction = 'Posture'
$env:SystemDrive = 'C:'

function Write-Line($Text) { [Console]::Out.WriteLine($Text) }
function Get-Machine {
    @{
        Name = 'PC01'; Sid = 'S-1-5-21-1-2-3'; Domain = $null; Build = $state.device.build; PS = $state.device.powershell
        ProductType = @{ workstation = 1; dc = 2; server = 3 }[$state.kind]
        Bits = 64; Language = 'full'; LocalAccounts = $true; FreeMB = 1
    }
}
function Get-Laps { @{ Mode = $state.device['laps']; Rid = $null } }
function Get-SamUser {
    foreach ($rid in 500, 501) {
        if ($state.device.Contains("on$rid")) { @{ Rid = $rid; Name = "$rid"; UserFlags = if ($state.device["on$rid"]) { 0 } else { 2 } } }
    }
}
function Get-SamPolicy { @{} + $state.policy }
function Get-RegistryValue($Path, $Name) { $state.registry["$Path|$Name"] }
function Get-CimRow($Class, $Namespace) { $state.cim[$Class] }

while ($null -ne ($line = [Console]::In.ReadLine())) {
    $state = ConvertFrom-Json -AsHashtable $line
    Invoke-Management
}

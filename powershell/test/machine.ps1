# For the tests of what the scripts do, which dot-source it: both scripts over a machine in memory, and commands for it.
# $Fake, where a test keeps the machine, is what the commands of that test work on.
. (Join-Path $PSScriptRoot '../secureone_management.ps1')
. (Join-Path $PSScriptRoot '../expand_params.ps1')
. (Join-Path $PSScriptRoot '../../src/simulator/powershell/fake.ps1')
# What is compared to the drive of a machine in memory.
$env:SystemDrive = 'C:'

$Sid = 'S-1-5-21-11-22-33'
$Corp = 'S-1-5-21-9-9-9'
$Managers = 'S-1-5-32-580'

function New-User($Rid, $Name, [hashtable]$With = @{}) {
    $user = @{
        rid = $Rid; name = $Name; fullName = ''; description = ''; userFlags = 0x200; expires = $null
        passwordSet = '2026-01-01T10:00:00Z'; password = "first of $Rid"
    }
    foreach ($key in $With.Keys) { $user[$key] = $With[$key] }
    $user
}

function New-Member($Sid, $Kind = 'u', $Name = $null) { @{ sid = $Sid; kind = $Kind; name = $Name } }

# Four accounts, Guest disabled, of which Administrator and ops are administrators; ops is locked out, svc has flags. $With:
# keys of the state that are others; of machine, the values that are.
function New-Machine([hashtable]$With = @{}) {
    $state = @{
        machine = @{ Name = 'PC1'; Sid = $Sid; Domain = 'corp.example'; Build = '10.0.26100' }
        now = '2026-03-02T09:00:00Z'
        nextRid = 1003
        users = @(
            (New-User 500 'Administrator')
            (New-User 501 'Guest' @{ userFlags = 0x222; passwordSet = $null })
            (New-User 1001 'ops' @{ userFlags = 0x210; fullName = 'Operations' })
            (New-User 1002 'svc' @{ userFlags = 0x10242; expires = '2027-01-31T23:00:00Z' })
        )
        groups = @(
            @{ sid = 'S-1-5-32-544'; name = 'Administrators'; members = @(
                    (New-Member "$Sid-500"), (New-Member "$Sid-1001"), (New-Member "$Corp-512" g 'CORP\Domain Admins')) }
            @{ sid = 'S-1-5-32-545'; name = 'Users'; members = @((New-Member "$Sid-1001")) }
            @{ sid = $Managers; name = 'Remote Management Users'; members = @() }
        )
        directory = @{ "$Corp-1106" = @{ kind = 'u'; name = 'CORP\alice' } }
    }
    foreach ($key in $With.Keys) {
        if ($key -cne 'machine') { $state[$key] = $With[$key] }
        else { foreach ($name in $With.machine.Keys) { $state.machine[$name] = $With.machine[$name] } }
    }
    New-Fake $state
}

function ConvertTo-Base64([string]$Text) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text)) }

# -PropertyKey and its values, of pairs in turn.
function Get-PropertyWord {
    $keys = for ($at = 0; $at -lt $args.Count; $at += 2) { $args[$at] }
    $values = for ($at = 1; $at -lt $args.Count; $at += 2) { ConvertTo-Base64 $args[$at] }
    $list = $values -join ','
    "-PropertyKey $($keys -join ',') -PropertyValuesB64 $(if ($list) { $list } else { "''" })"
}

# 'LocalUser.Enable -UserRID 1001': the report, of which there has to be one. Words are parted by blanks; '' is an empty one.
function Invoke-Line([string]$Line, [string[]]$More = '-SimpleResult') {
    $first, $rest = $Line -split ' '
    $target, $action = $first -split '\.'
    $Fake.Lines.Clear()
    $Fake.Changed = $false
    $words = @('-Target', $target, '-Action', $action) + $rest + $More | Where-Object { $_ }
    Invoke-Management -Arguments ($words -creplace "^''\z")
    $Fake.Lines.Count | Should -Be 1
    $Fake.Lines[0] | Should -Match '\A[ -~]+\z'
    ConvertFrom-Json $Fake.Lines[0] -AsHashtable -Depth 20 -DateKind String
}

function Get-Account($Rid) { $Fake.State['users'] | Where-Object { $_['rid'] -eq $Rid } }

function Get-MemberList($GroupSid) { @(($Fake.State['groups'] | Where-Object { $_['sid'] -ceq $GroupSid })['members'] | ForEach-Object { $_['sid'] }) }

# $Changed: that of the report and that of the machine.
function Assert-Done($Report, [bool]$Changed) {
    $Report['error'] | Should -BeNullOrEmpty
    $Report['status'] | Should -BeExactly 'ok'
    $Report['changed'] | Should -Be $Changed
    $Fake.Changed | Should -Be $Changed
    $ExitCode | Should -Be 0
}

# And nothing was changed.
function Assert-Failed($Report, [string]$Code, $Native = $null) {
    $Report['status'] | Should -BeExactly 'failed'
    "$($Report['error']['code']) $($Report['error']['native'])" | Should -BeExactly "$Code $(if ($Native) { '0x{0:X8}' -f (0x80070000 + $Native) })"
    $Report['error']['message'] | Should -Not -BeNullOrEmpty
    $Report['changed'] | Should -BeFalse
    $Fake.Changed | Should -BeFalse
    $Report.Contains('data') | Should -BeFalse
    $ExitCode | Should -Be 1
}

# A Windows machine in memory, for secureone_management.ps1: dot-source that script, then this one, and its functions that
# touch Windows work on $Fake, which New-Fake makes of a state. SIDs are written out, times are UTC, and what fails does so
# with the number that Windows has for it, wrapped as ADSI wraps it. For PowerShell 7.5 and later.

# $State: the table behind the JSON that host.ps1 reads. What is missing is that of a machine with nothing in it.
function New-Fake($State) {
    $now = if ($State['now']) { ConvertFrom-FakeTime $State['now'] } else { [datetime]::UtcNow }
    foreach ($key in 'users', 'groups', 'tasks', 'pools', 'events', 'deny', 'slow', 'broken') { $State[$key] = @($State[$key] | Where-Object { $null -ne $_ }) }
    foreach ($key in 'policy', 'registry', 'cim', 'files', 'directory') { if ($null -eq $State[$key]) { $State[$key] = @{} } }
    if ($null -eq $State['laps']) { $State['laps'] = @{ mode = 'none'; rid = $null } }
    $registry = @{}
    (Get-FakeLaps $State), $State['registry'] | ForEach-Object { foreach ($key in $_.Keys) { $registry[$key] = $_[$key] } }
    @{ State = $State; Now = $now; Registry = $registry; Lines = [Collections.Generic.List[string]]::new(); Changed = $false }
}

#region What the fake is made of

function ConvertFrom-FakeTime([string]$Text) { [datetimeoffset]::Parse($Text, [cultureinfo]::InvariantCulture).UtcDateTime }

# SAM counts whole seconds.
function Get-FakeSecond { $Fake.Now.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture) }

# What COM says, in the wrapping that PowerShell gives to the failure of a method.
function Stop-Fake([int]$Win32, [string]$Message) {
    $origin = [Runtime.InteropServices.COMException]::new("$Message`r`n", -2147024896 + $Win32)
    throw [Management.Automation.MethodInvocationException]::new("Exception calling a method: `"$Message`"", $origin)
}

# deny, slow and broken of the state name functions that fail, each in its way.
function Assert-Fake([string]$Function) {
    $state = $Fake.State
    if ($state['deny'] -ccontains $Function) { Stop-Fake 5 'Access is denied.' }
    if ($state['slow'] -ccontains $Function) { Stop-Fake 1460 'This operation returned because the timeout period expired.' }
    if ($state['broken'] -ccontains $Function) { throw [InvalidOperationException]::new("$Function is broken here") }
}

function Test-FakeName([string]$One, [string]$Other) { [string]::Equals($One, $Other, [StringComparison]::OrdinalIgnoreCase) }

function Get-FakeUser($User) {
    foreach ($entry in $Fake.State['users']) { if ($entry['rid'] -eq $User.Rid) { return $entry } }
    Stop-Fake 2221 'The user name could not be found.'
}

function Get-FakeGroup($Group) {
    foreach ($entry in $Fake.State['groups']) { if ($entry['sid'] -ceq $Group.Sid) { return $entry } }
    Stop-Fake 1376 'The specified local group does not exist.'
}

function Assert-FakeName([string]$Name, $Rid) {
    if ($Name.Length -gt 20 -or $Name -cmatch '["/\\[\]:;|=,+*?<>@\p{Cc}]|^[. ]*\z') { Stop-Fake 2202 'The specified username is invalid.' }
    foreach ($entry in $Fake.State['users']) {
        if ($entry['rid'] -ne $Rid -and (Test-FakeName $entry['name'] $Name)) { Stop-Fake 2224 'The account already exists.' }
    }
    foreach ($entry in $Fake.State['groups']) {
        if (Test-FakeName $entry['name'] $Name) { Stop-Fake 1379 'The specified local group already exists.' }
    }
}

# Length, and with Complexity three kinds of characters and no name in it; refuse of the state: so many more are refused.
function Assert-FakePassword([string]$Password, [string]$Name) {
    $state = $Fake.State
    $policy = $state['policy']
    $left = [int]$state['refuse']
    if ($left -gt 0) {
        $state['refuse'] = $left - 1
        $Fake.Changed = $true
    }
    $kinds = @('[a-z]', '[A-Z]', '[0-9]', '[^A-Za-z0-9]' | Where-Object { $Password -cmatch $_ }).Count
    $isSimple = $kinds -lt 3 -or ($Name.Length -ge 3 -and $Password.Contains($Name, [StringComparison]::OrdinalIgnoreCase))
    if ($left -gt 0 -or $Password.Length -lt [int]$policy['MinLength'] -or ($policy['Complexity'] -and $isSimple)) {
        Stop-Fake 2245 'The password does not meet the password policy requirements. Check the minimum password length, password complexity and password history requirements.'
    }
}

# Windows LAPS keeps its account's password to itself; the older LAPS does not.
function Assert-FakeLaps($Entry) {
    $laps = $Fake.State['laps']
    if ('ad', 'entra' -ccontains $laps['mode'] -and $laps['rid'] -eq $Entry['rid']) {
        Stop-Fake 8654 'The request failed because the account is controlled by an external policy.'
    }
}

# The policy of LAPS where Windows keeps it: which kind it is, and the account's name unless that is RID 500.
function Get-FakeLaps($State) {
    $laps = $State['laps']
    $root = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS|'
    $older = 'HKLM:\SOFTWARE\Policies\Microsoft Services\AdmPwd|'
    $policy = switch -CaseSensitive ($laps['mode']) {
        'ad' { @{ "${root}BackupDirectory" = 2 }; $name = "${root}AdministratorAccountName" }
        'entra' { @{ "${root}BackupDirectory" = 1 }; $name = "${root}AdministratorAccountName" }
        'legacy' { @{ "${older}AdmPwdEnabled" = 1 }; $name = "${older}AdminAccountName" }
        default { return @{} }
    }
    if ($laps['rid'] -ne 500) {
        $policy[$name] = 'an account that is gone'
        foreach ($entry in $State['users']) { if ($entry['rid'] -eq $laps['rid']) { $policy[$name] = $entry['name'] } }
    }
    $policy
}

#endregion
#region In the place of the script's own

function Write-Line($Text) { $Fake.Lines.Add($Text) }

function Get-Now { $Fake.Now }

function Wait-Second($Count) { $Fake.Now = $Fake.Now.AddSeconds($Count) }

function Get-Machine {
    Assert-Fake Get-Machine
    $found = @{ Domain = $null; ProductType = 1; PS = '5.1'; Bits = 64; Language = 'full'; LocalAccounts = $true; FreeMB = 20480 }
    foreach ($key in $Fake.State['machine'].Keys) { $found[$key] = $Fake.State['machine'][$key] }
    $found
}

function Get-SamUser {
    Assert-Fake Get-SamUser
    foreach ($entry in $Fake.State['users']) {
        @{
            Rid = $entry['rid']; Name = $entry['name']; FullName = $entry['fullName']; Description = $entry['description']
            UserFlags = [int]$entry['userFlags']
            Expires = if ($entry['expires']) { ConvertFrom-FakeTime $entry['expires'] }
            PasswordSet = if ($entry['passwordSet']) { ConvertFrom-FakeTime $entry['passwordSet'] }
        }
    }
}

function Get-SamGroup { Assert-Fake Get-SamGroup; $Fake.State['groups'] | ForEach-Object { @{ Sid = $_['sid']; Name = $_['name'] } } }

function Get-SamMember($Group) {
    Assert-Fake Get-SamMember
    foreach ($entry in (Get-FakeGroup $Group)['members']) { @{ Sid = $entry['sid']; Kind = $entry['kind']; Name = $entry['name'] } }
}

function Add-SamMember($Group, $Sid) {
    Assert-Fake Add-SamMember
    $state = $Fake.State
    $entry = Get-FakeGroup $Group
    $member = @{ sid = $Sid; kind = 'x'; name = $null }
    if ($Sid -clike 'S-1-5-32-*') { Stop-Fake 1388 'A new member could not be added to a local group because the member has the wrong account type.' }
    if ($Sid -cmatch "^$($state['machine']['Sid'])-([0-9]+)\z") {
        $rid = [long]$Matches[1]
        if (-not @($state['users'] | Where-Object { $_['rid'] -eq $rid })) {
            Stop-Fake 1387 'A member could not be added to or removed from the local group because the member does not exist.'
        }
        $member.kind = 'u'
    }
    elseif ($state['directory'][$Sid]) {
        $member.kind = $state['directory'][$Sid]['kind']
        $member.name = $state['directory'][$Sid]['name']
    }
    if (@($entry['members'] | ForEach-Object { $_['sid'] }) -ccontains $Sid) {
        Stop-Fake 1378 'The specified account name is already a member of the group.'
    }
    $entry['members'] = @($entry['members']) + $member
    $Fake.Changed = $true
}

function Remove-SamMember($Group, $Sid) {
    Assert-Fake Remove-SamMember
    $entry = Get-FakeGroup $Group
    $stay = @($entry['members'] | Where-Object { $_['sid'] -cne $Sid })
    if ($stay.Count -eq @($entry['members']).Count) { Stop-Fake 1377 'The specified account name is not a member of the group.' }
    if ($entry['sid'] -ceq 'S-1-5-32-544' -and $Sid -ceq "$($Fake.State['machine']['Sid'])-500") {
        Stop-Fake 1371 'Cannot perform this operation on built-in accounts.'
    }
    $entry['members'] = $stay
    $Fake.Changed = $true
}

function New-SamUser($Name, $Password) {
    Assert-Fake New-SamUser
    $state = $Fake.State
    Assert-FakeName $Name
    Assert-FakePassword $Password $Name
    # A RID is never used twice.
    $rid = [long]$state['nextRid']
    $state['nextRid'] = $rid + 1
    $state['users'] = @($state['users']) + @{
        rid = $rid; name = $Name; fullName = ''; description = ''; userFlags = 0x203
        expires = $null; passwordSet = Get-FakeSecond; password = $Password
    }
    $Fake.Changed = $true
    $rid
}

function Remove-SamUser($User) {
    Assert-Fake Remove-SamUser
    $state = $Fake.State
    $entry = Get-FakeUser $User
    if ($entry['rid'] -lt 1000) { Stop-Fake 1371 'Cannot perform this operation on built-in accounts.' }
    $sid = "$($state['machine']['Sid'])-$($entry['rid'])"
    $state['users'] = @($state['users'] | Where-Object { $_['rid'] -ne $entry['rid'] })
    foreach ($group in $state['groups']) { $group['members'] = @($group['members'] | Where-Object { $null -ne $_ -and $_['sid'] -cne $sid }) }
    $Fake.Changed = $true
}

function Rename-SamUser($User, $NewName) {
    Assert-Fake Rename-SamUser
    $entry = Get-FakeUser $User
    Assert-FakeName $NewName $entry['rid']
    $entry['name'] = $NewName
    $Fake.Changed = $true
}

function Set-SamUser($User, $Property, $Value) {
    Assert-Fake Set-SamUser
    $entry = Get-FakeUser $User
    switch ($Property) {
        FullName { $entry['fullName'] = $Value }
        Description { $entry['description'] = $Value }
        # Only Windows locks an account.
        UserFlags { $entry['userFlags'] = $Value -band -bnot (0x10 -band -bnot [int]$entry['userFlags']) }
        default { Stop-Fake 87 'The parameter is incorrect.' }
    }
    $Fake.Changed = $true
}

function Set-SamPassword($User, $Password) {
    Assert-Fake Set-SamPassword
    $entry = Get-FakeUser $User
    Assert-FakeLaps $entry
    Assert-FakePassword $Password $entry['name']
    $entry['password'] = $Password
    $entry['passwordSet'] = Get-FakeSecond
    $Fake.Changed = $true
}

function Get-SamPolicy {
    Assert-Fake Get-SamPolicy
    $found = @{}
    foreach ($name in 'MinLength', 'History', 'MinAgeDays', 'MaxAgeDays', 'LockoutThreshold', 'LockoutMinutes', 'LockoutWindowMinutes') {
        $found[$name] = $Fake.State['policy'][$name]
    }
    $found
}

function Get-RegistryValue($Path, $Name) {
    Assert-Fake Get-RegistryValue
    $Fake.Registry["$Path|$Name"]
}

# A class that stands with null cannot be read; one that does not stand has no rows.
function Get-CimRow($Class, $Namespace) {
    Assert-Fake Get-CimRow
    $cim = $Fake.State['cim']
    if (-not $cim.Contains($Class)) { return }
    if ($null -eq $cim[$Class]) { Stop-Fake 1460 'This operation returned because the timeout period expired.' }
    $cim[$Class]
}

function Get-TaskRow {
    Assert-Fake Get-TaskRow
    foreach ($row in $Fake.State['tasks']) { @{ Path = $row['Path']; UserId = $row['UserId'] } }
}

function Get-PoolRow {
    Assert-Fake Get-PoolRow
    foreach ($row in $Fake.State['pools']) { @{ Name = $row['Name']; User = $row['User'] } }
}

function Get-SecurityEvent($Ids, $Seconds) {
    Assert-Fake Get-SecurityEvent
    $oldest = $Fake.Now.AddDays(-30)
    $rows = foreach ($row in $Fake.State['events']) {
        $time = ConvertFrom-FakeTime $row['time']
        if ($Ids -contains $row['id'] -and $time -ge $oldest) { @{ Id = $row['id']; Time = $time; Data = $row['data'] } }
    }
    $rows | Sort-Object { $_.Time } -Descending -Stable
}

# On Linux there is no RSACng; this one knows the same paddings.
function New-RsaKey($Parameters) {
    Assert-Fake New-RsaKey
    $key = [Security.Cryptography.RSA]::Create(2048)
    if ($Parameters) { $key.ImportParameters($Parameters) }
    $key
}

# Nobody else works on this machine.
function Lock-State {}

function Get-StateName { Assert-Fake Get-StateName; $Fake.State['files'].Keys | ForEach-Object { $_ } }

function Read-State($Name) { Assert-Fake Read-State; $Fake.State['files'][$Name] }

function Write-State($Name, $Text) {
    Assert-Fake Write-State
    $Fake.State['files'][$Name] = $Text
    $Fake.Changed = $true
}

function Remove-State($Name) {
    Assert-Fake Remove-State
    $Fake.State['files'].Remove($Name)
    $Fake.Changed = $true
}

#endregion

# The functions that touch Windows, as far as they can be tried without it: over objects that answer as ADSI does.
BeforeAll {
    $folder = Split-Path $PSScriptRoot
    . (Join-Path $folder 'secureone_management.ps1')
    . (Join-Path $folder 'expand_params.ps1')

    function New-Entry($Properties) {
        $entry = [pscustomobject]@{ Properties = $Properties }
        $entry | Add-Member ScriptMethod InvokeGet {
            param($Name)
            if (-not $this.Properties.Contains($Name)) { throw 'The directory property cannot be found in the cache.' }
            , $this.Properties[$Name]
        }
        $entry
    }

    function New-UserEntry($Properties) {
        $all = @{
            objectSid = [byte[]](1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 244, 1, 0, 0)
            Name = 'Administrator'; FullName = ''; Description = ''; UserFlags = 0x10203; IsAccountLocked = $false
            PasswordAge = 86400; PasswordExpired = 0
        }
        foreach ($key in $Properties.Keys) { $all[$key] = $Properties[$key] }
        New-Entry $all
    }

    function Get-Now { [datetime]::new(2026, 3, 2, 9, 0, 0, [DateTimeKind]::Utc) }
}

Describe 'Get-SamUser' {
    It 'reads an account' {
        function Get-SamEntry { New-UserEntry @{ AccountExpirationDate = [datetime]::new(2026, 4, 1, 0, 0, 0, [DateTimeKind]::Utc) } }
        $user = Get-SamUser
        $user.Rid | Should -Be 500
        $user.UserFlags | Should -Be 0x10203
        Format-Time $user.PasswordSet | Should -Be '2026-03-01T09:00:00Z'
        Format-Day $user.Expires | Should -Be '2026-04-01'
    }

    # pwdLastSet is 0 and UF_DONT_EXPIRE_PASSWD set, so that the password never counts as expired (MS-SAMR 3.1.5.14.4).
    It 'shows no time for a password that was never set, whatever the flags' -ForEach 0x10203, 0x10223, 0x203, 0x10200 {
        $flags = $_
        function Get-SamEntry { New-UserEntry @{ UserFlags = $flags; PasswordAge = 0 } }
        (Get-SamUser).PasswordSet | Should -BeNullOrEmpty
    }

    It 'shows a lock that the flags hide, and none that they claim' {
        function Get-SamEntry { New-UserEntry @{ IsAccountLocked = $true }; New-UserEntry @{ UserFlags = 0x213 } }
        $users = @(Get-SamUser)
        $users[0].UserFlags | Should -Be 0x10213
        $users[1].UserFlags | Should -Be 0x203
    }

    It 'shows no end of an account that has none' {
        function Get-SamEntry { New-UserEntry @{} }
        (Get-SamUser).Expires | Should -BeNullOrEmpty
    }
}

Describe 'New-SamUser' {
    It 'has an account disabled from its first moment, and says so again' {
        $calls = [Collections.Generic.List[string]]::new()
        $entry = [pscustomobject]@{ Calls = $calls }
        $entry | Add-Member ScriptMethod SetPassword { $this.Calls.Add('SetPassword') }
        $entry | Add-Member ScriptMethod Put { param($Name, $Value) $this.Calls.Add("$Name $Value") }
        $entry | Add-Member ScriptMethod SetInfo { $this.Calls.Add('SetInfo') }
        $computer = [pscustomobject]@{ Entry = $entry }
        $computer | Add-Member ScriptMethod Create { $this.Entry }
        function Get-SamComputer { $computer }
        New-SamUser 'new' 'Passw0rd'
        $calls | Should -Be 'SetPassword', "UserFlags $(0x203)", 'SetInfo', "UserFlags $(0x203)", 'SetInfo'
    }
}

Describe 'Set-SamPassword' {
    It 'waits until the password has an age' {
        $entry = [pscustomobject]@{ Password = $null }
        $entry | Add-Member ScriptMethod SetPassword { param($Password) $this.Password = $Password }
        $waited = @{ Seconds = 0 }
        function Wait-Second($Count) { $waited.Seconds += $Count }
        Set-SamPassword @{ Entry = $entry } 'Passw0rd'
        $entry.Password | Should -Be 'Passw0rd'
        $waited.Seconds | Should -BeGreaterThan 1
    }
}

# As when Windows asks a domain that does not answer: no signal reaches the thread.
Describe 'A look-up that never ends' {
    BeforeAll {
        $engine = (Get-Command @('powershell', 'pwsh')[[int]($PSVersionTable.PSVersion.Major -ge 6)]).Path
        $stuck = @'
function Get-Machine { @{ Name = 'PC1'; Sid = 'S-1-5-21-1-2-3'; Domain = $null; ProductType = 1; PS = '5.1'; Language = 'full' } }
function General.Inventory { Invoke-Bounded 1 'x' { param($Argument) [Threading.Thread]::Sleep(60000) } }
'@
        $text = Get-Content (Join-Path $folder 'secureone_management.ps1') -Raw
        $last = $text.LastIndexOf('if($MyInvocation')
        Set-Content (Join-Path $TestDrive 'secureone_management.ps1') $text.Insert($last, "$stuck`n")
        Copy-Item (Join-Path $folder 'expand_params.ps1') $TestDrive
    }

    It 'ends <File> all the same, with its report and its exit code' -ForEach @(
        @{ File = 'secureone_management.ps1'; Words = @(); Reports = 1 }
        @{ File = 'expand_params.ps1'; Words = @('two commands'); Reports = 2 }
    ) {
        $command = '.\secureone_management.ps1 -Target General -Action Inventory -SimpleResult'
        $given = @($Words | ForEach-Object { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("$command`n$command")) })
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $lines = @(& $engine -NoProfile -NonInteractive -File (Join-Path $TestDrive $File) @given)
        $LASTEXITCODE | Should -Be 1
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 45
        $lines.Count | Should -Be $Reports
        $lines[0] | Should -BeLike '*"code":"timeout"*0x80070102*'
        if ($Reports -eq 2) { $lines[1] | Should -BeLike '*"status":"skipped"*' }
    }
}

Describe 'Lock-State' {
    BeforeEach {
        $StateFolder = Join-Path $TestDrive "folder-$(New-Guid)"
        $Lock = @{}
        $waited = @{ Seconds = 0; Meanwhile = {} }
        function Test-StateFolder { $true }
        function Wait-Second($Count) { $waited.Seconds += $Count; & $waited.Meanwhile }
        $other = [IO.File]::Open("$StateFolder\lock", 'OpenOrCreate', 'Write', 'None')
    }

    AfterEach {
        $other.Dispose()
        if ($Lock.Count) { $Lock.File.Dispose() }
    }

    It 'waits for another run to end' {
        $waited.Meanwhile = { if ($waited.Seconds -eq 3) { $other.Dispose() } }
        Lock-State
        $waited.Seconds | Should -Be 3
    }

    It 'gives up on one that does not end' {
        { Lock-State } | Should -Throw
        $waited.Seconds | Should -Be 60
    }

    It 'is held once by a run, whatever it does next' {
        $other.Dispose()
        Lock-State
        Lock-State
        $waited.Seconds | Should -Be 0
        { [IO.File]::Open("$StateFolder\lock", 'OpenOrCreate', 'Write', 'None') } | Should -Throw
    }

    It 'comes before a rotation reads anything' {
        function Lock-State { throw 'another run' }
        function Get-User { throw 'has been read' }
        { LocalUser.RotatePassword } | Should -Throw 'another run'
    }
}

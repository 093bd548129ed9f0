# The actions of LocalUser but for passwords, on a machine in memory.
BeforeAll {
    . (Join-Path $PSScriptRoot 'machine.ps1')
}

Describe 'LocalUser.List and LocalUser.Get' {
    BeforeEach { $Fake = New-Machine }

    It 'list accounts by RID, with their flags and the days of their times' {
        $Fake.State['users'] = $Fake.State['users'][3, 0, 2, 1]
        $report = Invoke-Line 'LocalUser.List'
        Assert-Done $report $false
        $users = $report['data']['users']
        $users | ForEach-Object { $_['rid'] } | Should -Be 500, 501, 1001, 1002
        $users[0].Keys | Should -BeExactly 'rid', 'n', 'fn', 'd', 'f', 'on', 'lock', 'exp', 'set'
        $users | ForEach-Object { $_['f'] -join ' ' } | Should -BeExactly '', 'nr', '', 'nc nx'
        $users | ForEach-Object { $_['on'] } | Should -Be $true, $false, $true, $false
        $users | ForEach-Object { $_['lock'] } | Should -Be $false, $false, $true, $false
        $users | ForEach-Object { "$($_['set'])/$($_['exp'])" } |
            Should -BeExactly '2026-01-01/', '/', '2026-01-01/', '2026-01-01/2027-01-31'
    }

    It 'take an account without flags for one that is on' {
        (Get-Account 1002)['userFlags'] = $null
        $user = (Invoke-Line 'LocalUser.Get -UserRID 1002')['data']['user']
        $user['on'], $user['lock'], $user['f'].Count | Should -Be $true, $false, 0
    }

    It 'give every character of a name back as it is' {
        $texts = foreach ($from in 0, 0x80, 0x100, 0x2000, 0xD780, 0xFF80) { -join [char[]]($from..($from + 0x7F)) }
        foreach ($text in @($texts) + "`u{1F600}x`u{10FFFF}") {
            (Get-Account 1001)['name'] = $text
            (Get-Account 1001)['description'] = "$text\"
            $user = (Invoke-Line 'LocalUser.Get -UserRID 1001')['data']['user']
            [string]::Equals($user['n'], $text) | Should -BeTrue
            [string]::Equals($user['d'], "$text\") | Should -BeTrue
        }
        # Half of a pair: SAM does not mind, and this parser would.
        (Get-Account 1001)['name'] = "a$([char]0xD800)"
        $null = Invoke-Line 'LocalUser.Get -UserRID 1001'
        $Fake.Lines[0].Contains('"n":"a\ud800"') | Should -BeTrue
    }

    It 'find an account by RID, by name in any case, and by both' {
        $name = ConvertTo-Base64 'OPS'
        foreach ($line in '-UserRID 1001', "-UserNameB64 $name", "-UserRID 1001 -UserNameB64 $name") {
            (Invoke-Line "LocalUser.Get $line")['data']['user']['rid'] | Should -Be 1001
        }
    }

    It 'want RID and name to be of one account' {
        foreach ($pair in @(1002, 'ops'), @(4711, 'ops'), @(1001, 'nobody')) {
            Assert-Failed (Invoke-Line "LocalUser.Get -UserRID $($pair[0]) -UserNameB64 $(ConvertTo-Base64 $pair[1])") bad-argument
        }
    }
}

Describe 'an account that is not there' {
    BeforeEach { $Fake = New-Machine }

    It 'is not found by <_>' -ForEach 'Get', 'Enable', 'Disable', 'Unlock', 'SetProperty', 'Rename' {
        $more = @{ SetProperty = Get-PropertyWord Description x; Rename = "-PropertyValuesB64 $(ConvertTo-Base64 x)" }[$_]
        foreach ($line in '-UserRID 4711', "-UserNameB64 $(ConvertTo-Base64 '*')", "-UserRID 4711 -UserNameB64 $(ConvertTo-Base64 'nobody')") {
            Assert-Failed (Invoke-Line "LocalUser.$_ $line $more") not-found 2221
        }
    }

    It 'is deleted already' { Assert-Done (Invoke-Line 'LocalUser.Delete -UserRID 4711') $false }
}

Describe 'LocalUser.Create' {
    BeforeEach { $Fake = New-Machine }

    It 'makes a disabled account with a password that nobody keeps' {
        $report = Invoke-Line "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 'Jürgen 1')"
        Assert-Done $report $true
        $user = Get-Account 1003
        $user['name'], $user['userFlags'] | Should -Be 'Jürgen 1', 0x203
        $user['password'] | Should -Match '\A[!-~]{64}\z'
        $Fake.Lines[0].Contains($user['password']) | Should -BeFalse
    }

    It 'sets what is asked for, and leaves an account that is there' {
        $line = "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 new) $(Get-PropertyWord FullName 'A, B' PasswordNeverExpires true Description '')"
        Assert-Done (Invoke-Line $line) $true
        $user = Get-Account 1003
        $user['fullName'], $user['userFlags'] | Should -Be 'A, B', 0x10203
        $report = Invoke-Line $line
        Assert-Done $report $false
        $report['data']['rid'] | Should -Be 1003
    }

    It 'makes none of the name <Name>' -ForEach @(
        @{ Name = 'abcdefghijklmnopqrstu'; Native = 2202 }, @{ Name = '...'; Native = 2202 }, @{ Name = ' . '; Native = 2202 }
        @{ Name = "a`tb"; Native = 2202 }, @{ Name = 'a@b'; Native = 2202 }, @{ Name = 'a\b'; Native = 2202 }
        @{ Name = 'USERS'; Native = 1379; Code = 'exists' }
    ) {
        $code = if ($_['Code']) { $_['Code'] } else { 'bad-argument' }
        Assert-Failed (Invoke-Line "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 $Name)") $code $Native
    }

    It 'leaves no half-made account behind: <Name>' -ForEach @(
        @{ Name = 'a password that is refused'; With = @{ policy = @{ MinLength = 65 } }; Code = 'password-policy' }
        @{ Name = 'a property that may not be set'; With = @{ deny = @('Set-SamUser') }; Code = 'access-denied' }
    ) {
        $Fake = New-Machine $With
        $report = Invoke-Line "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 new) $(Get-PropertyWord FullName x)"
        $report['status'], $report['error']['code'], $report['changed'] | Should -Be 'failed', $Code, $false
        $Fake.State['users'].Count | Should -Be 4
    }

    It 'removes what New-SamUser left (C12)' {
        function New-SamUser($Name) {
            $Fake.State['users'] += New-User 1003 $Name
            Stop-Fake 2245 'The password does not meet the password policy requirements.'
        }
        (Invoke-Line "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 new)")['error']['code'] | Should -Be 'password-policy'
        Get-Account 1003 | Should -BeNullOrEmpty
    }

    It 'does not remove what somebody else made in the meantime' {
        function New-SamUser($Name) {
            $Fake.State['users'] += New-User 1003 $Name
            Stop-Fake 2224 'The account already exists.'
        }
        (Invoke-Line "LocalUser.Create -UserNameB64 $(ConvertTo-Base64 new)")['error']['code'] | Should -Be 'exists'
        Get-Account 1003 | Should -Not -BeNullOrEmpty
    }
}

Describe 'LocalUser.Delete' {
    BeforeEach { $Fake = New-Machine }

    It 'deletes an account, which leaves its groups' {
        Assert-Done (Invoke-Line 'LocalUser.Delete -UserRID 1001') $true
        Get-Account 1001 | Should -BeNullOrEmpty
        Get-MemberList 'S-1-5-32-545' | Should -BeNullOrEmpty
    }

    It 'deletes none of Windows'' own, whatever they are called' {
        # Before Windows is asked.
        function Remove-SamUser { throw 'Windows was asked' }
        $Fake.State['users'] += New-User 503 'DefaultAccount'
        (Get-Account 500)['name'] = 'root'
        foreach ($line in '-UserRID 500', '-UserRID 501', '-UserRID 503', "-UserNameB64 $(ConvertTo-Base64 ROOT)") {
            Assert-Failed (Invoke-Line "LocalUser.Delete $line") special-account 1371
        }
    }

    It 'keeps the last administrator' {
        (Get-Account 500)['userFlags'] = 0x202
        (Get-Account 1001)['userFlags'] = 0x200
        $Fake.State['groups'][0]['members'] = @((New-Member "$Sid-500"), (New-Member "$Sid-1001"))
        foreach ($action in 'Delete', 'Disable') { Assert-Failed (Invoke-Line "LocalUser.$action -UserRID 1001") last-administrator 1322 }
        Assert-Done (Invoke-Line 'LocalUser.Delete -UserRID 1002') $true
    }
}

Describe 'an account that something runs as' {
    BeforeEach {
        $Fake = New-Machine @{
            cim = @{ Win32_Service = @(@{ Name = 'Agent'; StartName = '.\OPS' }, @{ Name = 'Spooler'; StartName = 'LocalSystem' }) }
            tasks = @(@{ Path = '\Nightly'; UserId = "$Sid-1001" })
            pools = @(@{ Name = 'Intranet'; User = 'PC1\ops' })
        }
    }

    It 'stays as it is: <_>' -ForEach 'Disable', 'Delete', 'Rename' {
        $name = if ($_ -ceq 'Rename') { " -PropertyValuesB64 $(ConvertTo-Base64 new)" }
        $report = Invoke-Line "LocalUser.$_ -UserRID 1001$name"
        Assert-Failed $report in-use
        $report['error']['message'] | Should -BeExactly 'ops is in use: services Agent; tasks \Nightly; pools Intranet'
    }

    It 'does not, where that is to be ignored: <Line>' -ForEach @(
        @{ Line = 'Disable'; Pairs = @('Dependents', 'ignore') }, @{ Line = 'Delete'; Pairs = @('Dependents', 'ignore') }
        @{ Line = 'Rename'; Pairs = @('Dependents', 'ignore', 'Name', 'new') }
    ) {
        Assert-Done (Invoke-Line "LocalUser.$Line -UserRID 1001 $(Get-PropertyWord @Pairs)") $true
    }

    It 'is in use where that cannot be asked: <_>' -ForEach 'Get-CimRow', 'Get-TaskRow', 'Get-PoolRow' {
        $Fake.State['deny'] = @($_)
        $report = Invoke-Line 'LocalUser.Disable -UserRID 500'
        Assert-Failed $report in-use
        $report['error']['message'] | Should -BeExactly 'what uses Administrator could not be asked'
        Assert-Done (Invoke-Line "LocalUser.Disable -UserRID 500 $(Get-PropertyWord Dependents ignore)") $true
    }

    It 'is asked about by nobody who finds it so already' {
        (Get-Account 1001)['userFlags'] = 0x202
        function Get-Use { throw 'was asked' }
        Assert-Done (Invoke-Line 'LocalUser.Disable -UserRID 1001') $false
        Assert-Done (Invoke-Line "LocalUser.Rename -UserRID 1001 -PropertyValuesB64 $(ConvertTo-Base64 ops)") $false
        Assert-Done (Invoke-Line 'LocalUser.Delete -UserRID 1009') $false
    }
}

Describe 'flags' {
    BeforeEach { $Fake = New-Machine }

    It '<Action> makes 0x<From> 0x<To>, and nothing of it the second time' -ForEach @(
        @{ Action = 'Enable'; Rid = 1002; From = '10242'; To = '10240' }
        @{ Action = 'Disable'; Rid = 1001; From = '210'; To = '212' }
        @{ Action = 'Unlock'; Rid = 1001; From = '210'; To = '200' }
    ) {
        (Get-Account $Rid)['userFlags'] | Should -Be ([int]"0x$From")
        $report = Invoke-Line "LocalUser.$Action -UserRID $Rid"
        Assert-Done $report $true
        $report['data']['rid'] | Should -Be $Rid
        (Get-Account $Rid)['userFlags'] | Should -Be ([int]"0x$To")
        Assert-Done (Invoke-Line "LocalUser.$Action -UserRID $Rid") $false
    }
}

Describe 'LocalUser.SetProperty' {
    BeforeEach { $Fake = New-Machine }

    It 'writes what differs, with case, and nothing else' {
        $line = "LocalUser.SetProperty -UserRID 1001 $(Get-PropertyWord FullName operations Description 'a\b "ü"' PasswordNeverExpires True UserCannotChangePassword TRUE)"
        Assert-Done (Invoke-Line $line) $true
        $user = Get-Account 1001
        $user['fullName'], $user['description'], $user['userFlags'] | Should -BeExactly 'operations', 'a\b "ü"', 0x10250
        Assert-Done (Invoke-Line $line) $false
        Assert-Done (Invoke-Line "LocalUser.SetProperty -UserRID 1002 $(Get-PropertyWord PasswordNeverExpires false UserCannotChangePassword false PasswordNotRequired true)") $true
        (Get-Account 1002)['userFlags'] | Should -Be 0x222
        Assert-Done (Invoke-Line "LocalUser.SetProperty -UserRID 1001 $(Get-PropertyWord FullName '')") $true
        (Get-Account 1001)['fullName'] | Should -BeExactly ''
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'yes for true'; Pairs = 'PasswordNeverExpires', 'yes' }
        @{ Name = '257 characters'; Pairs = 'Description', ('x' * 257) }
        @{ Name = 'a good one with a bad one'; Pairs = 'FullName', 'x', 'PasswordNotRequired', '' }
    ) { Assert-Failed (Invoke-Line "LocalUser.SetProperty -UserRID 1001 $(Get-PropertyWord @Pairs)") bad-argument }

    It 'wants a value for each' {
        Assert-Failed (Invoke-Line "LocalUser.SetProperty -UserRID 1001 -PropertyKey FullName,Description -PropertyValuesB64 eA==") bad-argument
    }
}

Describe 'LocalUser.Rename' {
    BeforeEach { $Fake = New-Machine }

    It 'renames, by case alone too, the built-in Administrator too, and groups keep the account' {
        foreach ($name in 'OPS', 'Größe', 'a.b c') {
            $line = "LocalUser.Rename -UserRID 1001 -PropertyValuesB64 $(ConvertTo-Base64 $name)"
            Assert-Done (Invoke-Line $line) $true
            (Get-Account 1001)['name'] | Should -BeExactly $name
            Assert-Done (Invoke-Line $line) $false
        }
        Get-MemberList 'S-1-5-32-545' | Should -BeExactly @("$Sid-1001")
        Assert-Done (Invoke-Line "LocalUser.Rename -UserRID 500 -PropertyValuesB64 $(ConvertTo-Base64 root)") $true
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'the name of another account'; To = 'SVC'; Code = 'exists'; Native = 2224 }
        @{ Name = 'the name of a group'; To = 'users'; Code = 'exists'; Native = 1379 }
        @{ Name = 'a name that may not be'; To = 'a*'; Code = 'bad-argument'; Native = 2202 }
        @{ Name = '21 characters'; To = 'x' * 21; Code = 'bad-argument'; Native = 2202 }
    ) { Assert-Failed (Invoke-Line "LocalUser.Rename -UserRID 1001 -PropertyValuesB64 $(ConvertTo-Base64 $To)") $Code $Native }

    It 'takes one name' {
        Assert-Failed (Invoke-Line 'LocalUser.Rename -UserRID 1001 -PropertyValuesB64 eA==,eQ==') bad-argument
    }
}

Describe 'an account of Windows LAPS' {
    It 'is left as it is by <_>' -ForEach 'Delete', 'Disable', 'Unlock', 'SetProperty', 'Rename' {
        $Fake = New-Machine @{ laps = @{ mode = 'ad'; rid = 1001 } }
        $more = @{ SetProperty = Get-PropertyWord Description x; Rename = "-PropertyValuesB64 $(ConvertTo-Base64 x)" }[$_]
        Assert-Failed (Invoke-Line "LocalUser.$_ -UserRID 1001 $more") laps-owned 8654
        Assert-Done (Invoke-Line "LocalUser.$_ -UserRID 1002 $more") ($_ -notin 'Disable', 'Unlock')
    }
}

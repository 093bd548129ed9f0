# The actions of LocalGroup, on a machine in memory.
BeforeAll {
    . (Join-Path $PSScriptRoot 'machine.ps1')
    $administrators = 'S-1-5-32-544'

    function Get-Member($Report) { $Report['data']['group']['m'] | ForEach-Object { $_['s'] } }
}

Describe 'LocalGroup.List' {
    It 'lists groups by the code units of their SIDs, under the names they have here' {
        $names = @{ $administrators = 'Administratoren'; 'S-1-5-32-545' = 'Benutzer'; $Managers = 'リモート管理ユーザー' }
        $groups = foreach ($key in $names.Keys) { @{ sid = $key; name = $names[$key]; members = @() } }
        $groups += @{ sid = "$Sid-1005"; name = 'Größe "x" \'; members = @() }, @{ sid = 'S-1-5-32-1000'; name = ''; members = @() }
        $Fake = New-Machine @{ groups = $groups }
        $report = Invoke-Line 'LocalGroup.List'
        Assert-Done $report $false
        $report['data']['groups'] | ForEach-Object { $_['sid'] } |
            Should -BeExactly 'S-1-5-32-1000', $administrators, 'S-1-5-32-545', $Managers, '~-1005'
        $report['data']['groups'] | ForEach-Object { $_['n'] } |
            Should -BeExactly '', 'Administratoren', 'Benutzer', 'リモート管理ユーザー', 'Größe "x" \'
    }

    It 'lists none where there are none' {
        $Fake = New-Machine @{ groups = @() }
        (Invoke-Line 'LocalGroup.List')['data']['groups'].Count | Should -Be 0
        $Fake.Lines[0] | Should -Match '"groups":\[\]'
    }
}

Describe 'LocalGroup.MemberList' {
    BeforeEach { $Fake = New-Machine }

    It 'lists Administrators where no group is named' {
        $report = Invoke-Line 'LocalGroup.MemberList'
        Assert-Done $report $false
        $report['data']['group']['sid'] | Should -BeExactly $administrators
        Get-Member $report | Should -BeExactly "$Corp-512", '~-1001', '~-500'
    }

    It 'finds a group by its SID, and by the name that it has here, in whatever case' {
        foreach ($group in $Fake.State['groups']) { if ($group['sid'] -ceq $administrators) { $group['name'] = 'Verwaltungsgrößen' } }
        foreach ($line in "-GroupSID $administrators", "-GroupNameB64 $(ConvertTo-Base64 'VERWALTUNGSGRÖßEN')",
            "-GroupSID $administrators -GroupNameB64 $(ConvertTo-Base64 'verwaltungsgrößen')") {
            $report = Invoke-Line "LocalGroup.MemberList $line"
            Assert-Done $report $false
            $report['data']['group']['sid'] | Should -BeExactly $administrators
        }
    }

    It 'finds a group of the machine itself by its short SID and by its long one' {
        $Fake.State['groups'] += @{ sid = "$Sid-1005"; name = 'Own'; members = @() }
        foreach ($given in '~-1005', "$Sid-1005") {
            (Invoke-Line "LocalGroup.MemberList -GroupSID $given")['data']['group']['sid'] | Should -BeExactly '~-1005'
        }
    }

    It 'finds no group <Name>' -ForEach @(
        @{ Name = 'of that SID'; Line = '-GroupSID S-1-5-32-999'; Native = 1376 }
        @{ Name = 'of that name'; Line = '-GroupNameB64 UG93ZXI='; Native = 2220 }
        @{ Name = 'of a name with a pattern in it'; Line = '-GroupNameB64 KkFkbWluKg=='; Native = 2220 }
        @{ Name = 'of the empty name'; Line = "-GroupNameB64 $([Convert]::ToBase64String([byte[]]@(0xEF, 0xBB, 0xBF)))"; Native = 2220 }
    ) {
        Assert-Failed (Invoke-Line "LocalGroup.MemberList $Line") not-found $Native
    }

    It 'wants SID and name to be of one group' {
        Assert-Failed (Invoke-Line "LocalGroup.MemberList -GroupSID $administrators -GroupNameB64 $(ConvertTo-Base64 Users)") bad-argument
    }
}

Describe 'members that are not as they should be' {
    It 'are data: without SID, without name, twice, of unknown kind, orphans of domain and Entra' {
        $entra = 'S-1-12-1-1234567890-1234567890-1234567890-1234567890'
        $Fake = New-Machine @{ groups = @(@{ sid = $administrators; name = 'Administrators'; members = @(
                        (New-Member '' u 'CORP\ghost'), (New-Member $null x), (New-Member "$Corp-600" x), (New-Member $entra x)
                        (New-Member "$Corp-513" g 'CORP\Größe "a" \ 字'), (New-Member "$Corp-513" g 'CORP\Größe "a" \ 字')
                        (New-Member "$Sid-500" u "PC1`u{7f}"), (New-Member "$Sid-4711" x), (New-Member "$Corp-700" c 'CORP\PC2$')
                        (New-Member 'S-1-5-4' g '') ) }) }
        $report = Invoke-Line 'LocalGroup.MemberList'
        Assert-Done $report $false
        Get-Member $report | Should -BeExactly $entra, "$Corp-513", "$Corp-600", "$Corp-700", 'S-1-5-4', '~-4711', '~-500'
        $members = @{}
        foreach ($member in $report['data']['group']['m']) { $members[$member['s']] = $member }
        $members["$Corp-513"]['n'] | Should -BeExactly 'CORP\Größe "a" \ 字'
        $members["$Corp-700"]['k'] | Should -BeExactly 'c'
        foreach ($without in $entra, "$Corp-600", '~-500', '~-4711') { $members[$without].Contains('n') | Should -BeFalse }
        $members['S-1-5-4']['n'] | Should -BeExactly ''
    }

    It 'are 3,000: listed whole and in order, each once' {
        $members = foreach ($n in 1..3000) { New-Member "$Corp-$(100000 - 7 * $n)" u "CORP\user$n" }
        $Fake = New-Machine @{ groups = @(@{ sid = $administrators; name = 'Administrators'; members = $members }) }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $report = Invoke-Line 'LocalGroup.MemberList'
        Write-Host "    3,000 members listed in $($watch.ElapsedMilliseconds) ms"
        $found = Get-Member $report
        $found.Count | Should -Be 3000
        $sorted = [string[]]@($members | ForEach-Object { $_['sid'] })
        [array]::Sort($sorted, [StringComparer]::Ordinal)
        $found | Should -BeExactly $sorted
        # All that are there already, and one more.
        $watch.Restart()
        $report = Invoke-Line "LocalGroup.AddMember -MemberSID $($sorted -join ','),$Corp-1106"
        Write-Host "    3,000 members and one more added in $($watch.ElapsedMilliseconds) ms"
        $report['data']['members'] | Should -BeExactly @("$Corp-1106")
    }
}

Describe 'LocalGroup.AddMember' {
    BeforeEach { $Fake = New-Machine }

    It 'adds what is not there, in the order in which it is given, each once' {
        $report = Invoke-Line "LocalGroup.AddMember -GroupSID $Managers -MemberSID $Corp-1106,~-1002,$Sid-1001,~-1002 -MemberNameB64 $(ConvertTo-Base64 'SVC'),$(ConvertTo-Base64 'guest')"
        Assert-Done $report $true
        $report['data']['group'] | Should -BeExactly $Managers
        $report['data']['members'] | Should -BeExactly "$Corp-1106", '~-1002', '~-1001', '~-501'
        Get-MemberList $Managers | Should -BeExactly "$Corp-1106", "$Sid-1002", "$Sid-1001", "$Sid-501"
    }

    It 'changes nothing where all are there already' {
        $report = Invoke-Line "LocalGroup.AddMember -MemberSID ~-500,$Corp-512 -MemberNameB64 $(ConvertTo-Base64 OPS)"
        Assert-Done $report $false
        $report['data']['members'].Count | Should -Be 0
    }

    It 'adds a SID that nobody can resolve' {
        Assert-Done (Invoke-Line 'LocalGroup.AddMember -MemberSID S-1-12-1-1-2-3-4') $true
    }

    It 'takes what somebody added in the meantime for done' {
        function Get-SamMember {}
        $report = Invoke-Line 'LocalGroup.AddMember -MemberSID ~-1001'
        Assert-Done $report $false
    }

    It 'adds nobody <Name>, and none of the others' -ForEach @(
        @{ Name = 'of a RID that is not there'; Line = "-MemberSID $('S-1-5-21-9-9-9')-1106,~-4711"; Code = 'not-found'; Native = 1387 }
        @{ Name = 'of a name that is not there'; Line = "-MemberSID ~-1002 -MemberNameB64 bm9ib2R5"; Code = 'not-found'; Native = 1332 }
        @{ Name = 'that is a local group'; Line = '-MemberSID ~-1002,S-1-5-32-545'; Code = 'bad-argument'; Native = 1388 }
    ) {
        Assert-Failed (Invoke-Line "LocalGroup.AddMember -GroupSID $Managers $Line") $Code $Native
        (Get-MemberList $Managers).Count | Should -Be 0
    }

    It 'says that it changed something where a later member failed' {
        function Add-SamMember($Group, $Sid) { if ($Sid -cne 'S-1-5-11') { $Fake.Changed = $true } else { Stop-Fake 1337 'The security ID structure is invalid.' } }
        $report = Invoke-Line "LocalGroup.AddMember -GroupSID $Managers -MemberSID ~-1002,S-1-5-11"
        $report['status'], $report['error']['code'], $report['error']['native'] | Should -BeExactly 'failed', 'bad-argument', '0x80070539'
        $report['changed'] | Should -BeTrue
    }
}

Describe 'LocalGroup.RemoveMember' {
    BeforeEach { $Fake = New-Machine }

    It 'removes what is there: accounts, by name too, groups and orphans' {
        $Fake.State['groups'][0]['members'] += New-Member "$Corp-600" x
        $report = Invoke-Line "LocalGroup.RemoveMember -MemberSID $Corp-600,$Corp-512,S-1-5-11 -MemberNameB64 $(ConvertTo-Base64 Ops),$(ConvertTo-Base64 nobody)"
        Assert-Done $report $true
        $report['data']['members'] | Should -BeExactly "$Corp-512", "$Corp-600", '~-1001'
        Get-MemberList $administrators | Should -BeExactly @("$Sid-500")
    }

    It 'changes nothing where all are out already' {
        $report = Invoke-Line "LocalGroup.RemoveMember -GroupSID $Managers -MemberSID ~-500,$Corp-512,~-4711"
        Assert-Done $report $false
        $report['data']['members'].Count | Should -Be 0
    }

    It 'takes what somebody removed in the meantime for done' {
        function Remove-SamMember { Stop-Fake 1377 'The specified account name is not a member of the group.' }
        Assert-Done (Invoke-Line 'LocalGroup.RemoveMember -GroupSID S-1-5-32-545 -MemberSID ~-1001') $false
    }

    It 'keeps the built-in Administrator in Administrators, whatever it is called, and lets it go elsewhere' {
        (Get-Account 500)['name'] = 'root'
        foreach ($line in '-MemberSID ~-500', "-MemberSID $Sid-500", "-MemberNameB64 $(ConvertTo-Base64 root)", '-MemberSID ~-1001,~-500') {
            Assert-Failed (Invoke-Line "LocalGroup.RemoveMember $line") special-account 1371
        }
        $Fake.State['groups'][1]['members'] += New-Member "$Sid-500"
        Assert-Done (Invoke-Line 'LocalGroup.RemoveMember -GroupSID S-1-5-32-545 -MemberSID ~-500') $true
    }

    It 'keeps the last who can administer the machine: <Name>' -ForEach @(
        @{ Name = 'an enabled account'; Flags = 0x202; Ops = 0x200; Line = "-MemberSID ~-1001,S-1-5-21-9-9-9-512" }
        @{ Name = 'somebody from the domain'; Flags = 0x202; Ops = 0x202; Line = '-MemberSID S-1-5-21-9-9-9-512' }
        @{ Name = 'but one that is locked out counts for none'; Flags = 0x202; Ops = 0x210; Line = '-MemberSID S-1-5-21-9-9-9-512' }
    ) {
        (Get-Account 500)['userFlags'] = $Flags
        (Get-Account 1001)['userFlags'] = $Ops
        Assert-Failed (Invoke-Line "LocalGroup.RemoveMember $Line") last-administrator 1322
    }

    It 'takes for an administrator from elsewhere only who can be looked up, or is of Entra ID: <Member>' -ForEach @(
        @{ Member = 'S-1-5-21-9-9-9-1188'; Counts = $false }, @{ Member = 'S-1-12-1-1-2-3-4'; Counts = $true }
    ) {
        (Get-Account 500)['userFlags'] = 0x202
        (Get-Account 1001)['userFlags'] = 0x200
        $Fake.State['groups'][0]['members'] = @((New-Member "$Sid-500"), (New-Member "$Sid-1001"), (New-Member $Member x))
        $report = Invoke-Line 'LocalGroup.RemoveMember -MemberSID ~-1001'
        if ($Counts) { Assert-Done $report $true } else { Assert-Failed $report last-administrator 1322 }
    }

    It 'lets the last but one go' {
        (Get-Account 500)['userFlags'] = 0x202
        Assert-Done (Invoke-Line 'LocalGroup.RemoveMember -MemberSID ~-1001') $true
    }

    It 'is no worse for a machine that nobody can administer already' {
        (Get-Account 500)['userFlags'] = 0x202
        (Get-Account 1001)['userFlags'] = 0x202
        $Fake.State['groups'][0]['members'] = @((New-Member "$Sid-500"), (New-Member "$Sid-1001"))
        Assert-Done (Invoke-Line 'LocalGroup.RemoveMember -MemberSID ~-1001') $true
    }
}

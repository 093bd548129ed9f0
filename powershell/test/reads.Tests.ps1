# What is read of a whole machine: the sensors' texts, the inventory, LAPS, use and history of accounts.
BeforeAll {
    . (Join-Path $PSScriptRoot 'machine.ps1')

    # As a sensor, and with which first line.
    function Invoke-Sensor([string]$Action = 'Inventory') {
        $DefaultAction = $Action
        $Fake.Lines.Clear()
        Invoke-Management
        $Fake.Lines.Count | Should -Be 1
        $Fake.Changed | Should -BeFalse
        ConvertFrom-Json $Fake.Lines[0] -AsHashtable -Depth 20 -DateKind String
    }

    function New-Entry($Rid, $Id, $State, $Made, $Set) {
        ConvertTo-Json -Compress @{ v = 1; rid = $Rid; id = $Id; a = 2; st = $State; was = $null; made = $Made; set = $Set; env = @(); ack = $false }
    }
}

Describe 'the inventory sensor' {
    It 'prints the bare text, with its keys in order' {
        $Fake = New-Machine
        $text = Invoke-Sensor
        $ExitCode | Should -Be 0
        @($text.Keys) | Should -BeExactly 'v', 'os', 'ps', 'lang', 'bits', 'la', 'users', 'groups', 'laps', 'rot'
        $text['os']['kind'], $text['os']['build'], $text['bits'], $text['la'] | Should -Be 'workstation', '10.0.26100', 64, $true
        $text['users'].Count, $text['groups'].Count, $text['rot'].Count | Should -Be 4, 3, 0
        # Nothing of it tells one machine from another in the same state.
        $Fake.Lines[0] | Should -Not -Match 'PC1|11-22-33|09:00'
    }

    It 'prints the same text whatever order Windows lists things in, and whenever it is asked' {
        $Fake = New-Machine
        $null = Invoke-Sensor
        $first = $Fake.Lines[0]
        foreach ($key in 'users', 'groups') { [array]::Reverse($Fake.State[$key]) }
        foreach ($group in $Fake.State['groups']) { $members = @($group['members']); [array]::Reverse($members); $group['members'] = $members }
        $Fake.Now = $Fake.Now.AddDays(3)
        $null = Invoke-Sensor
        $Fake.Lines[0] | Should -BeExactly $first
    }

    It 'prints the same text under another culture' {
        $Fake = New-Machine
        $null = Invoke-Sensor
        $first = $Fake.Lines[0]
        $culture = [cultureinfo]::CurrentCulture
        $strange = $culture.Clone()
        $strange.NumberFormat.NegativeSign = '~'
        $strange.NumberFormat.NumberDecimalSeparator = ','
        $strange.DateTimeFormat.DateSeparator = '.'
        $strange.DateTimeFormat.TimeSeparator = '.'
        try {
            [cultureinfo]::CurrentCulture = $strange
            $null = Invoke-Sensor
        }
        finally { [cultureinfo]::CurrentCulture = $culture }
        $Fake.Lines[0] | Should -BeExactly $first
    }

    It 'prints empty lists of a machine with nothing' {
        $Fake = New-Machine @{ users = @(); groups = @() }
        $null = Invoke-Sensor
        $Fake.Lines[0] | Should -Match '"users":\[\],"groups":\[\],"laps":\{"mode":"none","rid":null\},"rot":\[\]\}\z'
    }

    It 'prints a list for a single account, group and member' {
        $Fake = New-Machine @{ users = @(New-User 500 'Administrator'); groups = @(@{ sid = 'S-1-5-32-544'; name = 'x'; members = @(New-Member "$Sid-500") }) }
        $null = Invoke-Sensor
        $Fake.Lines[0] | Should -Match '"users":\[\{"rid":500,.*\}\],"groups":\[\{"sid":"S-1-5-32-544","m":\[\{"s":"~-500","k":"u"\}\]\}\]'
    }

    It 'lists no accounts of a domain controller' {
        $Fake = New-Machine @{ machine = @{ ProductType = 2 } }
        $text = Invoke-Sensor
        $text['os']['kind'], $text['users'].Count, $text['groups'].Count | Should -Be 'dc', 0, 0
        (New-Machine @{ machine = @{ ProductType = 3 } }) | ForEach-Object { $Fake = $_; (Invoke-Sensor)['os']['kind'] } | Should -Be 'server'
    }

    It 'prints an error alone, in one line, where SAM is denied' {
        foreach ($function in 'Get-Machine', 'Get-SamUser', 'Get-SamMember') {
            $Fake = New-Machine @{ deny = @($function) }
            $text = Invoke-Sensor
            @($text.Keys) | Should -BeExactly 'v', 'error'
            $text['error']['code'], $text['error']['native'] | Should -BeExactly 'access-denied', '0x80070005'
            $ExitCode | Should -Be 1
        }
    }

    It 'goes on where the journal is not ours to read' {
        $Fake = New-Machine @{ deny = @('Get-StateName') }
        $text = Invoke-Sensor
        $text.Contains('error') | Should -BeFalse
        $text['rot'].Count | Should -Be 0
    }

    It 'tells 50 accounts and 20 groups of 100 members' {
        $users = foreach ($n in 1..50) { New-User (1000 + $n) "user$n" }
        $groups = foreach ($n in 1..20) {
            @{ sid = "S-1-5-32-$(600 + $n)"; name = "group$n"; members = @(foreach ($m in 1..100) { New-Member "$Corp-$(1000 + $m)" u "CORP\user$m" }) }
        }
        $Fake = New-Machine @{ users = $users; groups = $groups }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $text = Invoke-Sensor
        Write-Host "    an inventory of 50 accounts and 2,000 members in $($watch.ElapsedMilliseconds) ms, $($Fake.Lines[0].Length) characters"
        ($text['groups'] | ForEach-Object { $_['m'].Count } | Measure-Object -Sum).Sum | Should -Be 2000
    }
}

Describe 'the posture sensor' {
    It 'prints the bare text of what can be read' {
        $root = 'HKLM:\SYSTEM\CurrentControlSet\Control\Lsa'
        $Fake = New-Machine @{ policy = @{ MinLength = 14 }; registry = @{ "$root|RunAsPPL" = 1; "$root|LmCompatibilityLevel" = 5 } }
        $text = Invoke-Sensor 'Posture'
        @($text.Keys)[0, 1] | Should -BeExactly 'v', 'kind'
        $text['password']['minLength'], $text['lsa']['protection'], $text['ntlm']['level'] | Should -Be 14, $true, 5
        $text['accounts']['administratorEnabled'], $text['accounts']['guestEnabled'] | Should -Be $true, $false
        $groups = @($text.Keys | Select-Object -Skip 2)
        $groups | Should -BeExactly ($groups | Sort-Object -CaseSensitive)
    }

    It 'leaves out what Windows does not tell' {
        $Fake = New-Machine @{ deny = @('Get-RegistryValue', 'Get-CimRow', 'Get-SamPolicy') }
        $text = Invoke-Sensor 'Posture'
        $text.Contains('error') | Should -BeFalse
        $text.Contains('bitlocker') | Should -BeFalse
    }
}

Describe 'the mark of a rotation' {
    It 'is <Mark> where the newest entry is <State> of <Set>' -ForEach @(
        @{ State = 'made'; Set = $null; Mark = 'made' }
        @{ State = 'set'; Set = '2026-01-01T10:00:00Z'; Mark = 'set' }
        @{ State = 'set'; Set = '2026-01-01T10:00:02Z'; Mark = 'set' }
        @{ State = 'set'; Set = '2026-01-01T09:59:57Z'; Mark = 'changed' }
        @{ State = 'set'; Set = '2026-01-01T10:00:03Z'; Mark = 'changed' }
    ) {
        $Fake = New-Machine @{ files = @{
                'rotation-1001-B' = New-Entry 1001 B $State '2026-01-01T10:00:00Z' $Set
                'rotation-1001-A' = New-Entry 1001 A set '2025-12-01T10:00:00Z' '2025-12-01T10:00:00Z'
                'rotation-4711-B' = New-Entry 4711 B set '2026-01-01T10:00:00Z' '2026-01-01T10:00:00Z'
                'rotation-500-T' = '{"v":1,"rid":500'; 'rotation-501-X' = New-Entry 500 X set '2026-01-01T10:00:00Z' '2026-01-01T10:00:00Z'
                session = 'x'
            }
        }
        $marks = @((Invoke-Sensor)['rot'])
        $marks | ForEach-Object { "$($_['rid']) $($_['id']) $($_['a']) $($_['st'])" } | Should -BeExactly @("1001 B 2 $Mark")
    }
}

Describe 'LAPS' {
    It '<Name>' -ForEach @(
        @{ Name = 'none without a policy'; Registry = @{}; Mode = 'none'; Rid = $null }
        @{ Name = 'in the directory'; Registry = @{ 'Microsoft\Policies\LAPS|BackupDirectory' = 2 }; Mode = 'ad'; Rid = 500 }
        @{ Name = 'in Entra, of an account by name in any case'; Mode = 'entra'; Rid = 1001
            Registry = @{ 'Microsoft\Windows\CurrentVersion\Policies\LAPS|BackupDirectory' = 1; 'Microsoft\Windows\CurrentVersion\Policies\LAPS|AdministratorAccountName' = 'OPS' } }
        @{ Name = 'of an account that is not there'; Mode = 'ad'; Rid = $null
            Registry = @{ 'Microsoft\Windows\CurrentVersion\LAPS\Config|BackupDirectory' = 2; 'Microsoft\Windows\CurrentVersion\LAPS\Config|AdministratorAccountName' = 'gone' } }
        @{ Name = 'off by the first policy, whatever a later one says'; Mode = 'none'; Rid = $null
            Registry = @{ 'Microsoft\Policies\LAPS|BackupDirectory' = 0; 'Microsoft\Windows\CurrentVersion\Policies\LAPS|BackupDirectory' = 2 } }
        @{ Name = 'the older one'; Registry = @{ 'Policies\Microsoft Services\AdmPwd|AdmPwdEnabled' = 1 }; Mode = 'legacy'; Rid = 500 }
        @{ Name = 'automatic, with six digits'; Mode = 'ad'; Rid = 1004
            Registry = @{ 'Microsoft\Policies\LAPS|BackupDirectory' = 2; 'Microsoft\Policies\LAPS|AutomaticAccountManagementEnabled' = 1; 'Microsoft\Policies\LAPS|AutomaticAccountManagementRandomizeName' = 1 } }
    ) {
        $given = @{}
        foreach ($key in $Registry.Keys) { $given["HKLM:\SOFTWARE\$key"] = $Registry[$key] }
        $Fake = New-Machine @{ registry = $given }
        $Fake.State['users'] += (New-User 1003 'WLapsAdmin'), (New-User 1004 'WLapsAdmin123456')
        $laps = (Invoke-Sensor)['laps']
        $laps['mode'], $laps['rid'] | Should -Be $Mode, $Rid
    }
}

Describe 'General.Usage' {
    It 'tells who is in use, by every way to write an account' {
        $Fake = New-Machine @{
            cim = @{
                Win32_Service = @(@{ Name = 'B'; StartName = '.\OPS' }, @{ Name = 'a'; StartName = 'PC1\ops' }, @{ Name = 'c'; StartName = 'CORP\ops' }, @{ Name = 'd'; StartName = $null })
                Win32_UserProfile = @(@{ SID = "$Sid-1002"; Loaded = $true }, @{ SID = "$Sid-500"; Loaded = $false })
                Win32_LogonSession = @(@{ LogonId = '7'; LogonType = 10 }, @{ LogonId = '8'; LogonType = 3 })
                Win32_LoggedOnUser = @(
                    @{ Antecedent = @{ Domain = 'PC1'; Name = 'svc' }; Dependent = @{ LogonId = '7' } }
                    @{ Antecedent = @{ Domain = 'PC1'; Name = 'Guest' }; Dependent = @{ LogonId = '8' } })
            }
            tasks = @(@{ Path = '\Backup'; UserId = "$Sid-1001" }); pools = @(@{ Name = 'App'; User = 'ops' })
        }
        $report = Invoke-Line 'General.Usage'
        Assert-Done $report $false
        $report['data']['complete'] | Should -BeTrue
        $found = $report['data']['accounts'] | ForEach-Object { "$($_['rid']):$($_['services'])|$($_['tasks'])|$($_['pools'])|$($_['sessions'])|$($_['profile'])" }
        $found | Should -BeExactly '1001:B a|\Backup|App|0|False', '1002:|||1|True'
        (Invoke-Line 'General.Usage -UserRID 500')['data']['accounts'].Count | Should -Be 1
    }

    It 'says where something could not be asked' {
        foreach ($with in @{ cim = @{ Win32_Service = $null } }, @{ deny = @('Get-TaskRow') }, @{ slow = @('Get-PoolRow') }) {
            $Fake = New-Machine $with
            (Invoke-Line 'General.Usage')['data']['complete'] | Should -BeFalse
        }
    }

    It 'finds no such account' {
        $Fake = New-Machine
        Assert-Failed (Invoke-Line 'General.Usage -UserRID 4711') not-found 2221
    }
}

Describe 'General.Attribution' {
    BeforeEach {
        $by = @{ SubjectUserSid = "$Corp-1106"; SubjectDomainName = 'CORP'; SubjectUserName = 'älice' }
        $Fake = New-Machine @{ events = @(
                @{ id = 4732; time = '2026-03-01T08:00:00Z'; data = $by + @{ TargetSid = 'S-1-5-32-544'; MemberSid = "$Sid-1001" } }
                @{ id = 4781; time = '2026-03-02T08:00:00Z'; data = $by + @{ TargetSid = "$Sid-1001"; NewTargetUserName = 'o"ps' } }
                @{ id = 4724; time = '2026-02-28T08:00:00Z'; data = @{ TargetSid = "$Sid-1001" } }
                @{ id = 4726; time = '2025-12-31T08:00:00Z'; data = @{ TargetSid = "$Sid-1009" } }
                @{ id = 4688; time = '2026-03-02T08:00:00Z'; data = @{} }) }
    }

    It 'tells the newest first, of the last 30 days, with what is missing in an event left empty' {
        $report = Invoke-Line 'General.Attribution'
        Assert-Done $report $false
        $report['data']['complete'] | Should -BeTrue
        $events = $report['data']['events']
        $events | ForEach-Object { "$($_['id']) $($_['at']) $($_['by']) $($_['byName'])" } | Should -BeExactly (
            "4781 2026-03-02T08:00:00Z $Corp-1106 CORP\älice", "4732 2026-03-01T08:00:00Z $Corp-1106 CORP\älice", '4724 2026-02-28T08:00:00Z  \')
        $events[0]['account'], $events[0]['name'], $events[1]['group'], $events[1]['member'] |
            Should -BeExactly '~-1001', 'o"ps', 'S-1-5-32-544', '~-1001'
    }

    It 'tells only what is asked for: <Line>' -ForEach @(
        @{ Line = '-GroupSID S-1-5-32-544'; Ids = @(4732) }
        @{ Line = '-UserRID 1001'; Ids = 4781, 4724 }
        @{ Line = '-UserNameB64 b3Bz'; Ids = 4781, 4724 }
        @{ Line = '-UserRID 4711'; Ids = @() }
        @{ Line = '-GroupSID S-1-5-32-544 -UserRID 1001'; Ids = 4781, 4732, 4724 }
    ) { @((Invoke-Line "General.Attribution $Line")['data']['events'] | ForEach-Object { $_['id'] }) | Should -Be $Ids }

    It 'is of 50 events at most, and ok where the log cannot be read' {
        $Fake.State['events'] = @(foreach ($n in 1..51) { @{ id = 4738; time = '2026-03-01T08:00:00Z'; data = @{ TargetSid = "$Sid-1001" } } })
        $report = Invoke-Line 'General.Attribution'
        $report['data']['events'].Count, $report['data']['complete'] | Should -Be 50, $false
        $Fake.State['events'] = $Fake.State['events'][0..49]
        (Invoke-Line 'General.Attribution')['data']['complete'] | Should -BeTrue
        $Fake.State['slow'] = @('Get-SecurityEvent')
        $report = Invoke-Line 'General.Attribution'
        Assert-Done $report $false
        $report['data']['events'].Count, $report['data']['complete'] | Should -Be 0, $false
    }
}

Describe 'General.SelfTest' {
    It 'tells what this machine is like' {
        $Fake = New-Machine @{ machine = @{ LocalAccounts = $false; Bits = 32; FreeMB = 5000000 } }
        $data = (Invoke-Line 'General.SelfTest')['data']
        $data.Values | Should -Be '5.1', 32, 'full', $false, '2026-03-02T09:00:00Z', 5000000
    }
}

# How passwords are made, sealed, set and rotated, on a machine in memory. What dies on the way: test/endpoint/crash.test.ts.
BeforeAll {
    . (Join-Path $PSScriptRoot 'machine.ps1')
    $key = [Security.Cryptography.RSA]::Create(2048)
    $parts = $key.ExportParameters($false)
    $publicKey = [Convert]::ToBase64String($parts.Modulus) + ',' + [Convert]::ToBase64String($parts.Exponent)

    function Get-Entry-Of($Id, $Rid = 1001) { $Fake.State['files']["rotation-$Rid-$Id"] | ConvertFrom-Json -AsHashtable -DateKind String }

    function Invoke-Rotation([string]$Id = 'R', [string]$More = '', $Rid = 1001) {
        Invoke-Line "LocalUser.RotatePassword -UserRID $Rid -RotationId $Id -PublicKey $publicKey $More"
    }

    function Get-Sealed($Report) { $Report['data']['envelopes'] | ForEach-Object { Unprotect-Text $_['box'] $key } }

    # A random one, changed at each byte that matters: none may be opened.
    function Get-Altered([string]$Box, [int[]]$At) {
        foreach ($index in $At) {
            $bytes = [Convert]::FromBase64String($Box)
            $bytes[$index] = $bytes[$index] -bxor 1
            [Convert]::ToBase64String($bytes)
        }
    }
}

Describe 'a new password' {
    It 'has what is demanded: <Name>' -ForEach @(
        @{ Name = 'by default'; Demands = @{}; Length = 20; Least = 3, 3, 3, 3 }
        @{ Name = 'the shortest'; Demands = @{ MinLength = '8'; MinDigits = '2'; MinUppercase = '2'; MinLowercase = '2'; MinSpecial = '2' }; Length = 8; Least = 2, 2, 2, 2 }
        @{ Name = 'the longest'; Demands = @{ MinLength = '127'; MinSpecial = '60' }; Length = 127; Least = 3, 3, 3, 60 }
        @{ Name = 'as long as the least of each together'; Demands = @{ MinDigits = '10'; MinUppercase = '10'; MinLowercase = '10'; MinSpecial = '10' }; Length = 40; Least = 10, 10, 10, 10 }
        @{ Name = 'without special characters'; Demands = @{ MinSpecial = '0'; ExcludeChars = '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~0OIl1' }; Length = 20; Least = 3, 3, 3, 0 }
        @{ Name = 'of digits alone'; Demands = @{ MinDigits = '8'; MinLength = '8'; MinUppercase = '0'; MinLowercase = '0'; MinSpecial = '0'; ExcludeChars = -join [char[]](33..47 + 58..126) }; Length = 8; Least = 8, 0, 0, 0 }
    ) {
        $out = "$($Demands['ExcludeChars'])"
        foreach ($n in 1..40) {
            $password = New-Password $Demands @('ops', 'Ann-Marie')
            $password | Should -Match "\A[!-~]{$Length}\z"
            $counts = '[0-9]', '[A-Z]', '[a-z]', '[^0-9A-Za-z]' | ForEach-Object { [regex]::Matches($password, $_).Count }
            foreach ($at in 0..3) { $counts[$at] | Should -BeGreaterOrEqual $Least[$at] }
            if ($out) { $password.IndexOfAny($out.ToCharArray()) | Should -Be -1 }
        }
    }

    It 'is of words, if so many are demanded: <_>' -ForEach 3, 5, 12 {
        $words = foreach ($n in 1..40) {
            $password = New-Password @{ Words = "$_"; MinDigits = '9'; ExcludeChars = '' } @('Badok', 'Ann-Marie')
            $password | Should -MatchExactly "\A([BDFGHJKMNPRSTVWZ][aeiou][bdfghjkmnprstvwz][aeiou][bdfghjkmnprstvwz]-){$_}[0-9]{2}\z"
            $password -split '-' | Select-Object -First $_
        }
        # Of 120 words and more, drawn from 102,400, hardly two are the same.
        @($words | Sort-Object -Unique).Count | Should -BeGreaterThan ($words.Count - 10)
    }

    It 'uses every character, each about as often as the others, in every place' {
        $text = -join (1..400 | ForEach-Object { New-Password @{ MinLength = 127; MinDigits = 0; MinUppercase = 0; MinLowercase = 0; MinSpecial = 0 } '' })
        $groups = $text.ToCharArray() | Group-Object -CaseSensitive
        $groups.Count | Should -Be 94
        # 540 of each, give or take 23: ten times that is no chance.
        $groups | ForEach-Object { $_.Count | Should -BeGreaterThan 310; $_.Count | Should -BeLessThan 770 }
        # The digit that is demanded stands anywhere.
        $places = 1..400 | ForEach-Object { (New-Password @{ MinLength = 8; MinDigits = 1; MinUppercase = 7; MinLowercase = 0; MinSpecial = 0 } '') -creplace '[0-9].*' | ForEach-Object Length }
        @($places | Sort-Object -Unique).Count | Should -Be 8
    }

    It 'takes no remainder of a random byte: of 200 things those of 200 to 255 are drawn again' {
        $bytes = [Collections.Generic.Queue[byte]]::new([byte[]](255, 200, 199, 0))
        function Get-RandomByte { , [byte[]]@($bytes.Dequeue()) }
        Get-RandomItem (0..199) | Should -Be 199
        Get-RandomItem (0..199) | Should -Be 0
    }

    It 'has no part of a name of three letters or more in it, in any case' {
        # Three letters are left, so that a name is in many that are drawn.
        $demands = @{ MinLength = 8; MinDigits = 0; MinUppercase = 2; MinLowercase = 2; MinSpecial = 0; ExcludeChars = -join [char[]](33..64 + 68..96 + 100..126) }
        foreach ($n in 1..60) { New-Password $demands @('x-abc', 'ca') | Should -Not -Match 'abc' }
        { New-Password @{ MinLength = 8; MinDigits = 0; MinUppercase = 0; MinLowercase = 8; MinSpecial = 0; ExcludeChars = 'bcdefghijklmnopqrstuvwxyz' + -join [char[]](33..96 + 123..126) } 'AAA' } |
            Should -Throw
    }
}

Describe 'General.NewSession and LocalUser.SetPassword' {
    BeforeEach {
        $Fake = New-Machine
        $report = Invoke-Line 'General.NewSession'
        $session = Import-Key $report['data']['publicKey']
    }

    It 'set a password that is sealed to the session: <_> bytes' -ForEach 1, 190, 191, 381 {
        $password = if ($_ -eq 381) { '字' * 127 } else { 'p' * $_ }
        $box = Protect-Text $password $session
        [Convert]::FromBase64String($box).Length -eq 256 | Should -Be ($_ -le 190)
        $report = Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $box"
        Assert-Done $report $true
        $report['data']['rid'], $report['data']['set'] | Should -BeExactly 1001, '2026-03-02T09:00:00Z'
        (Get-Account 1001)['password'] | Should -BeExactly $password
        # Not once more, but for another account.
        Assert-Done (Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $box") $false
        Assert-Done (Invoke-Line "LocalUser.SetPassword -UserRID 1002 -EncryptedPassword $box") $true
        # And neither the password nor anything of it is kept or told.
        if ($_ -gt 1) { (ConvertTo-Json $Fake.State['files']), $Fake.Lines[0] | ForEach-Object { $_.Contains($password) | Should -BeFalse } }
    }

    It 'open no box that was altered, is cut, or of another key' {
        $short = Protect-Text 'short' $session
        $long = Protect-Text ('long' * 60) $session
        $bytes = [Convert]::FromBase64String($long)
        $boxes = @(Get-Altered $short 0, 128, 255) + @(Get-Altered $long 0, 255, 256, 271, 272, 300, ($bytes.Length - 33), ($bytes.Length - 32), ($bytes.Length - 1))
        foreach ($length in 1, 255, 257, 304, ($bytes.Length - 16), ($bytes.Length - 1)) { $boxes += [Convert]::ToBase64String($bytes[0..($length - 1)]) }
        $boxes += (Protect-Text 'foreign' $key), (Protect-Text ('foreign' * 40) $key), (Protect-Text '' $session)
        foreach ($box in $boxes) {
            $report = Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $box"
            Assert-Failed $report crypto
            $report['error']['message'] | Should -BeExactly 'the password is not sealed to the key of this session'
        }
    }

    It 'know the present session only' {
        $box = Protect-Text 'of the session before' $session
        $again = Invoke-Line 'General.NewSession'
        Assert-Done $again $true
        $again['data']['publicKey'] | Should -Not -Be $report['data']['publicKey']
        Assert-Failed (Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $box") crypto
        $Fake.State['files'].Remove('session')
        (Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $box")['error']['message'] | Should -BeExactly 'there is no session key on this device'
    }

    It 'leave the password where <Name>' -ForEach @(
        @{ Name = 'LAPS owns the account'; With = @{ laps = @{ mode = 'ad'; rid = 1001 } }; Code = 'laps-owned'; Native = 8654 }
        @{ Name = 'the policy refuses it'; With = @{ policy = @{ MinLength = 30; History = 24; MinAgeDays = 1; MaxAgeDays = 42 } }; Code = 'password-policy'; Native = 2245 }
        @{ Name = 'the account is not there'; With = @{ users = @() }; Code = 'not-found'; Native = 2221 }
    ) {
        $files = $Fake.State['files']
        $Fake = New-Machine ($With + @{ files = $files })
        $report = Invoke-Line "LocalUser.SetPassword -UserRID 1001 -EncryptedPassword $(Protect-Text 'new' $session)"
        Assert-Failed $report $Code $Native
        if ($Code -ceq 'password-policy') {
            $report['error']['message'] | Should -BeExactly 'the password was refused; here MinLength 30, History 24, MinAgeDays 1, MaxAgeDays 42'
        }
    }

    It 'make no session where .NET is too old' {
        function New-RsaKey { Fail 'RSACng is missing: .NET Framework is older than 4.6' crypto }
        Assert-Failed (Invoke-Line 'General.NewSession') crypto
        Assert-Failed (Invoke-Rotation) crypto
    }
}

Describe 'LocalUser.RotatePassword' {
    BeforeEach { $Fake = New-Machine }

    It 'seals, keeps, sets and reports one password, and reports it again' {
        $report = Invoke-Rotation
        Assert-Done $report $true
        @($report['data'].Keys) | Should -BeExactly 'rid', 'id', 'attempt', 'set', 'envelopes'
        $report['data']['attempt'], $report['data']['set'] | Should -Be 1, '2026-03-02T09:00:00Z'
        $password = Get-Sealed $report
        $password | Should -BeExactly (Get-Account 1001)['password']
        $entry = Get-Entry-Of R
        $entry['st'], $entry['was'], $entry['ack'] | Should -Be 'set', '2026-01-01T10:00:00Z', $false
        $Fake.State['files'].Values | ForEach-Object { $_.Contains($password) | Should -BeFalse }
        $Fake.Now = $Fake.Now.AddDays(1)
        # Whatever is demanded now.
        $again = Invoke-Rotation -More (Get-PropertyWord MinLength 90)
        Assert-Done $again $false
        ConvertTo-Json $again['data'] | Should -BeExactly (ConvertTo-Json $report['data'])
        # Another id is another rotation.
        Assert-Done (Invoke-Rotation S) $true
    }

    It 'waits after a password of <Ago> seconds ago for <Wait>' -ForEach @(
        @{ Ago = 0; Wait = 4 }, @{ Ago = 3; Wait = 1 }, @{ Ago = 4; Wait = 0 }, @{ Ago = -5; Wait = 0 }
    ) {
        (Get-Account 1001)['passwordSet'] = $Fake.Now.AddSeconds(-$Ago).ToString('yyyy-MM-ddTHH:mm:ssZ')
        $began = $Fake.Now
        Assert-Done (Invoke-Rotation) $true
        ($Fake.Now - $began).TotalSeconds | Should -Be $Wait
    }

    It 'refuses where <Name>' -ForEach @(
        @{ Name = 'a service runs as the account'; With = @{ cim = @{ Win32_Service = @(@{ Name = 'A'; StartName = '.\ops' }) } }; Code = 'in-use'; Message = 'ops is in use: services A' }
        @{ Name = 'a task and a pool do'; With = @{ tasks = @(@{ Path = '\T'; UserId = 'ops' }); pools = @(@{ Name = 'P'; User = 'PC1\ops' }) }; Code = 'in-use'; Message = 'ops is in use: tasks \T; pools P' }
        @{ Name = 'that could not be asked'; With = @{ deny = @('Get-CimRow') }; Code = 'in-use'; Message = 'what uses ops could not be asked' }
        @{ Name = 'LAPS owns it'; With = @{ laps = @{ mode = 'entra'; rid = 1001 } }; Code = 'laps-owned'; Native = 8654; Message = 'ops belongs to Windows LAPS' }
    ) {
        $Fake = New-Machine $With
        $report = Invoke-Rotation
        Assert-Failed $report $Code $_['Native']
        $report['error']['message'] | Should -BeExactly $Message
        $ignoring = Invoke-Rotation -More (Get-PropertyWord Dependents ignore)
        if ($Code -ceq 'in-use') { Assert-Done $ignoring $true } else { Assert-Failed $ignoring $Code $_['Native'] }
    }

    It 'refuses the demand <Name>' -ForEach @(
        @{ Name = 'of a length of 7'; Pairs = 'MinLength', 7, 'MinDigits', 1, 'MinUppercase', 1, 'MinLowercase', 1, 'MinSpecial', 1 }, @{ Name = 'of a length of 128'; Pairs = 'MinLength', 128 }
        @{ Name = 'of half a digit'; Pairs = 'MinDigits', '0.5' }, @{ Name = 'of fewer than none'; Pairs = 'MinSpecial', '-1' }
        @{ Name = 'of digits that are excluded'; Pairs = 'ExcludeChars', '0123456789' }, @{ Name = 'to break dependents'; Pairs = 'Dependents', 'break' }
    ) { Assert-Failed (Invoke-Rotation -More (Get-PropertyWord @Pairs)) bad-argument }

    It 'seals to no other key than one of 2048 bits' {
        $small = [Security.Cryptography.RSA]::Create(1024).ExportParameters($false)
        foreach ($other in 'AQAB', 'AQAB,AQAB', ([Convert]::ToBase64String($small.Modulus) + ',AQAB'), "$publicKey,AQAB") {
            Assert-Failed (Invoke-Line "LocalUser.RotatePassword -UserRID 1001 -RotationId R -PublicKey $other") bad-argument
        }
    }

    It 'tries once more after a refusal, and no more' {
        $Fake.State['refuse'] = 1
        $report = Invoke-Rotation
        Assert-Done $report $true
        $report['data']['attempt'] | Should -Be 2
        @(Get-Sealed $report)[1] | Should -BeExactly (Get-Account 1001)['password']
        $Fake = New-Machine @{ refuse = 3; policy = @{ MinLength = 8; History = 1; MinAgeDays = 0; MaxAgeDays = 0 } }
        $report = Invoke-Rotation
        $report['status'], $report['error']['code'], $report['error']['native'], $report['changed'] | Should -Be 'failed', 'password-policy', '0x800708C5', $false
        $report['error']['message'] | Should -BeExactly 'the password was refused; here MinLength 8, History 1, MinAgeDays 0, MaxAgeDays 0'
        $entry = Get-Entry-Of R
        $entry['st'], $entry['a'], $entry['env'].Count, $Fake.State['refuse'] | Should -Be 'made', 2, 2, 1
        (Invoke-Rotation)['data']['attempt'] | Should -Be 4
    }

    It 'changes nothing where its entry is <Name>' -ForEach @(
        @{ Name = 'torn'; Text = '{"v":1,"rid":1001,"id":"R"' }, @{ Name = 'empty'; Text = '' }, @{ Name = 'of another'; Text = '{"v":1,"rid":1002,"id":"R","env":[]}' }, @{ Name = 'no object'; Text = '[]' }
    ) {
        $Fake.State['files'] = @{ 'rotation-1001-R' = $Text }
        Assert-Failed (Invoke-Rotation) journal
        Assert-Failed (Invoke-Line 'General.Acknowledge -RotationId R') journal
    }

    It 'keeps the ten newest entries of an account, and those of others' {
        foreach ($n in 1..12) {
            $Fake.Now = $Fake.Now.AddHours(1)
            Assert-Done (Invoke-Rotation "N$n") $true
        }
        Assert-Done (Invoke-Rotation 'N1' -Rid 1002) $true
        $names = @($Fake.State['files'].Keys)
        $names.Count | Should -Be 11
        foreach ($gone in 1, 2) { $names | Should -Not -Contain "rotation-1001-N$gone" }
    }
}

Describe 'General.Acknowledge' {
    BeforeEach {
        $Fake = New-Machine
        $null = Invoke-Rotation
    }

    It 'lets the envelopes of every account go with its next rotation, and the rest stays' {
        $null = Invoke-Rotation -Rid 500
        $null = Invoke-Rotation 'R-2'
        $report = Invoke-Line 'General.Acknowledge -RotationId R'
        Assert-Done $report $true
        $report['data']['id'], ($report['data']['rids'] -join ' ') | Should -BeExactly 'R', '500 1001'
        $entry = Get-Entry-Of R
        $entry['ack'], $entry['env'].Count, $entry['st'], $entry['a'] | Should -Be $true, 1, 'set', 1
        (Get-Entry-Of R-2)['ack'] | Should -BeFalse
        Assert-Done (Invoke-Line 'General.Acknowledge -RotationId R') $false
        $again = Invoke-Rotation
        Assert-Done $again $false
        $again['data']['envelopes'].Count | Should -Be 1
        $null = Invoke-Rotation 'R-3'
        foreach ($id in 'R', 'R-2') { (Get-Entry-Of $id)['env'].Count | Should -Be ([int]($id -ceq 'R-2')) }
        (Get-Entry-Of R 500)['env'].Count | Should -Be 1
        (Invoke-Rotation)['data']['envelopes'].Count | Should -Be 0
    }

    It 'knows nothing of another id' {
        $report = Invoke-Line 'General.Acknowledge -RotationId S'
        Assert-Done $report $false
        $report['data']['rids'].Count | Should -Be 0
    }

    It 'acknowledges what is set of a rotation, and nothing of one that is not' {
        $Fake.State['deny'] = @('Set-SamPassword')
        $null = Invoke-Rotation -Rid 500
        $report = Invoke-Line 'General.Acknowledge -RotationId R'
        Assert-Done $report $true
        $report['data']['rids'] | Should -Be 1001
        (Get-Entry-Of R)['ack'], (Get-Entry-Of R 500)['ack'] | Should -Be $true, $false
        $Fake.State['files'].Remove('rotation-1001-R')
        $report = Invoke-Line 'General.Acknowledge -RotationId R'
        Assert-Failed $report journal
        $report['error']['message'] | Should -BeExactly 'rotation R is not set yet'
    }
}

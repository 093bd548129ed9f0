# Every action of the table, on a machine that refuses it: a right that is missing, a domain controller, an older PowerShell,
# constrained language, a part of Windows that fails or does not answer.
BeforeDiscovery {
    # Each works on the machine of machine.ps1. Through: the functions that touch Windows, without which it cannot be done.
    $all = @(
        @{ Line = 'General.Inventory'; Through = 'Get-SamUser Get-SamGroup Get-SamMember Get-RegistryValue' }
        @{ Line = 'General.Posture'; Through = '' }
        @{ Line = 'General.Usage'; Through = 'Get-SamUser' }
        @{ Line = 'General.Usage -UserRID 1001'; Through = 'Get-SamUser' }
        @{ Line = 'General.SelfTest'; Through = '' }
        @{ Line = 'General.Attribution -UserRID 1001'; Through = '' }
        @{ Line = 'General.NewSession'; Through = 'New-RsaKey Write-State'; Changes = $true }
        @{ Line = 'General.Acknowledge -RotationId R'; Through = 'Get-StateName Read-State Write-State'; Changes = $true }
        @{ Line = 'LocalGroup.List'; Through = 'Get-SamGroup' }
        @{ Line = 'LocalGroup.MemberList'; Through = 'Get-SamGroup Get-SamMember' }
        @{ Line = 'LocalGroup.AddMember -MemberSID ~-1002'; Through = 'Get-SamGroup Get-SamUser Get-SamMember Add-SamMember'; Changes = $true }
        @{ Line = 'LocalGroup.RemoveMember -MemberSID ~-1001'; Through = 'Get-SamGroup Get-SamUser Get-SamMember Remove-SamMember'; Changes = $true }
        @{ Line = 'LocalUser.List'; Through = 'Get-SamUser' }
        @{ Line = 'LocalUser.Get -UserRID 1001'; Through = 'Get-SamUser' }
        @{ Line = 'LocalUser.Create -UserNameB64 bmV3'; Through = 'Get-SamUser Get-SamGroup New-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.Delete -UserRID 1002'; Through = 'Get-SamUser Get-SamGroup Get-SamMember Get-RegistryValue Remove-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.Enable -UserRID 1002'; Through = 'Get-SamUser Get-RegistryValue Set-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.Disable -UserRID 1001'; Through = 'Get-SamUser Get-SamGroup Get-SamMember Get-RegistryValue Set-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.Unlock -UserRID 1001'; Through = 'Get-SamUser Get-RegistryValue Set-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.SetProperty -UserRID 1001 -PropertyKey Description -PropertyValuesB64 eA=='; Through = 'Get-SamUser Get-RegistryValue Set-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.Rename -UserRID 1001 -PropertyValuesB64 eA=='; Through = 'Get-SamUser Get-SamGroup Get-RegistryValue Rename-SamUser'; Changes = $true }
        @{ Line = 'LocalUser.SetPassword -UserRID 1001 -EncryptedPassword BOX'; Through = 'Get-SamUser Get-RegistryValue Read-State Set-SamPassword'; Changes = $true }
        @{ Line = 'LocalUser.RotatePassword -UserRID 1001 -RotationId N -PublicKey KEY'; Changes = $true
            Through = 'Get-SamUser Get-RegistryValue Get-StateName Read-State Write-State Set-SamPassword' }
    )
    $cases = foreach ($one in $all) { @{ Line = $one.Line; Through = $one.Through; Changes = [bool]$one['Changes']; Name = "$($one.Line -replace ' .*')" } }
    $denied = foreach ($case in $cases) {
        foreach ($function in @('Get-Machine') + @($case.Through -split ' ' | Where-Object { $_ })) { $case + @{ Function = $function } }
    }
    $changing = @($cases | Where-Object { $_.Changes })
    $reading = @($cases | Where-Object { -not $_.Changes })
    $local = @($cases | Where-Object { $_.Line -notlike 'General.*' })
    $anywhere = @($cases | Where-Object { $_.Line -like 'General.*' })
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'machine.ps1')
    $key = [Security.Cryptography.RSA]::Create(2048)
    $parts = $key.ExportParameters($true)
    $publicKey = [Convert]::ToBase64String($parts.Modulus) + ',' + [Convert]::ToBase64String($parts.Exponent)
    $session = ($KeyParts | ForEach-Object { [Convert]::ToBase64String($parts.$_) }) -join ','
    $box = Protect-Text 'sealed, and 20 long' $key
    $entry = '{"v":1,"rid":1001,"id":"R","a":1,"st":"set","was":null,"made":"2026-01-01T10:00:00Z","set":"2026-01-01T10:00:00Z","env":[],"ack":false}'

    function New-Prepared([hashtable]$With = @{}) {
        New-Machine (@{ files = @{ session = "{`"v`":1,`"key`":`"$session`",`"done`":`"`"}"; 'rotation-1001-R' = $entry } } + $With)
    }

    function Invoke-Case([string[]]$More = '-SimpleResult') { Invoke-Line ($Line.Replace('BOX', $box).Replace('KEY', $publicKey)) $More }

    # Accounts and groups, to be compared.
    function Get-Sam { ConvertTo-Json -InputObject @($Fake.State['users'], $Fake.State['groups']) -Depth 9 -Compress }
}

Describe 'the table of these tests' {
    It 'has every action of the script' {
        $names = foreach ($row in $Actions -split '\r?\n') { ($row -split ' ')[0] }
        $source = Get-Content -LiteralPath (Join-Path $PSScriptRoot 'refusals.Tests.ps1') -Raw
        foreach ($name in $names) { $source | Should -Match "Line = '$([regex]::Escape($name))['\s]" }
    }
}

Describe 'on a machine that lets it' {
    It '<Name> says that it changed something: <Changes>, by Base64 and by JSON alike' -ForEach $cases {
        $Fake = New-Prepared
        $report = Invoke-Case
        Assert-Done $report $Changes
        $report['v'], $report['n'], $report['of'] | Should -Be 1, 1, 1
        @($report.Keys) | Should -BeExactly 'v', 'n', 'of', 'meta', 'status', 'changed', 'data'
        @($report['meta'].Keys) | Should -BeExactly 'script', 'computer', 'sid', 'domain', 'action', 'ms'
        $report['meta']['action'] | Should -BeExactly $Name
        $report['meta']['computer'], $report['meta']['sid'], $report['meta']['domain'] | Should -BeExactly 'PC1', $Sid, 'corp.example'
        $Fake = New-Prepared
        $words = @('-Target', ($Name -split '\.')[0]) + ($Line.Replace('BOX', $box).Replace('KEY', $publicKey) -split ' ' | Select-Object -Skip 1) +
            @('-Action', ($Name -split '\.')[1])
        Invoke-Management -Arguments $words
        $again = [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($Fake.Lines[0])) | ConvertFrom-Json -AsHashtable
        $again['status'], $again['changed'] | Should -Be 'ok', $Changes
    }

    It '<Name> leaves the meta out with -NoMeta, but for whose change it is' -ForEach $cases {
        $Fake = New-Prepared
        $report = Invoke-Case '-SimpleResult', '-NoMeta'
        Assert-Done $report $Changes
        if ($Changes) { @($report['meta'].Keys) | Should -BeExactly 'computer', 'sid' } else { $report.Contains('meta') | Should -BeFalse }
    }
}

Describe 'where access is denied' {
    It '<Name> fails without <Function>, and SAM stays as it was' -ForEach $denied {
        $Fake = New-Prepared @{ deny = @($Function) }
        $before = Get-Sam
        $report = Invoke-Case
        $report['status'], $report['error']['code'], $report['error']['native'] | Should -BeExactly 'failed', 'access-denied', '0x80070005'
        $report['error']['message'] | Should -BeExactly 'Access is denied.'
        $report.Contains('meta') | Should -Be ($Function -cne 'Get-Machine')
        $ExitCode | Should -Be 1
        Get-Sam | Should -BeExactly $before
    }
}

Describe 'where Windows fails' {
    It '<Name> is unexpected without <Function>' -ForEach ($denied | Where-Object { $_.Function -notin 'Read-State', 'New-RsaKey' }) {
        $Fake = New-Prepared @{ broken = @($Function) }
        $before = Get-Sam
        $report = Invoke-Case
        $report['status'], $report['error']['code'] | Should -BeExactly 'failed', 'unexpected'
        $report['error']['message'] | Should -BeExactly "$Function is broken here"
        $report['error'].Contains('native') | Should -BeFalse
        Get-Sam | Should -BeExactly $before
    }

    It '<Name> ends where <Function> has no answer in time' -ForEach ($denied | Where-Object { $_.Function -like 'Get-*' }) {
        $Fake = New-Prepared @{ slow = @($Function) }
        $report = Invoke-Case
        $report['error']['code'], $report['error']['native'] | Should -BeExactly 'timeout', '0x800705B4'
    }
}

Describe 'on a domain controller' {
    It '<Name> finds no local accounts' -ForEach $local {
        $Fake = New-Prepared @{ machine = @{ ProductType = 2 } }
        Assert-Failed (Invoke-Case) domain-controller
    }

    It '<Name> works' -ForEach ($anywhere | Where-Object { $_.Line -notlike '*-UserRID*' }) {
        $Fake = New-Prepared @{ machine = @{ ProductType = 2 } }
        Assert-Done (Invoke-Case) $Changes
    }
}

Describe 'on a PowerShell older than 5.1' {
    It '<Name> changes nothing' -ForEach $changing {
        foreach ($version in '5.0', '4.0') {
            $Fake = New-Prepared @{ machine = @{ PS = $version } }
            Assert-Failed (Invoke-Case) unexpected
        }
    }

    It '<Name> reads' -ForEach $reading {
        $Fake = New-Prepared @{ machine = @{ PS = '4.0' } }
        Assert-Done (Invoke-Case) $false
    }
}

Describe 'in constrained language' {
    BeforeEach { $Fake = New-Prepared @{ machine = @{ Language = 'constrained' } } }

    It '<Name> changes nothing, and says so in plain JSON' -ForEach $changing {
        foreach ($more in @('-SimpleResult'), @(), @('-NoMeta')) { Assert-Failed (Invoke-Case $more) constrained-language }
    }

    It '<Name> reads with -SimpleResult alone' -ForEach $reading {
        Assert-Done (Invoke-Case) $false
        Assert-Failed (Invoke-Case @()) constrained-language
    }
}

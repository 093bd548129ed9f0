# The script as a process: run by -File, alone or with the wrapper beside it, and under constrained language in earnest.
BeforeAll {
    $source = Split-Path $PSScriptRoot
    $fakeFile = (Resolve-Path (Join-Path $PSScriptRoot '../../src/simulator/powershell/fake.ps1')).Path
    $engine = (Get-Command @('powershell', 'pwsh')[[int]($PSVersionTable.PSVersion.Major -ge 6)]).Path
    $end = 'if($MyInvocation.InvocationName -ne ''.''){'
    $machine = @'
$Fake = New-Fake @{ machine = @{ Name = 'PC1'; Sid = 'S-1-5-21-1-2-3'; Build = '10.0' }
    users = @(@{ rid = 1002; name = 'svc'; fullName = ''; description = ''; userFlags = 0x202; expires = $null; passwordSet = $null })
    groups = @() }
'@

    # What touches Windows, so that it works under constrained language too.
    $constrained = @'
function Get-Machine { @{ Name = 'PC1'; Sid = 'S-1-5-21-1-2-3'; Domain = $null; Build = '10.0'; ProductType = 1; PS = '5.1'; Bits = 64; Language = Get-Language; LocalAccounts = $true; FreeMB = 9 } }
function Get-SamUser { foreach ($rid in 1001, 500) { @{ Rid = $rid; Name = "n\$rid ü"; FullName = ''; Description = '"'; UserFlags = 0x210; Expires = $null; PasswordSet = [datetime]'2026-01-01' } } }
function Get-SamGroup { @{ Sid = 'S-1-5-32-544'; Name = 'Administratoren' }, @{ Sid = 'S-1-5-21-1-2-3-1005'; Name = 'Own' } }
function Get-SamMember { @{ Sid = 'S-1-5-21-9-512'; Kind = 'g'; Name = 'CORP\x' }, @{ Sid = 'S-1-5-21-1-2-3-500'; Kind = 'u'; Name = $null }, @{ Sid = ''; Kind = 'x'; Name = $null } }
function Get-RegistryValue($Path, $Name) { if ($Name -eq 'BackupDirectory') { 2 } }
function Get-CimRow {}
function Get-PoolRow {}
function Get-SamPolicy { @{ MinLength = 14; History = 24 } }
function Get-StateName { 'rotation-500-R', 'rotation-1001-torn' }
function Read-State($Name) { if ($Name -like '*-R') { '{"v":1,"rid":500,"id":"R","a":1,"st":"set","was":null,"made":"2026-01-01T00:00:00Z","set":"2026-01-01T00:00:00Z","env":[],"ack":true}' } else { '{' } }
'@

    # A folder with the scripts, in which these lines stand before the last ones of each.
    function New-Folder([string[]]$Names, [string]$Text) {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString())
        $null = New-Item -ItemType Directory -Path $folder
        foreach ($name in $Names) {
            $script = Get-Content -LiteralPath (Join-Path $source $name) -Raw
            $script.IndexOf($end) | Should -BeGreaterThan 0
            Set-Content -LiteralPath (Join-Path $folder $name) -NoNewline -Value $script.Replace($end, "$Text`n$end")
        }
        $folder
    }

    function New-Package([string[]]$Names = ('secureone_management.ps1', 'expand_params.ps1')) {
        New-Folder $Names ". '$fakeFile'`nfunction Write-Line(`$Text) { [Console]::Out.WriteLine(`$Text) }`n$machine"
    }

    function Start-File([string]$File, [string[]]$Words) {
        $lines = @(& $engine -NoProfile -NonInteractive -File $File @Words)
        @{ Exit = $LASTEXITCODE; Lines = $lines }
    }

    function Start-Constrained([string]$Folder, [string]$Line) {
        $command = "`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & '$Folder/$Line; exit `$LASTEXITCODE"
        $lines = @(& $engine -NoProfile -NonInteractive -Command $command)
        @{ Exit = $LASTEXITCODE; Lines = $lines; Json = if ($lines) { $lines -join '' | ConvertFrom-Json -AsHashtable } }
    }
}

Describe 'the script alone, as in a sensor' {
    BeforeAll { $file = Join-Path (New-Package 'secureone_management.ps1') 'secureone_management.ps1' }

    It 'reads' {
        $ran = Start-File $file
        $ran.Exit, $ran.Lines.Count | Should -Be 0, 1
        ($ran.Lines[0] | ConvertFrom-Json).users[0].n | Should -Be 'svc'
        $ran = Start-File $file '-Target', 'LocalUser', '-Action', 'Get', '-UserRID', '1002', '-SimpleResult'
        $ran.Exit, ($ran.Lines[0] | ConvertFrom-Json).data.user.rid | Should -Be 0, 1002
    }

    It 'changes nothing: what does is not in it' {
        $ran = Start-File $file '-Target', 'LocalUser', '-Action', 'Enable', '-UserRID', '1002', '-SimpleResult'
        $ran.Exit | Should -Be 1
        $error1 = ($ran.Lines[0] | ConvertFrom-Json).error
        $error1.code, $error1.message | Should -BeExactly 'bad-argument', 'this text only reads: LocalUser.Enable needs expand_params.ps1 beside it'
    }

    It 'takes names that are spelled out, and complains of others' {
        foreach ($words in @('-Targ', 'LocalUser'), @('LocalUser'), @('-Target', 'LocalUser', '-Action', 'Enable', '-UserRID', '-SimpleResult'),
            @('-Action', 'List'), @('-Target', 'LocalUser', '-Action', 'List', '-Action', 'List')) {
            $ran = Start-File $file $words
            $ran.Exit, $ran.Lines.Count | Should -Be 1, 1
            $text = if ($words -contains '-SimpleResult') { $ran.Lines[0] } else { [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($ran.Lines[0])) }
            ($text | ConvertFrom-Json).error.code | Should -BeExactly 'bad-argument'
        }
    }
}

Describe 'the script with the wrapper beside it' {
    BeforeAll {
        $folder = New-Package
        function Start-Package([string]$Text) { Start-File (Join-Path $folder 'expand_params.ps1') ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text))) }
        function Get-Report($Ran) { $Ran.Lines | ForEach-Object { [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($_)) | ConvertFrom-Json } }
    }

    It 'changes by -File, from whatever folder' {
        Push-Location ([IO.Path]::GetTempPath())
        try { $ran = Start-File (Join-Path $folder 'secureone_management.ps1') '-Target', 'LocalUser', '-Action', 'Enable', '-UserRID', '1002', '-SimpleResult' }
        finally { Pop-Location }
        $ran.Exit | Should -Be 0
        ($ran.Lines[0] | ConvertFrom-Json).changed | Should -BeTrue
    }

    It 'runs the commands of a package in order, and none after one that failed' {
        $ran = Start-Package ".\secureone_management.ps1 -Target LocalUser -Action Enable -UserRID 1002; .\secureone_management.ps1 -Target LocalUser -Action Enable -UserRID 7`n.\secureone_management.ps1 -Target LocalUser -Action List"
        $ran.Exit | Should -Be 1
        Get-Report $ran | ForEach-Object { "$($_.n)/$($_.of) $($_.status)" } | Should -BeExactly '1/3 ok', '2/3 failed', '3/3 skipped'
    }

    It 'refuses what is more than commands' {
        $ran = Start-Package '.\secureone_management.ps1 -UserRID $(calc)'
        $ran.Exit | Should -Be 64
        (Get-Report $ran).status | Should -BeExactly 'refused'
    }
}

Describe 'constrained language in earnest' {
    BeforeAll { $folder = New-Folder ('secureone_management.ps1', 'expand_params.ps1') $constrained }

    It 'lets the sensors read' {
        $ran = Start-Constrained $folder "secureone_management.ps1'"
        $ran.Exit, $ran.Json['lang'] | Should -Be 0, 'constrained'
        $ran.Json['users'] | ForEach-Object { $_['n'] } | Should -BeExactly 'n\500 ü', 'n\1001 ü'
        $ran.Json['groups'][0]['m'] | ForEach-Object { $_['s'] } | Should -BeExactly 'S-1-5-21-9-512', '~-500'
        $ran.Json['laps']['mode'], $ran.Json['laps']['rid'] | Should -Be 'ad', 500
        $ran.Json['rot'][0]['id'] | Should -Be 'R'
        $posture = Join-Path $folder 'secureone_management.ps1'
        $text = Get-Content -LiteralPath $posture -Raw
        Set-Content -LiteralPath (Join-Path $folder 'posture.ps1') -Value ($text -creplace "\A.*", "`$DefaultAction = 'Posture'")
        $ran = Start-Constrained $folder "posture.ps1'"
        $ran.Exit, $ran.Json['password']['minLength'], $ran.Json['laps']['mode'] | Should -Be 0, 14, 'ad'
    }

    It 'lets <_> read with -SimpleResult' -ForEach 'General -Action Inventory', 'General -Action SelfTest', 'General -Action Posture', 'LocalGroup -Action List',
        'LocalGroup -Action MemberList -GroupSID S-1-5-32-544', 'LocalUser -Action List', 'LocalUser -Action Get -UserRID 500' {
        $ran = Start-Constrained $folder "secureone_management.ps1' -Target $_ -SimpleResult"
        "$($ran.Exit) $($ran.Json['status']) $($ran.Json['error'])" | Should -BeExactly '0 ok '
    }

    It 'reads a name that is given in Base64 not, and says why' {
        $ran = Start-Constrained $folder "secureone_management.ps1' -Target LocalUser -Action Get -UserNameB64 b3Bz -SimpleResult"
        $ran.Exit, $ran.Json['error']['code'] | Should -Be 1, 'constrained-language'
    }

    It 'changes nothing, and prints nothing but plain JSON' {
        foreach ($line in "secureone_management.ps1' -Target LocalUser -Action Enable -UserRID 500 -SimpleResult", "secureone_management.ps1' -Target LocalUser -Action List",
            "expand_params.ps1' R2V0LURhdGU=") {
            $ran = Start-Constrained $folder $line
            $ran.Exit, $ran.Json['status'], $ran.Json['error']['code'] | Should -Be 1, 'failed', 'constrained-language'
        }
    }
}

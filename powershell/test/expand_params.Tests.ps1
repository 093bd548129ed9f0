# expand_params.ps1: what it refuses, what it runs and how. Invoke-Pester -Path powershell/test
BeforeDiscovery {
    $vectors = Join-Path $PSScriptRoot '../../test/vectors/wrapper'
    $cases = foreach ($file in Get-ChildItem -LiteralPath $vectors -Filter *.json) {
        foreach ($case in Get-Content -LiteralPath $file.FullName -Raw -Encoding UTF8 | ConvertFrom-Json) {
            $part = @{ text = ''; fill = ''; times = 0; after = '' }
            foreach ($name in @($part.Keys)) { if ($case.PSObject.Properties[$name]) { $part[$name] = $case.$name } }
            $text = $part.text + $part.fill * $part.times + $part.after
            $parameter = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text))
            if ($case.PSObject.Properties['parameter']) { $parameter = $case.parameter }
            $commands = $null
            if ($case.PSObject.Properties['commands']) { $commands = $case.commands }
            @{ File = $file.BaseName; Name = $case.name; Parameter = $parameter; Commands = $commands }
        }
    }
    $refused = @($cases | Where-Object { $_.File -ne 'accepted' })
    $accepted = @($cases | Where-Object { $_.File -eq 'accepted' })
}

BeforeAll {
    $wrapper = (Resolve-Path (Join-Path $PSScriptRoot '../expand_params.ps1')).Path
    # By name: the process of pwsh may be dotnet.
    $engine = (Get-Command @('powershell', 'pwsh')[[int]($PSVersionTable.PSVersion.Major -ge 6)]).Path
    . $wrapper

    # In place of the script: what it was called with, and whether that fails.
    $calls = [Collections.Generic.List[object]]::new()
    function Invoke-Script([string[]]$Words) {
        $calls.Add(@{ Words = @($Words); N = $TrueupCall.N; Of = $TrueupCall.Of; Skip = $TrueupCall.Skip; Refusal = $TrueupCall.Refusal })
        if ($Words -ccontains 'Throw') { throw 'no such script' }
        if ($TrueupCall.Refusal) { 64 } elseif ($Words -ccontains 'Fail') { 1 } else { 0 }
    }

    # What hostile texts call.
    function global:calc { $global:CalcRan = $true }
    $global:CalcRan = $false

    function ConvertTo-Parameter([string]$Text) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text)) }

    # A package's folder: the wrapper, and beside it a script that prints what it is called with.
    function New-Package([string]$Folder) {
        $null = New-Item -ItemType Directory -Path $Folder
        Copy-Item -LiteralPath $wrapper -Destination $Folder
        Set-Content -LiteralPath (Join-Path $Folder 'secureone_management.ps1') -Value @'
$call = Get-Variable TrueupCall -ValueOnly -ErrorAction SilentlyContinue
$text = "$($call.N)/$($call.Of) skip=$($call.Skip) refusal=$([bool]$call.Refusal) " + (($args | ForEach-Object { "<$_>" }) -join '')
[Console]::Out.WriteLine($text)
if ($call.Refusal) { exit 64 }
if ($args -ccontains 'Fail') { exit 1 }
if ($args -ccontains 'Error') { throw 'it broke' }
exit 0
'@
    }

    # As the package's command line: from the folder, by -File, with the parameter as Tanium writes it.
    function Start-Package([string]$Folder, [string[]]$Parameters) {
        Push-Location -LiteralPath $Folder
        try { $lines = @(& $engine -NoProfile -NonInteractive -File expand_params.ps1 @Parameters) }
        finally { Pop-Location }
        @{ Lines = $lines; Exit = $LASTEXITCODE; Files = @(Get-ChildItem -LiteralPath $Folder -Recurse -Force | ForEach-Object { $_.Name }) }
    }
}

AfterAll {
    Remove-Item Function:\calc
    Remove-Variable CalcRan -Scope Global
}

Describe 'the check' {
    BeforeEach {
        $calls.Clear()
        $global:CalcRan = $false
        $place = Join-Path $TestDrive ([guid]::NewGuid().ToString())
        $null = New-Item -ItemType Directory -Path $place
        Push-Location -LiteralPath $place
    }
    AfterEach { Pop-Location }

    It 'refuses <Name> (<File>), and nothing runs' -ForEach $refused {
        Invoke-Package $Parameter
        $PackageExit | Should -Be 64
        $calls.Count | Should -Be 1
        $calls[0].Refusal | Should -Not -BeNullOrEmpty
        $calls[0].Words.Count | Should -Be 0
        $calls[0].N, $calls[0].Of, $calls[0].Skip | Should -Be 1, 1, $false
        $global:CalcRan | Should -BeFalse
        Get-ChildItem -LiteralPath $place | Should -BeNullOrEmpty
    }

    It 'lets <Name> through unharmed' -ForEach $accepted {
        Invoke-Package $Parameter
        $PackageExit | Should -Be 0
        $calls.Count | Should -Be $Commands.Count
        for ($at = 0; $at -lt $calls.Count; $at++) {
            $calls[$at].N, $calls[$at].Of, $calls[$at].Skip, $calls[$at].Refusal | Should -Be ($at + 1), $Commands.Count, $false, $null
            $calls[$at].Words.Count | Should -Be $Commands[$at].Count
            for ($word = 0; $word -lt $Commands[$at].Count; $word++) {
                [string]::Equals($calls[$at].Words[$word], $Commands[$at][$word], 'Ordinal') | Should -BeTrue
                $calls[$at].Words[$word] | Should -BeOfType string
            }
        }
        $global:CalcRan | Should -BeFalse
    }

    It 'refuses a second parameter' {
        Invoke-Package 'Get-Date' @('-Format', 'o')
        $PackageExit | Should -Be 64
        $calls[0].Refusal | Should -Be 'there is more than one parameter'
    }

    It 'opens no file that a text names, where the parser alone would' {
        $module = Join-Path $place 'm.psd1'
        Set-Content -LiteralPath $module -Value '@{ ModuleVersion = "1.0" }'
        Mock Read-Tree { throw 'the parser was called' }
        foreach ($text in "using module $module", "configuration c { Import-DscResource -ModuleName $module }") {
            Invoke-Package (ConvertTo-Parameter $text)
        }
        Should -Invoke Read-Tree -Exactly 0
        $calls.Count | Should -Be 2
    }

    It 'does not hang on 30 KB of <Name>' -ForEach @(
        @{ Name = 'quotes'; Text = "-Target " + "'" * 20001 }
        @{ Name = 'blanks'; Text = ' ' * 20000 + '!' }
        @{ Name = 'words'; Text = ' x' * 10000 + '!' }
        @{ Name = 'semicolons'; Text = ';' * 20000 + '!' }
    ) {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Invoke-Package (ConvertTo-Parameter ('.\secureone_management.ps1 ' + $Text))
        $PackageExit | Should -Be 64
        $watch.ElapsedMilliseconds | Should -BeLessThan 2000
    }
}

Describe 'the run' {
    BeforeEach { $calls.Clear() }
    AfterAll { Remove-Item Env:\TRUEUP_RESTARTED -ErrorAction SilentlyContinue }

    It 'stops at the first command that is not ok, and has the rest reported as skipped' {
        $line = '.\secureone_management.ps1 -Target'
        Invoke-Package (ConvertTo-Parameter "$line a`n$line Fail`n$line b`n$line Fail")
        $PackageExit | Should -Be 1
        ($calls | ForEach-Object { $_.N }) | Should -Be 1, 2, 3, 4
        ($calls | ForEach-Object { $_.Of }) | Should -Be 4, 4, 4, 4
        ($calls | ForEach-Object { $_.Skip }) | Should -Be $false, $false, $true, $true
    }

    It 'ends where the script cannot be run at all' {
        Invoke-Package (ConvertTo-Parameter ".\secureone_management.ps1 -Target Throw`n.\secureone_management.ps1")
        $PackageExit | Should -Be 1
        $calls.Count | Should -Be 1
    }

    It 'starts the 64-bit PowerShell from a 32-bit process, with the same text, and answers its exit code <Code>' -ForEach @(
        @{ Code = 0 }, @{ Code = 1 }, @{ Code = 64 }
    ) {
        $text = ".\secureone_management.ps1 -Target 'M$([char]0xfc)ller `" '' %PATH%'"
        Mock Get-ProcessBitness { 32 }
        Mock Get-SystemBitness { 64 }
        Mock Get-Shell { 'shell' }
        Mock Start-Shell {
            $env:TRUEUP_RESTARTED | Should -Be '1'
            $script:shellWords = $Words
            $Code
        }
        Invoke-Package (ConvertTo-Parameter $text)
        $PackageExit | Should -Be $Code
        $calls.Count | Should -Be 0
        Should -Invoke Start-Shell -Exactly 1 -ParameterFilter { $Path -eq 'shell' }
        ($shellWords[0..4] -join ' ') | Should -Be '-NoProfile -NonInteractive -ExecutionPolicy Bypass -File'
        $shellWords[5] | Should -Be $wrapper
        $shellWords[6] | Should -MatchExactly '^[A-Za-z0-9+/]+=*\z'
        ConvertFrom-Parameter $shellWords[6] | Should -BeExactly $text
        Test-Path Env:\TRUEUP_RESTARTED | Should -BeFalse
    }

    It 'refuses in the 32-bit process, and starts nothing' {
        Mock Get-ProcessBitness { 32 }
        Mock Get-SystemBitness { 64 }
        Mock Start-Shell { 0 }
        Invoke-Package (ConvertTo-Parameter 'calc')
        $PackageExit | Should -Be 64
        Should -Invoke Start-Shell -Exactly 0
    }

    It 'does not start itself where <Process> bits run on <System>, restarted: <Again>' -ForEach @(
        @{ Process = 64; System = 64; Again = $null }
        @{ Process = 32; System = 32; Again = $null }
        @{ Process = 32; System = 64; Again = '1' }
    ) {
        Mock Get-ProcessBitness { $Process }
        Mock Get-SystemBitness { $System }
        Mock Start-Shell { 0 }
        $env:TRUEUP_RESTARTED = $Again
        try { Invoke-Package 'Get-Date' } finally { $env:TRUEUP_RESTARTED = $null }
        $PackageExit | Should -Be 0
        $calls.Count | Should -Be 1
        Should -Invoke Start-Shell -Exactly 0
    }

    It 'fails where the other PowerShell cannot be started' {
        Mock Get-ProcessBitness { 32 }
        Mock Get-SystemBitness { 64 }
        Mock Get-Shell { Join-Path $TestDrive 'missing.exe' }
        Invoke-Package 'Get-Date'
        $PackageExit | Should -Be 1
        $calls.Count | Should -Be 0
        Test-Path Env:\TRUEUP_RESTARTED | Should -BeFalse
    }

    It 'takes Sysnative where this process sees it, else System32' {
        $root = $env:SystemRoot
        $env:SystemRoot = Join-Path $TestDrive 'windows'
        try {
            Get-Shell | Should -Be "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
            $null = New-Item -ItemType File -Force -Path "$env:SystemRoot/Sysnative/WindowsPowerShell/v1.0/powershell.exe"
            Get-Shell | Should -Be "$env:SystemRoot\Sysnative\WindowsPowerShell\v1.0\powershell.exe"
        }
        finally { $env:SystemRoot = $root }
    }
}

Describe 'the package' {
    BeforeAll {
        $folder = Join-Path $TestDrive 'package'
        New-Package $folder
        $files = 'expand_params.ps1', 'secureone_management.ps1'
        $line = '.\secureone_management.ps1'
    }

    It 'runs its commands in order, exit code 0, and leaves no file behind' {
        $text = "$line -Target LocalUser -Action Get -UserNameB64 'TcO8bGxlcg==' -NoMeta`n$line -Target 'O''Brien $([char]0x7ba1)'"
        $ran = Start-Package $folder @([uri]::EscapeDataString((ConvertTo-Parameter $text)))
        $ran.Lines | Should -Be @(
            '1/2 skip=False refusal=False <-Target><LocalUser><-Action><Get><-UserNameB64><TcO8bGxlcg==><-NoMeta>'
            "2/2 skip=False refusal=False <-Target><O'Brien $([char]0x7ba1)>"
        )
        $ran.Exit | Should -Be 0
        $ran.Files | Sort-Object | Should -Be $files
    }

    It 'ends with 1 after a failure, and leaves no file behind' {
        $ran = Start-Package $folder @(ConvertTo-Parameter "$line -Target Fail; $line -Target x")
        $ran.Lines | Should -Be '1/2 skip=False refusal=False <-Target><Fail>', '2/2 skip=True refusal=False <-Target><x>'
        $ran.Exit | Should -Be 1
        $ran.Files | Sort-Object | Should -Be $files
    }

    It 'ends with 64 for a refusal, and leaves no file behind' {
        $ran = Start-Package $folder @(ConvertTo-Parameter "$line; New-Item ran")
        $ran.Lines | Should -Be '1/1 skip=False refusal=True '
        $ran.Exit | Should -Be 64
        $ran.Files | Sort-Object | Should -Be $files
    }

    It 'ends with 1 where the script breaks, and goes no further' {
        $ran = Start-Package $folder @(ConvertTo-Parameter "$line -Target Error; $line -Target x")
        $ran.Lines.Count | Should -Be 2
        $ran.Lines[1] | Should -BeLike '*it broke*'
        $ran.Exit | Should -Be 1
    }

    It '#157 answers the test <_> with the self-test' -ForEach 'Get-Date', 'Get%2DDate', 'R2V0LURhdGU=', 'R2V0LURhdGU%3d' {
        $ran = Start-Package $folder @($_)
        $ran.Lines | Should -Be '1/1 skip=False refusal=False <-Target><General><-Action><SelfTest>'
        $ran.Exit | Should -Be 0
    }

    It 'refuses the parameters <_>' -ForEach @('Get-Date', '-Format', 'o'), @('Get-Date', '-Verbose'), @('Get-Date', ''), @('') {
        $ran = Start-Package $folder $_
        $ran.Lines | Should -Be '1/1 skip=False refusal=True '
        $ran.Exit | Should -Be 64
    }

    It 'ends with 1 or 64, and says so, where the script is missing' {
        $bare = Join-Path $TestDrive 'bare'
        $null = New-Item -ItemType Directory -Path $bare
        Copy-Item -LiteralPath $wrapper -Destination $bare
        $ran = Start-Package $bare @(ConvertTo-Parameter $line)
        $ran.Exit | Should -Be 1
        $ran.Lines[0] | Should -BeLike 'not run to its end: *'
        $ran = Start-Package $bare @('calc')
        $ran.Exit | Should -Be 64
        $ran.Lines[0] | Should -BeLike 'refused: *'
    }

    It 'calls the script beside it, whatever lies in the working folder' {
        $elsewhere = Join-Path $TestDrive 'elsewhere'
        $null = New-Item -ItemType Directory -Path $elsewhere
        Set-Content -LiteralPath (Join-Path $elsewhere 'secureone_management.ps1') -Value '[Console]::Out.WriteLine("another")'
        Push-Location -LiteralPath $elsewhere
        try { $lines = @(& $engine -NoProfile -NonInteractive -File (Join-Path $folder 'expand_params.ps1') Get-Date) }
        finally { Pop-Location }
        $lines | Should -Be '1/1 skip=False refusal=False <-Target><General><-Action><SelfTest>'
    }

    It 'prints one plain report in Constrained Language Mode, and exits with 1' {
        $command = '$ExecutionContext.SessionState.LanguageMode = "ConstrainedLanguage"; & {0} Get-Date; exit $LASTEXITCODE'
        $lines = @(& $engine -NoProfile -NonInteractive -Command $command.Replace('{0}', (Join-Path $folder 'expand_params.ps1')))
        $LASTEXITCODE | Should -Be 1
        $lines | Should -Be @('{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":"constrained-language",' +
            '"message":"PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy."}}')
    }
}

Describe 'a restart for real' -Skip:($PSVersionTable.PSVersion.Major -lt 6 -or $IsWindows) {
    It 'hands the lines and the exit code of the other PowerShell on' {
        $folder = Join-Path $TestDrive 'restart'
        New-Package $folder
        # Sysnative's PowerShell here is this one; that the process has 32 bits is all that is made up.
        $shell = Join-Path $TestDrive 'w/Sysnative/WindowsPowerShell/v1.0'
        $null = New-Item -ItemType Directory -Path $shell
        Set-Content -LiteralPath "$shell/powershell.exe" -Value "#!/bin/sh`nexec '$engine' `"`$@`""
        chmod +x "$shell/powershell.exe"
        $begin = "`$env:SystemRoot = '$TestDrive/w'; . '$folder/expand_params.ps1'; function Get-ProcessBitness { if (`$env:TRUEUP_RESTARTED) { 64 } else { 32 } }"
        foreach ($case in @(@{ Text = 'x'; Exit = 0 }, @{ Text = 'Fail'; Exit = 1 })) {
            $value = ConvertTo-Parameter ".\secureone_management.ps1 -Target $($case.Text) -RotationId '$('long ' * 60)'"
            $lines = @(& $engine -NoProfile -NonInteractive -Command "$begin; Invoke-Package '$value'; exit `$PackageExit")
            $LASTEXITCODE | Should -Be $case.Exit
            $lines | Should -Be "1/1 skip=False refusal=False <-Target><$($case.Text)><-RotationId><$('long ' * 60)>"
        }
    }
}

Describe 'the file' {
    BeforeAll {
        $tree = [Management.Automation.Language.Parser]::ParseFile($wrapper, [ref]$null, [ref]$null)
        # Where it runs: what stands below `if ($false)` is a list of names for a checker.
        $defined = @($tree.EndBlock.Statements | Where-Object { $_ -is [Management.Automation.Language.FunctionDefinitionAst] } |
                ForEach-Object { $_.Name })
    }

    It 'only defines functions when it is dot-sourced' {
        & { . $wrapper } | Should -BeNullOrEmpty
    }

    It 'calls nothing that runs text, writes a file or loads code, before the script is called' {
        $functions = @{}
        $isFunction = { $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }
        foreach ($function in $tree.FindAll($isFunction, $true)) { $functions[$function.Name] = $function }
        $reached = @('Invoke-Package')
        $foreign = @()
        for ($at = 0; $at -lt $reached.Count; $at++) {
            foreach ($command in $functions[$reached[$at]].FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
                $name = $command.GetCommandName()
                if (-not $name) { $foreign += "$($command.Parent.Extent.Text)" }
                elseif (-not $functions.ContainsKey($name)) { $foreign += $name }
                elseif ($reached -notcontains $name) { $reached += $name }
            }
            $functions[$reached[$at]].Extent.Text | Should -Not -Match 'scriptblock\]|\.Invoke|IO\.File|TEMP'
        }
        $reached.Count | Should -BeGreaterThan 10
        $foreign | Sort-Object -Unique | Should -Be @(
            '& $Path @Words|ForEach-Object{[Console]::Out.WriteLine($_)}'
            "& (Join-Path `$PSScriptRoot 'secureone_management.ps1') @Words|Out-Host"
            'ForEach-Object', 'Join-Path', 'New-Object', 'Out-Host', 'Remove-Item', 'Set-StrictMode', 'Test-Path'
        )
    }

    It 'has no function by a name of the management script, since a host of tests loads both' {
        $other = [Management.Automation.Language.Parser]::ParseFile(
            (Join-Path $PSScriptRoot '../secureone_management.ps1'), [ref]$null, [ref]$null)
        $theirs = $other.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object { $_.Name }
        $theirs.Count | Should -BeGreaterThan 10
        $defined.Count | Should -BeGreaterThan 10
        $defined | Where-Object { $theirs -contains $_ } | Should -BeNullOrEmpty
    }
}

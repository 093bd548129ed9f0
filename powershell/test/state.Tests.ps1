# What is kept in %ProgramData%, as real files in a folder: the run dies before any statement that writes or removes one, or
# Windows fails in the midst. What is read then is the whole of one text, and the next write is as good as ever.
BeforeAll {
    . (Join-Path $PSScriptRoot '../source/secureone_management.ps1')
    . (Join-Path $PSScriptRoot '../source/expand_params.ps1')
    . (Join-Path $PSScriptRoot 'state.ps1')
    . (Get-StateBlock)

    function Step {
        $Crash.Steps++
        if ($Crash.Steps -ne $Crash.At) { return }
        Close-Open
        break run
    }

    # As ReplaceFile: with a name for the file that goes, 1176 leaves all as it was; without one that file is gone.
    function Invoke-Replace($Paths) {
        $from, $to, $aside = $Paths
        switch ($Crash.Fails) {
            0 { [IO.File]::Replace($from, $to, $aside); return }
            1176 { if (-not $aside) { Remove-Item $to } }
            1177 { Move-Item $to $(if ($aside) { $aside } else { "$to.lost" }) }
            died { Move-Item $to $aside; break run }
        }
        throw [IO.IOException]::new("error $($Crash.Fails)", -2147024896 + $Crash.Fails)
    }

    function Get-Kept { (Get-ChildItem $StateFolder | ForEach-Object { $_.Name } | Sort-Object) -join ' ' }

    # Answers whether it came to its end.
    function Invoke-Dying($At, $Change) {
        $Crash.At = $At
        $Crash.Steps = 0
        $ended = $false
        :run do { & $Change; $ended = $true } while ($false)
        $Crash.At = 0
        $ended
    }
}

Describe 'a text that is kept' {
    BeforeEach {
        $StateFolder = Join-Path $TestDrive "$(New-Guid)"
        $null = New-Item -ItemType Directory $StateFolder
        $Crash = @{ Steps = 0; At = 0; Fails = 0 }
    }

    It 'is whole wherever its write dies: <Name>' -ForEach @(
        @{ Name = 'the first'; Left = @{} }
        @{ Name = 'one in the place of another'; Left = @{ 'x.json' = 'old' } }
        @{ Name = 'after a death'; Left = @{ 'x.json' = 'old'; 'x.json.new' = 'half of' } }
        @{ Name = 'after a death that came later'; Left = @{ 'x.json' = 'old'; 'x.json.old' = 'older' } }
        @{ Name = 'after error 1177'; Left = @{ 'x.json.old' = 'old'; 'x.json.new' = 'never' } }
    ) {
        $before = if ($Left.Count) { 'old' }
        for ($at = 1; $true; $at++) {
            Get-ChildItem $StateFolder | Remove-Item
            foreach ($file in $Left.Keys) { Set-Content "$StateFolder/$file" $Left[$file] -NoNewline }
            Read-State x | Should -BeExactly $before
            $ended = Invoke-Dying $at { Write-State x 'new' }
            if ($ended) { break }
            Read-State x | Should -BeIn $before, 'new'
            Write-State x 'newer'
            Read-State x | Should -BeExactly 'newer'
            Get-Kept | Should -BeExactly 'x.json'
        }
        $at | Should -BeGreaterThan 10
        Read-State x | Should -BeExactly 'new'
        Get-Kept | Should -BeExactly 'x.json'
    }

    It 'is there after error <_>, and the next write succeeds' -ForEach 1175, 1176, 1177 {
        Write-State x 'old'
        $Crash.Fails = $_
        { Write-State x 'new' } | Should -Throw "error $_"
        Get-StateName | Should -Be 'x'
        Read-State x | Should -BeExactly 'old'
        $Crash.Fails = 0
        Write-State x 'new'
        Read-State x | Should -BeExactly 'new'
        Get-Kept | Should -BeExactly 'x.json'
    }

    It 'is there where power is cut in the midst of the replacement' {
        Write-State x 'old'
        $Crash.Fails = 'died'
        Invoke-Dying 0 { Write-State x 'new' } | Should -BeFalse
        Get-Kept | Should -BeExactly 'x.json.new x.json.old'
        Read-State x | Should -BeExactly 'old'
        $Crash.Fails = 0
        Write-State x 'new'
        Get-Kept | Should -BeExactly 'x.json'
    }

    It 'does not come back once it is removed, wherever that dies' {
        for ($at = 1; $true; $at++) {
            Set-Content "$StateFolder/x.json" 'new' -NoNewline
            Set-Content "$StateFolder/x.json.old" 'old' -NoNewline
            $ended = Invoke-Dying $at { Remove-State x }
            if ($ended) { break }
            Read-State x | Should -BeIn 'new', $null
            Remove-State x
            Get-Kept | Should -BeNullOrEmpty
        }
        $at | Should -BeGreaterThan 3
        Get-Kept | Should -BeNullOrEmpty
    }

    It 'is listed once, whatever lies beside it' {
        foreach ($file in 'x.json', 'x.json.old', 'y.json.old', 'z.json.new', 'lock') { Set-Content "$StateFolder/$file" $file }
        Get-StateName | Sort-Object | Should -Be 'x', 'y'
    }
}

# For tests that let a run die, which dot-source it: what keeps things in %ProgramData%, on real files.

# The scripts' own functions, as a block to be dot-sourced, with a call of Step before each statement that may write or
# remove a file in $StateFolder; Invoke-Replace is in the place of [IO.File]::Replace. $Prefix is put before their names, but
# for what only they call.
function Get-StateBlock($Prefix) {
    $texts = foreach ($file in 'secureone_management.ps1', 'expand_params.ps1') {
        $path = Join-Path (Split-Path $PSScriptRoot) "source/$file"
        $tree = [Management.Automation.Language.Parser]::ParseFile($path, [ref]$null, [ref]$null)
        foreach ($function in $tree.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $true)) {
            # Filters only name what is in the other file.
            if ($function.IsFilter -or $function.Name -cnotin 'Get-StateName', 'Read-State', 'Write-State', 'Remove-Aside', 'Remove-State') { continue }
            $text = $function.Extent.Text
            if ($file -clike 'expand*') {
                $isStep = {
                    $args[0] -is [Management.Automation.Language.StatementAst] -and $args[0].Parent.GetType().Name -cin 'StatementBlockAst', 'NamedBlockAst'
                }
                $at = $function.Body.FindAll($isStep, $true) | ForEach-Object { $_.Extent.StartOffset - $function.Extent.StartOffset }
                foreach ($offset in $at | Sort-Object -Descending) { $text = $text.Insert($offset, 'Step; ') }
                # Power is not cut here, and waiting for the disk takes most of the time.
                $text = $text.Replace('[IO.File]::Replace(', 'Invoke-Replace (').Replace('Flush($true)', 'Flush()')
            }
            if ($function.Name -cne 'Remove-Aside') { $text = $text.Replace("function $($function.Name)", "function $Prefix$($function.Name)") }
            # Elsewhere than on Windows a backslash is of a name.
            $text.Replace('$StateFolder\', '$StateFolder/')
        }
    }
    [scriptblock]::Create("function Test-StateFolder { `$true }`nfunction Lock-State {}`n$($texts -join "`n")")
}

# A process that ends lets go of its files. $file is that of the function that died.
function Close-Open {
    $open = Get-Variable file -ValueOnly -ErrorAction Ignore
    if ($open -is [IO.FileStream]) { $open.Dispose() }
}

# Runs the commands that a Tanium action brings, on Windows PowerShell 5.1. The package's command line is
#   cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile
#       -File expand_params.ps1 $0
# and the one parameter is Base64 of UTF-8 text: 1 to 64 commands of secureone_management.ps1, or Get-Date for a test.
#
# It runs as SYSTEM, so it is no shell for whoever can deploy the package. A text goes through only if it is data from end
# to end: the script's name, the names of its parameters, constants. All is checked before anything runs, and then the
# script is called with those constants as plain strings. The text itself is never run: no Invoke-Expression, no script
# block made of it. The script beside this file is called, wherever the action's working folder is.
#
# Exit code: 0 all went well, 1 a command failed (those after it are reported as skipped), 64 refused and nothing ran.
# It makes no file, so it leaves none behind. The Tanium client is a 32-bit program: on 64-bit Windows this starts itself
# again in the 64-bit PowerShell. TPowershell.exe of Tanium's tools, in place of powershell.exe, would do so too.
param([string]$EncodedCommand)

#region Outside: these functions alone touch the machine. Tests replace them.

function Get-LanguageMode { $ExecutionContext.SessionState.LanguageMode }

function Get-ProcessBitness { if ([Environment]::Is64BitProcess) { 64 } else { 32 } }

function Get-SystemBitness { if ([Environment]::Is64BitOperatingSystem) { 64 } else { 32 } }

# Sysnative is how a 32-bit process sees the folder of the 64-bit one; no other process sees it.
function Get-Shell {
    $shell = "$env:SystemRoot\Sysnative\WindowsPowerShell\v1.0\powershell.exe"
    if (Test-Path -LiteralPath $shell) { return $shell }
    "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
}

# Its lines are handed on by the console writer, which never wraps one. Answers its exit code.
function Start-Shell([string]$Path, [string[]]$Words) {
    & $Path @Words | ForEach-Object { [Console]::Out.WriteLine($_) }
    $LASTEXITCODE
}

# Answers the exit code of the script, which prints its report itself. Words are strings, and reach it as its $args.
function Invoke-Script([string[]]$Words) {
    # Stays so if the script never comes to its own exit.
    $global:LASTEXITCODE = 1
    & (Join-Path $PSScriptRoot 'secureone_management.ps1') @Words | Out-Host
    $global:LASTEXITCODE
}

#endregion
#region The check: from the parameter to lists of strings. It throws what is wrong.

function ConvertFrom-Parameter([string]$Value) {
    # No command line is longer.
    if ($Value.Length -gt 32767) { throw 'the parameter is longer than 32767 characters' }
    # Tanium percent-encodes all but letters and digits. What is not ASCII could not become Base64.
    $wrong = 'the parameter is not Base64 of UTF-8 text'
    if ($Value -cmatch '%(?![0-7][0-9A-Fa-f])') { throw $wrong }
    $plain = [uri]::UnescapeDataString($Value).Trim([char[]]" `t`r`n")
    if ($plain -cmatch '^Get-Date\z') { return $plain }
    if ($plain.Length % 4 -or $plain -cnotmatch '^[A-Za-z0-9+/]+={0,2}\z') { throw $wrong }
    # Throws at any byte that is not UTF-8, where the usual decoder would put a character of its own.
    try { (New-Object Text.UTF8Encoding $false, $true).GetString([Convert]::FromBase64String($plain)) }
    catch { throw $wrong }
}

# The commands of a text, each a list of strings: -Name in the table's spelling, value, -Name ...
function Read-Command([string]$Text) {
    if ([string]::Equals($Text.Trim([char[]]" `t`r`n"), 'Get-Date', [StringComparison]::OrdinalIgnoreCase)) {
        return , @(, @('-Target', 'General', '-Action', 'SelfTest'))
    }
    Assert-Pattern $Text
    $commands = Read-Tree $Text
    if ($commands.Count -eq 0) { throw 'there is no command' }
    if ($commands.Count -gt 64) { throw 'there are more than 64 commands' }
    , $commands
}

# First a look without PowerShell's parser, since the parser acts on some texts: "using module \\host\share\x" makes it open
# that file, and "configuration" loads modules. Blanks are spaces and tabs; a line end or semicolon parts commands; outside
# of quotes there are no other characters than these. PowerShell takes typographic quotes for quotes too.
function Assert-Pattern([string]$Text) {
    $quote = "['\u2018-\u201b]"
    $word = "(?>[A-Za-z0-9_.~+/=-]+|$quote(?>[^'\u2018-\u201b\0]|$quote{2})*$quote)"
    $command = "(?>\.\\[A-Za-z_]+\.[Pp][Ss]1(?>[ \t]+$word)*)"
    $found = [regex]::Match($Text, "^(?>[ \t\r\n;]*$command[ \t]*(?=[\r\n;]|\z))*[ \t\r\n;]*").Length
    if ($found -lt $Text.Length) { throw "what begins at character $($found + 1) is more than a command with constants" }
}

# Then what PowerShell itself reads in it: every token and every node has to be of a kind that is listed here.
function Read-Tree([string]$Text) {
    $tokens = $null
    $errors = $null
    $tree = [Management.Automation.Language.Parser]::ParseInput($Text, [ref]$tokens, [ref]$errors)
    if ($errors.Count) { throw 'PowerShell finds an error in the text' }
    $listed = 'Generic', 'Identifier', 'Number', 'Parameter', 'StringLiteral', 'NewLine', 'Semi', 'EndOfInput'
    foreach ($token in $tokens) {
        if ($listed -cnotcontains [string]$token.Kind) { throw "$($token.Kind) is not of a command with constants" }
    }
    if ($tree.ParamBlock -or $tree.DynamicParamBlock -or $tree.BeginBlock -or $tree.ProcessBlock -or
        $tree.EndBlock.Traps -or $tree.ScriptRequirements) { throw 'the text is more than commands' }
    $commands = @()
    foreach ($statement in $tree.EndBlock.Statements) {
        if ($statement -isnot [Management.Automation.Language.PipelineAst] -or $statement.PipelineElements.Count -ne 1) {
            throw 'a statement is not a command alone'
        }
        $command = $statement.PipelineElements[0]
        if ($command -isnot [Management.Automation.Language.CommandAst] -or $command.InvocationOperator -cne 'Unknown' -or
            $command.Redirections.Count) { throw 'a statement is not a plain command' }
        $commands += , (Read-Word $command.CommandElements)
    }
    , $commands
}

function Read-Word($Elements) {
    $script = '.\secureone_management.ps1'
    # By character: -eq goes by culture, and overlooks some.
    if (-not [string]::Equals($Elements[0].Extent.Text, $script, [StringComparison]::OrdinalIgnoreCase)) {
        throw "a command does not start with $script"
    }
    for ($at = 1; $at -lt $Elements.Count; $at++) {
        if ($Elements[$at].Extent.StartOffset -eq $Elements[$at - 1].Extent.EndOffset) { throw 'two words touch' }
    }
    $words = @()
    for ($at = 1; $at -lt $Elements.Count; $at++) {
        $name = Get-ConstantName $Elements[$at]
        if ($words -ccontains "-$name") { throw "-$name is given twice" }
        $words += "-$name"
        if ('SimpleResult', 'NoMeta' -cnotcontains $name) {
            $at++
            if ($at -ge $Elements.Count) { throw "-$name has no value" }
            $words += Get-ConstantValue $Elements[$at] $name
        }
    }
    , $words
}

# Spelled out, with an ASCII hyphen and no colon. All that the script takes; the same list is src/endpoint/command.ts.
function Get-ConstantName($Element) {
    $text = $Element.Extent.Text
    if ($Element -is [Management.Automation.Language.CommandParameterAst] -and $text -cmatch '^-[A-Za-z0-9]+\z') {
        foreach ($name in 'Target', 'Action', 'SimpleResult', 'NoMeta', 'GroupSID', 'GroupNameB64', 'MemberSID',
            'MemberNameB64', 'UserRID', 'UserNameB64', 'PropertyKey', 'PropertyValuesB64', 'EncryptedPassword', 'PublicKey',
            'RotationId') {
            if ([string]::Equals($text, "-$name", [StringComparison]::OrdinalIgnoreCase)) { return $name }
        }
    }
    throw 'an argument is not a parameter of the script, spelled out'
}

# In single quotes anything; without them a word, or a number of up to ten digits: 1kb and 0x1F are other numbers than they
# look. Nothing that starts with a hyphen: the script would have to tell it from a name.
function Get-ConstantValue($Element, [string]$Name) {
    if ($Element -isnot [Management.Automation.Language.ConstantExpressionAst]) { throw "-$Name has no constant value" }
    $value = $Element.Extent.Text
    if ($value -cnotmatch '^(?:[A-Za-z~][A-Za-z0-9_.~+/=-]*|[0-9]{1,10})\z') {
        if ($Element -isnot [Management.Automation.Language.StringConstantExpressionAst] -or
            $Element.StringConstantType -cne 'SingleQuoted') { throw "the value of -$Name needs single quotes" }
        $value = $Element.Value
    }
    if ($value -cmatch '^-') { throw "the value of -$Name starts with a hyphen" }
    $value
}

#endregion
#region The run

# Prints, and sets $script:PackageExit.
function Invoke-Package([string]$Value, [object[]]$More) {
    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'
    if ((Get-LanguageMode) -ne 'FullLanguage') {
        # Neither Base64 nor the parser is to be had, and the script could change nothing.
        Write-Output ('{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":"constrained-language","message":' +
            '"PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy."}}')
        $script:PackageExit = 1
        return
    }
    try {
        if ($More) { throw 'there is more than one parameter' }
        $text = ConvertFrom-Parameter $Value
        $commands = Read-Command $text
    }
    catch {
        # Whatever goes wrong in the check, nothing runs.
        $script:PackageExit = 64
        Write-Refusal $_.Exception.Message
        return
    }
    $script:PackageExit = 1
    try {
        # Once: where the other one is of 32 bits too, it goes on in that; SelfTest reports the bits.
        if ((Get-ProcessBitness) -lt (Get-SystemBitness) -and -not $env:TRUEUP_RESTARTED) { Restart-Package $text }
        else { Invoke-CommandList $commands }
    }
    catch { [Console]::Out.WriteLine("not run to its end: $($_.Exception.Message)") }
}

# The text again as Base64: in that alphabet nothing can be misread on a command line.
function Restart-Package([string]$Text) {
    $value = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text))
    $env:TRUEUP_RESTARTED = '1'
    try {
        $script:PackageExit = Start-Shell (Get-Shell) @('-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File',
            $PSCommandPath, $value)
    }
    finally { Remove-Item -LiteralPath Env:\TRUEUP_RESTARTED }
}

# The script reads $TrueupCall from here: which report of how many it is to print, and whether it may do anything.
function Invoke-CommandList($Commands) {
    $failed = $false
    for ($at = 0; $at -lt $Commands.Count; $at++) {
        $TrueupCall = @{ N = $at + 1; Of = $Commands.Count; Skip = $failed; Refusal = $null }
        if ((Invoke-Script $Commands[$at]) -ne 0) { $failed = $true }
    }
    $script:PackageExit = [int]$failed
}

function Write-Refusal([string]$Message) {
    $TrueupCall = @{ N = 1; Of = 1; Skip = $false; Refusal = $Message }
    try { $null = Invoke-Script @() }
    catch { [Console]::Out.WriteLine("refused: $Message; not reported: $($_.Exception.Message)") }
}

#endregion

if ($MyInvocation.InvocationName -ne '.') {
    Invoke-Package $EncodedCommand $args
    exit $script:PackageExit
}

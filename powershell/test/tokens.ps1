# For test/endpoint/stripped.test.ts: the tokens that PowerShell reads in a file, a JSON list of kinds and texts in turn,
# without comments and the line ends that they leave behind.
param([string]$Path)
$tokens = $null
$errors = $null
$null = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$errors)
if ($errors.Count) { throw "$Path does not parse" }
$last = 'NewLine'
$found = foreach ($token in $tokens) {
    $kind = [string]$token.Kind
    if ($kind -ceq 'Comment' -or ($kind -ceq 'NewLine' -and $last -ceq 'NewLine')) { continue }
    $last = $kind
    $kind
    if ($kind -ceq 'NewLine') { '' } else { $token.Text }
}
[Console]::Out.WriteLine((ConvertTo-Json -InputObject @($found) -Compress -EscapeHandling EscapeNonAscii))

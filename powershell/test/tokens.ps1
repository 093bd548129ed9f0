# For test/endpoint/stripped.test.ts: what PowerShell reads in a file, as JSON: { tokens, nodes }. Tokens: kinds and texts in
# turn, without comments and the line ends that they leave behind. Nodes of the tree: how deep, of which kind, and what an
# end of it says, since the same tokens can be other arguments: "f $a (1)" and "f $a(1)".
param([string]$Path)
$tokens = $null
$errors = $null
$tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$errors)
if ($errors.Count) { throw "$Path does not parse" }
$last = 'NewLine'
$found = foreach ($token in $tokens) {
    $kind = [string]$token.Kind
    if ($kind -ceq 'Comment' -or ($kind -ceq 'NewLine' -and $last -ceq 'NewLine')) { continue }
    $last = $kind
    $kind
    if ($kind -ceq 'NewLine') { '' } else { $token.Text }
}
$inner = [Collections.Generic.HashSet[object]]::new()
$all = $tree.FindAll({ $true }, $true)
foreach ($node in $all) { if ($node.Parent) { $null = $inner.Add($node.Parent) } }
$nodes = foreach ($node in $all) {
    $depth = 0
    for ($above = $node.Parent; $above; $above = $above.Parent) { $depth++ }
    # A block that is empty has its blanks in it.
    "$depth $($node.GetType().Name) $(if (-not $inner.Contains($node)) { $node.Extent.Text -replace '\s+' })"
}
$answer = @{ tokens = @($found); nodes = @($nodes) }
[Console]::Out.WriteLine((ConvertTo-Json -InputObject $answer -Compress -EscapeHandling EscapeNonAscii))

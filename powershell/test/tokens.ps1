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
$all = $tree.FindAll({ $true }, $true)
# Each before what is in it. A node that is somebody's parent is no end.
$depth = [Collections.Generic.Dictionary[object, int]]::new()
$inner = [Collections.Generic.HashSet[object]]::new()
foreach ($node in $all) {
    $above = $node.Parent
    if ($above) { $null = $inner.Add($above) }
    $depth[$node] = if ($above) { $depth[$above] + 1 } else { 0 }
}
# A block that is empty has its blanks in it.
$nodes = foreach ($node in $all) {
    $end = if (-not $inner.Contains($node)) { $node.Extent.Text -replace '\s+' }
    "$($depth[$node]) $($node.GetType().Name) $end"
}
$answer = @{ tokens = @($found); nodes = @($nodes) }
[Console]::Out.WriteLine((ConvertTo-Json -InputObject $answer -Compress -EscapeHandling EscapeNonAscii))

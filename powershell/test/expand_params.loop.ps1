# What the check of expand_params.ps1 answers, for many parameters in one process. Reads lines, each a JSON list of
# parameters; answers each with a line, a JSON list of { words, tree }. words: the commands, each a list of strings; null
# where the whole check refuses. tree: the same of the check by tokens and nodes alone, without the look before it.
. (Join-Path $PSScriptRoot '../expand_params.ps1')
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Read-Parameter([string]$Value) {
    $answer = @{ words = $null; tree = $null }
    try { $text = ConvertFrom-Parameter $Value } catch { return $answer }
    try { $answer.words = Read-Command $text } catch { $answer.words = $null }
    if ($null -eq $answer.words) { try { $answer.tree = Read-Tree $text } catch { $answer.tree = $null } }
    $answer
}

while ($null -ne ($line = [Console]::In.ReadLine())) {
    $answers = @(foreach ($value in ConvertFrom-Json $line) { Read-Parameter $value })
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $answers -Depth 5 -Compress -EscapeHandling EscapeNonAscii))
}

# For test/endpoint/sealing.test.ts: answers lines of JSON, { seal, key } with { text }, a box, and { open, key } with { text },
# what is in it, or null where it is not opened. key: parts of an RSA key as the script writes them.
. (Join-Path (Split-Path $PSScriptRoot) 'expand_params.ps1')
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# On Linux there is no RSACng; this one knows the same paddings.
function New-RsaKey($Parameters) {
    $key = [Security.Cryptography.RSA]::Create(2048)
    $key.ImportParameters($Parameters)
    $key
}

while ($null -ne ($line = [Console]::In.ReadLine())) {
    $request = ConvertFrom-Json $line -AsHashtable
    $key = Import-Key $request.key
    $text = if ($request.Contains('seal')) { Protect-Text $request.seal $key } else { try { Unprotect-Text $request.open $key } catch { $null } }
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject @{ text = $text } -Compress -EscapeHandling EscapeNonAscii))
}

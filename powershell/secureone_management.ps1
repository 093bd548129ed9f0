$DefaultAction = 'Inventory'
$ScriptVersion = '1.0.0'
$StateFolder = "$env:ProgramData\Trueup"
$Administrators = 'S-1-5-32-544'
$Constrained = 'PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy.'
function Write-Line($Text) {
	if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { [Console]::Out.WriteLine($Text) } else { $Text }
}
function Get-Now { [datetime]::UtcNow }
function Wait-Second($Count) { Start-Sleep -Seconds $Count }
function Get-Machine {
	$version = [Environment]::OSVersion.Version
	$product = Get-RegistryValue 'HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions' 'ProductType'
	$system = if ($env:PROCESSOR_ARCHITEW6432) { 'Sysnative' } else { 'System32' }
	@{
		Name = $env:COMPUTERNAME
		Sid = (Get-SamEntry 'User' | Select-Object -First 1 | ForEach-Object { Get-EntrySid $_ }) -creplace '-[0-9]+\z'
		Domain = Get-CimRow 'Win32_ComputerSystem' | Where-Object { $_.PartOfDomain } | ForEach-Object { $_.Domain }
		Build = "$($version.Major).$($version.Minor).$($version.Build)"
		ProductType = @{ WinNT = 1; LanmanNT = 2; ServerNT = 3 }[$product]
		PS = "$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)"
		Bits = 8 * [IntPtr]::Size
		Language = if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { 'full' } else { 'constrained' }
		LocalAccounts = Test-Path "$env:SystemRoot\$system\WindowsPowerShell\v1.0\Modules\Microsoft.PowerShell.LocalAccounts"
		FreeMB = [long]((Get-PSDrive $env:SystemDrive.Substring(0, 1)).Free / 1MB)
	}
}
function Get-SamComputer { [ADSI]"WinNT://$env:COMPUTERNAME,computer" }
function Get-SamEntry($Class) { (Get-SamComputer).Children | Where-Object { $_.SchemaClassName -eq $Class } }
function Get-EntrySid($Entry) { ConvertFrom-SidByte $Entry.InvokeGet('objectSid') }
function Get-SamUser {
	foreach ($entry in Get-SamEntry 'User') {
		$expires = try { $entry.InvokeGet('AccountExpirationDate') } catch { $null }
		$flags = [int]$entry.InvokeGet('UserFlags')
		$age = [long]$entry.InvokeGet('PasswordAge')
		$set = if ($age -or -not ($flags -band 0x20)) { (Get-Now).AddSeconds(-$age) }
		@{
			Entry = $entry
			Rid = [long]((Get-EntrySid $entry) -split '-')[-1]
			Name = [string]$entry.InvokeGet('Name')
			FullName = [string]$entry.InvokeGet('FullName')
			Description = [string]$entry.InvokeGet('Description')
			UserFlags = $flags
			Expires = $expires
			PasswordSet = $set
		}
	}
}
function Get-SamGroup {
	foreach ($entry in Get-SamEntry 'Group') {
		@{ Entry = $entry; Sid = Get-EntrySid $entry; Name = [string]$entry.InvokeGet('Name') }
	}
}
function Get-SamMember($Group) {
	foreach ($raw in $Group.Entry.Invoke('Members')) {
		$entry = [ADSI]$raw
		$path = [string]$entry.InvokeGet('ADsPath') -creplace '^WinNT://'
		$sid = try { Get-EntrySid $entry } catch { '' }
		$name = $path -creplace '^(.*/)?([^/]*)/([^/]*)\z', '$2\$3'
		$kind = if ($entry.SchemaClassName -ne 'User') { 'g' } elseif ($name -clike '*$') { 'c' } else { 'u' }
		if ($path -clike 'S-1-*') {
			$kind = 'x'
			$name = $null
			if (-not $sid) { $sid = $path }
		}
		@{ Sid = $sid; Kind = $kind; Name = $name }
	}
}
function Add-SamMember($Group, $Sid) { $Group.Entry.Add("WinNT://$Sid") }
function Remove-SamMember($Group, $Sid) { $Group.Entry.Remove("WinNT://$Sid") }
function New-SamUser($Name, $Password) {
	$entry = (Get-SamComputer).Create('User', $Name)
	$entry.SetPassword($Password)
	$entry.SetInfo()
	try {
		$entry.RefreshCache()
		$entry.Put('UserFlags', $entry.InvokeGet('UserFlags') -bor 2)
		$entry.SetInfo()
		[long]((Get-EntrySid $entry) -split '-')[-1]
	}
	catch {
		Remove-SamUser @{ Name = $Name }
		throw
	}
}
function Remove-SamUser($User) { (Get-SamComputer).Delete('User', $User.Name) }
function Rename-SamUser($User, $NewName) { $User.Entry.Rename($NewName) }
function Set-SamUser($User, $Property, $Value) {
	if ($Property -eq 'UserFlags' -and ($User.UserFlags -band 0x10) -and -not ($Value -band 0x10)) {
		$User.Entry.IsAccountLocked = $false
	}
	else { $User.Entry.Put($Property, $Value) }
	$User.Entry.SetInfo()
}
function Set-SamPassword($User, $Password) { $User.Entry.SetPassword($Password) }
function Get-SamPolicy {
	$entry = Get-SamComputer
	$read = { param($Name, $Unit) try { [int]([long]$entry.InvokeGet($Name) / $Unit) } catch { $null } }
	@{
		MinLength = & $read 'MinPasswordLength' 1
		History = & $read 'PasswordHistoryLength' 1
		MinAgeDays = & $read 'MinPasswordAge' 86400
		MaxAgeDays = & $read 'MaxPasswordAge' 86400
		LockoutThreshold = & $read 'MaxBadPasswordsAllowed' 1
		LockoutMinutes = & $read 'AutoUnlockInterval' 60
		LockoutWindowMinutes = & $read 'LockoutObservationInterval' 60
	}
}
function Get-RegistryValue($Path, $Name) {
	try { (Get-ItemProperty -LiteralPath $Path -Name $Name).$Name } catch { $null }
}
function Get-CimRow($Class, $Namespace = 'root\cimv2') {
	try { Get-CimInstance -ClassName $Class -Namespace $Namespace -OperationTimeoutSec 20 } catch { $null }
}
function New-RsaKey($Parameters) {
	try { $key = New-Object Security.Cryptography.RSACng 2048 }
	catch { Stop-Action crypto 'RSACng is missing: it needs .NET Framework 4.6' }
	if ($Parameters) { $key.ImportParameters($Parameters) }
	$key
}
function Get-RandomByte($Count) {
	$bytes = New-Object byte[] $Count
	[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
	, $bytes
}
function Get-StateFolder {
	if (-not (Test-Path -LiteralPath $StateFolder)) { return }
	$access = (Get-Acl -LiteralPath $StateFolder).Sddl
	if ($access -cnotmatch '^O:(BA|SY)G:[^:]+:P?(AI)?(\(A;OICI;FA;;;(BA|SY)\))+\z') {
		Stop-Action journal "$StateFolder is not for SYSTEM and Administrators alone"
	}
	$StateFolder
}
function Get-StateName { if (Get-StateFolder) { Get-ChildItem $StateFolder -Filter *.json | ForEach-Object { $_.BaseName } } }
function Read-State($Name) {
	$path = "$StateFolder\$Name.json"
	if ((Get-StateFolder) -and (Test-Path -LiteralPath $path)) { Get-Content -LiteralPath $path -Raw }
}
function Write-State($Name, $Text) {
	if (-not (Get-StateFolder)) {
		$access = New-Object Security.AccessControl.DirectorySecurity
		$access.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
		$null = [IO.Directory]::CreateDirectory($StateFolder, $access)
		$null = Get-StateFolder
	}
	$path = "$StateFolder\$Name.json"
	$stream = New-Object IO.FileStream "$path.new", 'Create', 'Write'
	$bytes = [Text.Encoding]::ASCII.GetBytes($Text)
	$stream.Write($bytes, 0, $bytes.Length)
	$stream.Flush($true)
	$stream.Close()
	if (Test-Path -LiteralPath $path) { [IO.File]::Replace("$path.new", $path, [NullString]::Value) }
	else { [IO.File]::Move("$path.new", $path) }
	$stream = New-Object IO.FileStream $path, 'Open', 'Write'
	$stream.Flush($true)
	$stream.Close()
}
function Remove-State($Name) { Remove-Item -LiteralPath "$StateFolder\$Name.json" }
function New-Record { @{ Parts = $args } }
function Format-Json($Value) {
	if ($null -eq $Value) { return 'null' }
	if ($Value -is [bool]) { return "$Value".ToLowerInvariant() }
	if ($Value -is [array]) { return '[' + (@($Value | ForEach-Object { Format-Json $_ }) -join ',') + ']' }
	if ($Value -is [hashtable]) {
		$parts = $Value.Parts
		$pairs = for ($at = 0; $at -lt $parts.Count; $at += 2) {
			$item = $parts[$at + 1]
			if ($null -ne $item -or $parts[$at][0] -ne '?') { '"' + $parts[$at].TrimStart('?') + '":' + (Format-Json $item) }
		}
		return '{' + ($pairs -join ',') + '}'
	}
	if ($Value -isnot [string]) { return "$Value" }
	if ($Value -cmatch '^[ !#-\[\]-~]*\z') { return '"' + $Value + '"' }
	$text = foreach ($char in $Value.ToCharArray()) {
		$at = "`b`t`n`f`r`"\".IndexOf($char)
		if ($at -ge 0) { '\' + 'btnfr"\'[$at] }
		elseif ([int]$char -lt 32 -or [int]$char -gt 126) { '\u{0:x4}' -f [int]$char }
		else { $char }
	}
	'"' + ($text -join '') + '"'
}
function Format-Day($Time) {
	if ($null -ne $Time) { '{0:0000}-{1:00}-{2:00}' -f $Time.Year, $Time.Month, $Time.Day }
}
function Format-Time($Time) {
	if ($null -ne $Time) { '{0}T{1:00}:{2:00}:{3:00}Z' -f (Format-Day $Time), $Time.Hour, $Time.Minute, $Time.Second }
}
function Get-Sorted($Table) {
	$keys = [string[]]@($Table.Keys)
	[array]::Sort($keys, [StringComparer]::Ordinal)
	foreach ($key in $keys) { $Table[$key] }
}
function Test-Same($One, $Other) {
	[string]::CompareOrdinal("$One".ToUpperInvariant(), "$Other".ToUpperInvariant()) -eq 0
}
function ConvertFrom-SidByte($Bytes) {
	$number = { param($At) $value = [long]0; foreach ($index in $At) { $value = $value * 256 + $Bytes[$index] }; $value }
	$sid = "S-$($Bytes[0])-$(& $number (2..7))"
	for ($at = 8; $at -lt 8 + 4 * $Bytes[1]; $at += 4) { $sid += "-$(& $number (($at + 3)..$at))" }
	$sid
}
function ConvertTo-ShortSid($Sid) { $Sid -creplace "^$($Machine.Sid)-([0-9]+)\z", '~-$1' }
function ConvertTo-LongSid($Sid) { $Sid -creplace '^~', $Machine.Sid }
$Meanings = @{
	'access-denied' = '5 C0000022'
	'bad-argument' = '87 1337 1388 2202'
	'exists' = '1316 1379 2223 2224'
	'laps-owned' = '8654 C000A08B'
	'last-administrator' = '1322'
	'not-found' = '1317 1332 1376 1387 2220 2221 C0000073'
	'password-policy' = '1325 2245 C000006C'
	'special-account' = '1371 C0000124'
	'timeout' = '258 1460'
	'unchanged' = '1377 1378 C0000152 C0000153'
}
function Stop-Action($What, $Message) {
	if ($What -isnot [int]) { throw @{ Code = $What; Message = $Message; Native = $null } }
	throw (Get-NativeFailure ('{0:X8}' -f (0x80070000 + $What)) $Message)
}
function Get-NativeFailure($Hex, $Message) {
	$number = if ($Hex -clike '8007*') { "$([int]('0x' + $Hex.Substring(4)))" } else { $Hex }
	$code = $Meanings.Keys | Where-Object { $Meanings[$_] -split ' ' -ccontains $number }
	if ($code -or $Hex -clike '8007*') { @{ Code = if ($code) { $code } else { 'unexpected' }; Message = $Message; Native = "0x$Hex" } }
}
function Get-Failure($Record) {
	$thrown = $Record.TargetObject
	if ($thrown -is [hashtable] -and $thrown.Contains('Code')) { return $thrown }
	$failure = @{ Code = 'unexpected'; Message = $Record.Exception.Message; Native = $null }
	if ($Record.FullyQualifiedErrorId -clike '*ConstrainedLanguage*') { return @{ Code = 'constrained-language'; Message = $Constrained; Native = $null } }
	for ($inner = $Record.Exception; $inner; $inner = $inner.InnerException) {
		$native = Get-NativeFailure ('{0:X8}' -f $inner.HResult) $inner.Message.Trim()
		if ($native) { $failure = $native }
	}
	$failure
}
$Actions = @'
General.Inventory
General.Posture
General.Usage            UserRID|UserNameB64
General.SelfTest
General.Attribution      GroupSID UserRID|UserNameB64
General.NewSession       *
General.Acknowledge      * RotationId!
LocalGroup.List
LocalGroup.MemberList    GroupSID|GroupNameB64
LocalGroup.AddMember     * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalGroup.RemoveMember  * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalUser.List
LocalUser.Get            UserRID|UserNameB64!
LocalUser.Create         * UserNameB64! PropertyKey PropertyValuesB64
LocalUser.Delete         * UserRID|UserNameB64!
LocalUser.Enable         * UserRID|UserNameB64!
LocalUser.Disable        * UserRID|UserNameB64!
LocalUser.Unlock         * UserRID|UserNameB64!
LocalUser.SetProperty    * UserRID|UserNameB64! PropertyKey! PropertyValuesB64!
LocalUser.Rename         * UserRID|UserNameB64! PropertyValuesB64!
LocalUser.SetPassword    * UserRID|UserNameB64! EncryptedPassword!
LocalUser.RotatePassword * UserRID|UserNameB64! PublicKey! RotationId! PropertyKey PropertyValuesB64
'@
$Parameters = @{
	Target = 'word'; Action = 'word'; SimpleResult = 'switch'; NoMeta = 'switch'
	GroupSID = 'SID'; GroupNameB64 = 'Base64'; MemberSID = 'SID list'; MemberNameB64 = 'Base64 list'
	UserRID = 'RID'; UserNameB64 = 'Base64'; PropertyKey = 'property list'; PropertyValuesB64 = 'Base64 list'
	EncryptedPassword = 'Base64'; PublicKey = 'Base64 list'; RotationId = 'token'
}
$Shapes = @{
	word = '.*'
	SID = '(~|S-1-(0|[1-9][0-9]{0,14}))(-(0|[1-9][0-9]{0,9})){1,15}'
	RID = '[1-9][0-9]{0,9}'
	Base64 = '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
	token = '[A-Za-z0-9-]{1,64}'
	property = 'FullName|Description|PasswordNeverExpires|UserCannotChangePassword|PasswordNotRequired'
	demand = 'MinLength|MinDigits|MinUppercase|MinLowercase|MinSpecial|ExcludeChars|Dependents'
}
function Get-ParameterName($Argument) { $Parameters.Keys | Where-Object { Test-Same "-$_" $Argument } }
function Read-Command($Arguments) {
	for ($at = 0; $at -lt $Arguments.Count; $at++) {
		$name = Get-ParameterName $Arguments[$at]
		if (-not $name) { Stop-Action bad-argument 'an argument is not a parameter of the script, spelled out' }
		if ($Given[$name]) { Stop-Action bad-argument "-$name is given twice" }
		$value = $true
		if ($Parameters[$name] -cne 'switch') {
			$at++
			$value = if ($at -lt $Arguments.Count -and -not (Get-ParameterName $Arguments[$at])) { $Arguments[$at] }
			if ($null -eq $value) { Stop-Action bad-argument "-$name has no value" }
		}
		$Given[$name] = $value
		$script:Names += $name
	}
	if (-not $Given['Target']) { $Given['Target'] = 'General' }
	if (-not $Given['Action']) { $Given['Action'] = $DefaultAction }
	foreach ($line in $Actions -split '\r?\n') {
		$words = $line -split ' +'
		if (-not (Test-Same $words[0] "$($Given['Target']).$($Given['Action'])")) { continue }
		$takes = @($words | Select-Object -Skip 1 | Where-Object { $_ -cne '*' })
		$script:Rule = @{ Name = $words[0]; Changes = $words -ccontains '*'; Takes = $takes }
	}
}
function Assert-Command {
	if (-not $Rule) { Stop-Action bad-argument "there is no action $($Given['Action']) of target $($Given['Target'])" }
	$takes = "Target|Action|SimpleResult|NoMeta|$($Rule.Takes -join '|')" -creplace '!' -split '\|'
	foreach ($name in $Names) {
		if ($takes -cnotcontains $name) { Stop-Action bad-argument "$($Rule.Name) takes no -$name" }
		$shape = $Parameters[$name]
		if (-not (Test-Shape $shape $Given[$name])) { Stop-Action bad-argument "-$name is not a $shape" }
	}
	foreach ($need in $Rule.Takes -clike '*!') {
		$names = $need.TrimEnd('!') -split '\|'
		if (-not ($names | Where-Object { $null -ne $Given[$_] })) {
			Stop-Action bad-argument "$($Rule.Name) needs -$($names -join ' or -')"
		}
	}
	if ($Machine.ProductType -eq 2 -and $Rule.Name -cnotlike 'General.*') {
		Stop-Action domain-controller 'a domain controller has no local accounts or groups'
	}
	if ($Rule.Changes -and [double]$Machine.PS -lt 5.1) {
		Stop-Action unexpected "Windows PowerShell 5.1 is needed, this is $($Machine.PS)"
	}
}
function Test-Shape($Shape, $Value) {
	if ($Shape -ceq 'switch') { return $true }
	if ($Shape -ceq 'Base64' -and -not $Value) { return $false }
	$kind = $Shape -creplace ' list'
	if ($kind -ceq 'property' -and $Rule.Name -ceq 'LocalUser.RotatePassword') { $kind = 'demand' }
	$items = if ($Shape -clike '* list') { $Value -split ',' } else { $Value }
	foreach ($item in $items) {
		if ($item -cnotmatch "^($($Shapes[$kind]))\z") { return $false }
		if ($item -cmatch '^~-.*-') { return $false }
		if ($kind -cmatch 'ID$') {
			foreach ($number in $item -creplace '^(S-1-[0-9]+|~)-' -split '-') { if ([double]$number -gt 4294967295) { return $false } }
		}
	}
	$true
}
function Get-Text($Name) {
	if ($null -eq $Given[$Name]) { return }
	foreach ($item in $Given[$Name] -split ',') {
		try { (New-Object Text.UTF8Encoding $false, $true).GetString([Convert]::FromBase64String($item)) }
		catch { Stop-Action bad-argument "-$Name is not Base64 of UTF-8" }
	}
}
function Invoke-Management {
	param([string[]]$Arguments = @())
	Set-StrictMode -Version 2.0
	$ErrorActionPreference = 'Stop'
	$started = Get-Now
	$script:ExitCode = 0
	$script:Changed = $false
	$script:Given = @{}
	$script:Names = @()
	$script:Machine = $script:Rule = $null
	$call = Get-Variable TrueupCall -ValueOnly -ErrorAction SilentlyContinue
	$isSensor = -not $call -and -not $Arguments
	if (-not $call) { $call = @{ N = 1; Of = 1; Skip = $false; Refusal = $null } }
	$status = 'ok'
	$data = $failure = $null
	try {
		$script:Machine = Get-Machine
		if ($call.Refusal) { Stop-Action bad-argument $call.Refusal }
		Read-Command $Arguments
		if ($Machine.Language -ne 'full' -and -not $isSensor -and (-not $Given['SimpleResult'] -or $Rule.Changes)) {
			Stop-Action constrained-language $Constrained
		}
		if ($call.Skip) { $status = 'skipped' }
		else {
			Assert-Command
			$data = & $Rule.Name
		}
	}
	catch {
		$failure = Get-Failure $_
		$status = if ($call.Refusal) { 'refused' } else { 'failed' }
		$script:ExitCode = if ($call.Refusal) { 64 } else { 1 }
		if ($failure.Code -ceq 'password-policy') { $failure.Message = Format-Policy }
		$failure = New-Record code $failure.Code message $failure.Message '?native' $failure.Native
	}
	if ($isSensor) {
		if ($failure) { $data = New-Record v 1 error $failure }
		Write-Line (Format-Json $data)
		return
	}
	$report = New-Record v 1 n $call.N of $call.Of '?meta' (Get-Meta $started) status $status changed $Changed `
		'?data' $data '?error' $failure
	$text = Format-Json $report
	if (-not $Given['SimpleResult'] -and $Machine.Language -eq 'full') {
		$text = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($text))
	}
	Write-Line $text
}
function Get-Meta($Started) {
	$ms = [int]((Get-Now) - $Started).TotalMilliseconds
	if (-not $Given['NoMeta']) {
		$action = if ($Rule) { $Rule.Name }
		return New-Record script $ScriptVersion computer $Machine.Name sid $Machine.Sid domain $Machine.Domain `
			'?action' $action ms $ms
	}
	if ($Rule -and $Rule.Changes) { New-Record computer $Machine.Name sid $Machine.Sid }
}
function General.Inventory {
	$hasSam = $Machine.ProductType -ne 2
	$users = @(if ($hasSam) { Get-SamUser })
	$laps = if ($hasSam) { Get-Laps } else { @{ Mode = 'none'; Rid = $null } }
	$groups = @{}
	if ($hasSam) { Get-SamGroup | ForEach-Object { $groups[$_.Sid] = Format-Group $_ } }
	$kind = ('workstation', 'dc', 'server')[$Machine.ProductType - 1]
	New-Record v 1 os (New-Record build $Machine.Build kind $kind) ps $Machine.PS lang $Machine.Language `
		bits $Machine.Bits la $Machine.LocalAccounts users @(Format-User $users) groups @(Get-Sorted $groups) `
		laps (New-Record mode $laps.Mode rid $laps.Rid) rot @(Get-RotationMark $users)
}
function LocalGroup.List {
	$groups = @{}
	Get-SamGroup | ForEach-Object {
		$sid = ConvertTo-ShortSid $_.Sid
		$groups[$sid] = New-Record sid $sid n $_.Name
	}
	New-Record groups @(Get-Sorted $groups)
}
function LocalGroup.MemberList { New-Record group (Format-Group (Find-Group)) }
function LocalGroup.AddMember {
	$group = Find-Group
	$users = Get-UserTable
	$wanted = @(Get-MemberSid)
	foreach ($sid in $wanted) {
		if ($sid -clike '~*' -and -not $users[$sid]) { Stop-Action 1387 "there is no local account $sid" }
		if ($sid -clike 'S-1-5-32-*') { Stop-Action 1388 "$sid is a local group and cannot be a member" }
	}
	foreach ($name in Get-Text MemberNameB64) {
		$user = Find-User $name
		if (-not $user) { Stop-Action 1332 "there is no local account $name" }
		$wanted += "~-$($user.Rid)"
	}
	$present = Get-MemberTable $group
	$added = @($wanted | Select-Object -Unique | Where-Object { -not $present[$_] })
	foreach ($sid in $added) { Invoke-Change { Add-SamMember $group (ConvertTo-LongSid $sid) } }
	New-Record group (ConvertTo-ShortSid $group.Sid) members $added
}
function LocalGroup.RemoveMember {
	$group = Find-Group
	$leaving = @(Get-MemberSid)
	foreach ($name in Get-Text MemberNameB64) {
		$user = Find-User $name
		if ($user) { $leaving += "~-$($user.Rid)" }
	}
	$isAdministrators = $group.Sid -ceq $Administrators
	if ($isAdministrators -and $leaving -ccontains '~-500') {
		Stop-Action 1371 'the built-in Administrator cannot leave Administrators'
	}
	$present = @{}
	(Get-MemberTable $group).Keys | ForEach-Object { $present[$_] = $_ }
	$removed = @(Get-Sorted $present | Where-Object { $leaving -ccontains $_ })
	if ($isAdministrators) { Assert-Administrator $removed }
	foreach ($sid in $removed) { Invoke-Change { Remove-SamMember $group (ConvertTo-LongSid $sid) } }
	New-Record group (ConvertTo-ShortSid $group.Sid) members $removed
}
function Invoke-Change($Change) {
	try {
		$null = & $Change
		$script:Changed = $true
	}
	catch {
		$failure = Get-Failure $_
		if ($failure.Code -cne 'unchanged') { throw $failure }
	}
}
function Find-Group {
	$name = Get-Text GroupNameB64
	$sid = $Given['GroupSID']
	if (-not $sid -and $null -eq $name) { $sid = $Administrators }
	$groups = @(Get-SamGroup)
	$bySid = $groups | Where-Object { $sid -and $_.Sid -ceq (ConvertTo-LongSid $sid) }
	if ($sid -and -not $bySid) { Stop-Action 1376 "there is no local group $sid" }
	if ($null -eq $name) { return $bySid }
	$byName = $groups | Where-Object { Test-Same $_.Name $name }
	if (-not $byName) { Stop-Action 2220 "there is no local group $name" }
	if ($bySid -and $bySid.Sid -cne $byName.Sid) {
		Stop-Action bad-argument "-GroupSID $sid and -GroupNameB64 $name are two groups"
	}
	$byName
}
function Get-MemberSid { if ($Given['MemberSID']) { ConvertTo-ShortSid ($Given['MemberSID'] -split ',') } }
function Get-MemberTable($Group) {
	$table = @{}
	foreach ($member in Get-SamMember $Group) {
		if (-not $member.Sid) { continue }
		$sid = ConvertTo-ShortSid $member.Sid
		$name = if ($sid -cnotlike '~*') { $member.Name }
		$table[$sid] = New-Record s $sid k $member.Kind '?n' $name
	}
	$table
}
function Format-Group($Group) {
	New-Record sid (ConvertTo-ShortSid $Group.Sid) m @(Get-Sorted (Get-MemberTable $Group))
}
function Assert-Administrator($Leaving) {
	$group = Get-SamGroup | Where-Object { $_.Sid -ceq $Administrators }
	if (-not $group) { return }
	$users = Get-UserTable
	$able = @((Get-MemberTable $group).Keys | Where-Object {
			$_ -cnotlike '~*' -or ($users[$_] -and -not ($users[$_].UserFlags -band 0x12))
		})
	if ($able -and -not ($able | Where-Object { $Leaving -cnotcontains $_ })) {
		Stop-Action 1322 'nobody would be left who can administer this machine'
	}
}
function LocalUser.List { New-Record users @(Format-User (Get-SamUser)) }
function LocalUser.Get { New-Record user (Format-User (Get-User)) }
function LocalUser.Create {
	$name = Get-Text UserNameB64
	$user = Find-User $name
	if ($user) { return New-Record rid $user.Rid }
	Assert-Name $name
	$null = Get-Wanted @{ UserFlags = 0 }
	$rid = New-SamUser $name (New-Password @{ MinLength = 64 } $name)
	$script:Changed = $true
	try { Edit-User { Get-Wanted $user } }
	catch {
		Get-SamUser | Where-Object { $_.Rid -eq $rid } | ForEach-Object { Remove-SamUser $_ }
		$script:Changed = $false
		throw
	}
}
function LocalUser.Delete {
	$user = Find-Given
	if (-not $user) { return New-Record }
	if ($user.Rid -lt 1000) { Stop-Action 1371 "$($user.Name) is one of Windows' own accounts" }
	Assert-Ours $user
	Assert-Administrator "~-$($user.Rid)"
	Invoke-Change { Remove-SamUser $user }
	New-Record rid $user.Rid
}
function LocalUser.Enable { Edit-User { @{ UserFlags = $user.UserFlags -band -bnot 2 } } }
function LocalUser.Disable { Edit-User { @{ UserFlags = $user.UserFlags -bor 2 } } }
function LocalUser.Unlock { Edit-User { @{ UserFlags = $user.UserFlags -band -bnot 0x10 } } }
function LocalUser.SetProperty { Edit-User { Get-Wanted $user } }
function LocalUser.Rename {
	$names = @(Get-Text PropertyValuesB64)
	if ($names.Count -ne 1) { Stop-Action bad-argument 'Rename takes one new name' }
	Edit-User {
		if (-not (Test-Same $user.Name $names[0])) { Assert-Name $names[0] }
		@{ Name = $names[0] }
	}
}
function Edit-User($Change) {
	$user = Get-User
	$wanted = & $Change
	foreach ($key in $wanted.Keys) {
		$value = $wanted[$key]
		if ([string]::CompareOrdinal($user.$key, $value) -eq 0) { continue }
		Assert-Ours $user
		if ($key -ceq 'UserFlags' -and ($value -band -bnot $user.UserFlags -band 2)) { Assert-Administrator "~-$($user.Rid)" }
		Invoke-Change { if ($key -ceq 'Name') { Rename-SamUser $user $value } else { Set-SamUser $user $key $value } }
	}
	New-Record rid $user.Rid
}
function Get-Wanted($User) {
	$flags = @{ PasswordNeverExpires = 0x10000; UserCannotChangePassword = 0x40; PasswordNotRequired = 0x20 }
	$wanted = @{ UserFlags = $User.UserFlags }
	foreach ($property in Get-Property) {
		$key = $property.Key
		$flag = $flags[$key]
		if (-not $flag) {
			if ($property.Value.Length -gt 256) { Stop-Action bad-argument "$key is longer than 256 characters" }
			$wanted[$key] = $property.Value
		}
		elseif (Test-Same $property.Value 'true') { $wanted.UserFlags = $wanted.UserFlags -bor $flag }
		elseif (Test-Same $property.Value 'false') { $wanted.UserFlags = $wanted.UserFlags -band -bnot $flag }
		else { Stop-Action bad-argument "$key is True or False" }
	}
	$wanted
}
function Get-Property {
	$keys = @(if ($Given['PropertyKey']) { $Given['PropertyKey'] -split ',' })
	$values = @(Get-Text PropertyValuesB64)
	if ($keys.Count -ne $values.Count) { Stop-Action bad-argument "$($keys.Count) properties and $($values.Count) values" }
	for ($at = 0; $at -lt $keys.Count; $at++) { @{ Key = $keys[$at]; Value = $values[$at] } }
}
function Assert-Name($Name) {
	if ($Name.Length -gt 20 -or $Name -cmatch '["/\\[\]:;|=,+*?<>@\p{Cc}]|^[. ]*\z') {
		Stop-Action 2202 'an account has 1 to 20 characters, none of "/\[]:;|=,+*?<>@, and not only dots'
	}
	if (Find-User $Name) { Stop-Action 2224 "there is an account $Name already" }
	if (Get-SamGroup | Where-Object { Test-Same $_.Name $Name }) { Stop-Action 1379 "$Name is a group" }
}
function Assert-Ours($User) {
	$laps = Get-Laps
	$rid = if ($null -eq $laps.Rid) { 500 } else { $laps.Rid }
	if ($laps.Mode -cne 'none' -and $rid -eq $User.Rid) { Stop-Action 8654 "$($User.Name) belongs to Windows LAPS" }
}
function Get-UserTable {
	$table = @{}
	Get-SamUser | ForEach-Object { $table["~-$($_.Rid)"] = $_ }
	$table
}
function Find-User($Name) { Get-SamUser | Where-Object { Test-Same $_.Name $Name } }
function Find-Given {
	$name = Get-Text UserNameB64
	$rid = $Given['UserRID']
	$byName = if ($null -ne $name) { Find-User $name }
	if (-not $rid) { return $byName }
	$byRid = (Get-UserTable)["~-$rid"]
	if ($null -ne $name -and "$(if ($byName) { $byName.Rid })" -cne "$(if ($byRid) { $byRid.Rid })") {
		Stop-Action bad-argument "-UserRID $rid and -UserNameB64 $name are two accounts"
	}
	$byRid
}
function Get-User {
	$user = Find-Given
	if (-not $user) { Stop-Action 2221 'there is no such local account' }
	$user
}
function Format-User($Users) {
	$names = @(@(0x40, 'nc'), @(0x20, 'nr'), @(0x10000, 'nx'))
	foreach ($user in $Users | Sort-Object { $_.Rid }) {
		$flags = @($names | Where-Object { $user.UserFlags -band $_[0] } | ForEach-Object { $_[1] })
		New-Record rid $user.Rid n $user.Name fn $user.FullName d $user.Description f $flags `
			on (-not ($user.UserFlags -band 2)) lock ([bool]($user.UserFlags -band 0x10)) `
			exp (Format-Day $user.Expires) set (Format-Day $user.PasswordSet)
	}
}
function Format-Policy {
	$policy = Get-SamPolicy
	"the password was refused: length $($policy.MinLength), history $($policy.History), " +
	"age $($policy.MinAgeDays) to $($policy.MaxAgeDays) days, perhaps complexity"
}
function Get-RotationMark($Users) { }
function Get-Laps { @{ Mode = 'none'; Rid = $null } }
function Get-RandomBelow($Limit) {
	do { [byte[]]$byte = Get-RandomByte 1 } while ($byte[0] -ge 256 - 256 % $Limit)
	$byte[0] % $Limit
}
function New-Password($Demands, $Names) {
	$all = -join [char[]](33..126)
	-join (1..$Demands.MinLength | ForEach-Object { $all[(Get-RandomBelow $all.Length)] })
}
if ($MyInvocation.InvocationName -ne '.') {
	Invoke-Management -Arguments @($args)
	exit $script:ExitCode
}

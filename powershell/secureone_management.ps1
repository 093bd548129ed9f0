$DefaultAction = 'Inventory'
$ScriptVersion = '1.0.0'
$StateFolder = "$env:ProgramData\Trueup"
$Administrators = 'S-1-5-32-544'
function Write-Line($Text) { if ((Get-Language) -eq 'full') { [Console]::Out.WriteLine($Text) } else { $Text } }
function Get-Language {
	if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { 'full' } else { 'constrained' }
}
function Get-Now { [datetime]::UtcNow }
function Get-Machine {
	$version = [Environment]::OSVersion.Version
	$product = Get-RegistryValue HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions ProductType
	$modules = "$(Get-SystemFolder)\WindowsPowerShell\v1.0\Modules"
	$system = try { Get-CimRow Win32_ComputerSystem } catch { $null }
	@{
		Name = $env:COMPUTERNAME
		Sid = Get-SamEntry User | Select-Object -First 1 | ForEach-Object { (Get-EntrySid $_) -creplace '-[0-9]+\z' }
		Domain = $system | Where-Object { $_.PartOfDomain } | ForEach-Object { $_.Domain }
		Build = "$($version.Major).$($version.Minor).$($version.Build)"
		ProductType = @{ WinNT = 1; LanmanNT = 2; ServerNT = 3 }[$product]
		PS = "$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)"
		Bits = 8 * [IntPtr]::Size
		Language = Get-Language
		LocalAccounts = Test-Path "$modules\Microsoft.PowerShell.LocalAccounts"
		FreeMB = [long]((Get-PSDrive $env:SystemDrive.TrimEnd(':')).Free / 1MB)
	}
}
function Get-SamComputer { [ADSI]"WinNT://$env:COMPUTERNAME,computer" }
function Get-SamEntry($Class) {
	$entries = (Get-SamComputer).Children
	try { $null = $entries.SchemaFilter.Add($Class) } catch { $null = $_ }
	$entries | Where-Object { $_.SchemaClassName -eq $Class }
}
function Get-EntrySid($Entry) { ConvertFrom-SidByte $Entry.InvokeGet('objectSid') }
function Get-SamUser {
	foreach ($entry in Get-SamEntry User) {
		$isLocked = $entry.InvokeGet('IsAccountLocked')
		$flags = $entry.UserFlags.Value -band -bnot 0x10
		if ($isLocked) { $flags = $flags -bor 0x10 }
		$age = [long]$entry.PasswordAge.Value
		$set = if ($age -or -not ($flags -band 0x20 -or $entry.PasswordExpired.Value)) { (Get-Now).AddSeconds(-$age) }
		$expires = try { $entry.InvokeGet('AccountExpirationDate').ToUniversalTime() } catch { $null }
		@{
			Entry = $entry; Rid = [long]((Get-EntrySid $entry) -creplace '.*-'); Name = [string]$entry.Name.Value
			FullName = [string]$entry.FullName.Value; Description = [string]$entry.Description.Value
			UserFlags = $flags; Expires = $expires; PasswordSet = $set
		}
	}
}
function Get-SamGroup {
	foreach ($entry in Get-SamEntry Group) { @{ Entry = $entry; Sid = Get-EntrySid $entry; Name = [string]$entry.Name.Value } }
}
function Get-SamMember($Group) {
	$rows = Invoke-Bounded 30 $Group.Entry.Path {
		param($Path)
		foreach ($raw in ([ADSI]$Path).Invoke('Members')) {
			$entry = [ADSI]$raw
			$sid = try { $entry.InvokeGet('objectSid') } catch { $null }
			@{ Path = [string]$entry.InvokeGet('ADsPath') -creplace '^WinNT://'; Class = $entry.SchemaClassName; Sid = $sid }
		}
	}
	foreach ($row in $rows) {
		$isNamed = $row.Path -cnotlike 'S-1-*'
		$name = if ($isNamed) { $row.Path -creplace '^(.*/)?([^/]*)/([^/]*)\z', '$2\$3' }
		$kind = if (-not $isNamed) { 'x' } elseif ($row.Class -ne 'User') { 'g' } elseif ($name -clike '*$') { 'c' } else { 'u' }
		$sid = if ($row.Sid) { ConvertFrom-SidByte $row.Sid } elseif (-not $isNamed) { $row.Path } else { '' }
		@{ Sid = $sid; Kind = $kind; Name = $name }
	}
}
function Invoke-Bounded($Seconds, $Argument, $Script) {
	if ((Get-Language) -ne 'full') { return & $Script $Argument }
	$left = $Seconds - ((Get-Now) - $Started).TotalSeconds
	$thread = [powershell]::Create().AddScript("`$ErrorActionPreference = 'Stop'; & {$Script} `$args[0]").AddArgument($Argument)
	$run = $thread.BeginInvoke()
	if ($left -le 0 -or -not $run.AsyncWaitHandle.WaitOne([int](1000 * $left))) { Fail "no answer within $Seconds seconds" 258 }
	$thread.EndInvoke($run)
}
function Test-StateFolder {
	if (-not (Test-Path $StateFolder)) { return $false }
	if ((Get-Acl $StateFolder).Sddl -cnotmatch '^O:(BA|SY)G:[^:]+:P(AI)?(\(A;OICI;FA;;;(BA|SY)\))+\z') {
		Fail "$StateFolder is not for SYSTEM and Administrators alone" journal
	}
	$true
}
function Get-StateName { if (Test-StateFolder) { Get-ChildItem $StateFolder -Filter *.json | ForEach-Object { $_.BaseName } } }
function Read-State($Name) { if ((Get-StateName) -contains $Name) { Get-Content "$StateFolder\$Name.json" -Raw } }
function Get-RegistryValue($Path, $Name) {
	if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') {
		$key = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').OpenSubKey($Path.Substring(6))
		if ($key) { $key.GetValue($Name) }
	}
	else { try { (Get-ItemProperty -LiteralPath $Path -Name $Name).$Name } catch { $null } }
}
function Get-CimRow($Class, $Namespace = 'root/cimv2') {
	Get-CimInstance -ClassName $Class -Namespace $Namespace -OperationTimeoutSec 20
}
function Get-SamPolicy {
	$entry = @(Get-SamUser)[0].Entry
	$policy = @{}
	foreach ($line in 'MinLength MinPasswordLength 1', 'History PasswordHistoryLength 1', 'MinAgeDays MinPasswordAge 86400',
		'MaxAgeDays MaxPasswordAge 86400', 'LockoutThreshold MaxBadPasswordsAllowed 1',
		'LockoutMinutes AutoUnlockInterval 60', 'LockoutWindowMinutes LockoutObservationInterval 60') {
		$name, $of, $unit = $line -split ' '
		$value = try { [long]$entry.InvokeGet($of) } catch { $null }
		$policy[$name] = if ($value -gt 0) { ($value - $value % $unit) / $unit } elseif ($null -ne $value) { 0 }
	}
	$policy
}
function Get-SystemFolder { "$env:SystemRoot\$(if ($env:PROCESSOR_ARCHITEW6432) { 'Sysnative' } else { 'System32' })" }
function New-Record { @{ Parts = $args } }
function Format-Json($Value) {
	if ($null -eq $Value) { return 'null' }
	if ($Value -is [bool]) { return "$Value".ToLowerInvariant() }
	if ($Value -is [array]) { return "[$(@(foreach ($item in $Value) { Format-Json $item }) -join ',')]" }
	if ($Value -is [hashtable]) {
		$parts = $Value.Parts
		$pairs = for ($at = 0; $at -lt $parts.Count; $at += 2) {
			$item = $parts[$at + 1]
			if ($null -ne $item -or $parts[$at][0] -ne '?') { '"' + $parts[$at].TrimStart('?') + '":' + (Format-Json $item) }
		}
		return "{$($pairs -join ',')}"
	}
	if ($Value -isnot [string]) { return "$Value" }
	if ($Value -cmatch '^[ !#-\[\]-~]*\z') { return '"' + $Value + '"' }
	$text = foreach ($char in $Value.ToCharArray()) {
		$code = [int]$char
		$at = "`b`t`n`f`r`"\".IndexOf($char)
		if ($at -ge 0) { '\' + 'btnfr"\'[$at] } elseif ($code -lt 32 -or $code -gt 126) { '\u{0:x4}' -f $code } else { $char }
	}
	'"' + ($text -join '') + '"'
}
function Format-Day($Time) { if ($Time) { '{0:0000}-{1:00}-{2:00}' -f $Time.Year, $Time.Month, $Time.Day } }
function Format-Time($Time) {
	if ($Time) { '{0}T{1:00}:{2:00}:{3:00}Z' -f (Format-Day $Time), $Time.Hour, $Time.Minute, $Time.Second }
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
	$read = {
		$number = [long]0
		foreach ($index in $args) { $number = 256 * $number + $Bytes[$index] }
		$number
	}
	$sid = "S-$($Bytes[0])-$(& $read 2 3 4 5 6 7)"
	for ($at = 8; $at -lt $Bytes.Count; $at += 4) { $sid += "-$(& $read ($at + 3) ($at + 2) ($at + 1) $at)" }
	$sid
}
function ConvertTo-ShortSid($Sid) { $Sid -creplace "^$($Machine.Sid)-([0-9]+)\z", '~-$1' }
function ConvertTo-LongSid($Sid) { $Sid -creplace '^~', $Machine.Sid }
$Meanings = @{
	'access-denied' = 5
	'bad-argument' = 87, 1337, 1388, 2202
	'exists' = 1316, 1379, 2223, 2224
	'laps-owned' = 8654
	'last-administrator' = 1322
	'not-found' = 1317, 1332, 1376, 1387, 2220, 2221
	'password-policy' = 1325, 2245
	'special-account' = 1371
	'timeout' = 258, 1460
	'unchanged' = 1377, 1378
}
function Fail($Message, $What = 'bad-argument') { throw (New-Failure $Message $What) }
function New-Failure($Message, $What) {
	if ($What -isnot [int]) { return @{ Code = $What; Message = $Message; Native = $null } }
	$code = $Meanings.Keys | Where-Object { $Meanings[$_] -contains $What }
	if (-not $code) { $code = 'unexpected' }
	@{ Code = $code; Message = $Message; Native = '0x{0:X8}' -f (0x80070000 + $What) }
}
function Get-Failure($Record) {
	$thrown = $Record.TargetObject
	if ($thrown -is [hashtable] -and $thrown.Contains('Code')) { return $thrown }
	if ($Record.FullyQualifiedErrorId -clike '*ConstrainedLanguage*') { return New-ConstrainedFailure }
	$failure = New-Failure $Record.Exception.Message unexpected
	for ($inner = $Record.Exception; $inner; $inner = $inner.InnerException) {
		if ('{0:X8}' -f $inner.HResult -clike '8007*') { $failure = New-Failure $inner.Message.Trim() ($inner.HResult -band 0xFFFF) }
	}
	$failure
}
function New-ConstrainedFailure {
	New-Failure 'PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy.' constrained-language
}
function Format-Failure($Failure) { New-Record code $Failure.Code message $Failure.Message '?native' $Failure.Native }
function Write-Sensor {
	Set-StrictMode -Version 2.0
	$ErrorActionPreference = 'Stop'
	$Started = Get-Now
	$script:ExitCode = 0
	try {
		$Machine = Get-Machine
		$answer = & "General.$DefaultAction"
	}
	catch {
		$script:ExitCode = 1
		$answer = New-Record v 1 error (Format-Failure (Get-Failure $_))
	}
	Write-Line (Format-Json $answer)
}
function General.Inventory {
	$users = @()
	$groups = @{}
	$laps = @{ Mode = 'none'; Rid = $null }
	if ($Machine.ProductType -ne 2) {
		$users = @(Get-SamUser | Sort-Object { $_.Rid })
		Get-SamGroup | ForEach-Object { $groups[(ConvertTo-ShortSid $_.Sid)] = Format-Group $_ }
		$laps = Get-Laps
	}
	New-Record v 1 os (New-Record build $Machine.Build kind (Get-Kind)) ps $Machine.PS lang $Machine.Language `
		bits $Machine.Bits la $Machine.LocalAccounts users @(Format-User $users) groups @(Get-Sorted $groups) `
		laps (New-Record mode $laps.Mode rid $laps.Rid) rot @(Get-RotationMark $users)
}
function Get-Kind { ('workstation', 'dc', 'server')[$Machine.ProductType - 1] }
function Format-User($Users) {
	foreach ($user in $Users) {
		$bits = $user.UserFlags
		$flags = @(if ($bits -band 0x40) { 'nc' }; if ($bits -band 0x20) { 'nr' }; if ($bits -band 0x10000) { 'nx' })
		New-Record rid $user.Rid n $user.Name fn $user.FullName d $user.Description f $flags on (-not ($bits -band 2)) `
			lock ([bool]($bits -band 0x10)) exp (Format-Day $user.Expires) set (Format-Day $user.PasswordSet)
	}
}
function Format-Group($Group) { New-Record sid (ConvertTo-ShortSid $Group.Sid) m @(Get-Sorted (Get-MemberTable $Group)) }
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
function Get-RotationMark($Users) {
	$names = try { @(Get-StateName) } catch { @() }
	foreach ($user in $Users) {
		foreach ($entry in Get-Journal $user.Rid $names | Select-Object -First 1) {
			$state = if ($entry.st -ceq 'set' -and -not (Test-Near $user.PasswordSet $entry.set)) { 'changed' } else { $entry.st }
			New-Record rid $user.Rid id $entry.id a $entry.a st $state
		}
	}
}
function Get-Journal($Rid, $StateNames) {
	$StateNames | Where-Object { $_ -clike "rotation-$Rid-*" } | ForEach-Object { try { Get-Entry $_ } catch { $null = $_ } } |
		Sort-Object { $_.made }, { $_.id } -Descending
}
function Get-Entry($Name) {
	$text = Read-State $Name
	if ($null -eq $text) { return }
	try {
		$json = ConvertFrom-Json $text
		$sealed = @($json.env | ForEach-Object { New-Record a $_.a alg $_.alg box $_.box })
		$entry = @{ Name = $Name; rid = $json.rid; id = $json.id; a = $json.a; st = $json.st; env = $sealed; ack = $json.ack }
		foreach ($key in 'was', 'made', 'set') { $entry[$key] = if ($json.$key) { ([datetime]$json.$key).ToUniversalTime() } }
		$entry
	}
	catch { Fail "the journal's entry $Name cannot be read" journal }
}
function Test-Near($One, $Other) {
	$One -and $Other -and ($One - $Other).TotalSeconds -le 2 -and ($Other - $One).TotalSeconds -le 2
}
$PostureTable = @'
>D
accounts.administratorEnabled b on500
accounts.guestEnabled b on501
laps.mode t laps
lockout.minutes i LockoutMinutes
lockout.threshold i LockoutThreshold
os.build t build
password.history i History
password.minLength i MinLength
powershell.version t powershell
>CLsa
anonymous.restrictSam b RestrictAnonymousSAM
lsa.noLmHash b NoLMHash
lsa.protection b RunAsPPL
ntlm.level i LmCompatibilityLevel 3
>M\CurrentVersion\Policies\Explorer
autorun.disabledDrives i NoDriveTypeAutoRun
>WWin32_EncryptableVolume cimv2/Security/MicrosoftVolumeEncryption drive
bitlocker.systemDrive =1 ProtectionStatus
>WMSFT_MpPreference Microsoft/Windows/Defender
defender.cloudProtection i MAPSReporting
defender.pua i PUAProtection
>WMSFT_MpComputerStatus Microsoft/Windows/Defender
defender.realTime b RealTimeProtectionEnabled
defender.tamperProtection b IsTamperProtected
>P NT\DNSClient
dns.llmnr b EnableMulticast 1
>P\EventLog\Security
eventlog.securityKB i MaxSize
>PFirewall\DomainProfile
firewall.domain b EnableFirewall
>SSharedAccess\Parameters\FirewallPolicy\DomainProfile
firewall.domain b EnableFirewall
>PFirewall\PrivateProfile
firewall.private b EnableFirewall
>SSharedAccess\Parameters\FirewallPolicy\StandardProfile
firewall.private b EnableFirewall
>PFirewall\PublicProfile
firewall.public b EnableFirewall
>SSharedAccess\Parameters\FirewallPolicy\PublicProfile
firewall.public b EnableFirewall
>P\Installer
installer.alwaysElevated b AlwaysInstallElevated 0
>SLDAP
ldap.clientSigning i LDAPClientIntegrity
>CSecurityProviders\WDigest
lsa.wdigest b UseLogonCredential 0
>M NT\CurrentVersion
os.revision i UBR
>P\PowerShell\ScriptBlockLogging
powershell.scriptBlockLogging b EnableScriptBlockLogging 0
>P\PowerShell\Transcription
powershell.transcription b EnableTranscripting 0
>P NT\Printers\PointAndPrint
printing.adminsInstallDrivers b RestrictDriverInstallationToAdministrators 1
>SSpooler
printing.spoolerDisabled =4 Start
>P NT\Terminal Services
rdp.enabled n fDenyTSConnections
rdp.nla b UserAuthentication
>CTerminal Server
rdp.enabled n fDenyTSConnections
>CTerminal Server\WinStations\RDP-Tcp
rdp.nla b UserAuthentication
>SRemoteRegistry
remoteRegistry.disabled =4 Start
>CSecureBoot\State
secureBoot.enabled b UEFISecureBootEnabled
>P\System
smartscreen.enabled b EnableSmartScreen
>SLanmanWorkstation\Parameters
smb.clientRequireSigning b RequireSecuritySignature
>SLanmanServer\Parameters
smb.requireSigning b RequireSecuritySignature
smb.v1Server b SMB1
>Smrxsmb10
smb.v1ClientDisabled =4 Start 4
>CSecurityProviders\SCHANNEL\Protocols\TLS 1.0\Server
tls.v10Server b Enabled
>CSecurityProviders\SCHANNEL\Protocols\TLS 1.1\Server
tls.v11Server b Enabled
>WWin32_Tpm cimv2/Security/MicrosoftTpm
tpm.enabled b IsEnabled_InitialValue
>M\CurrentVersion\Policies\System
uac.adminPrompt i ConsentPromptBehaviorAdmin
uac.enabled b EnableLUA
uac.filterNetworkLogons n LocalAccountTokenFilterPolicy 0
>P\WindowsUpdate\AU
update.automatic n NoAutoUpdate
>WWin32_DeviceGuard Microsoft/Windows/DeviceGuard
vbs.credentialGuard =1 SecurityServicesRunning
>P\WinRM\Service
winrm.serviceBasic b AllowBasic
'@
$PostureRoots = @{
	C = 'SYSTEM\CurrentControlSet\Control\'; S = 'SYSTEM\CurrentControlSet\Services\'
	P = 'SOFTWARE\Policies\Microsoft\Windows'; M = 'SOFTWARE\Microsoft\Windows'
}
function General.Posture {
	$own = @{ build = $Machine.Build; powershell = $Machine.PS }
	if ($Machine.ProductType -ne 2) {
		$own += Get-SamPolicy
		$own.laps = (Get-Laps).Mode
		Get-SamUser | ForEach-Object { $own["on$($_.Rid)"] = -not ($_.UserFlags -band 2) }
	}
	$found = @{}
	foreach ($line in $PostureTable -split '\r?\n') {
		$path, $form, $name, $absent = $line -split ' '
		try {
			if ($line[0] -eq '>') {
				$place = $null
				$root = $PostureRoots[[string]$line[1]]
				$place = if ($root) { "HKLM:\$root$($line.Substring(2))" } elseif ($line -ceq '>D') { $own } else {
					Get-CimRow $path.Substring(2) "root/$form" |
						Where-Object { -not $name -or $_.DriveLetter -eq $env:SystemDrive } | Select-Object -First 1
				}
				continue
			}
			$raw = if ($place -is [string]) { Get-RegistryValue $place $name } else { $place.$name }
		}
		catch { continue }
		if ($null -eq $raw) { $raw = $absent }
		if ($null -eq $raw -or $found[$path]) { continue }
		if ($raw -is [bool]) { $raw = [int]$raw }
		$value = if ($form -ceq 't') { $raw } elseif ($form[0] -eq '=') { @($raw) -contains $form.Substring(1) }
		elseif ("$raw" -cmatch '^-?[0-9]{1,10}\z') { if ($form -ceq 'i') { [long]"$raw" } else { ([long]"$raw" -ne 0) -eq ($form -ceq 'b') } }
		if ($null -ne $value) { $found[$path] = ($path -split '\.') + $value }
	}
	$posture = New-Record v 1 kind @('workstation', 'dc', 'server')[$Machine.ProductType - 1]
	$group = $null
	$parts = @(Get-Sorted $found)
	for ($at = 0; $at -lt $parts.Count; $at += 3) {
		if ($parts[$at] -cne $group) {
			$group = $parts[$at]
			$items = New-Record
			$posture.Parts += $group, $items
		}
		$items.Parts += $parts[($at + 1)..($at + 2)]
	}
	$posture
}
function Get-Laps {
	$read = { Get-RegistryValue "HKLM:\SOFTWARE\$root" $args[0] }
	foreach ($root in 'Microsoft\Policies\LAPS', 'Microsoft\Windows\CurrentVersion\Policies\LAPS',
		'Microsoft\Windows\CurrentVersion\LAPS\Config') {
		$backup = & $read BackupDirectory
		if ($null -ne $backup) { break }
	}
	$mode = @{ '1' = 'entra'; '2' = 'ad' }["$backup"]
	if (-not $mode) {
		$root = 'Policies\Microsoft Services\AdmPwd'
		if (-not (& $read AdmPwdEnabled)) { return @{ Mode = 'none'; Rid = $null } }
		$mode = 'legacy'
	}
	$name = "$(& $read AdministratorAccountName)$(& $read AdminAccountName)"
	$auto = 'AutomaticAccountManagement'
	$end = ''
	if (& $read "${auto}Enabled") {
		$name = & $read "${auto}NameOrPrefix"
		if (-not $name) { $name = 'WLapsAdmin' }
		if ("$(& $read "${auto}Target")" -ceq '0') { $name = '' }
		if (& $read "${auto}RandomizeName") { $end = '[0-9]{6}\z' }
	}
	$user = if ($name) { Get-SamUser | Where-Object { Test-Same ($_.Name -creplace $end) $name } } else { @{ Rid = 500 } }
	@{ Mode = $mode; Rid = if ($user) { $user.Rid } }
}
function Wait-Second($Count) { Start-Sleep $Count }
function Add-SamMember($Group, $Sid) { $Group.Entry.Add("WinNT://$Sid") }
function Remove-SamMember($Group, $Sid) { $Group.Entry.Remove("WinNT://$Sid") }
function New-SamUser($Name, $Password) {
	$entry = (Get-SamComputer).Create('User', $Name)
	$entry.SetPassword($Password)
	$entry.SetInfo()
	$entry.Put('UserFlags', 0x203)
	$entry.SetInfo()
	[long]((Get-EntrySid $entry) -creplace '.*-')
}
function Remove-SamUser($User) { (Get-SamComputer).Delete('User', $User.Name) }
function Rename-SamUser($User, $NewName) { $User.Entry.psbase.Rename($NewName) }
function Set-SamUser($User, $Property, $Value) {
	if ($Property -eq 'UserFlags' -and ($User.UserFlags -band -bnot $Value -band 0x10)) { $User.Entry.InvokeSet('IsAccountLocked', $false) }
	else { $User.Entry.Put($Property, $Value) }
	$User.Entry.SetInfo()
}
function Set-SamPassword($User, $Password) { $User.Entry.SetPassword($Password) }
function New-RsaKey($Parameters) {
	try { $key = New-Object Security.Cryptography.RSACng 2048 } catch { Fail 'RSACng is missing: .NET Framework is older than 4.6' crypto }
	if ($Parameters) { $key.ImportParameters($Parameters) }
	$key
}
function Get-RandomByte($Count) {
	$bytes = New-Object byte[] $Count
	[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
	, $bytes
}
function Write-State($Name, $Text) {
	if (-not (Test-StateFolder)) {
		$access = New-Object Security.AccessControl.DirectorySecurity
		$access.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
		$null = [IO.Directory]::CreateDirectory($StateFolder, $access)
		$null = Test-StateFolder
	}
	$path = "$StateFolder\$Name.json"
	$bytes = [Text.Encoding]::ASCII.GetBytes($Text)
	$file = [IO.File]::Create("$path.new")
	$file.Write($bytes, 0, $bytes.Length)
	$file.Flush($true)
	$file.Close()
	if (Test-Path $path) { [IO.File]::Replace("$path.new", $path, [NullString]::Value) } else { [IO.File]::Move("$path.new", $path) }
	$file = [IO.File]::OpenWrite($path)
	$file.Flush($true)
	$file.Close()
}
function Remove-State($Name) { Remove-Item "$StateFolder\$Name.json" }
function Get-TaskRow {
	$root = "$(Get-SystemFolder)\Tasks"
	$find = "//*[local-name()='LogonType'][contains(.,'Password')]/../*[local-name()='UserId']"
	foreach ($file in Get-ChildItem -LiteralPath $root -Recurse -File) {
		$user = Select-Xml -LiteralPath $file.FullName -XPath $find -ErrorAction SilentlyContinue
		if ($user) { @{ Path = $file.FullName.Substring($root.Length); UserId = $user.Node.InnerText } }
	}
}
function Get-PoolRow {
	$file = "$(Get-SystemFolder)\inetsrv\config\applicationHost.config"
	if (-not (Test-Path -LiteralPath $file)) { return }
	foreach ($pool in Select-Xml -LiteralPath $file -XPath "//applicationPools/*[processModel/@identityType='SpecificUser']") {
		@{ Name = $pool.Node.name; User = $pool.Node.processModel.userName }
	}
}
function Get-SecurityEvent($Ids, $Seconds) {
	$end = (Get-Now).AddSeconds($Seconds)
	$query = New-Object Diagnostics.Eventing.Reader.EventLogQuery 'Security', 'LogName',
		"*[System[(EventID=$($Ids -join ' or EventID=')) and TimeCreated[timediff(@SystemTime)<=2592000000]]]"
	$query.ReverseDirection = $true
	$reader = New-Object Diagnostics.Eventing.Reader.EventLogReader $query
	while ($true) {
		$left = $end - (Get-Now)
		if ($left.Ticks -le 0) { Fail 'the Security log was not read in time' timeout }
		$record = $reader.ReadEvent($left)
		if (-not $record) { return }
		$data = @{}
		foreach ($field in ([xml]$record.ToXml()).Event.EventData.Data) { $data[$field.Name] = $field.InnerText }
		@{ Id = $record.Id; Time = $record.TimeCreated.ToUniversalTime(); Data = $data }
	}
}
$Actions = @'
General.Inventory
General.Posture
General.Usage UserRID|UserNameB64
General.SelfTest
General.Attribution GroupSID UserRID|UserNameB64
General.NewSession *
General.Acknowledge * RotationId!
LocalGroup.List
LocalGroup.MemberList GroupSID|GroupNameB64
LocalGroup.AddMember * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalGroup.RemoveMember * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalUser.List
LocalUser.Get UserRID|UserNameB64!
LocalUser.Create * UserNameB64! PropertyKey PropertyValuesB64
LocalUser.Delete * UserRID|UserNameB64!
LocalUser.Enable * UserRID|UserNameB64!
LocalUser.Disable * UserRID|UserNameB64!
LocalUser.Unlock * UserRID|UserNameB64!
LocalUser.SetProperty * UserRID|UserNameB64! PropertyKey! PropertyValuesB64!
LocalUser.Rename * UserRID|UserNameB64! PropertyValuesB64!
LocalUser.SetPassword * UserRID|UserNameB64! EncryptedPassword!
LocalUser.RotatePassword * UserRID|UserNameB64! PublicKey! RotationId! PropertyKey PropertyValuesB64
'@
$Parameters = @{
	Target = 'word'; Action = 'word'; SimpleResult = 'switch'; NoMeta = 'switch'
	GroupSID = 'SID'; GroupNameB64 = 'Base64'; MemberSID = 'SID list'; MemberNameB64 = 'Base64 list'
	UserRID = 'RID'; UserNameB64 = 'Base64'; PropertyKey = 'property list'; PropertyValuesB64 = 'Base64 list'
	EncryptedPassword = 'Base64'; PublicKey = 'Base64 list'; RotationId = 'token'
}
$Shapes = @{
	word = '(?s).*'
	switch = 'True'
	SID = '~-(0|[1-9][0-9]{0,9})|S-1-(0|[1-9][0-9]{0,14})(-(0|[1-9][0-9]{0,9})){1,15}'
	RID = '[1-9][0-9]{0,9}'
	Base64 = '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
	token = '[A-Za-z0-9-]{1,64}'
	property = 'FullName|Description|PasswordNeverExpires|UserCannotChangePassword|PasswordNotRequired'
	demand = 'MinLength|MinDigits|MinUppercase|MinLowercase|MinSpecial|ExcludeChars|Dependents'
}
function Get-ParameterName($Argument) { $Parameters.Keys | Where-Object { Test-Same "-$_" $Argument } }
function Read-Argument($Arguments) {
	for ($at = 0; $at -lt $Arguments.Count; $at++) {
		$name = Get-ParameterName $Arguments[$at]
		if (-not $name) { Fail 'an argument is not a parameter of the script, spelled out' }
		if ($Given.Contains($name)) { Fail "-$name is given twice" }
		$Given[$name] = $true
		if ($Parameters[$name] -cne 'switch') {
			$at++
			if ($at -ge $Arguments.Count -or (Get-ParameterName $Arguments[$at])) { Fail "-$name has no value" }
			$Given[$name] = $Arguments[$at]
		}
		$name
	}
}
function Find-Rule {
	$target = if ($Given['Target']) { $Given.Target } else { 'General' }
	$action = if ($Given['Action']) { $Given.Action } else { $DefaultAction }
	foreach ($line in $Actions -split '\r?\n') {
		$name, $takes = $line -split ' '
		if (Test-Same $name "$target.$action") {
			return @{ Name = $name; Changes = $takes -ccontains '*'; Takes = @($takes | Where-Object { $_ -cne '*' }) }
		}
	}
}
function Assert-Command {
	if (-not $Rule) { Fail "there is no action $($Given['Action']) of target $($Given['Target'])" }
	$takes = "Target|Action|SimpleResult|NoMeta|$($Rule.Takes -join '|')" -creplace '!' -split '\|'
	foreach ($name in $Names) {
		if ($takes -cnotcontains $name) { Fail "$($Rule.Name) takes no -$name" }
		if (-not (Test-Shape $Parameters[$name] $Given[$name])) { Fail "-$name is not a $($Parameters[$name])" }
	}
	foreach ($need in $Rule.Takes -clike '*!') {
		$any = $need.TrimEnd('!') -split '\|'
		if (-not ($any | Where-Object { $Names -ccontains $_ })) { Fail "$($Rule.Name) needs -$($any -join ' or -')" }
	}
	if ($Machine.ProductType -eq 2 -and $Rule.Name -cnotlike 'General.*') {
		Fail 'a domain controller has no local accounts or groups' domain-controller
	}
	if ($Rule.Changes -and [double]$Machine.PS -lt 5.1) { Fail "Windows PowerShell 5.1 is needed, this is $($Machine.PS)" unexpected }
}
function Test-Shape($Shape, $Value) {
	if ($Shape -ceq 'Base64' -and -not $Value) { return $false }
	$kind = $Shape -creplace ' list'
	$items = if ($kind -ceq $Shape) { $Value } else { $Value -split ',' }
	if ($kind -ceq 'property' -and $Rule.Name -ceq 'LocalUser.RotatePassword') { $kind = 'demand' }
	foreach ($item in $items) {
		if ($item -cnotmatch "^($($Shapes[$kind]))\z") { return $false }
		$numbers = if ($kind -clike '?ID') { $item -creplace '^(S-1-[0-9]+|~)-' -split '-' }
		if ($numbers | Where-Object { [double]$_ -gt 4294967295 }) { return $false }
	}
	$true
}
function Get-Text($Name) {
	if ($Names -cnotcontains $Name) { return }
	foreach ($item in $Given[$Name] -split ',') {
		try { (New-Object Text.UTF8Encoding $false, $true).GetString([Convert]::FromBase64String($item)) }
		catch [ArgumentException] { Fail "-$Name is not Base64 of UTF-8" }
	}
}
function Invoke-Management {
	param([string[]]$Arguments = @())
	Set-StrictMode -Version 2.0
	$ErrorActionPreference = 'Stop'
	$call = Get-Variable TrueupCall -ValueOnly -ErrorAction SilentlyContinue
	if (-not $call -and -not $Arguments) { return Write-Sensor }
	if (-not $call) { $call = @{ N = 1; Of = 1; Skip = $false; Refusal = $null } }
	$Started = Get-Now
	$Run = @{ Changed = $false }
	$Given = @{}
	$Names = @()
	$Machine = $Rule = $data = $failure = $null
	$status, $script:ExitCode = 'ok', 0
	try {
		$Machine = Get-Machine
		if ($call.Refusal) { Fail $call.Refusal }
		$Names = @(Read-Argument $Arguments)
		$Rule = Find-Rule
		if ($Machine.Language -ne 'full' -and -not ($Given['SimpleResult'] -and $Rule -and -not $Rule.Changes)) { throw (New-ConstrainedFailure) }
		if ($call.Skip) { $status = 'skipped' }
		else {
			Assert-Command
			$data = & $Rule.Name
		}
	}
	catch {
		$status, $script:ExitCode = if ($call.Refusal) { 'refused', 64 } else { 'failed', 1 }
		$failure = Get-Failure $_
		if ($failure.Code -ceq 'password-policy') { $failure.Message = Format-Policy }
		$failure = Format-Failure $failure
	}
	$isPlain = $Given['SimpleResult'] -or -not $Machine -or $Machine.Language -ne 'full'
	$meta = if ($Machine -and ($Machine.Language -eq 'full' -or $status -ceq 'ok')) { Get-Meta }
	$text = Format-Json (New-Record v 1 n $call.N of $call.Of '?meta' $meta status $status changed $Run.Changed `
			'?data' $data '?error' $failure)
	if (-not $isPlain) { $text = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($text)) }
	Write-Line $text
}
function Get-Meta {
	$action = if ($Rule) { $Rule.Name }
	$ms = [int]((Get-Now) - $Started).TotalMilliseconds
	if (-not $Given['NoMeta']) {
		New-Record script $ScriptVersion computer $Machine.Name sid $Machine.Sid domain $Machine.Domain '?action' $action ms $ms
	}
	elseif ($Rule -and $Rule.Changes) { New-Record computer $Machine.Name sid $Machine.Sid }
}
function Format-Policy {
	$policy = Get-SamPolicy
	"the password was refused; here the length is $($policy.MinLength), the history $($policy.History), " +
	"the age $($policy.MinAgeDays) to $($policy.MaxAgeDays) days"
}
function Invoke-Change($Change) {
	try {
		$null = & $Change
		$Run.Changed = $true
	}
	catch { if ((Get-Failure $_).Code -cne 'unchanged') { throw } }
}
function LocalGroup.List {
	$groups = @{}
	foreach ($group in Get-SamGroup) {
		$sid = ConvertTo-ShortSid $group.Sid
		$groups[$sid] = New-Record sid $sid n $group.Name
	}
	New-Record groups @(Get-Sorted $groups)
}
function LocalGroup.MemberList { New-Record group (Format-Group (Find-Group)) }
function LocalGroup.AddMember {
	$group = Find-Group
	$users = Get-UserTable
	$wanted = @(Get-MemberSid)
	foreach ($sid in $wanted) {
		if ($sid -clike '~*' -and -not $users[$sid]) { Fail "there is no local account $sid" 1387 }
		if ($sid -clike 'S-1-5-32-*') { Fail "$sid is a local group and cannot be a member" 1388 }
	}
	foreach ($name in Get-Text MemberNameB64) {
		$user = Find-User $name
		if (-not $user) { Fail "there is no local account $name" 1332 }
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
	$leaving += @(Get-Text MemberNameB64 | ForEach-Object { Find-User $_ } | ForEach-Object { "~-$($_.Rid)" })
	$present = Get-MemberTable $group
	$table = @{}
	$leaving | Where-Object { $present[$_] } | ForEach-Object { $table[$_] = $_ }
	$removed = @(Get-Sorted $table)
	if ($group.Sid -ceq $Administrators) {
		if ($leaving -ccontains '~-500') { Fail 'the built-in Administrator cannot leave Administrators' 1371 }
		Assert-Administrator $removed
	}
	foreach ($sid in $removed) { Invoke-Change { Remove-SamMember $group (ConvertTo-LongSid $sid) } }
	New-Record group (ConvertTo-ShortSid $group.Sid) members $removed
}
function Find-Group {
	$name = Get-Text GroupNameB64
	$sid = $Given['GroupSID']
	if (-not $sid -and $null -eq $name) { $sid = $Administrators }
	$groups = @(Get-SamGroup)
	$bySid = $groups | Where-Object { $sid -and $_.Sid -ceq (ConvertTo-LongSid $sid) }
	if ($sid -and -not $bySid) { Fail "there is no local group $sid" 1376 }
	if ($null -eq $name) { return $bySid }
	$byName = $groups | Where-Object { Test-Same $_.Name $name }
	if (-not $byName) { Fail "there is no local group $name" 2220 }
	if ($bySid -and $bySid.Sid -cne $byName.Sid) { Fail "-GroupSID $sid and -GroupNameB64 $name are two groups" }
	$byName
}
function Get-MemberSid { if ($Given['MemberSID']) { ConvertTo-ShortSid ($Given.MemberSID -split ',') } }
function Assert-Administrator($Leaving) {
	$users = Get-UserTable
	$able = @(Get-SamGroup | Where-Object { $_.Sid -ceq $Administrators } | ForEach-Object { (Get-MemberTable $_).Keys } |
			Where-Object { $_ -cnotlike '~*' -or ($users[$_] -and -not ($users[$_].UserFlags -band 0x12)) })
	if ($able -and -not ($able | Where-Object { $Leaving -cnotcontains $_ })) {
		Fail 'nobody would be left who can administer this machine' 1322
	}
}
function LocalUser.List { New-Record users @(Format-User (Get-SamUser | Sort-Object { $_.Rid })) }
function LocalUser.Get { New-Record user (Format-User (Get-User)) }
function LocalUser.Create {
	$name = Get-Text UserNameB64
	$user = Find-User $name
	if ($user) { return New-Record rid $user.Rid }
	Assert-Name $name
	$null = Get-Wanted @{ UserFlags = 0 }
	try {
		Invoke-Change { New-SamUser $name (New-Password @{ MinLength = 64 } $name) }
		Edit-User { Get-Wanted $user }
	}
	catch {
		if ((Get-Failure $_).Code -cne 'exists') { Find-User $name | ForEach-Object { Remove-SamUser $_ } }
		$Run.Changed = $false
		throw
	}
}
function LocalUser.Delete {
	$user = Find-Given
	if (-not $user) { return New-Record }
	if ($user.Rid -lt 1000) { Fail "$($user.Name) is one of Windows' own accounts" 1371 }
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
	$to = @(Get-Text PropertyValuesB64)
	if ($to.Count -ne 1) { Fail 'Rename takes one new name' }
	Edit-User {
		if (-not (Test-Same $user.Name $to[0])) { Assert-Name $to[0] }
		@{ Name = $to[0] }
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
	$bits = @{ PasswordNeverExpires = 0x10000; UserCannotChangePassword = 0x40; PasswordNotRequired = 0x20 }
	$wanted = @{ UserFlags = $User.UserFlags }
	$properties = Get-Property
	foreach ($key in $properties.Keys) {
		$value = $properties[$key]
		$bit = $bits[$key]
		if (-not $bit) {
			if ($value.Length -gt 256) { Fail "$key is longer than 256 characters" }
			$wanted[$key] = $value
		}
		elseif (Test-Same $value true) { $wanted.UserFlags = $wanted.UserFlags -bor $bit }
		elseif (Test-Same $value false) { $wanted.UserFlags = $wanted.UserFlags -band -bnot $bit }
		else { Fail "$key is True or False" }
	}
	$wanted
}
function Get-Property {
	$keys = @(if ($Given['PropertyKey']) { $Given.PropertyKey -split ',' })
	$values = @(Get-Text PropertyValuesB64)
	if ($keys.Count -ne $values.Count) { Fail "$($keys.Count) properties and $($values.Count) values" }
	$table = @{}
	for ($at = 0; $at -lt $keys.Count; $at++) { $table[$keys[$at]] = $values[$at] }
	$table
}
function Assert-Name($Name) {
	if ($Name.Length -gt 20 -or $Name -cmatch '["/\\[\]:;|=,+*?<>@\p{Cc}]|^[. ]*\z') {
		Fail 'an account has 1 to 20 characters, none of "/\[]:;|=,+*?<>@, and not only dots' 2202
	}
	if (Find-User $Name) { Fail "there is an account $Name already" 2224 }
	if (Get-SamGroup | Where-Object { Test-Same $_.Name $Name }) { Fail "$Name is a group" 1379 }
}
function Assert-Ours($User) {
	$laps = Get-Laps
	if ($laps.Mode -cne 'none' -and $laps.Rid -eq $User.Rid) { Fail "$($User.Name) belongs to Windows LAPS" 8654 }
}
function Get-UserTable {
	$table = @{}
	Get-SamUser | ForEach-Object { $table["~-$($_.Rid)"] = $_ }
	$table
}
function Find-User($Name) { Get-SamUser | Where-Object { Test-Same $_.Name $Name } }
function Find-Given {
	$name = Get-Text UserNameB64
	$byName = if ($null -ne $name) { Find-User $name }
	$rid = $Given['UserRID']
	if (-not $rid) { return $byName }
	$byRid = (Get-UserTable)["~-$rid"]
	if ($null -ne $name -and "$($byRid | ForEach-Object { $_.Rid })" -cne "$($byName | ForEach-Object { $_.Rid })") {
		Fail "-UserRID $rid and -UserNameB64 $name are two accounts"
	}
	$byRid
}
function Get-User {
	$user = Find-Given
	if (-not $user) { Fail 'there is no such local account' 2221 }
	$user
}
function General.SelfTest {
	New-Record ps $Machine.PS bits $Machine.Bits lang $Machine.Language module $Machine.LocalAccounts `
		clock (Format-Time (Get-Now)) free $Machine.FreeMB
}
function Get-Use($Users) {
	$complete = $true
	$rows = foreach ($ask in { Get-CimRow Win32_Service | ForEach-Object { , ('services', $_.StartName, $_.Name) } },
		{ Get-TaskRow | ForEach-Object { , ('tasks', $_.UserId, $_.Path) } },
		{ Get-PoolRow | ForEach-Object { , ('pools', $_.User, $_.Name) } },
		{
			$people = @(Get-CimRow Win32_LogonSession | Where-Object { 2, 10, 11 -contains $_.LogonType } | ForEach-Object { "$($_.LogonId)" })
			Get-CimRow Win32_LoggedOnUser | Where-Object { $people -contains $_.Dependent.LogonId } |
				ForEach-Object { , ('sessions', "$($_.Antecedent.Domain)\$($_.Antecedent.Name)", $_.Dependent.LogonId) }
		},
		{ Get-CimRow Win32_UserProfile | Where-Object { $_.Loaded } | ForEach-Object { , ('profile', $_.SID, 1) } }) {
		try { & $ask } catch { $complete = $false }
	}
	$uses = foreach ($user in $Users | Sort-Object { $_.Rid }) {
		$names = $user.Name, ".\$($user.Name)", "$($Machine.Name)\$($user.Name)", "$($Machine.Sid)-$($user.Rid)"
		$use = @{ rid = $user.Rid; idle = $true }
		foreach ($kind in 'services', 'tasks', 'pools', 'sessions', 'profile') {
			$set = @{}
			foreach ($row in $rows) { if ($row[0] -ceq $kind -and $names -contains $row[1]) { $set["$($row[2])"] = $row[2]; $use.idle = $false } }
			$use[$kind] = @(Get-Sorted $set)
		}
		$use
	}
	@{ Complete = $complete; Uses = @($uses) }
}
function Get-Dependent($User) { (Get-Use $User).Uses[0] }
function General.Usage {
	$isOne = $Given['UserRID'] -or $Given['UserNameB64']
	$found = Get-Use $(if ($isOne) { Get-User } else { Get-SamUser })
	New-Record complete $found.Complete accounts @($found.Uses | Where-Object { $isOne -or -not $_.idle } | ForEach-Object {
			New-Record rid $_.rid services $_.services tasks $_.tasks pools $_.pools sessions $_.sessions.Count profile ($_.profile.Count -gt 0)
		})
}
function General.Attribution {
	$sids = @(
		if ($Given['GroupSID']) { ConvertTo-ShortSid $Given['GroupSID'] }
		if ($Given['UserRID']) { "~-$($Given['UserRID'])" } elseif ($Given['UserNameB64']) { "~-$((Get-User).Rid)" }
	)
	$complete = $true
	$events = @()
	try {
		Get-SecurityEvent (4720, 4722, 4724, 4725, 4726, 4732, 4733, 4738, 4781) 20 | ForEach-Object {
			$data = $_.Data
			$target = ConvertTo-ShortSid "$($data['TargetSid'])"
			if ($sids -and $sids -cnotcontains $target) { return }
			$of = if (4732, 4733 -contains $_.Id) { 'group', $target, 'member', (ConvertTo-ShortSid "$($data['MemberSid'])") } else { 'account', $target }
			$of = @('id', $_.Id, 'at', (Format-Time $_.Time), 'by', (ConvertTo-ShortSid "$($data['SubjectUserSid'])"),
				'byName', "$($data['SubjectDomainName'])\$($data['SubjectUserName'])") + $of + '?name' + $data['NewTargetUserName']
			@{ Parts = $of }
		} | Select-Object -First 51 | ForEach-Object { $events += $_ }
	}
	catch { $complete = $false }
	New-Record complete ($complete -and $events.Count -le 50) events @($events | Select-Object -First 50)
}
$KeyParts = 'Modulus', 'Exponent', 'D', 'P', 'Q', 'DP', 'DQ', 'InverseQ'
function Import-Key($Text) {
	$key = New-Object Security.Cryptography.RSAParameters
	$at = 0
	foreach ($part in $Text -split ',') { $key.($KeyParts[$at++]) = [Convert]::FromBase64String($part) }
	New-RsaKey $key
}
function Get-Cipher([byte[]]$Keys, [byte[]]$Vector) {
	$aes = [Security.Cryptography.Aes]::Create()
	$aes.Key = $Keys[0..31]
	$aes.IV = $Vector
	$aes
	New-Object Security.Cryptography.HMACSHA256 (, [byte[]]$Keys[32..63])
}
function Protect-Text($Text, $Key) {
	$oaep = [Security.Cryptography.RSAEncryptionPadding]::OaepSHA256
	$plain = [Text.Encoding]::UTF8.GetBytes($Text)
	if ($plain.Length -le 190) { return [Convert]::ToBase64String($Key.Encrypt($plain, $oaep)) }
	$keys = Get-RandomByte 64
	$vector = Get-RandomByte 16
	$aes, $mac = Get-Cipher $keys $vector
	[byte[]]$body = $vector + $aes.CreateEncryptor().TransformFinalBlock($plain, 0, $plain.Length)
	[Convert]::ToBase64String([byte[]]($Key.Encrypt($keys, $oaep) + $body + $mac.ComputeHash($body)))
}
function Unprotect-Text($Box, $Key) {
	$bytes = [Convert]::FromBase64String($Box)
	$plain = $Key.Decrypt([byte[]]$bytes[0..255], [Security.Cryptography.RSAEncryptionPadding]::OaepSHA256)
	if ($bytes.Length -ne 256) {
		[byte[]]$body = $bytes[256..($bytes.Length - 33)]
		$aes, $mac = Get-Cipher $plain $body[0..15]
		$sum = $mac.ComputeHash($body)
		$differ = 0
		for ($at = 0; $at -lt 32; $at++) { $differ = $differ -bor ($sum[$at] -bxor $bytes[256 + $body.Length + $at]) }
		if ($differ) { throw 'the sum differs' }
		$plain = $aes.CreateDecryptor().TransformFinalBlock($body, 16, $body.Length - 16)
	}
	(New-Object Text.UTF8Encoding $false, $true).GetString($plain)
}
function Get-RandomItem($Items) {
	$count = $Items.Count
	do { $byte = (Get-RandomByte 1)[0] } while ($byte -ge 256 - 256 % $count)
	$Items[$byte % $count]
}
function New-Password($Demands, $Avoid) {
	$wanted = @{ MinLength = 20; MinDigits = 3; MinUppercase = 3; MinLowercase = 3; MinSpecial = 3; ExcludeChars = '' }
	foreach ($key in $Demands.Keys) { $wanted[$key] = $Demands[$key] }
	$out = [int[]]$wanted.ExcludeChars.ToCharArray()
	$classes = @{ MinDigits = 48..57; MinUppercase = 65..90; MinLowercase = 97..122; MinSpecial = (33..47) + (58..64) + (91..96) + (123..126) }
	$sum = 0
	foreach ($key in @($classes.Keys) + 'MinLength') {
		if ("$($wanted[$key])" -cnotmatch '^[0-9]{1,3}\z') { Fail "$key is not a number" }
		$wanted[$key] = [int]$wanted[$key]
		if ($key -ceq 'MinLength') { continue }
		$sum += $wanted[$key]
		$classes[$key] = @($classes[$key] | Where-Object { $out -notcontains $_ })
		if ($wanted[$key] -and -not $classes[$key]) { Fail "$key asks for characters that are excluded" }
	}
	$length = if ($sum -gt $wanted.MinLength) { $sum } else { $wanted.MinLength }
	if ($length -lt 8 -or $length -gt 127) { Fail 'a password has 8 to 127 characters' }
	$all = @($classes.Values | ForEach-Object { $_ })
	if (-not $all) { Fail 'every character is excluded' }
	$parts = @($Avoid) + @($Avoid -split '[,.\-_ #\t]') | Where-Object { $_.Length -ge 3 } | ForEach-Object { $_.ToUpperInvariant() }
	for ($try = 0; $try -lt 100; $try++) {
		$left = @(
			foreach ($key in $classes.Keys) { for ($n = 0; $n -lt $wanted[$key]; $n++) { Get-RandomItem $classes[$key] } }
			for ($n = $sum; $n -lt $length; $n++) { Get-RandomItem $all }
		)
		for ($last = $length - 1; $last -gt 0; $last--) {
			$at = Get-RandomItem (0..$last)
			$left[$at], $left[$last] = $left[$last], $left[$at]
		}
		$password = -join [char[]]$left
		if (-not ($parts | Where-Object { $password.ToUpperInvariant().Contains($_) })) { return $password }
	}
	Fail 'these demands leave no password without a part of the name'
}
function General.NewSession {
	$key = (New-RsaKey).ExportParameters($true)
	$parts = foreach ($part in $KeyParts) { [Convert]::ToBase64String($key.$part) }
	Invoke-Change { Save-Session ($parts -join ',') @() }
	New-Record publicKey ($parts[0..1] -join ',')
}
function Save-Session($Key, $Done) { Write-State session (Format-Json (New-Record v 1 key $Key done $Done)) }
function LocalUser.SetPassword {
	$user = Get-User
	Assert-Ours $user
	$text = Read-State session
	if (-not $text) { Fail 'there is no session key on this device' crypto }
	$box = $Given.EncryptedPassword
	try {
		$session = ConvertFrom-Json $text
		$password = Unprotect-Text $box (Import-Key $session.key)
	}
	catch { Fail 'the password is not sealed to the key of this session' crypto }
	$bytes = [Text.Encoding]::ASCII.GetBytes("$($user.Rid) $box")
	$mark = [Convert]::ToBase64String([Security.Cryptography.SHA256]::Create().ComputeHash($bytes))
	if (@($session.done) -cnotcontains $mark) {
		Invoke-Change { Set-SamPassword $user $password }
		Save-Session $session.key (@($session.done) + $mark)
	}
	New-Record rid $user.Rid set (Format-Time (Get-User).PasswordSet)
}
function LocalUser.RotatePassword {
	$user = Get-User
	$id = $Given.RotationId
	$name = "rotation-$($user.Rid)-$id"
	$entry = Get-Entry $name
	$journal = @(Get-Journal $user.Rid @(Get-StateName))
	if (-not $entry) {
		$entry = @{ Name = $name; rid = $user.Rid; id = $id; a = 0; st = 'new'; was = $user.PasswordSet; set = $null; env = @(); ack = $false }
	}
	if ($entry.st -ceq 'made') {
		if ($journal[0].id -cne $id) { Fail "rotation $id was overtaken by $($journal[0].id)" journal }
		$set = $user.PasswordSet
		if ($set -and ($set - $entry.made).TotalSeconds -ge -1.5 -and -not (Test-Near $set $entry.was)) { Complete-Entry $entry $set }
	}
	if ($entry.st -cne 'set') {
		Set-NewPassword $user $entry
		$journal | Where-Object { $_.id -cne $id } | Select-Object -Skip 9 | ForEach-Object { Remove-State $_.Name }
	}
	New-Record rid $user.Rid id $id attempt $entry.a set (Format-Time $entry.set) envelopes $entry.env
}
function Set-NewPassword($User, $Entry) {
	$demands = Get-Property
	Assert-Ours $User
	Assert-Idle $User $demands['Dependents']
	$key = try { Import-Key $Given.PublicKey } catch { Fail '-PublicKey is not a modulus of 2048 bits and an exponent' }
	if ($User.PasswordSet) {
		$past = ((Get-Now) - $User.PasswordSet).TotalSeconds
		if ($past -ge 0 -and $past -le 3) { Wait-Second ([int](4 - $past)) }
	}
	for ($try = 1; $true; $try++) {
		$password = New-Password $demands $User.Name, $User.FullName
		$Entry.a++
		$Entry.st = 'made'
		$Entry.made = Get-Now
		$Entry.env += New-Record a $Entry.a alg RSA-OAEP-256 box (Protect-Text $password $key)
		Save-Entry $Entry
		try {
			Invoke-Change { Set-SamPassword $User $password }
			break
		}
		catch { if ($try -eq 2 -or (Get-Failure $_).Code -cne 'password-policy') { throw } }
	}
	Complete-Entry $Entry (Get-UserTable)["~-$($User.Rid)"].PasswordSet
}
function Assert-Idle($User, $Dependents) {
	if ('', 'refuse', 'ignore' -cnotcontains "$Dependents") { Fail 'Dependents is refuse or ignore' }
	if ($Dependents -ceq 'ignore') { return }
	$found = Get-Use $User
	$use = $found.Uses[0]
	$held = @('services', 'tasks', 'pools' | Where-Object { $use[$_] } | ForEach-Object { "$_ $($use[$_] -join ', ')" })
	if ($held) { Fail "$($User.Name) is in use: $($held -join '; ')" in-use }
	if (-not $found.Complete) { Fail "what uses $($User.Name) could not be asked" in-use }
}
function Complete-Entry($Entry, $Set) {
	$Entry.st = 'set'
	$Entry.set = if ($Set) { $Set } else { $Entry.made }
	Save-Entry $Entry
}
function Save-Entry($Entry) {
	$record = New-Record v 1 rid $Entry.rid id $Entry.id a $Entry.a st $Entry.st was (Format-Time $Entry.was) `
		made (Format-Time $Entry.made) set (Format-Time $Entry.set) env $Entry.env ack $Entry.ack
	Write-State $Entry.Name (Format-Json $record)
}
function General.Acknowledge {
	$id = $Given.RotationId
	$entries = @(Get-StateName | Where-Object { $_ -cmatch "^rotation-[0-9]+-$id\z" } | ForEach-Object { Get-Entry $_ })
	if ($entries | Where-Object { $_.st -cne 'set' }) { Fail "rotation $id is not set yet" journal }
	foreach ($entry in $entries | Where-Object { -not $_.ack }) {
		$entry.ack = $true
		$entry.env = @()
		Invoke-Change { Save-Entry $entry }
	}
	New-Record id $id rids @($entries | ForEach-Object { $_.rid } | Sort-Object)
}
if ($MyInvocation.InvocationName -ne '.') {
	Invoke-Management -Arguments @($args)
	exit $script:ExitCode
}
if ($MyInvocation.InvocationName -ne '.') {
	Write-Sensor
	exit $script:ExitCode
}

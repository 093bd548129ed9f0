$DefaultAction = 'Inventory'
$ScriptVersion = '1.0.0'
$StateFolder = "$env:ProgramData\Trueup"
$Administrators = 'S-1-5-32-544'
function Write-Line($Text){if((Get-Language) -eq 'full'){[Console]::Out.WriteLine($Text)}else{$Text}}
function Get-Language{
	if($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'){'full'}else{'constrained'}
}
function Get-Now{[datetime]::UtcNow}
function Get-Machine{
	$version=[Environment]::OSVersion.Version
	$product=Get-RegistryValue HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions ProductType
	$domain=try{Get-CimRow Win32_ComputerSystem|Where-Object{$_.PartOfDomain}|ForEach-Object{$_.Domain}}catch{$null}
	@{
		Name=$env:COMPUTERNAME
		Sid=Get-SamEntry User|Select-Object -First 1|ForEach-Object{(Get-EntrySid $_) -creplace '-[0-9]+\z'}
		Domain=$domain
		Build="$($version.Major).$($version.Minor).$($version.Build)"
		ProductType=@{WinNT=1;LanmanNT=2;ServerNT=3}[$product]
		PS="$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)"
		Bits=8 * [IntPtr]::Size
		Language=Get-Language
		LocalAccounts=Test-Path "$(Get-SystemFolder)\WindowsPowerShell\v1.0\Modules\Microsoft.PowerShell.LocalAccounts"
		FreeMB=[long]((Get-PSDrive $env:SystemDrive.TrimEnd(':')).Free / 1MB)
	}
}
function Get-SamComputer{[ADSI]"WinNT://$env:COMPUTERNAME,computer"}
function Get-SamEntry($Class){
	$entries=(Get-SamComputer).Children
	try{$null=$entries.SchemaFilter.Add($Class)}catch{}
	$entries|Where-Object{$_.SchemaClassName -eq $Class}
}
function Get-EntrySid($Entry){ConvertFrom-SidByte $Entry.InvokeGet('objectSid')}
function Get-SamUser{
	foreach($entry in Get-SamEntry User){
		$isLocked=$entry.InvokeGet('IsAccountLocked')
		$flags=$entry.InvokeGet('UserFlags') -band -bnot 0x10
		if($isLocked){$flags=$flags -bor 0x10}
		$age=[long]$entry.InvokeGet('PasswordAge')
		$set=if($age){(Get-Now).AddSeconds(-$age)}
		$expires=try{$entry.InvokeGet('AccountExpirationDate').ToUniversalTime()}catch{$null}
		@{
			Entry=$entry;Rid=[long]((Get-EntrySid $entry) -creplace '.*-');Name=[string]$entry.InvokeGet('Name')
			FullName=[string]$entry.InvokeGet('FullName');Description=[string]$entry.InvokeGet('Description')
			UserFlags=$flags;Expires=$expires;PasswordSet=$set
		}
	}
}
function Get-SamGroup{
	foreach($entry in Get-SamEntry Group){@{Entry=$entry;Sid=Get-EntrySid $entry;Name=[string]$entry.InvokeGet('Name')}}
}
function Get-SamMember($Group){
	$rows=Invoke-Bounded 30 "$($Group.Entry.Path),group" {
		param($Path)
		foreach($raw in ([ADSI]$Path).Invoke('Members')){
			$entry=[ADSI]$raw
			$sid=try{$entry.InvokeGet('objectSid')}catch{$null}
			@{Path=[string]$entry.InvokeGet('ADsPath') -creplace '^WinNT://';Class=$entry.SchemaClassName;Sid=$sid}
		}
	}
	foreach($row in $rows){
		$isNamed=$row.Path -cnotlike 'S-1-*'
		$name=if($isNamed){$row.Path -creplace '^(.*/)?([^/]*)/([^/]*)\z','$2\$3'}
		$kind=if(-not $isNamed){'x'}elseif($row.Class -ne 'User'){'g'}elseif($name -clike '*$'){'c'}else{'u'}
		$sid=if($row.Sid){ConvertFrom-SidByte $row.Sid}elseif(-not $isNamed){$row.Path}else{''}
		@{Sid=$sid;Kind=$kind;Name=$name}
	}
}
function Invoke-Bounded($Seconds,$Argument,$Script){
	if((Get-Language) -ne 'full'){return & $Script $Argument}
	$left=$Seconds - ((Get-Now) - $Started).TotalSeconds
	$thread=[powershell]::Create().AddScript("`$ErrorActionPreference = 'Stop'; & {$Script} `$args[0]").AddArgument($Argument)
	$run=$thread.BeginInvoke()
	if($left -le 0 -or -not $run.AsyncWaitHandle.WaitOne([int](1000 * $left))){
		$global:TrueupStuck=$true
		Fail "no answer within $Seconds seconds" 258
	}
	try{$thread.EndInvoke($run)}finally{$thread.Dispose()}
}
function Test-StateFolder{
	if(-not (Test-Path $StateFolder)){return $false}
	$attributes=(Get-Item $StateFolder -Force).Attributes
	$access=(Get-Acl $StateFolder).Sddl
	if("$attributes" -match 'ReparsePoint' -or $access -cnotmatch '^O:(BA|SY)G:[^:]+:P(AI)?(\(A;OICI;FA;;;(BA|SY)\))+\z'){
		Fail "$StateFolder is not for SYSTEM and Administrators alone" journal
	}
	$true
}
function Get-StateName{
	if(-not (Test-StateFolder)){return}
	Get-ChildItem $StateFolder|ForEach-Object{if($_.Name -cmatch '^(.+)\.json(\.old)?\z'){$Matches[1]}}|Select-Object -Unique
}
function Read-State($Name){
	if((Get-StateName) -cnotcontains $Name){return}
	$path="$StateFolder\$Name.json"
	if(-not (Test-Path $path)){$path+='.old'}
	Get-Content $path -Raw
}
function Get-RegistryValue($Path,$Name){
	if((Get-Language) -eq 'full'){
		$key=[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64').OpenSubKey($Path.Substring(6))
		if($key){$key.GetValue($Name)}
	}
	else{try{(Get-ItemProperty -LiteralPath $Path -Name $Name).$Name}catch{$null}}
}
function Get-CimRow($Class,$Namespace='root/cimv2'){
	Get-CimInstance -ClassName $Class -Namespace $Namespace -OperationTimeoutSec 20
}
function Get-SamPolicy{
	$entry=@(Get-SamUser)[0].Entry
	$policy=@{}
	foreach($line in 'MinLength MinPasswordLength 1','History PasswordHistoryLength 1','MinAgeDays MinPasswordAge 86400',
		'MaxAgeDays MaxPasswordAge 86400','LockoutThreshold MaxBadPasswordsAllowed 1',
		'LockoutMinutes AutoUnlockInterval 60'){
		$name,$of,$unit=$line -split ' '
		$value=try{[long]$entry.InvokeGet($of)}catch{$null}
		$policy[$name]=if($value -gt 0){($value - $value % $unit) / $unit}elseif($null -ne $value){0}
	}
	$policy
}
function Get-PoolRow{
	$file="$(Get-SystemFolder)\inetsrv\config\applicationHost.config"
	if(-not (Test-Path -LiteralPath $file)){return}
	foreach($pool in Select-Xml -LiteralPath $file -XPath "//applicationPools/*[processModel/@identityType='SpecificUser']"){
		@{Name=$pool.Node.name;User=$pool.Node.processModel.userName}
	}
}
function Get-SystemFolder{"$env:SystemRoot\$(if ($env:PROCESSOR_ARCHITEW6432) { 'Sysnative' } else { 'System32' })"}
function New-Record{@{Parts=$args}}
function Format-Json($Value){
	if($null -eq $Value){return 'null'}
	if($Value -is [bool]){return "$Value".ToLowerInvariant()}
	if($Value -is [array]){return "[$(@(foreach ($item in $Value) { Format-Json $item }) -join ',')]"}
	if($Value -is [hashtable]){
		$parts=$Value.Parts
		$pairs=for($at=0;$at -lt $parts.Count;$at+=2){
			$item=$parts[$at + 1]
			if($null -ne $item -or $parts[$at][0] -ne '?'){'"' + $parts[$at].TrimStart('?') + '":' + (Format-Json $item)}
		}
		return "{$($pairs -join ',')}"
	}
	if($Value -isnot [string]){return "$Value"}
	if($Value -cmatch '^[ -~]*\z'){return '"' + $Value.Replace('\','\\').Replace('"','\"') + '"'}
	$text=foreach($char in $Value.ToCharArray()){
		$code=[int]$char
		$at="`b`t`n`f`r`"\".IndexOf($char)
		if($at -ge 0){'\' + 'btnfr"\'[$at]}elseif($code -lt 32 -or $code -gt 126){'\u{0:x4}' -f $code}else{$char}
	}
	'"' + ($text -join '') + '"'
}
function Format-Day($Time){if($Time){'{0:0000}-{1:00}-{2:00}' -f $Time.Year,$Time.Month,$Time.Day}}
function Format-Time($Time){
	if($Time){'{0}T{1:00}:{2:00}:{3:00}Z' -f (Format-Day $Time),$Time.Hour,$Time.Minute,$Time.Second}
}
function Get-Sorted($Table){
	$keys=[string[]]@($Table.Keys)
	[array]::Sort($keys,[StringComparer]::Ordinal)
	foreach($key in $keys){$Table[$key]}
}
function Test-Same($One,$Other){
	[string]::CompareOrdinal("$One".ToUpperInvariant(),"$Other".ToUpperInvariant()) -eq 0
}
function ConvertFrom-SidByte($Bytes){
	$read={
		$number=[long]0
		foreach($index in $args){$number=256 * $number + $Bytes[$index]}
		$number
	}
	$sid="S-$($Bytes[0])-$(& $read 2 3 4 5 6 7)"
	for($at=8;$at -lt $Bytes.Count;$at+=4){$sid+="-$(& $read ($at + 3) ($at + 2) ($at + 1) $at)"}
	$sid
}
function ConvertTo-ShortSid($Sid){$Sid -creplace "^$($Machine.Sid)-([0-9]+)\z",'~-$1'}
function ConvertTo-LongSid($Sid){$Sid -creplace '^~',$Machine.Sid}
$Meanings = @{
	'access-denied'=5
	'bad-argument'=87,1337,1388,2202
	'exists'=1316,1379,2223,2224
	'laps-owned'=8654
	'last-administrator'=1322
	'not-found'=1317,1332,1376,1387,2220,2221
	'password-policy'=1325,2245
	'special-account'=1371
	'timeout'=258,1460
	'unchanged'=1377,1378
}
function Fail($Message,$What='bad-argument'){throw (New-Failure $Message $What)}
function New-Failure($Message,$What){
	if($What -isnot [int]){return @{Code=$What;Message=$Message;Native=$null}}
	$code=$Meanings.Keys|Where-Object{$Meanings[$_] -contains $What}
	if(-not $code){$code='unexpected'}
	@{Code=$code;Message=$Message;Native='0x{0:X8}' -f (0x80070000 + $What)}
}
$Constrained = 'PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy.'
function Get-Failure($Record){
	$thrown=$Record.TargetObject
	if($thrown -is [hashtable] -and $thrown.Contains('Code')){return $thrown}
	if($Record.FullyQualifiedErrorId -clike '*ConstrainedLanguage*'){return New-Failure $Constrained constrained-language}
	$what='unexpected'
	for($inner=$Record.Exception;$inner;$inner=$inner.InnerException){
		$message=$inner.Message.Trim()
		if('{0:X8}' -f $inner.HResult -clike '8007*'){$what=$inner.HResult -band 0xFFFF}
	}
	New-Failure $message $what
}
function General.Inventory{
	$users=@()
	$groups=@{}
	$laps=@{Mode='none';Rid=$null}
	if($Machine.ProductType -ne 2){
		$users=@(Get-SamUser|Sort-Object{$_.Rid})
		Get-SamGroup|ForEach-Object{$groups[(ConvertTo-ShortSid $_.Sid)]=Format-Group $_}
		$laps=Get-Laps
	}
	New-Record v 1 os (New-Record build $Machine.Build kind (Get-Kind)) ps $Machine.PS lang $Machine.Language `
		bits $Machine.Bits la $Machine.LocalAccounts users @(Format-User $users) groups @(Get-Sorted $groups) `
		laps (New-Record mode $laps.Mode rid $laps.Rid) rot @(Get-RotationMark $users)
}
function Get-Kind{('workstation','dc','server')[$Machine.ProductType - 1]}
function Format-User($Users){
	foreach($user in $Users){
		$bits=$user.UserFlags
		$flags=@(if($bits -band 0x40){'nc'};if($bits -band 0x20){'nr'};if($bits -band 0x10000){'nx'})
		New-Record rid $user.Rid n $user.Name fn $user.FullName d $user.Description f $flags on (-not ($bits -band 2)) `
			lock ([bool]($bits -band 0x10)) exp (Format-Day $user.Expires) set (Format-Day $user.PasswordSet)
	}
}
function Format-Group($Group){New-Record sid (ConvertTo-ShortSid $Group.Sid) m @(Get-Sorted (Get-MemberTable $Group))}
function Get-MemberTable($Group){
	$table=@{}
	foreach($member in Get-SamMember $Group){
		if(-not $member.Sid){continue}
		$sid=ConvertTo-ShortSid $member.Sid
		$name=if($sid -cnotlike '~*'){$member.Name}
		$table[$sid]=New-Record s $sid k $member.Kind '?n' $name
	}
	$table
}
function Get-RotationMark($Users){
	$names=try{@(Get-StateName)}catch{@()}
	foreach($user in $Users){
		foreach($entry in Get-Journal $user.Rid $names|Select-Object -First 1){
			$state=if($entry.st -ceq 'set' -and -not (Test-Near $user.PasswordSet $entry.set)){'changed'}else{$entry.st}
			New-Record rid $user.Rid id $entry.id a $entry.a st $state
		}
	}
}
function Get-Journal($Rid,$StateNames){
	$StateNames|Where-Object{$_ -clike "rotation-$Rid-*"}|ForEach-Object{try{Get-Entry $_}catch{}}|
		Sort-Object{$_.made},{$_.id} -Descending
}
function Get-Entry($Name){
	$text=Read-State $Name
	if($null -eq $text){return}
	try{
		$json=ConvertFrom-Json $text
		if("rotation-$($json.rid)-$($json.id)" -cne $Name){throw 'the entry of another'}
		$sealed=@($json.env|ForEach-Object{New-Record a $_.a alg $_.alg box $_.box})
		$entry=@{Name=$Name;rid=$json.rid;id=$json.id;a=$json.a;st=$json.st;env=$sealed;ack=$json.ack}
		foreach($key in 'was','made','set'){$entry[$key]=if($json.$key){([datetime]$json.$key).ToUniversalTime()}}
		$entry
	}
	catch{Fail "the journal's entry $Name cannot be read" journal}
}
function Test-Near($One,$Other){
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
	C='SYSTEM\CurrentControlSet\Control\';S='SYSTEM\CurrentControlSet\Services\'
	P='SOFTWARE\Policies\Microsoft\Windows';M='SOFTWARE\Microsoft\Windows'
}
function General.Posture{
	$own=@{build=$Machine.Build;powershell=$Machine.PS}
	if($Machine.ProductType -ne 2){
		try{$own+=Get-SamPolicy}catch{}
		try{$own.laps=(Get-Laps).Mode}catch{}
		try{Get-SamUser|ForEach-Object{$own["on$($_.Rid)"]=-not ($_.UserFlags -band 2)}}catch{}
	}
	$found=@{}
	foreach($line in $PostureTable -split '\r?\n'){
		$path,$form,$name,$absent=$line -split ' '
		try{
			if($line[0] -eq '>'){
				$place=$null
				$root=$PostureRoots[[string]$line[1]]
				$place=if($root){"HKLM:\$root$($line.Substring(2))"}elseif($line -ceq '>D'){$own}else{
					Get-CimRow $path.Substring(2) "root/$form"|
						Where-Object{-not $name -or $_.DriveLetter -eq $env:SystemDrive}|Select-Object -First 1
				}
				continue
			}
			$raw=if($place -is [string]){Get-RegistryValue $place $name}else{$place.$name}
		}
		catch{continue}
		if($null -eq $raw){$raw=$absent}
		if($null -eq $raw -or $found[$path]){continue}
		if($raw -is [bool]){$raw=[int]$raw}
		$value=if($form -ceq 't'){$raw}elseif($form[0] -eq '='){@($raw) -contains $form.Substring(1)}
		elseif("$raw" -cmatch '^-?[0-9]{1,10}\z'){if($form -ceq 'i'){[long]"$raw"}else{([long]"$raw" -ne 0) -eq ($form -ceq 'b')}}
		if($null -ne $value){$found[$path]=($path -split '\.') + $value}
	}
	$posture=New-Record v 1 kind (Get-Kind)
	$group=$null
	$parts=@(Get-Sorted $found)
	for($at=0;$at -lt $parts.Count;$at+=3){
		if($parts[$at] -cne $group){
			$group=$parts[$at]
			$items=New-Record
			$posture.Parts+=$group,$items
		}
		$items.Parts+=$parts[($at + 1)..($at + 2)]
	}
	$posture
}
function Get-Laps{
	$read={Get-RegistryValue "HKLM:\SOFTWARE\$root" $args[0]}
	foreach($root in 'Microsoft\Policies\LAPS','Microsoft\Windows\CurrentVersion\Policies\LAPS',
		'Microsoft\Windows\CurrentVersion\LAPS\Config'){
		$backup=& $read BackupDirectory
		if($null -ne $backup){break}
	}
	$mode=@{'1'='entra';'2'='ad'}["$backup"]
	if(-not $mode){
		$root='Policies\Microsoft Services\AdmPwd'
		if(-not (& $read AdmPwdEnabled)){return @{Mode='none';Rid=$null}}
		$mode='legacy'
	}
	$name="$(& $read AdministratorAccountName)$(& $read AdminAccountName)"
	$auto='AutomaticAccountManagement'
	$end=''
	if(& $read "${auto}Enabled"){
		$name=& $read "${auto}NameOrPrefix"
		if(-not $name){$name='WLapsAdmin'}
		if("$(& $read "${auto}Target")" -ceq '0'){$name=''}
		if(& $read "${auto}RandomizeName"){$end='[0-9]{6}\z'}
	}
	$user=if(-not $name){@{Rid=500}}else{
		Get-SamUser|Where-Object{$_.Name -cmatch $end -and (Test-Same ($_.Name -creplace $end) $name)}|Select-Object -First 1
	}
	@{Mode=$mode;Rid=if($user){$user.Rid}}
}
function Assert-Ours($User){
	$laps=Get-Laps
	if($laps.Mode -cne 'none' -and $laps.Rid -eq $User.Rid){Fail "$($User.Name) belongs to Windows LAPS" 8654}
}
function General.SelfTest{
	New-Record ps $Machine.PS bits $Machine.Bits lang $Machine.Language module $Machine.LocalAccounts `
		clock (Format-Time (Get-Now)) free $Machine.FreeMB
}
function LocalGroup.List{
	$groups=@{}
	foreach($group in Get-SamGroup){
		$sid=ConvertTo-ShortSid $group.Sid
		$groups[$sid]=New-Record sid $sid n $group.Name
	}
	New-Record groups @(Get-Sorted $groups)
}
function LocalGroup.MemberList{New-Record group (Format-Group (Find-Group))}
function Find-Group{
	$name=Get-Text GroupNameB64
	$sid=$Given['GroupSID']
	if(-not $sid -and $null -eq $name){$sid=$Administrators}
	$groups=@(Get-SamGroup)
	$bySid=$groups|Where-Object{$sid -and $_.Sid -ceq (ConvertTo-LongSid $sid)}
	if($sid -and -not $bySid){Fail "there is no local group $sid" 1376}
	if($null -eq $name){return $bySid}
	$byName=$groups|Where-Object{Test-Same $_.Name $name}
	if(-not $byName){Fail "there is no local group $name" 2220}
	if($bySid -and $bySid.Sid -cne $byName.Sid){Fail "-GroupSID $sid and -GroupNameB64 $name are two groups"}
	$byName
}
function LocalUser.List{New-Record users @(Format-User (Get-SamUser|Sort-Object{$_.Rid}))}
function LocalUser.Get{New-Record user (Format-User (Get-User))}
function Get-UserTable{
	$table=@{}
	Get-SamUser|ForEach-Object{$table["~-$($_.Rid)"]=$_}
	$table
}
function Find-User($Name){Get-SamUser|Where-Object{Test-Same $_.Name $Name}}
function Find-Given{
	$name=Get-Text UserNameB64
	$byName=if($null -ne $name){Find-User $name}
	$rid=$Given['UserRID']
	if(-not $rid){return $byName}
	$byRid=(Get-UserTable)["~-$rid"]
	$rids=@($byRid,$byName|Where-Object{$_}|ForEach-Object{$_.Rid})
	if($null -ne $name -and $rids -and ($rids.Count -eq 1 -or $rids[0] -ne $rids[1])){
		Fail "-UserRID $rid and -UserNameB64 $name are two accounts"
	}
	$byRid
}
function Get-User{
	$user=Find-Given
	if(-not $user){Fail 'there is no such local account' 2221}
	$user
}
$Actions = @'
General.Inventory
General.Posture
General.Usage @
General.SelfTest
General.Attribution GroupSID @
General.NewSession *
General.Acknowledge * RotationId!
LocalGroup.List
LocalGroup.MemberList GroupSID|GroupNameB64
LocalGroup.AddMember * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalGroup.RemoveMember * GroupSID|GroupNameB64 MemberSID|MemberNameB64!
LocalUser.List
LocalUser.Get @!
LocalUser.Create * UserNameB64! PropertyKey PropertyValuesB64
LocalUser.Delete * @! PropertyKey PropertyValuesB64
LocalUser.Enable * @!
LocalUser.Disable * @! PropertyKey PropertyValuesB64
LocalUser.Unlock * @!
LocalUser.SetProperty * @! PropertyKey! PropertyValuesB64!
LocalUser.Rename * @! PropertyKey PropertyValuesB64!
LocalUser.SetPassword * @! EncryptedPassword!
LocalUser.RotatePassword * @! PublicKey! RotationId! PropertyKey PropertyValuesB64
'@
$Parameters = @{
	Target='word';Action='word';SimpleResult='switch';NoMeta='switch'
	GroupSID='SID';GroupNameB64='Base64';MemberSID='SID list';MemberNameB64='Base64 list'
	UserRID='RID';UserNameB64='Base64';PropertyKey='property list';PropertyValuesB64='Base64 list'
	EncryptedPassword='Base64';PublicKey='Base64 list';RotationId='token'
}
$Shapes = @{
	word='(?s).*'
	switch='True'
	SID='~-(0|[1-9][0-9]{0,9})|S-1-(0|[1-9][0-9]{0,14})(-(0|[1-9][0-9]{0,9})){1,15}'
	RID='[1-9][0-9]{0,9}'
	Base64='([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
	token='[A-Za-z0-9-]{1,64}'
	property='FullName|Description|PasswordNeverExpires|UserCannotChangePassword|PasswordNotRequired'
	'LocalUser.Delete'='Dependents'
	'LocalUser.Disable'='Dependents'
	'LocalUser.Rename'='Name|Dependents'
	'LocalUser.RotatePassword'='MinLength|MinDigits|MinUppercase|MinLowercase|MinSpecial|ExcludeChars|Words|Dependents'
}
function Get-ParameterName($Argument){$Parameters.Keys|Where-Object{Test-Same "-$_" $Argument}}
function Read-Argument($Arguments){
	for($at=0;$at -lt $Arguments.Count;$at++){
		$name=Get-ParameterName $Arguments[$at]
		if(-not $name){Fail 'an argument is not a parameter of the script, spelled out'}
		if($Given.Contains($name)){Fail "-$name is given twice"}
		$Given[$name]=$true
		if($Parameters[$name] -cne 'switch'){
			$at++
			if($at -ge $Arguments.Count -or (Get-ParameterName $Arguments[$at])){Fail "-$name has no value"}
			$Given[$name]=$Arguments[$at]
		}
		$name
	}
}
function Find-Rule{
	$target=if($Given['Target']){$Given.Target}else{'General'}
	$action=if($Given['Action']){$Given.Action}else{$DefaultAction}
	foreach($line in $Actions -split '\r?\n'){
		$name,$takes=$line -creplace '@','UserRID|UserNameB64' -split ' '
		if(Test-Same $name "$target.$action"){
			return @{Name=$name;Changes=$takes -ccontains '*';Takes=@($takes|Where-Object{$_ -cne '*'})}
		}
	}
}
function Assert-Command{
	if(-not $Rule){Fail "there is no action $($Given['Action']) of target $($Given['Target'])"}
	$takes="Target|Action|SimpleResult|NoMeta|$($Rule.Takes -join '|')" -creplace '!' -split '\|'
	foreach($name in $Names){
		if($takes -cnotcontains $name){Fail "$($Rule.Name) takes no -$name"}
		if(-not (Test-Shape $Parameters[$name] $Given[$name])){Fail "-$name is not a $($Parameters[$name])"}
	}
	foreach($need in $Rule.Takes -clike '*!'){
		$any=$need.TrimEnd('!') -split '\|'
		if(-not ($any|Where-Object{$Names -ccontains $_})){Fail "$($Rule.Name) needs -$($any -join ' or -')"}
	}
	if($Machine.ProductType -eq 2 -and $Rule.Name -cnotlike 'General.*'){
		Fail 'a domain controller has no local accounts or groups' domain-controller
	}
	if($Rule.Changes -and [double]$Machine.PS -lt 5.1){Fail "Windows PowerShell 5.1 is needed, this is $($Machine.PS)" unexpected}
}
function Test-Shape($Shape,$Value){
	if($Shape -ceq 'Base64' -and -not $Value){return $false}
	$kind=$Shape -creplace ' list'
	$items=if($kind -ceq $Shape){$Value}else{$Value -split ','}
	if($kind -ceq 'property' -and $Shapes[$Rule.Name]){$kind=$Rule.Name}
	foreach($item in $items){
		if($item -cnotmatch "^($($Shapes[$kind]))\z"){return $false}
		$numbers=if($kind -clike '?ID'){$item -creplace '^(S-1-[0-9]+|~)-' -split '-'}
		if($numbers|Where-Object{[double]$_ -gt 4294967295}){return $false}
	}
	$true
}
function Get-Text($Name){
	if($Names -cnotcontains $Name){return}
	foreach($item in $Given[$Name] -split ','){
		try{(New-Object Text.UTF8Encoding $false,$true).GetString([Convert]::FromBase64String($item))}
		catch [ArgumentException] {Fail "-$Name is not Base64 of UTF-8"}
	}
}
function Get-Property{
	$keys=@(if($Given['PropertyKey']){$Given.PropertyKey -split ','})
	$values=@(Get-Text PropertyValuesB64)
	if($keys.Count -ne $values.Count){Fail "$($keys.Count) properties and $($values.Count) values"}
	for($at=0;$at -lt $keys.Count;$at++){@{Key=$keys[$at];Value=$values[$at]}}
}
function Invoke-Management{
	param([string[]]$Arguments=@())
	Set-StrictMode -Version 2.0
	$ErrorActionPreference='Stop'
	$Started=Get-Now
	$Run=@{Changed=$false}
	$Given=@{}
	$Names=@()
	$Machine=$Rule=$data=$failure=$null
	$call=Get-Variable TrueupCall -ValueOnly -ErrorAction SilentlyContinue
	$isSensor=-not $call -and -not $Arguments
	$isPlain=$Arguments -contains '-SimpleResult'
	if(-not $call){$call=@{N=1;Of=1;Skip=$false;Refusal=$null}}
	$isBarred=$false
	$status,$script:ExitCode='ok',0
	try{
		$Machine=Get-Machine
		if($call.Refusal){throw $call.Refusal}
		$Names=@(Read-Argument $Arguments)
		$Rule=Find-Rule
		$isBarred=$Machine.Language -ne 'full' -and -not $isSensor -and
			-not ($isPlain -and $Rule -and -not $Rule.Changes)
		if($isBarred){Fail $Constrained constrained-language}
		if($call.Skip){$status='skipped'}
		else{
			Assert-Command
			if(-not (Test-Path "function:$($Rule.Name)")){. (Get-Library)}
			$data=& $Rule.Name
		}
	}
	catch{
		$status,$script:ExitCode,$found=if($call.Refusal){'refused',64,(New-Failure $call.Refusal bad-argument)}
		else{'failed',1,(Get-Failure $_)}
		$failure=New-Record code $found.Code message $found.Message '?native' $found.Native
	}
	$meta=if($Machine -and -not $isBarred){Get-Meta}
	$report=New-Record v 1 n $call.N of $call.Of '?meta' $meta status $status changed $Run.Changed '?data' $data '?error' $failure
	if($isSensor){$report=if($failure){New-Record v 1 error $failure}else{$data}}
	$text=Format-Json $report
	if($Machine -and $Machine.Language -eq 'full' -and -not $isSensor -and -not $isPlain){
		$text=[Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($text))
	}
	Write-Line $text
}
function Get-Library{
	$library=if($PSScriptRoot){Join-Path $PSScriptRoot 'expand_params.ps1'}
	if(-not $library -or -not (Test-Path -LiteralPath $library)){
		Fail "this text only reads: $($Rule.Name) needs expand_params.ps1 beside it"
	}
	$library
}
function Get-Meta{
	$action=if($Rule){$Rule.Name}
	$ms=[int]((Get-Now) - $Started).TotalMilliseconds
	if(-not $Given['NoMeta']){
		New-Record script $ScriptVersion computer $Machine.Name sid $Machine.Sid domain $Machine.Domain '?action' $action ms $ms
	}
	elseif($Rule -and $Rule.Changes){New-Record computer $Machine.Name sid $Machine.Sid}
}
if($MyInvocation.InvocationName -ne '.'){
	Invoke-Management -Arguments @($args)
	if(-not (Test-Path Variable:TrueupCall) -and $global:TrueupStuck){[Environment]::Exit($script:ExitCode)}
	exit $script:ExitCode
}

param([string]$EncodedCommand)
function Get-LanguageMode{$ExecutionContext.SessionState.LanguageMode}
function Get-ProcessBitness{8 * [IntPtr]::Size}
function Get-SystemBitness{if([Environment]::Is64BitOperatingSystem){64}else{32}}
function Get-Shell{
	$folder=if(Test-Path -LiteralPath "$env:SystemRoot\Sysnative"){'Sysnative'}else{'System32'}
	"$env:SystemRoot\$folder\WindowsPowerShell\v1.0\powershell.exe"
}
function Start-Shell([string]$Path,[string[]]$Words){
	& $Path @Words|ForEach-Object{[Console]::Out.WriteLine($_)}
	$LASTEXITCODE
}
function Invoke-Script([string[]]$Words){
	$global:LASTEXITCODE=1
	& (Join-Path $PSScriptRoot 'secureone_management.ps1') @Words|Out-Host
	$global:LASTEXITCODE
}
function ConvertFrom-Parameter([string]$Value){
	if($Value.Length -gt 32767){throw 'the parameter is longer than 32767 characters'}
	$wrong='the parameter is not Base64 of UTF-8 text'
	if($Value -cmatch '%(?![0-7][0-9A-Fa-f])'){throw $wrong}
	$plain=[uri]::UnescapeDataString($Value).Trim([char[]]" `t`r`n")
	if($plain -cmatch '^Get-Date\z'){return $plain}
	if($plain.Length % 4 -or $plain -cnotmatch '^[A-Za-z0-9+/]+={0,2}\z'){throw $wrong}
	try{(New-Object Text.UTF8Encoding $false,$true).GetString([Convert]::FromBase64String($plain))}
	catch{throw $wrong}
}
function Read-Command([string]$Text){
	if($Text -match '^[ \t\r\n]*Get-Date[ \t\r\n]*\z'){
		return,@(,@('-Target','General','-Action','SelfTest'))
	}
	Assert-Pattern $Text
	$commands=Read-Tree $Text
	if($commands.Count -eq 0){throw 'there is no command'}
	if($commands.Count -gt 64){throw 'there are more than 64 commands'}
	,$commands
}
function Assert-Pattern([string]$Text){
	$quote="['\u2018-\u201b]"
	$word="(?>[A-Za-z0-9_.~+/=-]+|$quote(?>[^'\u2018-\u201b\0]|$quote{2})*$quote)"
	$command="(?>\.\\[A-Za-z_]+\.[Pp][Ss]1(?>[ \t]+$word)*)"
	$found=[regex]::Match($Text,"^(?>[ \t\r\n;]*$command[ \t]*(?=[\r\n;]|\z))*[ \t\r\n;]*").Length
	if($found -lt $Text.Length){throw "what begins at character $($found + 1) is more than a command with constants"}
}
function Read-Tree([string]$Text){
	$tokens=$null
	$errors=$null
	$tree=[Management.Automation.Language.Parser]::ParseInput($Text,[ref]$tokens,[ref]$errors)
	if($errors.Count){throw 'PowerShell finds an error in the text'}
	$listed='Generic','Identifier','Number','Parameter','StringLiteral','NewLine','Semi','EndOfInput'
	foreach($token in $tokens){
		if($listed -cnotcontains [string]$token.Kind){throw "$($token.Kind) is not of a command with constants"}
	}
	if($tree.ParamBlock -or $tree.DynamicParamBlock -or $tree.BeginBlock -or $tree.ProcessBlock -or
		$tree.EndBlock.Traps -or $tree.ScriptRequirements){throw 'the text is more than commands'}
	$commands=@()
	foreach($statement in $tree.EndBlock.Statements){
		if($statement.GetType().Name -cne 'PipelineAst' -or $statement.PipelineElements.Count -ne 1){
			throw 'a statement is not a command alone'
		}
		$command=$statement.PipelineElements[0]
		if($command.GetType().Name -cne 'CommandAst' -or $command.InvocationOperator -cne 'Unknown' -or
			$command.Redirections.Count){throw 'a statement is not a plain command'}
		$commands+=,(Read-Word $command.CommandElements)
	}
	,$commands
}
function Read-Word($Elements){
	$script='.\secureone_management.ps1'
	if(-not [string]::Equals($Elements[0].Extent.Text,$script,[StringComparison]::OrdinalIgnoreCase)){
		throw "a command does not start with $script"
	}
	for($at=1;$at -lt $Elements.Count;$at++){
		if($Elements[$at].Extent.StartOffset -eq $Elements[$at - 1].Extent.EndOffset){throw 'two words touch'}
	}
	$words=@()
	for($at=1;$at -lt $Elements.Count;$at++){
		$name=Get-ConstantName $Elements[$at]
		if($words -ccontains "-$name"){throw "-$name is given twice"}
		$words+="-$name"
		if('SimpleResult','NoMeta' -cnotcontains $name){
			$at++
			if($at -ge $Elements.Count){throw "-$name has no value"}
			$words+=Get-ConstantValue $Elements[$at] $name
		}
	}
	,$words
}
function Get-ConstantName($Element){
	$text=$Element.Extent.Text
	if($Element.GetType().Name -ceq 'CommandParameterAst' -and $text -cmatch '^-[A-Za-z0-9]+\z'){
		foreach($name in 'Target','Action','SimpleResult','NoMeta','GroupSID','GroupNameB64','MemberSID',
			'MemberNameB64','UserRID','UserNameB64','PropertyKey','PropertyValuesB64','EncryptedPassword','PublicKey',
			'RotationId'){
			if($text -eq "-$name"){return $name}
		}
	}
	throw 'an argument is not a parameter of the script, spelled out'
}
function Get-ConstantValue($Element,[string]$Name){
	$kind=$Element.GetType().Name
	if('ConstantExpressionAst','StringConstantExpressionAst' -cnotcontains $kind){throw "-$Name has no constant value"}
	$value=$Element.Extent.Text
	if($value -cnotmatch '^(?:[A-Za-z~][A-Za-z0-9_.~+/=-]*|[0-9]{1,10})\z'){
		if($kind -ceq 'ConstantExpressionAst' -or $Element.StringConstantType -cne 'SingleQuoted'){
			throw "the value of -$Name needs single quotes"
		}
		$value=$Element.Value
	}
	if($value -cmatch '^-'){throw "the value of -$Name starts with a hyphen"}
	$value
}
function Invoke-Package([string]$Value,$More){
	Set-StrictMode -Version 2.0
	$ErrorActionPreference='Stop'
	if((Get-LanguageMode) -ne 'FullLanguage'){
		'{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":"constrained-language","message":' +
			'"PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy."}}'
		$script:PackageExit=1
		return
	}
	try{
		if($null -ne $More -and @($More).Count){throw 'there is more than one parameter'}
		$text=ConvertFrom-Parameter $Value
		$commands=Read-Command $text
	}
	catch{
		$script:PackageExit=64
		Write-Refusal $_.Exception.Message
		return
	}
	$script:PackageExit=1
	try{
		if((Get-ProcessBitness) -lt (Get-SystemBitness) -and -not $env:TRUEUP_RESTARTED){Restart-Package $text}
		else{Invoke-CommandList $commands}
	}
	catch{[Console]::Out.WriteLine("not run to its end: $($_.Exception.Message)")}
}
function Restart-Package([string]$Text){
	$value=[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text))
	$env:TRUEUP_RESTARTED='1'
	try{
		$script:PackageExit=Start-Shell (Get-Shell) '-NoProfile','-NonInteractive','-ExecutionPolicy','Bypass','-File',
			$PSCommandPath,$value
	}
	finally{Remove-Item -LiteralPath Env:\TRUEUP_RESTARTED}
}
function Invoke-CommandList($Commands){
	$failed=$false
	for($at=0;$at -lt $Commands.Count;$at++){
		$TrueupCall=@{N=$at + 1;Of=$Commands.Count;Skip=$failed;Refusal=$null}
		if((Invoke-Script $Commands[$at]) -ne 0){$failed=$true}
	}
	$script:PackageExit=[int]$failed
}
function Write-Refusal([string]$Message){
	$TrueupCall=@{N=1;Of=1;Skip=$false;Refusal=$Message}
	try{$null=Invoke-Script @()}
	catch{[Console]::Out.WriteLine("refused: $Message; not reported: $($_.Exception.Message)")}
}
if($false){
	filter Assert-Ours{} filter ConvertTo-LongSid{} filter ConvertTo-ShortSid{} filter Fail{} filter Find-Given{}
	filter Find-Group{} filter Find-User{} filter Format-Json{} filter Format-Time{} filter Get-CimRow{} filter Get-Entry{}
	filter Get-Failure{} filter Get-Journal{} filter Get-MemberTable{} filter Get-Now{} filter Get-PoolRow{}
	filter Get-Property{} filter Get-SamComputer{} filter Get-SamGroup{} filter Get-SamPolicy{} filter Get-SamUser{}
	filter Get-Sorted{} filter Get-StateName{} filter Get-SystemFolder{} filter Get-Text{} filter Get-User{}
	filter Get-UserTable{} filter New-Record{} filter Read-State{} filter Test-Near{} filter Test-Same{}
	filter Test-StateFolder{}
}
function Wait-Second($Count){Start-Sleep $Count}
function Add-SamMember($Group,$Sid){$Group.Entry.Add("WinNT://$Sid")}
function Remove-SamMember($Group,$Sid){$Group.Entry.Remove("WinNT://$Sid")}
function New-SamUser($Name,$Password){
	$entry=(Get-SamComputer).Create('User',$Name)
	$entry.SetPassword($Password)
	foreach($time in 1,2){
		$entry.Put('UserFlags',0x203)
		$entry.SetInfo()
	}
}
function Remove-SamUser($User){(Get-SamComputer).Delete('User',$User.Name)}
function Rename-SamUser($User,$NewName){$User.Entry.psbase.Rename($NewName)}
function Set-SamUser($User,$Property,$Value){
	if($Property -eq 'UserFlags' -and ($User.UserFlags -band -bnot $Value -band 0x10)){$User.Entry.psbase.InvokeSet('IsAccountLocked',$false)}
	else{$User.Entry.Put($Property,$Value)}
	$User.Entry.SetInfo()
}
function Set-SamPassword($User,$Password){
	$User.Entry.SetPassword($Password)
	Wait-Second 2
}
function New-RsaKey($Parameters){
	try{$key=New-Object Security.Cryptography.RSACng 2048}catch{Fail 'RSACng is missing: .NET Framework is older than 4.6' crypto}
	if($Parameters){$key.ImportParameters($Parameters)}
	$key
}
function Get-RandomByte($Count){
	$bytes=New-Object byte[] $Count
	[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
	,$bytes
}
$Lock = @{}
function Lock-State{
	if(-not (Test-StateFolder)){
		$access=New-Object Security.AccessControl.DirectorySecurity
		$access.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
		$null=[IO.Directory]::CreateDirectory($StateFolder,$access)
		$null=Test-StateFolder
	}
	for($n=1;-not $Lock.Count;$n++){
		try{$Lock.File=[IO.File]::Open("$StateFolder\lock",'OpenOrCreate','Write','None')}
		catch{if($n -gt 60){throw};Wait-Second 1}
	}
}
function Write-State($Name,$Text){
	Lock-State
	$path="$StateFolder\$Name.json"
	$bytes=[Text.Encoding]::ASCII.GetBytes($Text)
	$file=[IO.File]::Create("$path.new")
	$file.Write($bytes,0,$bytes.Length)
	$file.Flush($true)
	$file.Close()
	if(Test-Path $path){
		Remove-Aside $path
		[IO.File]::Replace("$path.new",$path,"$path.old")
	}
	else{[IO.File]::Move("$path.new",$path)}
	$file=[IO.File]::OpenWrite($path)
	$file.Flush($true)
	$file.Close()
	Remove-Aside $path
}
function Remove-Aside($Path){if(Test-Path "$Path.old"){Remove-Item "$Path.old"}}
function Remove-State($Name){
	$path="$StateFolder\$Name.json"
	Remove-Aside $path
	if(Test-Path $path){Remove-Item $path}
}
function Get-TaskRow{
	$root="$(Get-SystemFolder)\Tasks"
	$find="//*[local-name()='LogonType'][contains(.,'Password')]/../*[local-name()='UserId']"
	foreach($file in Get-ChildItem -LiteralPath $root -Recurse -File){
		$user=Select-Xml -LiteralPath $file.FullName -XPath $find -ErrorAction SilentlyContinue
		if($user){@{Path=$file.FullName.Substring($root.Length);UserId=$user.Node.InnerText}}
	}
}
function Get-SecurityEvent($Ids,$Seconds){
	$end=(Get-Now).AddSeconds($Seconds)
	$query=New-Object Diagnostics.Eventing.Reader.EventLogQuery 'Security','LogName',
		"*[System[(EventID=$($Ids -join ' or EventID=')) and TimeCreated[timediff(@SystemTime)<=2592000000]]]"
	$query.ReverseDirection=$true
	$reader=New-Object Diagnostics.Eventing.Reader.EventLogReader $query
	while($true){
		$left=$end - (Get-Now)
		if($left.Ticks -le 0){Fail 'the Security log was not read in time' timeout}
		$record=$reader.ReadEvent($left)
		if(-not $record){return}
		$data=@{}
		foreach($field in ([xml]$record.ToXml()).Event.EventData.Data){$data[$field.Name]=$field.InnerText}
		@{Id=$record.Id;Time=$record.TimeCreated.ToUniversalTime();Data=$data}
	}
}
function Invoke-Change($Change){
	try{
		$null=& $Change
		$Run.Changed=$true
	}
	catch{
		$failure=Get-Failure $_
		if($failure.Code -ceq 'unchanged'){return}
		if($failure.Code -ceq 'password-policy'){
			$policy=try{Get-SamPolicy}catch{@{}}
			$rules='MinLength','History','MinAgeDays','MaxAgeDays'|Where-Object{$null -ne $policy[$_]}|ForEach-Object{"$_ $($policy[$_])"}
			$failure.Message='the password was refused' + $(if($rules){"; here $($rules -join ', ')"})
		}
		throw $failure
	}
}
function LocalGroup.AddMember{
	$group=Find-Group
	$users=Get-UserTable
	$wanted=@(Get-MemberSid)
	foreach($sid in $wanted){
		if($sid -clike '~*' -and -not $users[$sid]){Fail "there is no local account $sid" 1387}
		if($sid -clike 'S-1-5-32-*'){Fail "$sid is a local group and cannot be a member" 1388}
	}
	foreach($name in Get-Text MemberNameB64){
		$user=Find-User $name
		if(-not $user){Fail "there is no local account $name" 1332}
		$wanted+="~-$($user.Rid)"
	}
	$present=Get-MemberTable $group
	$added=@($wanted|Select-Object -Unique|Where-Object{-not $present[$_]})
	foreach($sid in $added){Invoke-Change{Add-SamMember $group (ConvertTo-LongSid $sid)}}
	New-Record group (ConvertTo-ShortSid $group.Sid) members $added
}
function LocalGroup.RemoveMember{
	$group=Find-Group
	$leaving=@(Get-MemberSid)
	$leaving+=@(Get-Text MemberNameB64|ForEach-Object{Find-User $_}|ForEach-Object{"~-$($_.Rid)"})
	$present=Get-MemberTable $group
	$removed=@(Get-Sorted $present|ForEach-Object{$_.Parts[1]}|Where-Object{$leaving -ccontains $_})
	if($group.Sid -ceq $Administrators){
		if($leaving -ccontains '~-500'){Fail 'the built-in Administrator cannot leave Administrators' 1371}
		Assert-Administrator $removed
	}
	foreach($sid in $removed){Invoke-Change{Remove-SamMember $group (ConvertTo-LongSid $sid)}}
	New-Record group (ConvertTo-ShortSid $group.Sid) members $removed
}
function Get-MemberSid{if($Given['MemberSID']){ConvertTo-ShortSid ($Given.MemberSID -split ',')}}
function Assert-Administrator($Leaving){
	$users=Get-UserTable
	$members=@{}
	Get-SamGroup|Where-Object{$_.Sid -ceq $Administrators}|ForEach-Object{$members=Get-MemberTable $_}
	$able=@($members.Keys|Where-Object{
			if($_ -clike '~*'){$users[$_] -and -not ($users[$_].UserFlags -band 0x12)}
			else{$members[$_].Parts[3] -cne 'x' -or $_ -clike 'S-1-12-1-*'}
		})
	if($able -and -not ($able|Where-Object{$Leaving -cnotcontains $_})){
		Fail 'nobody would be left who can administer this machine' 1322
	}
}
function LocalUser.Create{
	$name=Get-Text UserNameB64
	$user=Find-User $name
	if($user){return New-Record rid $user.Rid}
	Assert-Name $name
	$null=Get-Wanted @{UserFlags=0}
	try{
		Invoke-Change{New-SamUser $name (New-Password @{MinLength=64} $name)}
		Edit-User{Get-Wanted $user}
	}
	catch{
		if((Get-Failure $_).Code -cne 'exists'){Find-User $name|ForEach-Object{Remove-SamUser $_}}
		$Run.Changed=$false
		throw
	}
}
function LocalUser.Delete{
	$user=Find-Given
	if(-not $user){return New-Record}
	if($user.Rid -lt 1000){Fail "$($user.Name) is one of Windows' own accounts" 1371}
	Assert-Ours $user
	Assert-Administrator "~-$($user.Rid)"
	Assert-Idle $user (Get-Given).Dependents
	Invoke-Change{Remove-SamUser $user}
	New-Record rid $user.Rid
}
function LocalUser.Enable{Edit-User{@{UserFlags=$user.UserFlags -band -bnot 2}}}
function LocalUser.Disable{Edit-User{@{UserFlags=$user.UserFlags -bor 2}}}
function LocalUser.Unlock{Edit-User{@{UserFlags=$user.UserFlags -band -bnot 0x10}}}
function LocalUser.SetProperty{Edit-User{Get-Wanted $user}}
function LocalUser.Rename{
	if(-not $Given['PropertyKey']){$Given.PropertyKey='Name'}
	$to=(Get-Given)['Name']
	if($null -eq $to){Fail 'Rename takes one new name'}
	Edit-User{
		if(-not (Test-Same $user.Name $to)){Assert-Name $to}
		@{Name=$to}
	}
}
function Edit-User($Change){
	$user=Get-User
	$wanted=& $Change
	foreach($key in $wanted.Keys|Sort-Object){
		$value=$wanted[$key]
		if([string]::CompareOrdinal($user.$key,$value) -eq 0){continue}
		Assert-Ours $user
		$isDisabling=$key -ceq 'UserFlags' -and ($value -band -bnot $user.UserFlags -band 2)
		if($isDisabling){Assert-Administrator "~-$($user.Rid)"}
		if($isDisabling -or ($key -ceq 'Name' -and -not (Test-Same $user.Name $value))){Assert-Idle $user (Get-Given).Dependents}
		Invoke-Change{if($key -ceq 'Name'){Rename-SamUser $user $value}else{Set-SamUser $user $key $value}}
	}
	New-Record rid $user.Rid
}
function Get-Given{
	$values=@{Dependents='refuse'}
	foreach($property in Get-Property){$values[$property.Key]=$property.Value}
	$values
}
function Get-Wanted($User){
	$bits=@{PasswordNeverExpires=0x10000;UserCannotChangePassword=0x40;PasswordNotRequired=0x20}
	$wanted=@{UserFlags=$User.UserFlags}
	foreach($property in Get-Property){
		$key=$property.Key
		$value=$property.Value
		$bit=$bits[$key]
		if(-not $bit){
			if($value.Length -gt 256){Fail "$key is longer than 256 characters"}
			$wanted[$key]=$value
		}
		elseif(Test-Same $value true){$wanted.UserFlags=$wanted.UserFlags -bor $bit}
		elseif(Test-Same $value false){$wanted.UserFlags=$wanted.UserFlags -band -bnot $bit}
		else{Fail "$key is True or False"}
	}
	$wanted
}
function Assert-Name($Name){
	if($Name.Length -gt 20 -or $Name -cmatch '["/\\[\]:;|=,+*?<>@\p{Cc}]|^[. ]*\z'){
		Fail 'an account has 1 to 20 characters, none of "/\[]:;|=,+*?<>@, and not only dots' 2202
	}
	if(Find-User $Name){Fail "there is an account $Name already" 2224}
	if(Get-SamGroup|Where-Object{Test-Same $_.Name $Name}){Fail "$Name is a group" 1379}
}
$KeyParts = 'Modulus', 'Exponent', 'D', 'P', 'Q', 'DP', 'DQ', 'InverseQ'
function Import-Key($Text){
	$key=New-Object Security.Cryptography.RSAParameters
	$at=0
	foreach($part in $Text -split ','){$key.($KeyParts[$at++])=[Convert]::FromBase64String($part)}
	New-RsaKey $key
}
function Get-Cipher([byte[]]$Keys,[byte[]]$Iv){
	$aes=[Security.Cryptography.Aes]::Create()
	$aes.Key=$Keys[0..31]
	$aes.IV=$Iv
	$mac=New-Object Security.Cryptography.HMACSHA256
	$mac.Key=$Keys[32..63]
	$aes,$mac
}
function Protect-Text($Text,$Key){
	$oaep=[Security.Cryptography.RSAEncryptionPadding]::OaepSHA256
	$plain=[Text.Encoding]::UTF8.GetBytes($Text)
	if($plain.Length -le 190){return [Convert]::ToBase64String($Key.Encrypt($plain,$oaep))}
	$keys=Get-RandomByte 64
	$iv=Get-RandomByte 16
	$aes,$mac=Get-Cipher $keys $iv
	[byte[]]$body=$iv + $aes.CreateEncryptor().TransformFinalBlock($plain,0,$plain.Length)
	[Convert]::ToBase64String([byte[]]($Key.Encrypt($keys,$oaep) + $body + $mac.ComputeHash($body)))
}
function Unprotect-Text($Box,$Key){
	$bytes=[Convert]::FromBase64String($Box)
	$plain=$Key.Decrypt([byte[]]$bytes[0..255],[Security.Cryptography.RSAEncryptionPadding]::OaepSHA256)
	if($bytes.Length -ne 256){
		[byte[]]$body=$bytes[256..($bytes.Length - 33)]
		$aes,$mac=Get-Cipher $plain $body[0..15]
		$sum=$mac.ComputeHash($body)
		$differ=0
		foreach($at in 0..31){$differ=$differ -bor ($sum[$at] -bxor $bytes[256 + $body.Length + $at])}
		if($differ){throw 'the sum differs'}
		$plain=$aes.CreateDecryptor().TransformFinalBlock($body,16,$body.Length - 16)
	}
	(New-Object Text.UTF8Encoding $false,$true).GetString($plain)
}
function Get-RandomItem($Items){
	$count=$Items.Count
	do{$byte=(Get-RandomByte 1)[0]}while($byte -ge 256 - 256 % $count)
	$Items[$byte % $count]
}
function New-Password($Demands,$Avoid){
	$wanted=@{MinLength=20;MinDigits=3;MinUppercase=3;MinLowercase=3;MinSpecial=3;ExcludeChars=''}
	foreach($key in $Demands.Keys){$wanted[$key]=$Demands[$key]}
	$out=[int[]]$wanted.ExcludeChars.ToCharArray()
	$read={
		param($Key)
		if("$($wanted[$Key])" -cnotmatch '^[0-9]{1,3}\z'){Fail "$Key is not a number"}
		[int]$wanted[$Key]
	}
	$classes=@('MinDigits',(48..57)),@('MinUppercase',(65..90)),@('MinLowercase',(97..122)),
		@('MinSpecial',((33..47) + (58..64) + (91..96) + (123..126)))
	$isPhrase=$wanted.Contains('Words')
	if($isPhrase){
		$count=& $read Words
		if($count -lt 3 -or $count -gt 12){Fail 'a passphrase has 3 to 12 words'}
		$word='BDFGHJKMNPRSTVWZ','aeiou','bdfghjkmnprstvwz','aeiou','bdfghjkmnprstvwz','-'
		$classes=foreach($chars in $word * $count + @('0123456789') * 2){,@('Words',[int[]]$chars.ToCharArray())}
	}
	$places=@()
	$all=@()
	foreach($class in $classes){
		$key,$chars=$class
		$count=if($isPhrase){1}else{& $read $key}
		$chars=@($chars|Where-Object{$out -notcontains $_})
		if($count -and -not $chars){Fail "$key asks for characters that are excluded"}
		for(;$count;$count--){$places+=,$chars}
		$all+=$chars
	}
	$length=[Math]::Max($places.Count,(& $read MinLength))
	if($length -lt 8 -or $length -gt 127){Fail 'a password has 8 to 127 characters'}
	if(-not $all){Fail 'every character is excluded'}
	if($isPhrase -and $places.Count -lt $length){Fail "so many words have $($places.Count) characters, fewer than MinLength"}
	while($places.Count -lt $length){$places+=,$all}
	$parts=@($Avoid) + @($Avoid -split '[,.\-_ #\t]')|Where-Object{$_.Length -ge 3}|ForEach-Object{$_.ToUpperInvariant()}
	foreach($try in 1..100){
		$left=@(foreach($chars in $places){Get-RandomItem $chars})
		for($last=$length - 1;$last -gt 0 -and -not $isPhrase;$last--){
			$at=Get-RandomItem (0..$last)
			$left[$at],$left[$last]=$left[$last],$left[$at]
		}
		$password=-join [char[]]$left
		if(-not ($parts|Where-Object{$password.ToUpperInvariant().Contains($_)})){return $password}
	}
	Fail 'these demands leave no password without a part of the name'
}
function General.NewSession{
	$key=(New-RsaKey).ExportParameters($true)
	$parts=foreach($part in $KeyParts){[Convert]::ToBase64String($key.$part)}
	Invoke-Change{Save-Session ($parts -join ',') ''}
	New-Record publicKey ($parts[0..1] -join ',')
}
function Save-Session($Key,$Done){Write-State session (Format-Json (New-Record v 1 key $Key done $Done))}
function LocalUser.SetPassword{
	$user=Get-User
	Assert-Ours $user
	if("$(Read-State session)" -cnotmatch '"key":"([^"]+)","done":"([^"]*)"'){Fail 'there is no session key on this device' crypto}
	$key=$Matches[1]
	$done=$Matches[2]
	$box=$Given.EncryptedPassword
	$password=try{Unprotect-Text $box (Import-Key $key)}catch{$null}
	if(-not $password){Fail 'the password is not sealed to the key of this session' crypto}
	$bytes=[Text.Encoding]::ASCII.GetBytes("$($user.Rid) $box")
	$mark=[Convert]::ToBase64String([Security.Cryptography.SHA256]::Create().ComputeHash($bytes))
	if($done -split ',' -cnotcontains $mark){
		Invoke-Change{Set-SamPassword $user $password}
		Save-Session $key "$done,$mark"
	}
	New-Record rid $user.Rid set (Format-Time (Get-User).PasswordSet)
}
function LocalUser.RotatePassword{
	Lock-State
	$user=Get-User
	$id=$Given.RotationId
	$name="rotation-$($user.Rid)-$id"
	$entry=Get-Entry $name
	$others=@(Get-Journal $user.Rid @(Get-StateName)|Where-Object{$_.id -cne $id})
	if(-not $entry){
		$entry=@{Name=$name;rid=$user.Rid;id=$id;a=0;st='new';was=$user.PasswordSet;set=$null;env=@();ack=$false}
	}
	if($entry.st -ceq 'made'){
		if($others -and $others[0].made -gt $entry.made){Fail "rotation $id was overtaken by $($others[0].id)" journal}
		$set=$user.PasswordSet
		if($set -and -not (Test-Near $set $entry.was)){
			$late=($set - $entry.made).TotalSeconds
			if($late -ge -1.5 -and $late -le 60){Complete-Entry $entry $set}
		}
	}
	if($entry.st -cne 'set'){
		Set-NewPassword $user $entry $others
		$others|Select-Object -Skip 9|ForEach-Object{Remove-State $_.Name}
		foreach($other in $others|Select-Object -First 9|Where-Object{$_.ack -and $_.env}){
			$other.env=@()
			Save-Entry $other
		}
	}
	New-Record rid $user.Rid id $id attempt $entry.a set (Format-Time $entry.set) envelopes $entry.env
}
function Set-NewPassword($User,$Entry,$Others){
	$demands=Get-Given
	Assert-Ours $User
	Assert-Idle $User $demands.Dependents
	$key=try{Import-Key $Given.PublicKey}catch{if((Get-Failure $_).Code -ceq 'crypto'){throw}}
	if(-not $key -or $key.KeySize -ne 2048){Fail '-PublicKey is not a modulus of 2048 bits and an exponent'}
	$past=if($User.PasswordSet){((Get-Now) - $User.PasswordSet).TotalSeconds}else{0}
	if($past -ge 0 -and $past -le 3){Wait-Second ([int](4 - $past))}
	for($try=1;$true;$try++){
		$password=New-Password $demands $User.Name,$User.FullName
		$Entry.a++
		$Entry.st='made'
		$Entry.made=Get-Now
		if($Others -and $Others[0].made -gt $Entry.made.AddSeconds(-1)){$Entry.made=$Others[0].made.AddSeconds(1)}
		$Entry.env+=New-Record a $Entry.a alg RSA-OAEP-256 box (Protect-Text $password $key)
		Save-Entry $Entry
		try{
			Invoke-Change{Set-SamPassword $User $password}
			break
		}
		catch{if($try -eq 2 -or (Get-Failure $_).Code -cne 'password-policy'){throw}}
	}
	Complete-Entry $Entry (Get-UserTable)["~-$($User.Rid)"].PasswordSet
}
function Assert-Idle($User,$Dependents){
	if('refuse','ignore' -cnotcontains $Dependents){Fail 'Dependents is refuse or ignore'}
	if($Dependents -ceq 'ignore'){return}
	$found=Get-Use $User 3
	$use=$found.Uses[0]
	$held=@('services','tasks','pools'|Where-Object{$use[$_]}|ForEach-Object{"$_ $($use[$_] -join ', ')"})
	if($held){Fail "$($User.Name) is in use: $($held -join '; ')" in-use}
	if(-not $found.Complete){Fail "what uses $($User.Name) could not be asked" in-use}
}
function Complete-Entry($Entry,$Set){
	$Entry.st='set'
	$Entry.set=if($Set){$Set}else{$Entry.made}
	Save-Entry $Entry
}
function Save-Entry($Entry){
	$record=New-Record v 1 rid $Entry.rid id $Entry.id a $Entry.a st $Entry.st was (Format-Time $Entry.was) `
		made (Format-Time $Entry.made) set (Format-Time $Entry.set) env $Entry.env ack $Entry.ack
	Write-State $Entry.Name (Format-Json $record)
}
function General.Acknowledge{
	$id=$Given.RotationId
	$entries=@(Get-StateName|Where-Object{$_ -cmatch "^rotation-[0-9]+-$id\z"}|ForEach-Object{Get-Entry $_})
	$set=@($entries|Where-Object{$_.st -ceq 'set'})
	if($entries -and -not $set){Fail "rotation $id is not set yet" journal}
	foreach($entry in $set|Where-Object{-not $_.ack}){
		$entry.ack=$true
		Invoke-Change{Save-Entry $entry}
	}
	New-Record id $id rids @($set|ForEach-Object{$_.rid}|Sort-Object)
}
function Get-Use($Users,$Kinds=5){
	$complete=$true
	$asks=@(
		{Get-CimRow Win32_Service|ForEach-Object{,('services',$_.StartName,$_.Name)}}
		{Get-TaskRow|ForEach-Object{,('tasks',$_.UserId,$_.Path)}}
		{Get-PoolRow|ForEach-Object{,('pools',$_.User,$_.Name)}}
		{Get-CimRow Win32_UserProfile|Where-Object{$_.Loaded}|ForEach-Object{,('profile',$_.SID,1)}}
		{
			$people=@(Get-CimRow Win32_LogonSession|Where-Object{2,10,11 -contains $_.LogonType}|ForEach-Object{"$($_.LogonId)"})
			Get-CimRow Win32_LoggedOnUser|Where-Object{$people -contains $_.Dependent.LogonId}|
				ForEach-Object{,('sessions',"$($_.Antecedent.Domain)\$($_.Antecedent.Name)",$_.Dependent.LogonId)}
		}
	)
	$rows=@(foreach($ask in $asks|Select-Object -First $Kinds){try{& $ask}catch{$complete=$false}})
	$uses=foreach($user in $Users|Sort-Object{$_.Rid}){
		$names=$user.Name,".\$($user.Name)","$($Machine.Name)\$($user.Name)","$($Machine.Sid)-$($user.Rid)"
		$use=@{rid=$user.Rid;idle=$true}
		foreach($kind in 'services','tasks','pools','sessions','profile'){
			$set=@{}
			foreach($row in $rows){if($row[0] -ceq $kind -and $names -contains $row[1]){$set["$($row[2])"]=$row[2];$use.idle=$false}}
			$use[$kind]=@(Get-Sorted $set)
		}
		$use
	}
	@{Complete=$complete;Uses=@($uses)}
}
function General.Usage{
	if($Machine.ProductType -eq 2){return New-Record complete $true accounts @()}
	$isOne=$Given['UserRID'] -or $Given['UserNameB64']
	$found=Get-Use $(if($isOne){Get-User}else{Get-SamUser})
	New-Record complete $found.Complete accounts @($found.Uses|Where-Object{$isOne -or -not $_.idle}|ForEach-Object{
			New-Record rid $_.rid services $_.services tasks $_.tasks pools $_.pools sessions $_.sessions.Count profile ($_.profile.Count -gt 0)
		})
}
function General.Attribution{
	$sids=@(
		if($Given['GroupSID']){ConvertTo-ShortSid $Given['GroupSID']}
		if($Given['UserRID']){"~-$($Given['UserRID'])"}elseif($Given['UserNameB64']){"~-$((Get-User).Rid)"}
	)
	$complete=$true
	$events=@()
	try{
		Get-SecurityEvent (4720,4722,4724,4725,4726,4732,4733,4738,4781) 20|ForEach-Object{
			$data=$_.Data
			$target=ConvertTo-ShortSid "$($data['TargetSid'])"
			if($sids -and $sids -cnotcontains $target){return}
			$of=if(4732,4733 -contains $_.Id){'group',$target,'member',(ConvertTo-ShortSid "$($data['MemberSid'])")}else{'account',$target}
			@{Parts=@('id',$_.Id,'at',(Format-Time $_.Time),'by',(ConvertTo-ShortSid "$($data['SubjectUserSid'])"),
				'byName',"$($data['SubjectDomainName'])\$($data['SubjectUserName'])") + $of + '?name' + $data['NewTargetUserName']}
		}|Select-Object -First 51|ForEach-Object{$events+=$_}
	}
	catch{$complete=$false}
	New-Record complete ($complete -and $events.Count -le 50) events @($events|Select-Object -First 50)
}
if($MyInvocation.InvocationName -ne '.'){
	Invoke-Package $EncodedCommand $args
	if($global:TrueupStuck){[Environment]::Exit($script:PackageExit)}
	exit $script:PackageExit
}

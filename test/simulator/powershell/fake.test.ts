/** The SAM in memory by itself: it fails with the number that Windows has for it, where the scripts would not ask. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pwsh } from '../../endpoint/powershell.ts';

const fake = fileURLToPath(new URL('../../../src/simulator/powershell/fake.ps1', import.meta.url));

const machine = `
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
. '${fake}'
$sid = 'S-1-5-21-11-22-33'
$Fake = New-Fake @{
  machine = @{ Name = 'PC1'; Sid = $sid }
  now = '2026-03-02T09:00:00.700Z'
  nextRid = 1003
  users = @{ rid = 500; name = 'Administrator'; fullName = ''; description = ''; userFlags = 0x10201; expires = $null; passwordSet = $null },
    @{ rid = 1001; name = 'Ops'; fullName = ''; description = ''; userFlags = 0x211; expires = $null; passwordSet = $null },
    @{ rid = 1002; name = 'lapsadmin'; fullName = ''; description = ''; userFlags = 0x201; expires = $null; passwordSet = $null }
  groups = @{ sid = 'S-1-5-32-544'; name = 'Administrators'; members = @(@{ sid = "$sid-500"; kind = 'u'; name = $null }, @{ sid = "$sid-1001"; kind = 'u'; name = $null }) },
    @{ sid = 'S-1-5-32-555'; name = 'Remote'; members = @() }
  directory = @{ 'S-1-5-21-1-2-3-512' = @{ kind = 'g'; name = 'CORP\\Admins' } }
  policy = @{ MinLength = 8; Complexity = $true }
  laps = @{ mode = 'ad'; rid = 1002 }
}
$admins = @{ Sid = 'S-1-5-32-544' }
$ops = @{ Rid = 1001 }
`;

/** What each line answers: its output, or Windows' number where it throws. One machine for all, one after the other. */
function answers(lines: readonly string[]): string[] {
  const calls = lines.map(
    (line) => `
try { Write-Host (@(& { ${line} }) -join ' ') } catch {
  $at = $_.Exception
  while ($at.InnerException) { $at = $at.InnerException }
  Write-Host $(if ($at -is [Runtime.InteropServices.COMException]) { $at.HResult -band 0xffff } else { $at.Message })
}`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'trueup-fake-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, 'calls.ps1');
  writeFileSync(script, machine + calls.join('\n'));
  const given = ['-NoProfile', '-NonInteractive', '-File', script];
  const { stdout, stderr } = spawnSync(String(pwsh), given, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n');
}

function checkAll(table: readonly (readonly [line: string, answer: string])[]): void {
  const found = answers(table.map(([line]) => line));
  expect(table.map(([line], index) => [line, found[index]])).toEqual(table);
}

describe.skipIf(pwsh === null)('the SAM of fake.ps1', () => {
  it('knows members, and says which are none', () => {
    checkAll([
      ['Add-SamMember $admins "$sid-1001"', '1378'],
      ['Add-SamMember $admins "$sid-4711"', '1387'],
      ['Add-SamMember $admins S-1-5-32-545', '1388'],
      ['Add-SamMember @{ Sid = "S-1-5-32-999" } "$sid-1001"', '1376'],
      ['Add-SamMember $admins S-1-5-21-1-2-3-512', ''],
      ['Add-SamMember $admins S-1-5-21-9-9-9-9', ''],
      ['Get-SamMember $admins | % { "$($_.Kind):$($_.Name)" }', 'u: u: g:CORP\\Admins x:'],
      ['Remove-SamMember $admins S-1-5-21-8-8-8-8', '1377'],
      ['Remove-SamMember $admins "$sid-500"', '1371'],
      // Windows itself keeps nobody from taking the last one out.
      ['Remove-SamMember $admins "$sid-1001"', ''],
      ['(Get-SamMember $admins).Count', '3'],
    ]);
  });

  it('gives each account a RID of its own for ever, and a name to one', () => {
    checkAll([
      ['New-SamUser ops Correct-1-Horse', '2224'],
      ['New-SamUser administrators Correct-1-Horse', '1379'],
      ['New-SamUser "a@b" Correct-1-Horse', '2202'],
      ['New-SamUser new short', '2245'],
      ['New-SamUser new onlylowercase', '2245'],
      ['New-SamUser newcomer "1-NewComer-1"', '2245'],
      ['(Get-SamUser).Count', '3'],
      ['New-SamUser new Correct-1-Horse', '1003'],
      [
        'Get-SamUser | ? Rid -eq 1003 | % { $_.UserFlags -band 2; $_.PasswordSet.ToString("s") }',
        '2 2026-03-02T09:00:00',
      ],
      ['Add-SamMember $admins "$sid-1003"', ''],
      ['Remove-SamUser @{ Rid = 1003 }', ''],
      ['Remove-SamUser @{ Rid = 1003 }', '2221'],
      ['@(Get-SamMember $admins).Sid -contains "$sid-1003"', 'False'],
      ['New-SamUser new Correct-1-Horse', '1004'],
      ['Remove-SamUser @{ Rid = 500 }', '1371'],
      ['Rename-SamUser $ops LAPSADMIN', '2224'],
      ['Rename-SamUser $ops OPS', ''],
      ['(Get-SamUser)[1].Name', 'OPS'],
    ]);
  });

  it('locks only by itself, and keeps a password to whom it belongs', () => {
    checkAll([
      ['Set-SamUser $ops UserFlags 0x201', ''],
      ['(Get-SamUser)[1].UserFlags', '513'],
      ['Set-SamUser $ops UserFlags 0x213', ''],
      ['(Get-SamUser)[1].UserFlags', '515'],
      ['Set-SamUser $ops Password x', '87'],
      ['Set-SamPassword $ops Correct-1-Horse', ''],
      ['Set-SamPassword $ops short', '2245'],
      ['$Fake.State.users[1].password', 'Correct-1-Horse'],
      ['Set-SamPassword @{ Rid = 1002 } Correct-1-Horse', '8654'],
      ['Get-RegistryValue HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\LAPS BackupDirectory', '2'],
      [
        'Get-RegistryValue HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\LAPS AdministratorAccountName',
        'lapsadmin',
      ],
    ]);
  });

  it('fails as its state says, and has its own time', () => {
    checkAll([
      ['$Fake.State.deny = @("Get-SamGroup"); Get-SamGroup', '5'],
      ['$Fake.State.slow = @("Get-TaskRow"); Get-TaskRow', '1460'],
      ['$Fake.State.broken = @("Read-State"); Read-State x', 'Read-State is broken here'],
      ['$Fake.State.cim["Win32_Tpm"] = $null; Get-CimRow Win32_Tpm', '1460'],
      ['Get-CimRow Win32_Service', ''],
      ['$Fake.State.refuse = 1; Set-SamPassword $ops Correct-1-Horse', '2245'],
      ['Set-SamPassword $ops Correct-1-Horse', ''],
      ['Wait-Second 5; (Get-Now).ToString("s")', '2026-03-02T09:00:05'],
    ]);
  });
});

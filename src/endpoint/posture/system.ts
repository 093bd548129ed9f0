/** Posture of Windows itself: its version, its protection, and what it writes down. */
import { at, cis, inRow, microsoft, ofDevice, type PostureItem, page, policies, system } from './item.ts';

const defender = 'root/Microsoft/Windows/Defender';
const defenderPreference = { class: 'MSFT_MpPreference', namespace: defender };
const defenderStatus = { class: 'MSFT_MpComputerStatus', namespace: defender };
const deviceGuard = { class: 'Win32_DeviceGuard', namespace: 'root/Microsoft/Windows/DeviceGuard' };
const tpm = { class: 'Win32_Tpm', namespace: 'root/cimv2/Security/MicrosoftTpm' };
const systemVolume = {
  class: 'Win32_EncryptableVolume',
  namespace: 'root/cimv2/Security/MicrosoftVolumeEncryption',
  ofSystemDrive: true,
};

export const systemItems: readonly PostureItem[] = [
  {
    path: 'autorun.disabledDrives',
    readings: [at(`${microsoft}Windows\\CurrentVersion\\Policies\\Explorer`, 'NoDriveTypeAutoRun', 'integer')],
    meaning: 'kinds of drives without AutoPlay, as a bit mask; 255 is all of them',
    source: cis('Turn off Autoplay'),
  },
  {
    path: 'bitlocker.systemDrive',
    readings: [inRow(systemVolume, 'ProtectionStatus', '=1')],
    meaning: 'the system drive is encrypted and its key protected',
    source: page('windows/win32/secprov/win32-encryptablevolume'),
  },
  {
    path: 'defender.cloudProtection',
    readings: [inRow(defenderPreference, 'MAPSReporting', 'integer')],
    meaning: 'membership in Microsoft MAPS: 0 none, 1 basic, 2 advanced',
    source: cis('Join Microsoft MAPS'),
  },
  {
    path: 'defender.pua',
    readings: [inRow(defenderPreference, 'PUAProtection', 'integer')],
    meaning: 'potentially unwanted applications: 0 allowed, 1 blocked, 2 audited',
    source: cis('Configure detection for potentially unwanted applications'),
  },
  {
    path: 'defender.realTime',
    readings: [inRow(defenderStatus, 'RealTimeProtectionEnabled', 'flag')],
    meaning: 'Defender Antivirus watches files as they are used',
    source: cis('Turn off real-time protection'),
  },
  {
    path: 'defender.tamperProtection',
    readings: [inRow(defenderStatus, 'IsTamperProtected', 'flag')],
    meaning: 'the settings of Defender are locked against programs',
    source: page('defender-endpoint/prevent-changes-to-security-settings-with-tamper-protection'),
  },
  {
    path: 'eventlog.securityKB',
    readings: [at(`${policies}Windows\\EventLog\\Security`, 'MaxSize', 'integer')],
    meaning: 'size in KiB to which the Security log may grow',
    source: cis('Security: Specify the maximum log file size (KB)'),
  },
  {
    path: 'installer.alwaysElevated',
    readings: [at(`${policies}Windows\\Installer`, 'AlwaysInstallElevated', 'flag')],
    absent: 0,
    meaning: 'the machine half of the policy that installs packages of any user as SYSTEM',
    source: cis('Always install with elevated privileges'),
  },
  {
    path: 'os.build',
    readings: [ofDevice('build', 'text')],
    meaning: 'version and build of Windows',
    source: page('windows/release-health'),
  },
  {
    path: 'os.revision',
    readings: [at(`${microsoft}Windows NT\\CurrentVersion`, 'UBR', 'integer')],
    meaning: 'the last part of the build, which each update raises',
    source: page('windows/release-health'),
  },
  {
    path: 'powershell.scriptBlockLogging',
    readings: [at(`${policies}Windows\\PowerShell\\ScriptBlockLogging`, 'EnableScriptBlockLogging', 'flag')],
    absent: 0,
    meaning: 'every script block is written to the event log',
    source: cis('Turn on PowerShell Script Block Logging'),
  },
  {
    path: 'powershell.transcription',
    readings: [at(`${policies}Windows\\PowerShell\\Transcription`, 'EnableTranscripting', 'flag')],
    absent: 0,
    meaning: 'every session is written to a file',
    source: cis('Turn on PowerShell Transcription'),
  },
  {
    path: 'powershell.version',
    readings: [ofDevice('powershell', 'text')],
    meaning: 'version of Windows PowerShell',
    source: page('powershell/scripting/windows-powershell/install/windows-powershell-system-requirements'),
  },
  {
    path: 'secureBoot.enabled',
    readings: [at(`${system}Control\\SecureBoot\\State`, 'UEFISecureBootEnabled', 'flag')],
    meaning: 'the firmware starts signed loaders only',
    source: page('windows-hardware/design/device-experiences/oem-secure-boot'),
  },
  {
    path: 'smartscreen.enabled',
    readings: [at(`${policies}Windows\\System`, 'EnableSmartScreen', 'flag')],
    meaning: 'SmartScreen is turned on by policy',
    source: cis('Configure Windows Defender SmartScreen'),
  },
  {
    path: 'tpm.enabled',
    readings: [inRow(tpm, 'IsEnabled_InitialValue', 'flag')],
    meaning: 'there is a Trusted Platform Module, and it is enabled',
    source: page('windows/win32/secprov/win32-tpm'),
  },
  {
    path: 'update.automatic',
    readings: [at(`${policies}Windows\\WindowsUpdate\\AU`, 'NoAutoUpdate', 'inverted')],
    meaning: 'the policy leaves automatic updates on',
    source: cis('Configure Automatic Updates'),
  },
  {
    path: 'vbs.credentialGuard',
    readings: [inRow(deviceGuard, 'SecurityServicesRunning', '=1')],
    meaning: 'Credential Guard is running',
    source: cis('Turn On Virtualization Based Security: Credential Guard Configuration'),
  },
];

/**
 * The security settings of a machine that is kept as most are: what its release of Windows sets by itself, and what the
 * group policy of CORP adds. So a baseline finds something on it, and something else on a machine of another kind.
 */
import type { PostureItem } from '../../endpoint/posture/item.ts';
import { postureItems } from '../../endpoint/posture/items.ts';
import type { Row, Surroundings } from '../windows/state.ts';

/** Raw values by the path of their item, as Windows keeps them. */
type Settings = Readonly<Record<string, number | boolean>>;

type Kept = Pick<Surroundings, 'policy' | 'registry' | 'cim'>;

interface Kind {
  readonly release: { readonly build: string; readonly kind: 'workstation' | 'server' };
  readonly join: 'domain' | 'entra';
  readonly language: string;
}

export function settingsOf({ release, join, language }: Kind): Kept {
  const build = Number(release.build.split('.')[2]);
  return placed({
    ...windowsOwn,
    ...(release.kind === 'server' ? serversOwn(build) : workstationsOwn(build)),
    ...(join === 'domain' && groupPolicy),
    ...(join === 'domain' && release.kind === 'server' && serverPolicy),
    // Where nobody saw to it that drives are encrypted.
    ...(language === 'fr' && release.kind === 'workstation' && { 'bitlocker.systemDrive': 0 }),
  });
}

const windowsOwn: Settings = {
  'anonymous.restrictSam': 1,
  'defender.cloudProtection': 2,
  'defender.pua': 0,
  'defender.realTime': true,
  'defender.tamperProtection': true,
  'firewall.domain': 1,
  'firewall.private': 1,
  'firewall.public': 1,
  'ldap.clientSigning': 1,
  'lockout.minutes': 10,
  'lockout.threshold': 10,
  'lsa.noLmHash': 1,
  'password.history': 0,
  'password.minLength': 0,
  'printing.spoolerDisabled': 2,
  'rdp.enabled': 1,
  'rdp.nla': 1,
  'smb.clientRequireSigning': 0,
  'smb.requireSigning': 0,
  'uac.adminPrompt': 5,
  'uac.enabled': 1,
};

/** Builds: 26100 is Server 2025 and Windows 11 24H2, 22631 is Windows 11 23H2, 14393 is Server 2016. */
function serversOwn(build: number): Settings {
  return {
    'os.revision': 4387,
    'rdp.enabled': 0,
    'remoteRegistry.disabled': 2,
    'secureBoot.enabled': build >= 20_348 ? 1 : 0,
    ...(build <= 14_393 && { 'smb.v1ClientDisabled': 2 }),
    ...(build >= 26_100 && { 'smb.clientRequireSigning': 1, 'lsa.protection': 2 }),
  };
}

function workstationsOwn(build: number): Settings {
  return {
    'bitlocker.systemDrive': 1,
    'os.revision': 4602,
    'remoteRegistry.disabled': 4,
    'secureBoot.enabled': 1,
    'tpm.enabled': true,
    ...(build >= 22_631 && { 'lsa.protection': 2, 'vbs.credentialGuard': 1 }),
    ...(build >= 26_100 && { 'smb.clientRequireSigning': 1, 'smb.requireSigning': 1 }),
  };
}

/** MinLength is not beyond what any password of NPS-D has. */
const groupPolicy: Settings = {
  'autorun.disabledDrives': 255,
  'dns.llmnr': 0,
  'eventlog.securityKB': 196_608,
  'lockout.threshold': 5,
  'ntlm.level': 5,
  'password.history': 24,
  'password.minLength': 12,
  'smartscreen.enabled': 1,
  'uac.adminPrompt': 2,
};

const serverPolicy: Settings = {
  'powershell.scriptBlockLogging': 1,
  'powershell.transcription': 1,
  'smb.requireSigning': 1,
};

const itemByPath: ReadonlyMap<string, PostureItem> = new Map(postureItems.map((item) => [item.path, item]));

/** Each where Windows keeps it: of the places that an item has, in the last, where the machine's own setting is. */
function placed(settings: Settings): Kept {
  const policy: Record<string, number> = {};
  const registry: Record<string, unknown> = {};
  const cim: Record<string, Row[]> = {};
  for (const [path, value] of Object.entries(settings)) {
    const reading = itemByPath.get(path)?.readings.at(-1);
    if (reading === undefined) throw new Error(`there is no item ${path}`);
    const { from, name } = reading;
    if (from.kind === 'policy') policy[name] = Number(value);
    else if (from.kind === 'registry') registry[`${from.key}|${name}`] = value;
    else if (from.kind === 'cim') {
      const drive = from.ofSystemDrive === true ? { DriveLetter: 'C:' } : {};
      cim[from.class] = [{ ...cim[from.class]?.[0], ...drive, [name]: value }];
    }
  }
  return { policy, registry, cim };
}

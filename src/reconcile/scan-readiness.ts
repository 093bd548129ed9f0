/** Whether a device can be scanned in real time: what its action needs, judged before one is made (items 32–35, 49, 50). */
import type { Inventory } from '../model/inventory.ts';
import type { ObservedText } from '../model/observed.ts';

export type Unready =
  | 'not-windows'
  | 'os-unknown'
  | 'os-too-old'
  | 'powershell-too-old'
  | 'no-local-accounts'
  | 'domain-controller';

export interface Unreadiness {
  readonly why: Unready;
  /** A sentence's worth, without the device's name. */
  readonly message: string;
}

export interface Candidate {
  /** As Tanium's sensor `Operating System` says; empty: it says nothing. */
  readonly os: string;
  /** What the sensor answered last; null: nothing yet. */
  readonly text: ObservedText | null;
}

/** Null: nothing stands against it. */
export function unreadinessOf({ os, text }: Candidate): Unreadiness | null {
  if (text?.kind === 'not-windows') return { why: 'not-windows', message: 'it does not run Windows' };
  const inventory = text?.kind === 'inventory' ? text.inventory : null;
  const verdict = inventory === null ? verdictOnName(os) : verdictOnBuild(inventory.os);
  if (verdict === 'not-windows') return { why: verdict, message: `it runs ${os}, not Windows` };
  if (verdict === 'os-unknown')
    return { why: verdict, message: `nobody knows whether it runs Windows: ${os || 'no name'}` };
  if (verdict === 'os-too-old') {
    const what = os === '' ? `build ${inventory?.os.build ?? ''}` : os;
    return { why: verdict, message: `${what} is older than Windows 10 and Windows Server 2012 R2` };
  }
  if (inventory === null) return null;
  if (inventory.os.kind === 'dc') return { why: 'domain-controller', message: 'it is a domain controller' };
  if (!hasPowerShell(inventory)) {
    const message = `it has Windows PowerShell ${inventory.powershell}, and 5.1 is needed`;
    return { why: 'powershell-too-old', message };
  }
  if (inventory.localAccounts === false) {
    return { why: 'no-local-accounts', message: 'it lacks the module Microsoft.PowerShell.LocalAccounts' };
  }
  return null;
}

/** The script is written for this version, and for later ones. */
export function hasPowerShell({ powershell }: Pick<Inventory, 'powershell'>): boolean {
  const [major = 0, minor = 0] = powershell.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 1);
}

/** Seed, "Target device requirements". */
const leastServer = { year: 2012, release: 2 };
const leastClient = 10;

type OsVerdict = 'ok' | 'not-windows' | 'os-unknown' | 'os-too-old';

const otherSystem = /linux|ubuntu|debian|red hat|centos|suse|fedora|mac ?os|os x|solaris|aix|unix/i;

function verdictOnName(os: string): OsVerdict {
  const server = /windows.*server\D*(?<year>\d{4})(?<second>\s*r2)?/i.exec(os)?.groups;
  if (server) {
    const [year, release] = [Number(server['year']), server['second'] === undefined ? 1 : 2];
    return year > leastServer.year || (year === leastServer.year && release >= leastServer.release)
      ? 'ok'
      : 'os-too-old';
  }
  const client = /windows\D*?(?<version>\d+(?:\.\d+)?)/i.exec(os)?.groups?.['version'];
  // `Windows 2000` is older than `Windows 8`, whatever the number says.
  if (client !== undefined) return Number(client) >= leastClient && Number(client) < 95 ? 'ok' : 'os-too-old';
  if (/windows.*(?:vista|xp|nt|me)\b/i.test(os)) return 'os-too-old';
  return !/windows/i.test(os) && otherSystem.test(os) ? 'not-windows' : 'os-unknown';
}

/** `10.0.26100`, `6.3.9600` for Windows 8.1 and Windows Server 2012 R2. */
function verdictOnBuild({ build, kind }: { readonly build: string; readonly kind: string }): OsVerdict {
  const [major = 0, minor = 0] = build.split('.').map(Number);
  if (major >= 10) return 'ok';
  return kind !== 'workstation' && major === 6 && minor >= 3 ? 'ok' : 'os-too-old';
}

/** Who is an administrator where, since when and by which statement, from the scan that is stored. Asks no device. */
import { parseInventory } from '../../endpoint/inventory.ts';
import { recent } from '../../endpoint/recent.ts';
import { TrueupError } from '../../errors.ts';
import type { RecordedComputer } from '../../model/recorded.ts';
import type { AdministratorRow, Report, ReportedScan } from '../../model/report.ts';
import { sharedText } from '../../model/shared-text.ts';
import type { Sid } from '../../model/sid.ts';
import type { Store } from '../../ports.ts';
import {
  type Administered,
  type AdministeredDevice,
  administeredDevices,
  selectorsOfMembers,
} from '../../reconcile/administrators.ts';
import { ObservationBuilder } from '../intern.ts';
import { readingOf } from '../scan/result.ts';
import { groupMembers, type SurveyContext } from '../survey.ts';

/**
 * Tanium is asked for the members of a group alone, and only where a selector names one. Throws TRUEUP_NO_SCAN and
 * TRUEUP_SELECTOR_UNKNOWN.
 */
export async function reportAdministrators(context: SurveyContext): Promise<Report<'admins'>> {
  const { desired, provider, labels, store, clock, signal } = context;
  const stored = await store.latestScan('inventory');
  if (stored === null) throw new TrueupError('TRUEUP_NO_SCAN', 'No scan is stored: of no device is anything known.');
  const now = clock.now();
  const ageSeconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(stored.at)) / 1000));
  const builder = new ObservationBuilder(parseInventory);
  for await (const row of stored.rows) builder.add(row);
  const members = await groupMembers(context, selectorsOfMembers(desired));
  const { at, expected } = stored;
  const observation = builder.build({ at, ageSeconds, expected, groupMembers: members });
  const recorded = { owner: store.owner, computers: await readNamed(store) };
  const found = administeredDevices({ desired, provider, recorded, observation, labels, now });
  if (found.devices.length === 0) {
    throw new TrueupError(
      'TRUEUP_NO_SCAN',
      'Of no device is an inventory stored: an empty list would read as nobody.',
      {
        cause: 'Whoever answered the last scan answered with something else, or NPS-D has no record of it.',
        remedy: 'See what `trueup scan` says of the devices.',
      },
    );
  }
  const scan: ReportedScan = { at, ageSeconds, expected, answered: observation.devices.length };
  return {
    head: {
      report: 'admins',
      config: desired.digest,
      provider: provider.name,
      at: now,
      scan,
      warnings: warningsOf(found),
    },
    rows: rowsOf(found.devices, at, store, signal),
  };
}

/** Of each computer what a selector or a name needs: of a large fleet, the rest is most of what would be held. */
async function readNamed(store: Pick<Store, 'computers'>): Promise<readonly RecordedComputer[]> {
  const shared = sharedText();
  const computers: RecordedComputer[] = [];
  for await (const computer of store.computers()) {
    computers.push({
      ...nothingElse,
      id: computer.id,
      name: computer.name,
      computerId: computer.computerId,
      identityConflict: computer.identityConflict,
      domain: shared(computer.domain),
      ou: shared(computer.ou),
      os: shared(computer.os),
      insertedAt: shared(computer.insertedAt),
    });
  }
  return computers;
}

const nothingElse: Omit<
  RecordedComputer,
  'id' | 'name' | 'computerId' | 'identityConflict' | 'domain' | 'ou' | 'os' | 'insertedAt'
> = {
  machineSid: null,
  scan: null,
  protect: null,
  offlineAccess: '',
  edrIntegration: null,
  lastSeenAt: null,
  lastScan: null,
  appliedSignature: null,
  failedSubjects: [],
  pendingUntil: null,
  sessions: [],
};

function warningsOf({ problems, silent, unmatched }: Administered): string[] {
  const warnings = new Set(problems.map(({ message, source }) => `${message} (${source.file}:${source.line})`));
  if (silent === 1) warnings.add('Of 1 more device no inventory is known: who administers it is not told.');
  if (silent > 1) warnings.add(`Of ${silent} more devices no inventory is known: who administers them is not told.`);
  if (unmatched > 0) warnings.add(`NPS-D has no record of ${unmatched} of those that answered: they are not listed.`);
  return [...warnings];
}

/** Histories that are asked for at once: beside a database on another machine, one by one would take all day. */
const together = 16;

async function* rowsOf(
  devices: readonly AdministeredDevice[],
  scannedAt: string,
  store: Pick<Store, 'history'>,
  signal: AbortSignal,
): AsyncGenerator<AdministratorRow> {
  const membersIn = recent(mostLetters, membersOf);
  for (let first = 0; first < devices.length; first += together) {
    signal.throwIfAborted();
    const block = devices.slice(first, first + together);
    const histories = await Promise.all(block.map(({ computerId }) => store.history(computerId)));
    for (const [index, { label, computerId, domain, os, administrators }] of block.entries()) {
      const history = histories[index] ?? [];
      for (const administrator of administrators) {
        const since = sinceWhen(history, administrator.sid, membersIn) ?? { since: scannedAt, orEarlier: true };
        yield { device: label, computerId, domain, os, ...administrator, ...since };
      }
    }
  }
}

type MembersIn = (text: string) => ReadonlySet<Sid> | null;

/** Null: the newest inventory that is kept does not show it. */
function sinceWhen(
  history: readonly { readonly since: string; readonly text: string }[],
  sid: Sid,
  membersIn: MembersIn,
): Pick<AdministratorRow, 'since' | 'orEarlier'> | null {
  let since: string | null = null;
  for (const state of history) {
    const members = membersIn(state.text);
    // What is no inventory shows nobody, and takes nobody away.
    if (members === null) continue;
    if (!members.has(sid)) return since === null ? null : { since, orEarlier: false };
    since = state.since;
  }
  return since === null ? null : { since, orEarlier: true };
}

/** Characters of the texts whose members are kept: those of some thousand kinds of device. */
const mostLetters = 4_000_000;

/** Null for a text that is no inventory. */
function membersOf(text: string): ReadonlySet<Sid> | null {
  const reading = readingOf(text);
  return reading.kind === 'inventory' ? new Set(reading.administrators) : null;
}

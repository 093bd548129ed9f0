/** Whom a scan is of, and how each computer is asked: told from the records alone (npsd-domain.md items 8, 109–113). */
import type { DesiredProvider } from '../model/desired.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { sharedText } from '../model/shared-text.ts';

/** `cached`: what the client keeps serves, up to a stated age · `realtime`: the device is asked now. */
export type ScanMode = 'cached' | 'realtime';

/** Why a computer is not scanned, whatever Tanium knows of it. */
export type NotDue = 'scan-disabled' | 'other-provider' | 'not-windows';

/** What a scan needs of a record; a fleet's are in memory at once. */
export type ScannedComputer = Pick<
  RecordedComputer,
  | 'id'
  | 'name'
  | 'computerId'
  | 'machineSid'
  | 'identityConflict'
  | 'domain'
  | 'ou'
  | 'os'
  | 'scan'
  | 'protect'
  | 'edrIntegration'
  | 'insertedAt'
  | 'lastSeenAt'
>;

/** Takes of each record what a scan needs. */
export function scannedFrom(): (computer: ScannedComputer) => ScannedComputer {
  const shared = sharedText();
  return ({
    id,
    name,
    computerId,
    machineSid,
    identityConflict,
    domain,
    ou,
    os,
    scan,
    protect,
    edrIntegration,
    insertedAt,
    lastSeenAt,
  }) => ({
    id,
    name,
    computerId: computerId === id ? id : computerId,
    machineSid,
    identityConflict,
    domain: shared(domain),
    ou: shared(ou),
    os: shared(os),
    scan,
    protect,
    edrIntegration: shared(edrIntegration),
    insertedAt: shared(insertedAt),
    lastSeenAt: shared(lastSeenAt),
  });
}

type Settings = Pick<RecordedComputer, 'scan' | 'protect' | 'os' | 'edrIntegration'>;

/** Null: it is due. */
export function whyNotDue(
  { scan, os, edrIntegration }: Settings,
  provider: Pick<DesiredProvider, 'name' | 'provider'>,
): NotDue | null {
  if (scan !== true) return 'scan-disabled';
  // The provider's name, or its kind as the seed's own query has it (npsd-domain.md C4).
  if (edrIntegration !== provider.name && edrIntegration !== provider.provider) return 'other-provider';
  return os === null || os === '' || /windows/i.test(os) ? null : 'not-windows';
}

/** Protect off: the cache serves (#110). On, as JITA or Deny: never (#111). */
export function scanModeOf({ protect }: Pick<RecordedComputer, 'protect'>): ScanMode {
  return protect === 'JITA' || protect === 'Deny' ? 'realtime' : 'cached';
}

export interface Due {
  /** In the order in which they are recorded. */
  readonly computers: readonly ScannedComputer[];
  /** Computers of a group that is scanned whole, of which nothing is kept. */
  readonly others: readonly ScannedComputer[];
  readonly notDue: Readonly<Record<NotDue, number>>;
}

export function dueOf(computers: Iterable<ScannedComputer>, provider: Pick<DesiredProvider, 'name' | 'provider'>): Due {
  const due: ScannedComputer[] = [];
  const others: ScannedComputer[] = [];
  const notDue: Record<NotDue, number> = { 'scan-disabled': 0, 'other-provider': 0, 'not-windows': 0 };
  for (const computer of computers) {
    const why = whyNotDue(computer, provider);
    if (why === null) due.push(computer);
    else {
      others.push(computer);
      notDue[why] += 1;
    }
  }
  return { computers: due, others, notDue };
}

/** Past every cache: an answer is never older than this. */
export const realTimeSeconds = 1;

/** One question for all of them is as fresh as the one that needs it most. */
export function freshestNeed(
  computers: readonly Pick<RecordedComputer, 'protect'>[],
  { sensor_max_age_seconds }: Pick<IntegrationOptions, 'sensor_max_age_seconds'>,
): number {
  const anyRealTime = computers.some((computer) => scanModeOf(computer) === 'realtime');
  return anyRealTime ? realTimeSeconds : sensor_max_age_seconds;
}

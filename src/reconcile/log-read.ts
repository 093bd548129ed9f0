/** What an action reads of a device's Security log before it changes anything there: who made the differences. */
import type { AttributionRead, PlannedRead } from '../model/attribution.ts';
import type { DriftRecord } from '../model/drift.ts';
import { BUILTIN_ADMINISTRATOR_RID, compareText, localSid, type Sid } from '../model/sid.ts';
import type { Batch } from './batch.ts';
import type { Members } from './members.ts';
import type { Attributed } from './wanted.ts';

/** The groups and accounts of a class of devices that somebody changed; one of both at least. */
export interface LogNeed {
  readonly groups: readonly Sid[];
  /** Their SIDs on these devices; null: an account that is not there any more. */
  readonly accounts: readonly (Sid | null)[];
}

/** Of these Windows writes an event that says who did it; of a lock-out it says who knocked. */
export function leavesEvent(kind: DriftRecord['kind']): boolean {
  if (kind === 'password.rotate') return true;
  return kind.startsWith('group.') || (kind.startsWith('account.') && kind !== 'account.unlock');
}

/** Held changes too: who made what is not mended yet is worth knowing. Null: nothing has drifted. */
export function logNeedOf(changes: readonly Attributed[]): LogNeed | null {
  const groups = new Set<Sid>();
  const accounts = new Set<Sid | null>();
  for (const { kind, subject, reason, sid } of changes) {
    if (reason !== 'drifted' || !leavesEvent(kind)) continue;
    const group = subject['group'];
    if (typeof group === 'string') groups.add(group);
    else accounts.add(sid);
  }
  return groups.size + accounts.size === 0 ? null : { groups: [...groups], accounts: [...accounts] };
}

/**
 * One read for all of them. It is narrowed to the group and the account where there is one of each that goes by the same
 * SID on every device: the devices of an action get the same words, and a device reports 50 events at most.
 */
export function readFor(needs: readonly LogNeed[]): AttributionRead {
  const groups = new Set(needs.flatMap((need) => need.groups));
  const accounts = new Set(needs.flatMap((need) => need.accounts));
  const [group] = groups;
  const [account] = accounts;
  if (groups.size > 1 || accounts.size > 1 || (accounts.size === 1 && account !== builtinAdministrator)) return {};
  return {
    ...(group === undefined ? {} : { group }),
    ...(account === builtinAdministrator ? { rid: BUILTIN_ADMINISTRATOR_RID } : {}),
  };
}

const builtinAdministrator = localSid(BUILTIN_ADMINISTRATOR_RID);

/** The longest of the reads that any of these can come to, for which an action must have room; null: none reads. */
export function longestRead(needs: readonly LogNeed[]): AttributionRead | null {
  if (needs.length === 0) return null;
  const groups = needs.flatMap((need) => need.groups);
  const [group] = groups.toSorted((a, b) => b.length - a.length || compareText(a, b));
  return { ...(group === undefined ? {} : { group }), rid: BUILTIN_ADMINISTRATOR_RID };
}

/** Devices of one class, and what somebody wants to know of their logs; null: nothing. */
interface Asking {
  readonly members: Pick<Members, 'devices'>;
  readonly logNeed: LogNeed | null;
}

/** By their keys: what each action of a wave reads. Each device is asked by the first of its actions at least. */
export function readsIn<T extends Asking>({ actions }: Pick<Batch<T>, 'actions'>): ReadonlyMap<string, PlannedRead> {
  const firstLevel = new Map<T, number>();
  const asking = new Set<string>();
  for (const { level, arrivals } of actions) {
    for (const { origin } of arrivals) {
      if (origin.logNeed === null) continue;
      if (!firstLevel.has(origin)) for (const { computerId } of origin.members.devices) asking.add(computerId);
      firstLevel.set(origin, Math.min(level, firstLevel.get(origin) ?? level));
    }
  }
  const reads = new Map<string, PlannedRead>();
  for (const { key, level, arrivals, targets } of actions) {
    const needs = arrivals.flatMap(({ origin }) => (firstLevel.get(origin) === level ? (origin.logNeed ?? []) : []));
    if (needs.length === 0) continue;
    const ids = targets.flatMap(({ computerId }) => (asking.has(computerId) ? [computerId] : []));
    reads.set(key, { ...readFor(needs), ...(ids.length < targets.length ? { asking: ids } : {}) });
  }
  return reads;
}

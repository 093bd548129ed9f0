/** What the drift ledger has to say before a plan. */
import { subjectKey } from '../model/drift.ts';
import type { Contest, Recorded } from '../model/recorded.ts';
import type { DriftStore } from '../ports.ts';
import { windowStart } from '../reconcile/budget.ts';

/** So many corrections of one thing within the window are enough. */
const mostCorrections = 3;
/** An orphan is one after so many looks over so many days, in which others of its domain could be resolved. */
const orphanLooks = 10;
const orphanDays = 14;

/** Of devices that answered within a day: others are not planned. */
export async function readLedger(
  store: Pick<DriftStore, 'drift'>,
  now: string,
): Promise<Pick<Recorded, 'contests' | 'orphans'>> {
  const contests = new Map<string, Map<string, Contest>>();
  const orphans = new Map<string, Set<string>>();
  const since = windowStart(now);
  for await (const { computerId, kind, subject, actor, mended = [], orphan } of store.drift({ since })) {
    const key = subjectKey(kind, subject);
    const times = mended.filter((time) => time >= since).length;
    if (times >= mostCorrections) {
      const known = contests.get(computerId) ?? new Map<string, Contest>();
      contests.set(computerId, known.set(key, { times, actor }));
    }
    if (orphan !== undefined && orphan.looks >= orphanLooks && daysBetween(orphan.since, now) >= orphanDays) {
      orphans.set(computerId, (orphans.get(computerId) ?? new Set<string>()).add(key));
    }
  }
  return { contests, orphans };
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

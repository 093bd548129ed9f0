/** What the drift ledger has to say before a plan. */
import { subjectKey } from '../model/drift.ts';
import type { Contest, Contests, Recorded } from '../model/recorded.ts';
import type { DriftStore } from '../ports.ts';
import { windowStart } from '../reconcile/budget.ts';

/** So many corrections of one thing within the window are enough. */
const mostCorrections = 3;
/** An orphan is one after so many looks over so many days, in which others of its domain could be resolved. */
const orphanLooks = 10;
const orphanDays = 14;

export async function readLedger(
  store: Pick<DriftStore, 'drift'>,
  now: string,
): Promise<Pick<Recorded, 'contests' | 'orphans' | 'actors'>> {
  return { contests: await readContests(store, now), ...(await readOpen(store, now)) };
}

/** What was put right lately was seen lately. */
async function readContests(store: Pick<DriftStore, 'drift'>, now: string): Promise<Contests> {
  const contests = new Map<string, Map<string, Contest>>();
  const since = windowStart(now);
  for await (const { computerId, kind, subject, actor, lastActor = null, mended = [] } of store.drift({
    since,
    about: 'changes',
  })) {
    const times = mended.filter((time) => time >= since).length;
    if (times < mostCorrections) continue;
    const known = contests.get(computerId) ?? new Map<string, Contest>();
    contests.set(computerId, known.set(subjectKey(kind, subject), { times, actor: actor ?? lastActor }));
  }
  return contests;
}

/** However long ago the look before was: a fleet may be looked at once a week. */
async function readOpen(store: Pick<DriftStore, 'drift'>, now: string): Promise<Pick<Recorded, 'orphans' | 'actors'>> {
  const orphans = new Map<string, Set<string>>();
  const actors = new Map<string, Map<string, string>>();
  for await (const record of store.drift({ states: ['open', 'pending', 'contested'], about: 'changes' })) {
    const { computerId, kind, subject, actor, orphan } = record;
    if (actor !== null) {
      const known = actors.get(computerId) ?? new Map<string, string>();
      actors.set(computerId, known.set(subjectKey(kind, subject), actor));
    }
    if (orphan === undefined || orphan.looks < orphanLooks || daysBetween(orphan.since, now) < orphanDays) continue;
    orphans.set(computerId, (orphans.get(computerId) ?? new Set<string>()).add(subjectKey(kind, subject)));
  }
  return { orphans, actors };
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

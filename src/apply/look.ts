/** What a look at the fleet leaves in the store: the scan, what each device satisfies, the drift. */
import type { RunContext } from './context.ts';
import { type DriftNews, recordDrift } from './drift.ts';
import { rowsOf } from './intern.ts';
import { noteApplied, recordsOf } from './notes.ts';
import type { Survey } from './survey.ts';

const noNews: DriftNews = { opened: [], resolved: [] };
const noDevice: ReadonlySet<string> = new Set();

/** `pending`: Computer IDs that an action of this run has not reached yet. Where nothing was asked, nothing is kept. */
export async function keepLook(
  context: Pick<RunContext, 'store' | 'provider' | 'clock'>,
  run: string,
  survey: Survey,
  pending: ReadonlySet<string> = noDevice,
): Promise<DriftNews> {
  const { store, provider, clock } = context;
  const { observation, findings, recorded } = survey;
  if (observation.at === null) return noNews;
  await store.saveScan('inventory', run, observation.at, observation.expected, rowsOf(observation));
  const records = recordsOf(findings, recorded.computers);
  const failedSubjects = new Map<string, readonly string[]>();
  for (const [computerId, record] of records) failedSubjects.set(computerId, record.failedSubjects);
  const answered = new Set<string>();
  for (const { computerId, text } of observation.devices) {
    if (observation.texts[text]?.kind === 'inventory') answered.add(computerId);
  }
  const look = { provider: provider.name, run, now: clock.now(), answered, failedSubjects, pending };
  const news = await recordDrift(store, findings, look);
  await noteApplied(store, recorded.applied, records, findings, pending);
  return news;
}

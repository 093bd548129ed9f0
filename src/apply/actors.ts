/** Reads into the ledger who made the differences of a device, as its own log told before they were mended. */
import { parseInventory } from '../endpoint/inventory.ts';
import type { AccountEvent, Attribution } from '../model/attribution.ts';
import type { DriftRecord } from '../model/drift.ts';
import type { JournalEntry } from '../model/journal.ts';
import { shortName } from '../model/selector.ts';
import type { Store } from '../ports.ts';
import { actorOf, eventsBehind, isSystem, mayLeave, type SeenState, skewMilliseconds } from '../reconcile/culprit.ts';
import { leavesEvent } from '../reconcile/log-read.ts';
import type { DeviceOutcome } from './outcome.ts';

type ActorStore = Pick<Store, 'drift' | 'putDrift' | 'history' | 'lastEntry'>;

/** What is known already stays; of a device whose answer is not to be had, nothing is noted. */
export async function noteActors(
  store: ActorStore,
  entry: JournalEntry,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  if (entry.attribution === undefined) return;
  const { asking = entry.targets } = entry.attribution;
  const isAsked = new Set(asking);
  const told = new Map<string, Attribution>();
  for (const { computerId, attribution } of outcomes) {
    if (attribution !== null && isAsked.has(computerId)) told.set(computerId, attribution);
  }
  if (told.size === 0) return;
  const open = new Map<string, DriftRecord[]>();
  for await (const record of store.drift({ computerIds: [...told.keys()], states: ['open', 'pending', 'contested'] })) {
    if (record.actor !== null || !isAttributable(record)) continue;
    const same = open.get(record.computerId);
    if (same) same.push(record);
    else open.set(record.computerId, [record]);
  }
  for (const [computerId, records] of open) {
    const attribution = told.get(computerId);
    if (attribution !== undefined) await noteDevice(store, entry, attribution, records);
  }
}

/** Somebody did it, and Windows writes down who. */
export function isAttributable({ kind, cause }: Pick<DriftRecord, 'kind' | 'cause'>): boolean {
  return leavesEvent(kind) && cause !== 'unknown';
}

async function noteDevice(
  store: ActorStore,
  entry: JournalEntry,
  { complete, events }: Attribution,
  records: readonly DriftRecord[],
): Promise<void> {
  const [{ computerId, device } = { computerId: '', device: '' }] = records;
  const computer = shortName(device.replace(/#\d+$/, ''));
  const history = await historyOf(store, computerId);
  const ours = (event: AccountEvent): Promise<boolean> => isOurs(store, entry, computerId, computer, event);
  const noted: DriftRecord[] = [];
  for (const record of records) {
    const event = await firstOfOthers(eventsBehind(record, events, history), ours);
    const found = event === null ? {} : { actor: actorOf(event, computer), at: event.at };
    noted.push({ ...record, ...found, log: complete ? 'whole' : 'part' });
  }
  await store.putDrift(noted);
}

async function historyOf(store: ActorStore, computerId: string): Promise<SeenState[]> {
  return (await store.history(computerId)).flatMap(({ since, text }) => {
    const parsed = parseInventory(text);
    return parsed.kind === 'inventory' ? [{ since, inventory: parsed.inventory }] : [];
  });
}

async function firstOfOthers(
  events: readonly AccountEvent[],
  ours: (event: AccountEvent) => Promise<boolean>,
): Promise<AccountEvent | null> {
  for (const event of events) if (!(await ours(event))) return event;
  return null;
}

/** So many of a device's actions are looked at: events of the time before them are older than any drift. */
const mostEntries = 20;

/** The Tanium client works as SYSTEM: what SYSTEM did while an action was out that does just that, the action did. */
async function isOurs(
  store: ActorStore,
  entry: JournalEntry,
  computerId: string,
  computer: string,
  event: AccountEvent,
): Promise<boolean> {
  if (!isSystem(event, computer)) return false;
  const at = Date.parse(event.at);
  let sent: JournalEntry | null = entry;
  for (let looked = 0; sent !== null && looked < mostEntries; looked += 1) {
    const until = Date.parse(sent.expiresAt) + skewMilliseconds;
    if (at >= Date.parse(sent.intendedAt) - skewMilliseconds && at <= until && mayLeave(sent.operations, event))
      return true;
    sent = await store.lastEntry(computerId, sent.intendedAt);
  }
  return false;
}

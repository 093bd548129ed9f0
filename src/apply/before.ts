/** What was seen of the devices of an action before it was sent. */
import { parseInventory } from '../endpoint/inventory.ts';
import type { Inventory } from '../model/inventory.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Observation } from '../model/observed.ts';
import type { Store } from '../ports.ts';
import type { DeviceBefore } from '../reconcile/inverse.ts';
import type { DeviceOutcome } from './outcome.ts';
import { mostSkewSeconds } from './survey.ts';

/** By Computer ID; devices of one text share their inventory. */
type States = ReadonlyMap<string, Inventory>;

export function statesIn({ devices, texts }: Pick<Observation, 'devices' | 'texts'>): States {
  const states = new Map<string, Inventory>();
  for (const { computerId, text } of devices) {
    const found = texts[text];
    if (found?.kind === 'inventory') states.set(computerId, found.inventory);
  }
  return states;
}

/** Where the run that looked is gone: from the history of each device, the last state before the action was intended. */
export async function statesAt(
  store: Pick<Store, 'history'>,
  { targets, intendedAt }: Pick<JournalEntry, 'targets' | 'intendedAt'>,
): Promise<States> {
  // A look has the time of Tanium's clock.
  const latest = Date.parse(intendedAt) + mostSkewSeconds * 1000;
  const states = new Map<string, Inventory>();
  for (const computerId of targets) {
    const past = await store.history(computerId);
    const state = past.find(({ since }) => Date.parse(since) <= latest);
    if (state === undefined) continue;
    const found = parseInventory(state.text);
    if (found.kind === 'inventory') states.set(computerId, found.inventory);
  }
  return states;
}

export function devicesBefore(outcomes: readonly DeviceOutcome[], states: States): DeviceBefore[] {
  return outcomes.map(({ computerId, deeds }) => ({ computerId, deeds, before: states.get(computerId) ?? null }));
}

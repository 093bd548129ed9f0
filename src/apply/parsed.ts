/** Inventories that were parsed in this process: a daemon sees the same few thousand texts at every look. */
import { parseInventory } from '../endpoint/inventory.ts';
import type { ObservedText } from '../model/observed.ts';

/** Characters of all texts that are held: a few thousand states of devices. What has been parsed takes several times as much. */
const most = 8_000_000;

const known = new Map<string, ObservedText>();
let held = 0;

/** As {@link parseInventory}, which says the same of the same text at any time. */
export function parsed(text: string): ObservedText {
  const before = known.get(text);
  if (before !== undefined) return before;
  const fresh = parseInventory(text);
  // A fleet that changed has left texts here that nobody shows any more.
  if (held + text.length > most) {
    known.clear();
    held = 0;
  }
  known.set(text, fresh);
  held += text.length;
  return fresh;
}

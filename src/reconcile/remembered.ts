import type { Inventory } from '../model/inventory.ts';

/** Of inventories, what was made of each under one key. */
export type Memory<T> = (inventory: Inventory, key: string, make: () => T) => T;

/**
 * What was made of inventories the last time, as long as all that it depends on besides is the same: `circumstances` says
 * all of that in one text. An inventory that nobody holds any more is forgotten with what was made of it.
 */
export function lastMemory<T>(): (circumstances: string) => Memory<T> {
  let last = '';
  let known = new WeakMap<Inventory, Map<string, T>>();
  return (circumstances) => {
    if (circumstances !== last) {
      last = circumstances;
      known = new WeakMap();
    }
    const mine = known;
    return (inventory, key, make) => {
      const byKey = mine.get(inventory) ?? new Map<string, T>();
      mine.set(inventory, byKey);
      const made = byKey.get(key) ?? make();
      byKey.set(key, made);
      return made;
    };
  };
}

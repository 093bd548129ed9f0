/** Devices that are to get the same, shared out among as few actions as can name them all. */
import { isByNumberOnly, maxByName, maxByNumber } from '../model/aim.ts';

/** How many devices there are, and those among them that their Computer ID alone tells apart. */
export interface Load {
  readonly devices: number;
  readonly byNumber: number;
}

/** As many devices as one action can name: any by their numbers, or more by their names, where each is known by it. */
export interface Capacity {
  readonly byNumber: number;
  readonly byName: number;
}

export const capacity: Capacity = { byNumber: maxByNumber, byName: maxByName };

export const nobody: Load = { devices: 0, byNumber: 0 };

export function plus(a: Load, b: Load = nobody): Load {
  return { devices: a.devices + b.devices, byNumber: a.byNumber + b.byNumber };
}

/** So many actions have room for these, and no fewer. */
export function actionsToName({ devices, byNumber }: Load, room: Capacity): number {
  const numbered = Math.ceil(byNumber / room.byNumber);
  return numbered + Math.ceil(Math.max(0, devices - numbered * room.byNumber) / room.byName);
}

/** As many parts as {@link actionsToName} says, those by number first; in each the items keep their order. */
export function sharedOut<T>(items: readonly T[], labelOf: (item: T) => string): readonly (readonly T[])[] {
  if (items.length <= maxByNumber) return items.length === 0 ? [] : [items];
  const numbered = items.filter((item) => isByNumberOnly(labelOf(item)));
  const load: Load = { devices: items.length, byNumber: numbered.length };
  const groups = actionsToName(load, capacity) - Math.ceil(numbered.length / maxByNumber);
  const named = items.filter((item) => !isByNumberOnly(labelOf(item))).slice(0, groups * maxByName);
  const isNamed = new Set(named);
  const others = items.filter((item) => !isNamed.has(item));
  return [...slices(others, maxByNumber), ...slices(named, maxByName)];
}

function slices<T>(items: readonly T[], size: number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

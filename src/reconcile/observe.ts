/** From rows and records to devices: each machine once, with what was seen and what is recorded of it. */
import {
  listed,
  type Observation,
  type ObservedDevice,
  type ObservedDevices,
  type ObservedText,
} from '../model/observed.ts';
import type { Recorded, RecordedComputer } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';
import { bearersOf } from './bearers.ts';
import { placesById } from './id-order.ts';
import { conflictOf, type Match, matchByName } from './match.ts';

export interface Device<Text = ObservedText> {
  /** Null: a record that no scan has matched to a machine. */
  readonly computerId: string | null;
  readonly name: string;
  /** How it is called wherever a person or a script reads of it; no two devices share one. */
  readonly label: string;
  readonly row: ObservedDevice | null;
  readonly text: Text | null;
  readonly record: RecordedComputer | null;
  /** Why its identity is in doubt; null: it is not. */
  readonly conflict: string | null;
}

/** Each is made anew whenever it is asked for. */
export interface DeviceList<Text = ObservedText> {
  readonly length: number;
  at(place: number): Device<Text> | undefined;
  /** Without making the rest; empty: there is no such place. */
  labelAt(place: number): string;
}

/** Of a few that are there. */
export function listOf<Text>(devices: readonly Device<Text>[]): DeviceList<Text> {
  return {
    length: devices.length,
    at: (place) => devices[place],
    labelAt: (place) => devices[place]?.label ?? '',
  };
}

/** A record of which no scan has told anything yet says itself what its device runs. */
export function isWindows({
  row,
  text,
  record,
}: Pick<Device<{ readonly kind: string }>, 'row' | 'text' | 'record'>): boolean {
  if (text?.kind === 'not-windows') return false;
  // Only the script on a Windows machine answers with a state.
  if (text?.kind === 'inventory' || text?.kind === 'posture') return true;
  const os = row?.os || record?.os || '';
  return os === '' || /windows/i.test(os);
}

export interface Devices<Text> {
  /** Ordered by Computer ID, those without one last; each is made anew at every walk. */
  readonly devices: Iterable<Device<Text>>;
  /** The same as they came: who sorts a few in the end need not sort a million. */
  readonly unsorted: DeviceList<Text>;
  /** With NPS-D's records: Windows machines that Tanium knows and NPS-D does not (#120). */
  readonly unmatched: number;
}

/** What the machines were asked does not matter, as long as those that are not Windows can be told. */
export function devicesOf<Text extends { readonly kind: string }>(
  observation: Pick<Observation<Text>, 'texts' | 'devices'>,
  recorded: Pick<Recorded, 'owner' | 'computers'>,
): Devices<Text> {
  const rows = new Map<string, ObservedDevice>();
  // Without records nothing is looked for.
  if (recorded.computers.length > 0) for (const row of observation.devices) rows.set(row.computerId, row);
  const records = recorded.computers.toSorted((a, b) => compareText(a.id, b.id));
  const owner = new Map<string, RecordedComputer>();
  const matches: Match[] = [];
  const unbound: RecordedComputer[] = [];
  const silent: RecordedComputer[] = [];
  /** By Computer ID: of the record that came first nobody can tell either that it is the one. */
  const shared = new Map<string, string>();
  for (const record of records) {
    if (record.computerId === null) {
      unbound.push(record);
      continue;
    }
    const row = rows.get(record.computerId);
    const other = owner.get(record.computerId);
    owner.set(record.computerId, record);
    if (other !== undefined) {
      const conflict = `records ${other.id} and ${record.id} are of one Computer ID, ${record.computerId}`;
      shared.set(record.computerId, conflict);
      matches.push({ record, row: null, conflict });
    } else if (row === undefined) silent.push(record);
    else matches.push({ record, row, conflict: conflictOf(record, row) });
  }
  for (const [at, match] of shared.size === 0 ? [] : matches.entries()) {
    const conflict = shared.get(match.record.computerId ?? '');
    if (conflict !== undefined) matches[at] = { ...match, conflict };
  }
  if (recorded.owner === 'embedded') {
    const known = [...matches, ...[...unbound, ...silent].map((record) => ({ record, row: null, conflict: null }))];
    const fresh = owner.size === 0 ? observation.devices : listed(othersIn(observation.devices, owner));
    return { ...labelled(known, fresh, [], observation.texts), unmatched: 0 };
  }
  const named = matchByName(othersIn(observation.devices, owner), unbound, silent);
  const unmatched = named.unmatched.filter((row) => observation.texts[row.text]?.kind !== 'not-windows');
  return {
    ...labelled([...matches, ...named.matches], listed([]), named.unmatched, observation.texts),
    unmatched: unmatched.length,
  };
}

function othersIn(devices: ObservedDevices, owner: ReadonlyMap<string, unknown>): readonly ObservedDevice[] {
  const others: ObservedDevice[] = [];
  for (const row of devices) if (!owner.has(row.computerId)) others.push(row);
  return others;
}

/** `fresh`: machines without a record; `others`: those that are not spoken of, and bear their names all the same. */
function labelled<Text>(
  found: readonly Match[],
  fresh: ObservedDevices,
  others: readonly ObservedDevice[],
  texts: readonly Text[],
): Pick<Devices<Text>, 'devices' | 'unsorted'> {
  const length = found.length + fresh.length;
  const nameAt = (at: number): string => {
    const one = found[at];
    if (one !== undefined) return one.row?.name || one.record.name;
    return (at < length ? fresh.nameAt(at - found.length) : others[at - length]?.name) ?? '';
  };
  const isShared = bearersOf(length + others.length, nameAt);
  const conflictAt = (at: number): string | null => found[at]?.conflict ?? found[at]?.record.identityConflict ?? null;
  const idAt = (at: number): string | null =>
    at < found.length
      ? (found[at]?.row?.computerId ?? found[at]?.record.computerId ?? null)
      : (fresh.at(at - found.length)?.computerId ?? null);
  const labelAt = (at: number): string => {
    const name = nameAt(at);
    // A machine chooses its name: one with the mark in it could pass for another device's label.
    const plain = name !== '' && !isShared(at) && !name.includes('#');
    return plain ? name : `${name}#${idAt(at) ?? found[at]?.record.id ?? ''}`;
  };
  const deviceAt = (at: number): Device<Text> => {
    const record = found[at]?.record ?? null;
    const row = (at < found.length ? found[at]?.row : fresh.at(at - found.length)) ?? null;
    return {
      computerId: row?.computerId ?? record?.computerId ?? null,
      name: row?.name || record?.name || '',
      label: labelAt(at),
      row,
      text: row === null ? null : (texts[row.text] ?? null),
      record,
      conflict: conflictAt(at),
    };
  };
  let order: Iterable<number> | null = null;
  const devices: Iterable<Device<Text>> = {
    *[Symbol.iterator]() {
      order ??= placesById(length, idAt, (a, b) => compareText(labelAt(a), labelAt(b)));
      for (const at of order) yield deviceAt(at);
    },
  };
  const unsorted: DeviceList<Text> = {
    length,
    at: (place) => (place < length ? deviceAt(place) : undefined),
    labelAt: (place) => (place < length ? labelAt(place) : ''),
  };
  return { devices, unsorted };
}

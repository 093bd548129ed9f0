/**
 * Policies that said something of devices and say nothing of any now: a slip in a selector, a file of labels that lost
 * its rows, a list of members that was emptied. What such a policy gave, another one's `exact` would take away, and
 * nothing would tell an operator's wish from the slip.
 *
 * What a policy was last seen to match is kept with what each device satisfies (`AppliedFacets`), so that it survives
 * whatever stops in between, and costs nothing where nothing changes. It is forgotten once the policy matches something
 * again, or is declared no longer: to delete a policy is to say so.
 */
import type { Desired, PolicyRef } from '../model/desired.ts';
import type { AppliedFacets, Recorded } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';
import type { Applied } from './attribute.ts';
import type { Selected } from './policy.ts';
import type { Hold } from './wanted.ts';

export interface Emptied {
  /** What is to be kept of a device that `selected` is of, by facet. */
  notes(selected: Selected, applied: Applied): ReadonlyMap<string, string>;
  /** Why access is not taken from a device of which `applied` was kept; null: nothing was emptied there. */
  holdOn(applied: Applied): Hold | null;
  readonly warnings: readonly string[];
}

interface Case {
  readonly ref: PolicyRef;
  readonly what: 'devices' | 'members';
  devices: number;
  /** ISO time of the last look at which it was not empty, as far as that is known. */
  last: string | null;
}

/** `matching`: what every device is selected by, in scope or not. Null: Tanium was not asked, and nobody can tell. */
export function emptiedIn(
  desired: Pick<Desired, 'computers' | 'memberships' | 'accounts'>,
  matching: Iterable<Selected> | null,
  recorded: Pick<Recorded, 'computers' | 'applied'>,
): Emptied {
  const members = new Map(desired.memberships.map((policy) => [facetOf(policy.ref), policy.members.length > 0]));
  const valueOf = (ref: PolicyRef): string => (members.get(facetOf(ref)) === true ? withMembers : matches);
  const cases = matching === null ? new Map<string, Case>() : casesIn(desired, matching);
  count(cases, recorded);
  return {
    notes(selected, applied) {
      const notes = new Map<string, string>();
      for (const { ref } of selected.selecting) if (ref.kind !== 'Exclusion') notes.set(facetOf(ref), valueOf(ref));
      for (const [one, value] of casesOf(applied, cases)) notes.set(facetOf(one.ref), keptOf(one, value));
      return notes;
    },
    holdOn: (applied) => holdOf(casesOf(applied, cases).map(([one]) => one)),
    warnings: [...cases.values()].filter(({ devices }) => devices > 0).map(warningOf),
  };
}

const matches = 'matches';
const withMembers = 'matches, with members';
const until = ' until ';

function facetOf({ kind, name }: PolicyRef): string {
  return `policy ${kind} ${name}`;
}

/** Policies that may be empty; whether they were not, the notes tell. */
function casesIn(
  { computers, memberships, accounts }: Pick<Desired, 'computers' | 'memberships' | 'accounts'>,
  matching: Iterable<Selected>,
): Map<string, Case> {
  const matched = new Set<string>();
  for (const { selecting } of matching) for (const { ref } of selecting) matched.add(facetOf(ref));
  const bare = memberships.filter(({ members }) => members.length === 0);
  const withoutMembers = new Set(bare.map(({ ref }) => facetOf(ref)));
  const cases = new Map<string, Case>();
  for (const { ref, selector } of [...computers, ...memberships, ...accounts]) {
    const key = facetOf(ref);
    // One of new devices matches none once they are old: that is its purpose.
    const ends = selector.insertedWithinSeconds !== undefined;
    if (!matched.has(key) && !ends) cases.set(key, { ref, what: 'devices', devices: 0, last: null });
    else if (withoutMembers.has(key)) cases.set(key, { ref, what: 'members', devices: 0, last: null });
  }
  return cases;
}

function count(
  cases: ReadonlyMap<string, Case>,
  { computers, applied }: Pick<Recorded, 'computers' | 'applied'>,
): void {
  if (cases.size === 0) return;
  const found = new Map([...applied].map(([signature, facets]) => [signature, [...notesOn(facets, cases)]]));
  for (const { appliedSignature, lastSeenAt } of computers) {
    for (const [one, value] of found.get(appliedSignature ?? '') ?? []) {
      const [, last = lastSeenAt] = value.split(until);
      one.devices += 1;
      if (last !== null && (one.last === null || last > one.last)) one.last = last;
    }
  }
}

function* notesOn(facets: AppliedFacets, cases: ReadonlyMap<string, Case>): Generator<[Case, string]> {
  for (const [key, one] of cases) {
    const value = Object.hasOwn(facets, key) ? facets[key] : undefined;
    if (value !== undefined && (one.what === 'devices' || value.startsWith(withMembers))) yield [one, value];
  }
}

function casesOf(applied: Applied, cases: ReadonlyMap<string, Case>): [Case, string][] {
  return typeof applied === 'string' || cases.size === 0 ? [] : [...notesOn(applied, cases)];
}

/** As long as it is empty, what it was and until when stays known. */
function keptOf({ last }: Case, value: string): string {
  const [was = matches] = value.split(until);
  return last === null ? was : `${was}${until}${last}`;
}

function holdOf(cases: readonly Case[]): Hold | null {
  const [first, ...others] = cases.toSorted((a, b) => compareText(facetOf(a.ref), facetOf(b.ref)));
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : `; likewise ${others.length} more`;
  return {
    guard: 'empty-desired',
    message: `${toldOf(first)}${more}`,
    release:
      first.what === 'devices'
        ? 'Mend its selector, or delete the policy; or apply with --allow empty-desired=DEVICE'
        : 'Name its members, those who are to go with access: absent; or apply with --allow empty-desired=DEVICE',
  };
}

function toldOf({ ref: { kind, name, source }, what, devices, last }: Case): string {
  const at = last === null ? '' : ` at ${last.slice(0, 16)}Z`;
  const count = devices === 1 ? '1 device' : `${devices} devices`;
  const policy = `${kind} ${name} (${source.file}:${source.line})`;
  return what === 'devices'
    ? `${policy} matches nothing now, and matched ${count}${at}`
    : `${policy} names no members now, and named some for ${count}${at}`;
}

function warningOf(one: Case): string {
  return `${toldOf(one)}: what takes access there is held.`;
}

/** Who is who: names and SIDs as inventories and the provider's own list show them. */
import { type ErrorCode, TrueupError } from '../errors.ts';
import type { Principal, Source } from '../model/desired.ts';
import type { GroupMember } from '../model/inventory.ts';
import type { Observation } from '../model/observed.ts';
import { BUILTIN_ADMINISTRATOR_RID, compareText, isLocalSid, localSid, type Sid } from '../model/sid.ts';

export interface Names {
  /** Every SID that goes by this name, sorted; names compare without case, as Windows compares them. */
  sidsOf(name: string): readonly Sid[];
  /** Null: nobody could resolve it. Of several names of one SID the same one always. */
  nameOf(sid: Sid): string | null;
  /** All that `nameOf` knows, sorted. */
  readonly pairs: () => readonly (readonly [Sid, string])[];
}

/**
 * Pairs come from inventories and from `EdrProvider.spec.principals`, from nowhere else. A local account is no pair:
 * its SID means something on its own machine only.
 */
export function namesIn(observation: Observation, principals: ReadonlyMap<string, Sid>): Names {
  const sids = new Map<string, Set<Sid>>();
  const names = new Map<Sid, string>();
  const learn = (name: string, sid: Sid): void => {
    // Thousands of texts show the same pairs.
    if (names.get(sid) === name) return;
    const key = name.toLowerCase();
    const known = sids.get(key);
    if (known) known.add(sid);
    else sids.set(key, new Set([sid]));
    const other = names.get(sid);
    if (other === undefined || compareText(name, other) < 0) names.set(sid, name);
  };
  const isShown = new Uint8Array(observation.texts.length);
  for (const text of observation.devices.textIndexes) isShown[text] = 1;
  for (const [index, text] of observation.texts.entries()) {
    if (isShown[index] === 0 || text.kind !== 'inventory') continue;
    for (const group of text.inventory.groups) {
      for (const member of group.members) {
        const name = nameIn(member);
        if (name !== null && !isLocalSid(member.sid)) learn(name, member.sid);
      }
    }
  }
  for (const [name, sid] of principals) learn(name, sid);
  return {
    sidsOf: (name) => [...(sids.get(name.toLowerCase()) ?? [])].toSorted(compareText),
    nameOf: (sid) => names.get(sid) ?? null,
    pairs: () => [...names].toSorted(([a], [b]) => compareText(a, b)),
  };
}

/** An empty name, or one of a domain alone (`CSTEST\`), is a malformed member and no name (npsd-domain.md 1.14). */
export function nameIn(member: GroupMember): string | null {
  const name = member.name?.trim() ?? '';
  return name === '' || name.endsWith('\\') ? null : name;
}

/** A principal as a device is asked for it; `null` where nobody knows it. */
export type Target = { readonly sid: Sid } | { readonly localName: string };

export interface NameProblem {
  readonly code: Extract<ErrorCode, 'TRUEUP_NAME_UNRESOLVED' | 'TRUEUP_NAME_AMBIGUOUS'>;
  readonly name: string;
  readonly message: string;
  readonly source: Source;
}

export function targetOf(principal: Principal, source: Source, names: Names, problems: NameProblem[]): Target | null {
  if ('sid' in principal) return { sid: principal.sid };
  if ('builtin' in principal) return { sid: localSid(BUILTIN_ADMINISTRATOR_RID) };
  if ('localName' in principal) return { localName: principal.localName };
  const name = principal.domainName;
  const [sid, ...others] = names.sidsOf(name);
  if (sid !== undefined && others.length === 0) return { sid };
  problems.push(
    sid === undefined
      ? { code: 'TRUEUP_NAME_UNRESOLVED', name, source, message: `No SID is known for ${name}.` }
      : {
          code: 'TRUEUP_NAME_AMBIGUOUS',
          name,
          source,
          message: `${name} is the name of more than one SID: ${[sid, ...others].join(', ')}.`,
        },
  );
  return null;
}

/** Throws the first problem by file and line, and counts the others. */
export function refuseProblems(problems: readonly NameProblem[]): void {
  const byPlace = new Map<string, NameProblem>();
  for (const problem of problems) {
    byPlace.set(`${problem.source.file}:${problem.source.line} ${problem.name}`, problem);
  }
  const [first, ...others] = [...byPlace.values()].toSorted(
    (a, b) => compareText(a.source.file, b.source.file) || a.source.line - b.source.line || compareText(a.name, b.name),
  );
  if (first === undefined) return;
  const more = [...new Set(others.map((problem) => problem.name))].filter((name) => name !== first.name);
  const message =
    more.length === 0 ? first.message : `${first.message} Names with such a problem besides: ${more.join(', ')}.`;
  throw new TrueupError(first.code, message, { source: `${first.source.file}:${first.source.line}` });
}

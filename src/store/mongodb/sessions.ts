/**
 * Who has access for a time just now, as NPS-D's administrators inventory of a computer says it (npsd-domain.md 1.1):
 * an entry of `admins.current` that is marked `active` or `expiring`. Requests in NPS-D's `queue` do not name their
 * computer in any published way, and are not looked at.
 */
import type { ProviderFields } from '../../model/provider-fields.ts';
import { shortName } from '../../model/selector.ts';
import { compareText, domainOf, isSid, localSid, ridOf, type Sid } from '../../model/sid.ts';
import { type Document, invalid, isObject, valueAt } from './fields.ts';

/** The inventory has far more of each entry, and may be long. */
export function sessionPaths({ computer }: ProviderFields): readonly string[] {
  return ['sid', 'domain', 'active', 'expiring'].map((key) => `${computer.administrators}.${key}`);
}

export interface Machine {
  readonly name: string;
  /** Null: no report has told it yet. */
  readonly machineSid: Sid | null;
}

/** Sorted; accounts of the machine itself as `~-RID`. `path`: of the inventory. Raises TRUEUP_STORE_INVALID. */
export function sessionsIn(document: Document, path: string, machine: Machine, record: string): readonly Sid[] {
  const entries = valueAt(document, path) ?? [];
  if (!Array.isArray(entries)) return invalid(record, path, 'a list', entries);
  const sessions = new Set<Sid>();
  for (const entry of entries) {
    // One without a SID is no member that a plan could speak of (F27).
    if (!isObject(entry) || !isMarked(entry)) continue;
    const { sid } = entry;
    if (typeof sid !== 'string' || !isSid(sid)) continue;
    const local = isLocal(sid, entry, machine);
    if (!local) sessions.add(sid);
    // Where nobody can tell whose account it is, it counts as either: to hold is safe.
    if (local || isOfUnknown(entry, machine)) sessions.add(localSid(ridOf(sid)));
  }
  return [...sessions].toSorted(compareText);
}

/** Characters of a computer's name as Windows has it for the domain of its own accounts. */
const netbiosLength = 15;

/** Where no report has told the machine's SID: by NPS-D's own rule, the entry's domain is the computer's name. */
export function isLocal(sid: Sid, { domain }: Document, { name, machineSid }: Machine): boolean {
  if (machineSid !== null) return domainOf(sid) === machineSid;
  if (typeof domain !== 'string') return false;
  const short = shortName(name).toLowerCase();
  return [short, short.slice(0, netbiosLength)].includes(domain.toLowerCase());
}

/** Neither the machine's SID nor the entry's domain says whether the entry is of the machine. */
export function isOfUnknown({ domain }: Document, { machineSid }: Machine): boolean {
  return machineSid === null && (typeof domain !== 'string' || domain === '');
}

/** Of what type the marks are is published nowhere: whatever is neither false nor empty is one, since to hold is safe. */
function isMarked({ active, expiring }: Document): boolean {
  return Boolean(active) || Boolean(expiring);
}

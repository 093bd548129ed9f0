/**
 * Who stays in an exact group without being declared.
 *
 * Terms: a member is *declared* when a policy names it, *left* when one of the rules below names it, and *excess*
 * otherwise. To leave somebody alone is to count them among the desired ones before the diff, so that the diff itself
 * knows no exceptions: what it finds in excess goes.
 *
 * The rules: a keep pattern matches the SID, the resolved name, or for an account of the machine its plain name; the
 * built-in Administrator is a member of Administrators always (windows-accounts.md C7); the account that LAPS manages
 * is LAPS's (C28).
 */
import type { Inventory } from '../model/inventory.ts';
import { ADMINISTRATORS, BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, ridOf, type Sid } from '../model/sid.ts';
import { userNumbered } from './local-users.ts';
import type { Names } from './names.ts';
import type { Kept } from './policy-groups.ts';
import type { Told } from './wanted.ts';

/** Null: LAPS manages no account of this machine. Where the report names none, it is the built-in Administrator. */
export function lapsSid(inventory: Pick<Inventory, 'laps'>): Sid | null {
  return inventory.laps.mode === 'none' ? null : localSid(inventory.laps.rid ?? BUILTIN_ADMINISTRATOR_RID);
}

/** The rule that leaves the member alone; null: none does. */
export function whyLeft(
  inventory: Inventory,
  group: Sid,
  keep: readonly Kept[],
  sid: Sid,
  names: Names,
): Pick<Told, 'rule' | 'why'> | null {
  if (group === ADMINISTRATORS && sid === localSid(BUILTIN_ADMINISTRATOR_RID)) return builtIn;
  if (sid === lapsSid(inventory)) return ofLaps;
  const name = memberName(inventory, sid, names);
  for (const { pattern, policy } of keep) {
    if (!pattern.test(sid) && (name === null || !pattern.test(name))) continue;
    return { rule: policy, why: `kept by the pattern ${pattern.source}` };
  }
  return null;
}

const builtIn = { rule: null, why: 'RID 500 is a member of Administrators always' };
const ofLaps = { rule: null, why: 'the account belongs to Windows LAPS' };

/** The plain name of a local account, the resolved one of any other; null: an orphan. */
export function memberName(inventory: Inventory, sid: Sid, names: Names): string | null {
  return isLocalSid(sid) ? (userNumbered(inventory, ridOf(sid))?.name ?? null) : names.nameOf(sid);
}

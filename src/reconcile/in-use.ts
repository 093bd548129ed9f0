/**
 * Accounts that something runs as (windows-accounts.md C10). An inventory does not tell, since asking takes a device
 * longer than a sensor may. So the device is the judge, and what it refused is believed for a while.
 */
import { canonicalJson } from '../model/canonical.ts';
import type { Operation } from '../model/operation.ts';
import type { InUse } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';

/** What ran as an account may have moved since: after this long the device is asked again, by the change itself. */
const believedHours = 24;

/** What an operation is kept under: the same whatever order its keys have, as in a plan that was saved. */
export function refusalKey(operation: Operation): string {
  // Whichever rotation it is, it is of the same account.
  return canonicalJson(operation.kind === 'password.rotate' ? { ...operation, rotation: null } : operation);
}

/** What the device would refuse still: `refusalKey`, sorted, and what runs as the account. `now`: ISO time. */
export function inUseAt(refused: Readonly<Record<string, InUse>>, now: string): ReadonlyMap<string, string> {
  const believed = Object.entries(refused).filter(([, { at }]) => isBelieved(at, now));
  const messages = believed.map(([key, { message }]): [string, string] => [key, message]);
  return new Map(messages.toSorted(([a], [b]) => compareText(a, b)));
}

/** With one refusal more, under its `refusalKey`; without those that are not believed any more. */
export function withRefusal(
  refused: Readonly<Record<string, InUse>>,
  key: string,
  refusal: InUse,
): Readonly<Record<string, InUse>> {
  const believed = Object.entries(refused).filter(([, { at }]) => isBelieved(at, refusal.at));
  return { ...Object.fromEntries(believed), [key]: refusal };
}

function isBelieved(at: string, now: string): boolean {
  return Date.parse(now) - Date.parse(at) < believedHours * 3_600_000;
}

/** As somebody wants it who has said that what runs as the account may break. */
export function ignoringDependents(operation: Operation): Operation {
  switch (operation.kind) {
    case 'account.disable':
    case 'account.delete':
    case 'account.rename':
    case 'password.rotate':
      return { ...operation, dependents: 'ignore' };
    default:
      return operation;
  }
}

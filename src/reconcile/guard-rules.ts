/** What holds a change of one device, guard by guard; null: the guard does not. */
import { subjectKey } from '../model/drift.ts';
import type { Operation } from '../model/operation.ts';
import type { ChangeKind } from '../model/plan.ts';
import { ADMINISTRATORS, BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, ridOf } from '../model/sid.ts';
import { systemName } from './culprit.ts';
import { lapsSid } from './handsoff.ts';
import { refusalKey } from './in-use.ts';
import { hasPowerShell } from './scan-readiness.ts';
import type { Situation } from './situation.ts';
import type { Attributed, Hold } from './wanted.ts';

/** RIDs below are Windows' own accounts, which cannot be deleted. */
const firstOwnRid = 1000;

/** Asked again, the device would refuse it again. */
export function dependents({ operations }: Attributed, { inUse }: Situation): Hold | null {
  if (inUse.size === 0) return null;
  const message = operations.map((operation) => inUse.get(refusalKey(operation))).find((one) => one !== undefined);
  if (message === undefined) return null;
  return {
    guard: 'dependents',
    message: `the device refused: ${message}`,
    release:
      'Move that to another account, and the device is asked again 24 hours after it refused; or apply with ' +
      '--allow dependents=DEVICE, and see to what breaks',
  };
}

/** To correct once more would only be undone once more, and hide that two manage the same thing. */
export function contested({ kind, subject, operations }: Attributed, { contests }: Situation): Hold | null {
  const contest = contests.get(subjectKey(kind, subject));
  if (contest === undefined || operations.some(asksAgain)) return null;
  const { times, actor } = contest;
  // Group Policy sets the members of a group anew at each refresh (windows-accounts.md C29).
  const likely = kind.startsWith('group.')
    ? 'Group Policy (Restricted Groups, or Local Users and Groups)'
    : 'another management tool, or an administrator';
  // What Group Policy does, the machine's own log says that the machine did.
  const named = actor !== null && actor !== systemName;
  return {
    guard: 'contested',
    message: `put right ${times} times in 24 hours and undone each time, ${named ? `by ${actor}` : `likely by ${likely}`}`,
    release: 'Settle who manages it, or apply with --allow contested=DEVICE',
  };
}

/** For what became of a rotation: that settles what is unknown, and overrules nobody. */
function asksAgain(operation: Operation): boolean {
  return operation.kind === 'password.rotate' && operation.rotation !== null;
}

/** What takes access from whoever was given it for a time, and works with it now; that it ends is not ours to hasten. */
export function inSession({ kind, subject, sid }: Attributed, { sessions }: Situation): Hold | null {
  if (sid === null || !sessions.has(sid) || !takesAccess(kind)) return null;
  const who = subject['name'] ?? subject['member'] ?? subject['account'] ?? sid;
  return {
    guard: 'active-session',
    message: `${who} has a session in progress`,
    release: 'Wait for its end, or apply with --allow active-session=DEVICE',
  };
}

/** Whether somebody who can get in would be kept out. */
export function takesAccess(kind: ChangeKind): boolean {
  return kind === 'group.remove' || kind === 'account.disable' || kind === 'account.delete';
}

export function observing({ computer: { enforcement } }: Situation): Hold | null {
  if (enforcement?.value !== 'observe') return null;
  return {
    guard: 'observe',
    message: 'enforcement is observe',
    release: `Set enforcement: enforce in ComputerPolicy ${enforcement.policy.name}`,
  };
}

export function builtIn({ kind, subject, sid }: Attributed): Hold | null {
  if (sid === null || !isLocalSid(sid)) return null;
  if (kind === 'account.delete' && ridOf(sid) < firstOwnRid) {
    return { guard: 'built-in', message: "one of Windows' own accounts cannot be deleted", release: null };
  }
  const leaves = kind === 'group.remove' && subject['group'] === ADMINISTRATORS;
  if (leaves && sid === localSid(BUILTIN_ADMINISTRATOR_RID)) {
    return { guard: 'built-in', message: 'RID 500 cannot leave Administrators', release: null };
  }
  return null;
}

/** LAPS blocks edits of its account, and is what gets people in; that it be a member of one more group is no edit. */
export function lapsOwned({ kind, sid }: Attributed, { inventory }: Situation): Hold | null {
  if (kind === 'group.add' || sid === null || sid !== lapsSid(inventory)) return null;
  return { guard: 'laps-owned', message: 'the account belongs to Windows LAPS', release: null };
}

/** Under `--only`, what enables Protect may be declared and not of this run. */
export function withoutProtect({ computer }: Situation): Hold {
  const { protect } = computer;
  return {
    guard: 'protect-disabled',
    message: 'Protect is Disabled, and only Protect may change a device',
    release:
      protect === null || protect.value === 'Disabled'
        ? 'Declare protect: JITA or Deny in a ComputerPolicy'
        : `Apply ComputerPolicy ${protect.policy.name} first`,
  };
}

/** The script is written for Windows PowerShell 5.1, and changes nothing in constrained language. */
export function notReady({ inventory }: Situation): Hold | null {
  const { powershell, language } = inventory;
  if (language === 'constrained') {
    return {
      guard: 'not-ready',
      message: 'PowerShell runs in constrained language mode',
      release: 'Allow the scripts in the application control policy',
    };
  }
  if (hasPowerShell(inventory)) return null;
  return {
    guard: 'not-ready',
    message: `Windows PowerShell is ${powershell}, and 5.1 is needed`,
    release: 'Install Windows Management Framework 5.1',
  };
}

/** What may be changed on a device now, and what is held back by which guard. */
import type { Protect } from '../model/desired.ts';
import { subjectKey } from '../model/drift.ts';
import type { Guard } from '../model/guard.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ChangeKind } from '../model/plan.ts';
import type { Contest } from '../model/recorded.ts';
import { ADMINISTRATORS, BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, ridOf, type Sid } from '../model/sid.ts';
import { systemName } from './culprit.ts';
import { lapsSid } from './handsoff.ts';
import { ignoringDependents, refusalKey } from './in-use.ts';
import { takesLastAdministrator } from './last-admin.ts';
import type { Names, Target } from './names.ts';
import type { ComputerSettings } from './policy.ts';
import { type Attributed, changesDevice, type Hold } from './wanted.ts';

export interface Judgement {
  readonly allowed: readonly Attributed[];
  readonly held: readonly HeldBack[];
}

export interface HeldBack {
  readonly change: Attributed;
  readonly hold: Hold;
}

/** What the guards know of a class of equal devices. */
export interface Situation {
  readonly inventory: Inventory;
  readonly computer: ComputerSettings;
  readonly recovery: readonly Target[];
  readonly names: Names;
  /** As recorded now; the record's own changes come first and count. */
  readonly protect: Protect | null;
  /** UTC day. */
  readonly today: string;
  /** A freeze, a suspension, a time outside the windows, or an integration that is not on yet; null: none of them. */
  readonly pause: Hold | null;
  /** What somebody keeps undoing, by `subjectKey`. */
  readonly contests: ReadonlyMap<string, Contest>;
  /** `subjectKey` of removals of members whose accounts are gone beyond doubt. */
  readonly orphans: ReadonlySet<string>;
  /** By `refusalKey`: what runs as the account, as the device said when it refused. */
  readonly inUse: ReadonlyMap<string, string>;
  /** Members whose session is in progress. */
  readonly sessions: ReadonlySet<Sid>;
  /** Why no access is taken from these devices at all: a policy that they were under matches nothing now. */
  readonly emptied: Hold | null;
  /** Guards that do not hold in this run. */
  readonly setAside: ReadonlySet<Guard>;
}

/** RIDs below are Windows' own accounts, which cannot be deleted. */
const firstOwnRid = 1000;

/**
 * One held change does not hold its neighbours, but for those that depend on it. The last administrator comes last:
 * what the other guards let through is what would happen.
 */
export function judge(changes: readonly Attributed[], situation: Situation): Judgement {
  const held = new Map<Attributed, Hold>();
  const protect = protectAfter(changes, situation);
  for (const change of changes) {
    const hold = holdOn(change, situation, protect);
    if (hold !== null) held.set(change, hold);
  }
  holdDependingOn(changes, held);
  const passed = changes.filter((change) => !held.has(change));
  if (!situation.setAside.has('last-admin')) {
    for (const change of takesLastAdministrator(passed, situation)) held.set(change, lastAdmin);
  }
  return {
    allowed: changes.filter((change) => !held.has(change)).map((change) => asAllowed(change, situation)),
    held: changes.flatMap((change) => {
      const hold = held.get(change);
      return hold === undefined ? [] : [{ change, hold }];
    }),
  };
}

/** What would break a service is refused by the device, unless it is told that somebody said so for this one. */
function asAllowed(change: Attributed, { setAside }: Situation): Attributed {
  if (!setAside.has('dependents')) return change;
  return { ...change, operations: change.operations.map(ignoringDependents) };
}

/** The record is written first, unless it may not be written at all: the device is judged in the state after it. */
function protectAfter(changes: readonly Attributed[], { computer, protect, setAside }: Situation): Protect {
  const enforced = computer.enforcement?.value !== 'observe' || setAside.has('observe');
  for (const { kind, subject, to } of enforced ? changes : []) {
    if (kind === 'computer.set' && subject['field'] === 'protect') return to as Protect;
    if (kind === 'computer.enroll') return computer.protect?.value ?? 'Disabled';
  }
  return protect ?? 'Disabled';
}

/** The first guard that holds the change and is not set aside. */
function holdOn(change: Attributed, situation: Situation, protect: Protect): Hold | null {
  const holds = changesDevice(change) ? holdsOnDevice(change, situation, protect) : holdsOnRecord(change, situation);
  return holds.find((hold) => hold !== null && !situation.setAside.has(hold.guard)) ?? null;
}

function holdsOnRecord({ kind }: Attributed, situation: Situation): readonly (Hold | null)[] {
  return kind === 'computer.set' ? [observing(situation), situation.pause] : [];
}

function holdsOnDevice(change: Attributed, situation: Situation, protect: Protect): readonly (Hold | null)[] {
  return [
    observing(situation),
    situation.pause,
    builtIn(change),
    laps(change, situation.inventory),
    protect === 'Disabled' ? withoutProtect(situation) : null,
    notReady(situation.inventory),
    isGone(change, situation) ? null : change.obstacle,
    dependents(change, situation),
    contested(change, situation),
    inSession(change, situation),
    takesAccess(change.kind) ? situation.emptied : null,
  ];
}

/** The obstacle is that nobody can resolve the member, and the ledger says that this will not change. */
function isGone({ kind, subject, obstacle }: Attributed, { orphans }: Situation): boolean {
  return obstacle?.guard === 'orphan' && orphans.has(subjectKey(kind, subject));
}

/** Asked again, the device would refuse it again. */
function dependents({ operations }: Attributed, { inUse }: Situation): Hold | null {
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
function contested({ kind, subject }: Attributed, { contests }: Situation): Hold | null {
  const contest = contests.get(subjectKey(kind, subject));
  if (contest === undefined) return null;
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

/** What takes access from whoever was given it for a time, and works with it now; that it ends is not ours to hasten. */
function inSession({ kind, subject, sid }: Attributed, { sessions }: Situation): Hold | null {
  if (sid === null || !sessions.has(sid) || !takesAccess(kind)) return null;
  const who = subject['name'] ?? subject['member'] ?? subject['account'] ?? sid;
  return {
    guard: 'active-session',
    message: `${who} has a session in progress`,
    release: 'Wait for its end, or apply with --allow active-session=DEVICE',
  };
}

/** Whether somebody who can get in would be kept out. */
function takesAccess(kind: ChangeKind): boolean {
  return kind === 'group.remove' || kind === 'account.disable' || kind === 'account.delete';
}

function observing({ computer: { enforcement } }: Situation): Hold | null {
  if (enforcement?.value !== 'observe') return null;
  return {
    guard: 'observe',
    message: 'enforcement is observe',
    release: `Set enforcement: enforce in ComputerPolicy ${enforcement.policy.name}`,
  };
}

function builtIn({ kind, subject, sid }: Attributed): Hold | null {
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
function laps({ kind, sid }: Attributed, inventory: Inventory): Hold | null {
  if (kind === 'group.add' || sid === null || sid !== lapsSid(inventory)) return null;
  return { guard: 'laps-owned', message: 'the account belongs to Windows LAPS', release: null };
}

/** Under `--only`, what enables Protect may be declared and not of this run. */
function withoutProtect({ computer }: Situation): Hold {
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

const lastAdmin: Hold = {
  guard: 'last-admin',
  message: 'would leave no usable administrator',
  release: 'Add another administrator who can get in, and list them under recovery in a ComputerPolicy',
};

/** The script is written for Windows PowerShell 5.1, and changes nothing in constrained language. */
function notReady({ powershell, language }: Inventory): Hold | null {
  if (language === 'constrained') {
    return {
      guard: 'not-ready',
      message: 'PowerShell runs in constrained language mode',
      release: 'Allow the scripts in the application control policy',
    };
  }
  const [major = 0, minor = 0] = powershell.split('.').map(Number);
  if (major > 5 || (major === 5 && minor >= 1)) return null;
  return {
    guard: 'not-ready',
    message: `Windows PowerShell is ${powershell}, and 5.1 is needed`,
    release: 'Install Windows Management Framework 5.1',
  };
}

function holdDependingOn(changes: readonly Attributed[], held: Map<Attributed, Hold>): void {
  const missing = new Map<string, Hold>();
  for (const [change, hold] of held) {
    if (change.kind === 'account.create') missing.set(change.facet.key, hold);
  }
  const created = new Set(changes.filter((one) => one.kind === 'account.create').map((one) => one.facet.key));
  for (const change of changes) {
    if (change.dependsOn === null || held.has(change)) continue;
    const hold = missing.get(change.dependsOn);
    if (hold !== undefined) held.set(change, hold);
    else if (!created.has(change.dependsOn)) held.set(change, notCreated);
  }
}

/** Under `--only`: the policy that creates the account is not of this run. */
const notCreated: Hold = {
  guard: 'not-ready',
  message: 'the account is created by another policy, which is not of this run',
  release: 'Run without --only',
};

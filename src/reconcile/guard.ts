/** What may be changed on a device now, and what is held back by which guard. */
import type { Protect } from '../model/desired.ts';
import { subjectKey } from '../model/drift.ts';
import {
  builtIn,
  contested,
  dependents,
  inSession,
  lapsOwned,
  notReady,
  observing,
  takesAccess,
  withoutProtect,
} from './guard-rules.ts';
import { ignoringDependents } from './in-use.ts';
import { takesLastAdministrator } from './last-admin.ts';
import type { Situation } from './situation.ts';
import { type Attributed, changesDevice, type Hold } from './wanted.ts';

export interface Judgement {
  readonly allowed: readonly Attributed[];
  readonly held: readonly HeldBack[];
}

export interface HeldBack {
  readonly change: Attributed;
  readonly hold: Hold;
}

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
    lapsOwned(change, situation),
    protect === 'Disabled' ? withoutProtect(situation) : null,
    notReady(situation),
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

const lastAdmin: Hold = {
  guard: 'last-admin',
  message: 'would leave no usable administrator',
  release: 'Add another administrator who can get in, and list them under recovery in a ComputerPolicy',
};

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

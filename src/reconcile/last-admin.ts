/**
 * Whoever guards the machines must get in: the device is played through stage by stage, and a stage that takes its
 * last usable administrator is not allowed to.
 *
 * A *usable* administrator is in Administrators, enabled, not locked, not expired, and known to somebody: managed by
 * LAPS, or of a password that we hold, or listed under `recovery`, which is the only way for a principal from elsewhere to count. Where a device has
 * none, the last *enabled* local one is kept, and where it has none of these either, the last member from elsewhere:
 * a device is never left worse than it was.
 */
import type { Inventory, LocalUser } from '../model/inventory.ts';
import {
  type AccountRef,
  type MemberRef,
  type Operation,
  type Stage,
  stageOfOperation,
  stages,
} from '../model/operation.ts';
import { ADMINISTRATORS, isLocalSid, localSid, type Sid } from '../model/sid.ts';
import { lapsSid } from './handsoff.ts';
import { membersIn } from './local-users.ts';
import type { Names, Target } from './names.ts';
import { type Attributed, changesDevice } from './wanted.ts';

export interface AdministratorsFacts {
  readonly inventory: Inventory;
  readonly recovery: readonly Target[];
  /** Accounts whose passwords we hold: one that this plan rotates is not among them until it has answered. */
  readonly heldAccounts: ReadonlySet<Sid>;
  readonly names: Names;
  /** UTC day: an account whose last day it is, or was, has expired. */
  readonly today: string;
}

/** The changes among these that must not happen. */
export function takesLastAdministrator(
  changes: readonly Attributed[],
  facts: AdministratorsFacts,
): ReadonlySet<Attributed> {
  const held = new Set<Attributed>();
  if (!changes.some(changesDevice)) return held;
  let machine = machineOf(facts.inventory);
  let ranks = ranksOf(machine, facts);
  for (const stage of stages) {
    const due = changes.filter((change) => !held.has(change) && operationsIn(change, stage).length > 0);
    if (due.length === 0) continue;
    const after = played(machine, due, stage);
    const ranksAfter = ranksOf(after, facts);
    const lost = lostBetween(ranks, ranksAfter);
    if (lost.size === 0) {
      [machine, ranks] = [after, ranksAfter];
      continue;
    }
    const others = due.filter((change) => !takesAny(machine, change, stage, lost));
    for (const change of due) if (!others.includes(change)) held.add(change);
    machine = played(machine, others, stage);
    ranks = ranksOf(machine, facts);
  }
  return held;
}

/** Somebody who is meant to can get in and administer the device. */
export function hasUsableAdministrator(facts: AdministratorsFacts): boolean {
  const [usable] = ranksOf(machineOf(facts.inventory), facts);
  return usable.size > 0;
}

/** The machine as far as administrators go; a state is never changed, a stage makes the next one. */
interface Machine {
  readonly users: ReadonlyMap<Sid, Account>;
  readonly members: ReadonlySet<Sid>;
}

interface Account extends Pick<LocalUser, 'name' | 'enabled' | 'locked' | 'expires'> {
  /** Lower-case names that it has or had: who may use it knows it by either. */
  readonly knownAs: readonly string[];
  /** Made by this plan: nobody knows its password. */
  readonly fresh: boolean;
}

function machineOf(inventory: Inventory): Machine {
  return {
    users: new Map(
      inventory.users.map((user) => [
        localSid(user.rid),
        { ...user, knownAs: [user.name.toLowerCase()], fresh: false },
      ]),
    ),
    members: new Set(membersIn(inventory, ADMINISTRATORS).map((member) => member.sid)),
  };
}

function operationsIn(change: Attributed, stage: Stage): readonly Operation[] {
  return change.operations.filter((operation) => stageOfOperation(operation) === stage);
}

function played(machine: Machine, changes: readonly Attributed[], stage: Stage): Machine {
  const users = new Map(machine.users);
  const members = new Set(machine.members);
  for (const change of changes) {
    for (const operation of operationsIn(change, stage)) play(users, members, operation);
  }
  return { users, members };
}

function play(users: Map<Sid, Account>, members: Set<Sid>, operation: Operation): void {
  switch (operation.kind) {
    case 'account.create':
      users.set(`new ${operation.name.toLowerCase()}`, {
        name: operation.name,
        knownAs: [],
        enabled: false,
        locked: false,
        expires: null,
        fresh: true,
      });
      return;
    case 'account.enable':
      return edit(users, operation.account, { enabled: true });
    case 'account.disable':
      return edit(users, operation.account, { enabled: false });
    case 'account.unlock':
      return edit(users, operation.account, { locked: false });
    case 'account.rename':
      return edit(users, operation.account, { name: operation.to });
    case 'account.delete': {
      const sid = sidOf(users, operation.account);
      if (sid !== null) {
        users.delete(sid);
        members.delete(sid);
      }
      return;
    }
    case 'account.set':
    case 'password.rotate':
      return;
    case 'group.add':
    case 'group.remove':
      if (operation.group !== ADMINISTRATORS) return;
      for (const member of operation.members) {
        const sid = memberSid(users, member);
        if (sid === null) continue;
        if (operation.kind === 'group.add') members.add(sid);
        else members.delete(sid);
      }
  }
}

function edit(users: Map<Sid, Account>, ref: AccountRef, fields: Partial<Account>): void {
  const sid = sidOf(users, ref);
  const account = sid === null ? undefined : users.get(sid);
  if (sid === null || account === undefined) return;
  const knownAs = fields.name === undefined ? account.knownAs : [...account.knownAs, fields.name.toLowerCase()];
  users.set(sid, { ...account, ...fields, knownAs });
}

function sidOf(users: ReadonlyMap<Sid, Account>, ref: AccountRef): Sid | null {
  if ('rid' in ref) return localSid(ref.rid);
  const name = ref.name.toLowerCase();
  for (const [sid, account] of users) if (account.name.toLowerCase() === name) return sid;
  return null;
}

function memberSid(users: ReadonlyMap<Sid, Account>, member: MemberRef): Sid | null {
  return 'sid' in member ? member.sid : sidOf(users, { name: member.localName });
}

/** Best first; each administrator in every rank that it has. */
type Ranks = readonly [usable: ReadonlySet<Sid>, enabled: ReadonlySet<Sid>, elsewhere: ReadonlySet<Sid>];

function ranksOf(
  { users, members }: Machine,
  { inventory, recovery, heldAccounts, names, today }: AdministratorsFacts,
): Ranks {
  const laps = lapsSid(inventory);
  const usable = new Set<Sid>();
  const enabled = new Set<Sid>();
  const elsewhere = new Set<Sid>();
  const isListed = (sid: Sid, knownAs: readonly string[]): boolean =>
    recovery.some((target) =>
      'sid' in target ? target.sid === sid : knownAs.includes(target.localName.toLowerCase()),
    );
  for (const sid of members) {
    const account = users.get(sid);
    if (account === undefined) {
      if (isLocalSid(sid)) continue;
      if (isListed(sid, [])) usable.add(sid);
      if (names.nameOf(sid) !== null) elsewhere.add(sid);
      continue;
    }
    if (!account.enabled || account.fresh) continue;
    enabled.add(sid);
    const expired = account.expires !== null && account.expires <= today;
    const isKnown = sid === laps || heldAccounts.has(sid) || isListed(sid, account.knownAs);
    if (!account.locked && !expired && isKnown) usable.add(sid);
  }
  return [usable, enabled, elsewhere];
}

/** Those whom a stage takes from a device that keeps nobody as good; none: it may. */
function lostBetween(before: Ranks, after: Ranks): ReadonlySet<Sid> {
  for (const [rank, mine] of before.entries()) {
    if (mine.size === 0) continue;
    const left = after.slice(0, rank + 1).some((others) => others.size > 0);
    return left ? new Set() : mine;
  }
  return new Set();
}

/** Whether this change is one of those that take them: alone, it would take at least one. */
function takesAny(machine: Machine, change: Attributed, stage: Stage, lost: ReadonlySet<Sid>): boolean {
  const { users, members } = played(machine, [change], stage);
  return [...lost].some((sid) => {
    const account = users.get(sid);
    return !members.has(sid) || (isLocalSid(sid) && account?.enabled !== true);
  });
}

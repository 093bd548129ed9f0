/**
 * A Windows machine as far as administrators go, written apart from the planner's own model of it: what a plan sends is
 * carried out here command by command, and the tests look at what has become of it.
 */
import type { Principal, RecoveryPrincipal } from '../../src/model/desired.ts';
import type { Inventory, LocalUser } from '../../src/model/inventory.ts';
import type { AccountRef, MemberRef, Operation } from '../../src/model/operation.ts';
import { ADMINISTRATORS, isLocalSid, localSid, type Sid } from '../../src/model/sid.ts';
import { now, user } from './world.ts';

export interface Account extends LocalUser {
  /** Made by the plan: nobody knows its password. */
  readonly fresh: boolean;
  /** How often its password was changed. */
  readonly passwords: number;
  readonly knownAs: readonly string[];
}

export interface Machine {
  readonly users: Map<Sid, Account>;
  readonly admins: Set<Sid>;
  readonly recovery: readonly RecoveryPrincipal[];
  readonly laps: Sid | null;
  /** Accounts that have the password which is held: while one is changed, both are. */
  readonly known: ReadonlySet<Sid>;
}

function sidOf({ users }: Machine, ref: AccountRef | MemberRef): Sid | null {
  if ('sid' in ref) return ref.sid;
  if ('rid' in ref) return localSid(ref.rid);
  const name = ('name' in ref ? ref.name : ref.localName).toLowerCase();
  return [...users].find(([, { name: other }]) => other.toLowerCase() === name)?.[0] ?? null;
}

/** False: the device refuses it, and runs nothing further. */
export function run(machine: Machine, operation: Operation): boolean {
  const { users, admins } = machine;
  if (operation.kind === 'account.create') {
    const sid = localSid(2000 + users.size);
    users.set(sid, { ...user(0, operation.name, { enabled: false }), fresh: true, passwords: 0, knownAs: [] });
    return true;
  }
  if (operation.kind === 'group.add' || operation.kind === 'group.remove') {
    for (const one of operation.members) {
      const sid = sidOf(machine, one);
      if (sid === null) return false;
      if (operation.kind === 'group.add') admins.add(sid);
      else admins.delete(sid);
    }
    return true;
  }
  const sid = sidOf(machine, operation.account);
  const found = sid === null ? undefined : users.get(sid);
  if (sid === null || found === undefined) return false;
  switch (operation.kind) {
    case 'account.rename':
      if (sidOf(machine, { name: operation.to }) !== null) return false;
      users.set(sid, { ...found, name: operation.to, knownAs: [...found.knownAs, operation.to] });
      return true;
    case 'account.delete':
      admins.delete(sid);
      return users.delete(sid);
    case 'account.enable':
    case 'account.disable':
      users.set(sid, { ...found, enabled: operation.kind === 'account.enable' });
      return true;
    case 'password.rotate':
      users.set(sid, { ...found, fresh: false, passwords: found.passwords + 1 });
      return true;
    case 'account.unlock':
      users.set(sid, { ...found, locked: false });
      return true;
    case 'account.set':
      if (operation.property === 'Description') users.set(sid, { ...found, description: String(operation.value) });
      return true;
  }
}

function isListed(principal: Principal, sid: Sid, knownAs: readonly string[]): boolean {
  if ('sid' in principal) return principal.sid === sid;
  if ('builtin' in principal) return sid === localSid(500);
  return 'localName' in principal && knownAs.includes(principal.localName);
}

/** Of the administrators, those who can get in, and the local ones that are enabled. */
export function waysIn({ users, admins, recovery, laps, known }: Machine): {
  readonly usable: number;
  readonly enabled: number;
} {
  let [usable, enabled] = [0, 0];
  for (const sid of admins) {
    const found = users.get(sid);
    const listed = recovery.some(({ principal }) => isListed(principal, sid, found?.knownAs ?? []));
    if (found === undefined) {
      if (listed && !isLocalSid(sid)) usable += 1;
      continue;
    }
    if (!found.enabled || found.fresh) continue;
    enabled += 1;
    const expired = found.expires !== null && found.expires <= now.slice(0, 10);
    if (!found.locked && !expired && (listed || sid === laps || known.has(sid))) usable += 1;
  }
  return { usable, enabled };
}

/** The machine that shows this. */
export function machineOf(
  { users, groups, laps }: Pick<Inventory, 'users' | 'groups' | 'laps'>,
  recovery: readonly RecoveryPrincipal[],
  known: ReadonlySet<Sid> = new Set(),
): Machine {
  const members = groups.find(({ sid }) => sid === ADMINISTRATORS)?.members ?? [];
  return {
    users: new Map(
      users.map((one) => [
        localSid(one.rid),
        { ...one, fresh: false, passwords: 0, knownAs: [one.name.toLowerCase()] },
      ]),
    ),
    admins: new Set(members.map(({ sid }) => sid)),
    recovery,
    known,
    laps: laps.mode === 'none' ? null : localSid(laps.rid ?? 500),
  };
}

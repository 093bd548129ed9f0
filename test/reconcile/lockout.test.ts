/**
 * Nobody is locked out, at no command of no plan: random devices and policies, the plan's operations carried out one by
 * one, and after each the administrators counted as 4-plan-engine.md defines them, apart from the guard's own code.
 * Several devices share the policies, so that some get what they need from several actions.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Principal, RecoveryPrincipal } from '../../src/model/desired.ts';
import type { Inventory, LocalUser } from '../../src/model/inventory.ts';
import type { AccountRef, MemberRef, Operation } from '../../src/model/operation.ts';
import { ADMINISTRATORS, isLocalSid, localSid, type Sid } from '../../src/model/sid.ts';
import {
  account,
  computers,
  contractor,
  domainAdmins,
  helpdesk,
  inventory,
  member,
  membership,
  now,
  plan,
  user,
} from './world.ts';

interface Account extends LocalUser {
  /** Made by the plan: nobody knows its password. */
  readonly fresh: boolean;
  readonly knownAs: readonly string[];
}

interface Machine {
  readonly users: Map<Sid, Account>;
  readonly admins: Set<Sid>;
  readonly recovery: readonly RecoveryPrincipal[];
  readonly laps: Sid | null;
}

function sidOf({ users }: Machine, ref: AccountRef | MemberRef): Sid | null {
  if ('sid' in ref) return ref.sid;
  if ('rid' in ref) return localSid(ref.rid);
  const name = ('name' in ref ? ref.name : ref.localName).toLowerCase();
  return [...users].find(([, { name: other }]) => other.toLowerCase() === name)?.[0] ?? null;
}

/** False: the device refuses it, and runs nothing further. */
function run(machine: Machine, operation: Operation): boolean {
  const { users, admins } = machine;
  if (operation.kind === 'account.create') {
    const sid = localSid(2000 + users.size);
    users.set(sid, { ...user(0, operation.name, { enabled: false }), fresh: true, knownAs: [] });
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
    case 'account.unlock':
      users.set(sid, { ...found, locked: false });
      return true;
    case 'account.set':
      return true;
  }
}

function isListed(principal: Principal, sid: Sid, knownAs: readonly string[]): boolean {
  if ('sid' in principal) return principal.sid === sid;
  if ('builtin' in principal) return sid === localSid(500);
  return 'localName' in principal && knownAs.includes(principal.localName);
}

/** Of the administrators, those who can get in, and the local ones that are enabled. */
function waysIn({ users, admins, recovery, laps }: Machine): { readonly usable: number; readonly enabled: number } {
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
    if (!found.locked && !expired && (listed || sid === laps)) usable += 1;
  }
  return { usable, enabled };
}

const names = ['alice', 'bob', 'carol'];
const locals = names.map((_, index) => localSid(1001 + index));
const strangers = [domainAdmins, helpdesk, contractor];

const accountState = fc.record({
  enabled: fc.boolean(),
  locked: fc.boolean(),
  expires: fc.constantFrom(null, null, '2026-03-01', '2027-01-01'),
});
const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.constantFrom(...strangers).map((sid) => ({ sid, name: null })),
  fc.constantFrom(...names, 'corp_breakglass').map((localName) => ({ localName })),
  fc.constant({ builtin: 'administrator' as const }),
);
const key = (value: unknown): string => JSON.stringify(value);

const device = fc.record({
  builtin: accountState,
  users: fc.tuple(...names.map(() => fc.option(accountState))),
  admins: fc.subarray([...strangers, ...locals]),
  laps: fc.constantFrom(
    { mode: 'none' as const, rid: null },
    { mode: 'ad' as const, rid: null },
    { mode: 'entra' as const, rid: 1001 },
  ),
});

const world = fc.record({
  devices: fc.array(device, { minLength: 1, maxLength: 8 }),
  recovery: fc.array(principal, { maxLength: 3 }),
  mode: fc.constantFrom('exact' as const, 'include' as const),
  members: fc.uniqueArray(
    fc.record({ of: principal, access: fc.constantFrom('persistent', 'persistent', 'absent', 'jita') }),
    { selector: ({ of }) => key(of), maxLength: 4 },
  ),
  accounts: fc.uniqueArray(
    fc.record({
      of: fc.oneof(
        fc.constantFrom(...names, 'corp_breakglass').map((name) => ({ name })),
        fc.constant({ builtin: 'administrator' as const }),
      ),
      ensure: fc.constantFrom('present', 'present', 'absent'),
      enabled: fc.option(fc.boolean()),
      renameTo: fc.constantFrom(null, null, 'renamed'),
    }),
    { selector: ({ of }) => key(of), maxLength: 3 },
  ),
});

/** What the inventory of a device shows, and the machine that it is of. */
function deviceOf(
  { builtin, users, admins, laps }: typeof device extends fc.Arbitrary<infer T> ? T : never,
  recovery: readonly RecoveryPrincipal[],
): { readonly state: Inventory; readonly machine: Machine } {
  const present = [
    user(500, 'Administrator', builtin),
    ...users.flatMap((state, index) => (state === null ? [] : [user(1001 + index, names[index] ?? '', state)])),
  ];
  const sids = new Set(present.map(({ rid }) => localSid(rid)));
  const inside = admins.filter((sid) => !isLocalSid(sid) || sids.has(sid));
  return {
    state: inventory({ users: present, admins: inside, laps }),
    machine: {
      users: new Map(
        present.map((one) => [localSid(one.rid), { ...one, fresh: false, knownAs: [one.name.toLowerCase()] }]),
      ),
      admins: new Set([localSid(500), ...inside]),
      recovery,
      laps: laps.mode === 'none' ? null : localSid(laps.rid ?? 500),
    },
  };
}

it('no command of a plan takes the last way in', () => {
  let [commands, severalActions] = [0, 0];
  fc.assert(
    fc.property(world, ({ devices, recovery, mode, members, accounts }) => {
      const listed = recovery.map((one) => ({ principal: one, how: 'in the safe' }));
      const made = devices.map((one) => deviceOf(one, listed));
      const { actions } = plan({
        desired: {
          computers: [computers({ protect: 'JITA', recovery: listed })],
          memberships: [membership({ mode, members: members.map(({ of, access }) => member(of, access)) })],
          accounts: accounts.map(({ of, ensure, enabled, renameTo }, index) =>
            account({
              name: `account-${index}`,
              account: of,
              ensure,
              ...(enabled === null ? {} : { enabled }),
              ...(renameTo === null ? {} : { renameTo }),
            }),
          ),
        },
        seen: made.map(({ state }, index) => ({ id: String(index + 1), state })),
      });
      for (const [index, { machine }] of made.entries()) {
        const own = actions.filter(({ targets }) => targets.includes(String(index + 1)));
        if (own.length > 1) severalActions += 1;
        const before = waysIn(machine);
        for (const operation of own.flatMap(({ operations }) => operations)) {
          if ('group' in operation) expect(operation.group).toBe(ADMINISTRATORS);
          if (!run(machine, operation)) break;
          commands += 1;
          const { usable, enabled } = waysIn(machine);
          if (before.usable > 0) expect(usable, JSON.stringify(operation)).toBeGreaterThan(0);
          else if (before.enabled > 0) expect(usable + enabled, JSON.stringify(operation)).toBeGreaterThan(0);
          expect(machine.admins.has(localSid(500)) && machine.users.has(localSid(500))).toBe(true);
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(commands).toBeGreaterThan(1000);
  expect(severalActions).toBeGreaterThan(100);
});

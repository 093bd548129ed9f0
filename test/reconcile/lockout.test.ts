/**
 * Nobody is locked out, at no command of no plan: random devices and policies, the plan's operations carried out one by
 * one, and after each the administrators counted as 4-plan-engine.md defines them, apart from the guard's own code.
 * Several devices share the policies, so that some get what they need from several actions.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeclaredAccount, Principal, RecoveryPrincipal } from '../../src/model/desired.ts';
import type { Inventory, RotationMark } from '../../src/model/inventory.ts';
import type { Holding } from '../../src/model/recorded.ts';
import { ADMINISTRATORS, isLocalSid, localSid, type Sid } from '../../src/model/sid.ts';
import { type Machine, machineOf, run, waysIn } from './machine.ts';
import {
  account,
  computer,
  computers,
  contractor,
  domainAdmins,
  helpdesk,
  holding,
  inventory,
  member,
  membership,
  now,
  plan,
  rotated,
  rotation,
  user,
} from './world.ts';

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

/** `held`: the account has the one that is held · `other`: it has another one · `asked`: the outcome is not known. */
const passwordStates = ['none', 'held', 'held', 'other', 'asked'] as const;

const device = fc.record({
  builtin: accountState,
  users: fc.tuple(...names.map(() => fc.option(accountState))),
  admins: fc.subarray([...strangers, ...locals]),
  laps: fc.constantFrom(
    { mode: 'none' as const, rid: null },
    { mode: 'ad' as const, rid: null },
    { mode: 'entra' as const, rid: 1001 },
  ),
  /** Of each account, the built-in one first, how its password stands. */
  passwords: fc.tuple(...[500, 1001, 1002, 1003].map(() => fc.constantFrom(...passwordStates))),
});

const world = fc.record({
  devices: fc.array(device, { minLength: 1, maxLength: 8 }),
  recovery: fc.array(principal, { maxLength: 3 }),
  rotated: fc.subarray([...names, 'corp_breakglass', 'builtin']),
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
  { builtin, users, admins, laps, passwords }: typeof device extends fc.Arbitrary<infer T> ? T : never,
  recovery: readonly RecoveryPrincipal[],
): { readonly state: Inventory; readonly machine: Machine; readonly holdings: readonly Holding[] } {
  const present = [
    user(500, 'Administrator', builtin),
    ...users.flatMap((state, index) => (state === null ? [] : [user(1001 + index, names[index] ?? '', state)])),
  ];
  const sids = new Set(present.map(({ rid }) => localSid(rid)));
  const inside = admins.filter((sid) => !isLocalSid(sid) || sids.has(sid));
  const rotations: RotationMark[] = [];
  const holdings: Holding[] = [];
  const known = new Set<Sid>();
  for (const [index, name] of ['builtin', ...names].entries()) {
    const password = passwords[index] ?? 'none';
    const rid = index === 0 ? 500 : 1000 + index;
    if (password === 'none' || !sids.has(localSid(rid))) continue;
    const open =
      password === 'asked' ? { id: 'r2', generator: 'endpoint', publicKey: 'bg==,AQAB', askedAt: now } : null;
    holdings.push(holding({ account: name, rid, open: open as Holding['open'] }));
    rotations.push({ ...rotated, rid, state: password === 'other' ? 'changed' : 'set' });
    if (password !== 'other') known.add(localSid(rid));
  }
  const state = inventory({ users: present, admins: inside, laps, rotations });
  return { state, machine: machineOf(state, recovery, known), holdings };
}

function declaredAccount(name: string): DeclaredAccount {
  return name === 'builtin' ? { builtin: 'administrator' } : { name };
}

it('no command of a plan takes the last way in', () => {
  let [commands, rotations, severalActions] = [0, 0, 0];
  fc.assert(
    fc.property(world, ({ devices, recovery, rotated: rotatedNames, mode, members, accounts }) => {
      const listed = recovery.map((one) => ({ principal: one, how: 'in the safe' }));
      const made = devices.map((one) => deviceOf(one, listed));
      const { actions } = plan({
        desired: {
          computers: [computers({ protect: 'JITA', recovery: listed })],
          memberships: [membership({ mode, members: members.map(({ of, access }) => member(of, access)) })],
          rotations: rotatedNames.length === 0 ? [] : [rotation({ accounts: rotatedNames.map(declaredAccount) })],
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
        recorded: {
          computers: made.map((_, index) => computer(String(index + 1))),
          credentials: new Map(made.map(({ holdings }, index) => [String(index + 1), holdings])),
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
          if (operation.kind === 'password.rotate') rotations += 1;
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
  expect(rotations).toBeGreaterThan(500);
  expect(severalActions).toBeGreaterThan(100);
});

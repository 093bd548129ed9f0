/** One thing by two names: what `validate` cannot see, since only a device shows that they are one (4-plan-engine.md). */
import { describe, expect, it } from 'vitest';
import type { AccountPolicy, MembershipPolicy } from '../../src/model/desired.ts';
import { releasableGuards } from '../../src/model/guard.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import {
  account,
  administrator,
  computers,
  contractor,
  domainAdmins,
  heldLines,
  helpdesk,
  inventory,
  lines,
  member,
  membership,
  plan,
  recovery,
  user,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });
const here = inventory({ admins: [domainAdmins, contractor] });
const notHere = inventory({ admins: [domainAdmins] });

function at(access: Parameters<typeof member>[1], principal: Parameters<typeof member>[0], line: number) {
  return { ...member(principal, access), source: { file: `${access}.yaml`, line } };
}

function ofMembers(state: typeof here, ...memberships: MembershipPolicy[]) {
  // Another device shows who the name is.
  const seen = [
    { id: '1', state },
    { id: '2', state: inventory({ admins: [domainAdmins, contractor] }) },
  ];
  return plan({ desired: { computers: [reachable], memberships }, seen, only: { device: 'SRV-1' } });
}

function ofAccounts(state: typeof here, ...accounts: Parameters<typeof account>[0][]) {
  const desired = {
    computers: [reachable],
    accounts: accounts.map((parts, index): AccountPolicy => account({ name: `a${index}`, line: index + 1, ...parts })),
  };
  return plan({ desired, seen: [{ id: '1', state }] });
}

describe('a member by SID and by name', () => {
  const byName = membership({ name: 'a', members: [at('persistent', 'CORP\\contractor-x', 3)] });
  const bySid = membership({ name: 'b', members: [at('absent', contractor, 8)] });

  it.each([
    ['is not removed', here, 'group.remove CORP\\contractor-x', 'b'],
    ['is not added', notHere, 'group.add CORP\\contractor-x', 'a'],
  ])('%s where both contradict each other', (_, state, change, policy) => {
    for (const policies of [
      [byName, bySid],
      [bySid, byName],
    ]) {
      const planned = ofMembers(state, ...policies);
      expect(planned.changes).toEqual([]);
      expect(planned.held).toMatchObject([
        {
          guard: 'ownership',
          message: 'one member is called differently and is persistent at persistent.yaml:3, absent at absent.yaml:8',
          release: 'Say it once, or give one of the two policies a higher priority',
          policy,
        },
      ]);
      expect(heldLines(planned)).toEqual([`ownership ${change}`]);
      expect(exitCodeOf(planned)).toBe(2);
    }
  });

  it('is what the policy of the higher priority says', () => {
    const planned = ofMembers(here, byName, { ...bySid, priority: 1 });
    expect(lines(planned.changes)).toEqual(['group.remove CORP\\contractor-x']);
    expect(planned.held).toEqual([]);
  });

  it('is in no dispute where both say the same', () => {
    const same = { ...bySid, members: [at('persistent', contractor, 8)] };
    expect([ofMembers(here, byName, same).held, lines(ofMembers(notHere, byName, same).changes)]).toEqual([
      [],
      ['group.add CORP\\contractor-x'],
    ]);
  });

  it('is held under exact where one of the two has it stay, and under include where one has it go', () => {
    const timed = { ...bySid, members: [at('jita', contractor, 8)] };
    const exact = membership({ name: 'c', mode: 'exact', members: [member(domainAdmins)] });
    expect(heldLines(ofMembers(here, byName, timed, exact))).toHaveLength(1);
    expect(heldLines(ofMembers(here, byName, timed))).toEqual([]);
    const timedOrAbsent = [timed, { ...byName, members: [at('absent', 'CORP\\contractor-x', 3)] }];
    expect(heldLines(ofMembers(here, ...timedOrAbsent))).toHaveLength(1);
  });

  it('is a matter of this device: others go on', () => {
    const [a, b] = [
      membership({ name: 'a', members: [at('persistent', { builtin: 'administrator' }, 3)], group: 'S-1-5-32-555' }),
      membership({ name: 'b', members: [at('absent', 'root', 8)], group: 'S-1-5-32-555' }),
    ];
    const root = inventory({ users: [{ ...administrator, name: 'root' }], groups: { 'S-1-5-32-555': [] } });
    const other = inventory({ groups: { 'S-1-5-32-555': [] }, users: [user(1001, 'root')] });
    const planned = plan({
      desired: { computers: [reachable], memberships: [a, b] },
      seen: [
        { id: '1', state: root },
        { id: '2', state: other },
      ],
    });
    expect(planned.held.map(({ guard, devices }) => [guard, devices])).toEqual([['ownership', ['SRV-1']]]);
    expect(planned.changes.map(({ kind, devices }) => [kind, devices])).toEqual([['group.add', ['SRV-2']]]);
  });
});

describe('an account by name and as the built-in one', () => {
  const builtin = { account: { builtin: 'administrator' as const } };
  const root = inventory({ users: [{ ...administrator, name: 'root' }] });

  it('is left as it is where both contradict each other, whatever the device has', () => {
    for (const enabled of [true, false]) {
      const state = inventory({ users: [{ ...administrator, name: 'root', enabled }] });
      const planned = ofAccounts(
        state,
        { ...builtin, enabled: true, properties: { FullName: 'f' } },
        { account: { name: 'root' }, enabled: false, properties: { Description: 'd' } },
      );
      expect(planned.changes).toEqual([]);
      expect(heldLines(planned)).toEqual([
        `ownership account.${enabled ? 'disable' : 'enable'} built-in Administrator`,
        'ownership account.set built-in Administrator Description',
        'ownership account.set built-in Administrator FullName',
      ]);
      expect(planned.held[0]?.message).toBe(
        'LocalAccount a0 (a0.yaml:1) and LocalAccount a1 (a1.yaml:2) speak of one account here, and contradict each other in enabled',
      );
    }
  });

  it('is what both say together where they do not, and the higher priority decides', () => {
    const together = ofAccounts(
      root,
      { ...builtin, enabled: true },
      { account: { name: 'root' }, enabled: true, properties: { Description: 'd' } },
    );
    expect(lines(together.changes)).toEqual([
      'account.enable built-in Administrator',
      'account.set built-in Administrator Description',
    ]);
    const higher = ofAccounts(
      root,
      { ...builtin, properties: { Description: 'low' } },
      { account: { name: 'root' }, priority: 1, properties: { Description: 'high' } },
    );
    expect([higher.held, higher.changes.map(({ to, policy }) => [to, policy])]).toEqual([[], [['high', 'a1']]]);
  });

  it('is neither there nor gone where one says present and the other absent', () => {
    const planned = ofAccounts(
      inventory({ users: [user(1005, 'old')] }),
      { account: { name: 'new' }, renameTo: 'old' },
      { account: { name: 'old' }, ensure: 'absent' },
    );
    expect(heldLines(planned)).toEqual(['ownership account.delete new']);
    expect(planned.changes).toEqual([]);
  });

  it('is one that a rename of the same plan gives the name: nothing is created beside it', () => {
    const planned = ofAccounts(
      inventory(),
      { ...builtin, renameTo: 'root' },
      { account: { name: 'root' }, properties: { Description: 'd' } },
    );
    expect(lines(planned.changes)).toEqual([
      'account.rename built-in Administrator',
      'account.set built-in Administrator Description',
    ]);
    const contrary = ofAccounts(
      inventory(),
      { ...builtin, renameTo: 'root', enabled: true },
      { account: { name: 'root' }, enabled: false },
    );
    expect(contrary.changes).toEqual([]);
    expect(heldLines(contrary)).toEqual([
      'ownership account.enable built-in Administrator',
      'ownership account.rename built-in Administrator',
    ]);
  });

  it('waits with the name that a rename gives up, and takes it afterwards', () => {
    const decoy = { account: { name: 'Administrator' }, enabled: false, properties: { Description: 'decoy' } };
    const first = ofAccounts(inventory(), { ...builtin, renameTo: 'root', enabled: true }, decoy);
    expect(lines(first.changes)).toEqual([
      'account.enable built-in Administrator',
      'account.rename built-in Administrator',
    ]);
    const second = ofAccounts(
      inventory({ users: [{ ...administrator, name: 'root', enabled: true }] }),
      { ...builtin, renameTo: 'root', enabled: true },
      decoy,
    );
    expect(lines(second.changes)).toEqual(['account.create Administrator']);
    expect([...first.held, ...second.held]).toEqual([]);
  });
});

describe('one name for two accounts', () => {
  const a = { account: { name: 'a' }, renameTo: 'x' };
  const b = { account: { name: 'b' }, renameTo: 'x' };
  const users = (...names: string[]) => inventory({ users: names.map((name, index) => user(1001 + index, name)) });

  it.each([
    ['two that are there', ['a', 'b'], ['ownership account.rename a', 'ownership account.rename b']],
    ['one that is there already', ['x', 'b'], ['ownership account.rename b']],
    ['two that are to be created', [], ['ownership account.create a', 'ownership account.create b']],
  ])('is given to none: %s', (_, names, held) => {
    const planned = ofAccounts(users(...names), names.includes('x') ? { account: { name: 'x' } } : a, b);
    expect(heldLines(planned)).toEqual(held);
    expect(planned.changes).toEqual([]);
    expect(planned.held[0]?.message).toMatch(
      /^LocalAccount a\d \(a\d\.yaml:\d\) and LocalAccount a\d \(a\d\.yaml:\d\) claim the name x for two accounts$/,
    );
  });

  it('is given to no third one either, and nobody becomes a member under it', () => {
    const planned = plan({
      desired: {
        computers: [reachable],
        accounts: [
          account({ name: 'a', ...a }),
          account({ name: 'b', ...b }),
          account({ name: 'c', account: { name: 'x' } }),
        ],
        memberships: [membership({ members: [member('x'), member(helpdesk)] })],
      },
      seen: [{ id: '1', state: users('a', 'b') }],
    });
    expect(heldLines(planned)).toEqual([
      'ownership account.create x',
      'ownership account.rename a',
      'ownership account.rename b',
      'ownership group.add x',
    ]);
    expect(planned.changes.map(({ subject }) => subject['member'])).toEqual([helpdesk]);
  });

  it('is given to the one that is missing, where the other one got it already', () => {
    const planned = ofAccounts(users('x'), a, { account: { name: 'x' }, properties: { Description: 'd' } });
    expect([lines(planned.changes), planned.held]).toEqual([['account.set a Description'], []]);
  });
});

it('nobody sets it aside: nothing would tell which of the two is meant', () => {
  expect(releasableGuards.has('ownership')).toBe(false);
});

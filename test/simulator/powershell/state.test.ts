import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../src/simulator/fleet/image.ts';
import { rolesOf } from '../../../src/simulator/fleet/roles.ts';
import { corpDirectory } from '../../../src/simulator/fleet/world.ts';
import { type FakeState, fakeStateOf, machineStateOf } from '../../../src/simulator/powershell/state.ts';
import type { Machine } from '../../../src/simulator/windows/action.ts';
import type { MachineState, SamUser } from '../../../src/simulator/windows/state.ts';

const machineSid = 'S-1-5-21-11-22-33';
const signature = { computer: 'SRV-1', domain: 'corp.example', ms: 1 };

function machine(state: MachineState): Machine {
  return {
    state,
    machineSid,
    computer: 'SRV-1',
    domain: 'corp.example',
    directory: corpDirectory,
    now: new Date('2026-03-02T09:00:00.500Z'),
  };
}

/** There and back through JSON, with what happens in between. */
function through(state: MachineState, happen: (fake: FakeState) => unknown = () => {}): MachineState {
  const fake = JSON.parse(JSON.stringify(fakeStateOf(machine(state), signature))) as FakeState;
  happen(fake);
  return machineStateOf(fake, machine(state));
}

const [typical] = rolesOf(1, 1).map(machineOf) as [MachineState];

const user: fc.Arbitrary<SamUser> = fc
  .record({
    rid: fc.integer({ min: 500, max: 0xffff_fffe }),
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fullName: fc.string({ unit: 'grapheme' }),
    description: fc.string({ unit: 'binary' }),
    flags: fc.subarray(['nc', 'nr', 'nx'] as const),
    enabled: fc.boolean(),
    locked: fc.boolean(),
    expires: fc.constantFrom(null, '2027-01-31'),
    passwordNumber: fc.nat(),
    set: fc.constantFrom(
      { passwordSet: null },
      { passwordSet: '2026-02-11' },
      { passwordSet: '2026-02-11', passwordSetAt: '2026-02-11T13:14:15Z' },
    ),
    known: fc.constantFrom({}, { password: 'Zufällig-1!' }),
  })
  .map(({ set, known, ...rest }) => ({ ...rest, ...set, ...known }));

describe('the state of a machine', () => {
  it('comes back as it went, each account and group as the very same object', () => {
    fc.assert(
      fc.property(fc.uniqueArray(user, { selector: ({ rid }) => rid, maxLength: 6 }), (users) => {
        const state = { ...typical, users: users.toSorted((a, b) => a.rid - b.rid) };
        const after = through(state);
        expect(after).toEqual(state);
        for (const [index, one] of after.users.entries()) expect(one).toBe(state.users[index]);
        for (const [index, one] of after.groups.entries()) expect(one).toBe(state.groups[index]);
      }),
    );
  });

  it('comes back so from every kind of machine', () => {
    for (const state of rolesOf(200, 7).map(machineOf)) expect(through(state)).toEqual(state);
  });

  it('keeps the day of a password that nobody set, whatever else became of its account', () => {
    const after = through(typical, ({ users }) => Object.assign(users[0] ?? {}, { userFlags: 0x1_0253 }));
    expect(after.users[0]).toEqual({ ...typical.users[0], flags: ['nc', 'nx'], enabled: false, locked: true });
    expect(after.users[1]).toBe(typical.users[1]);
  });

  it('knows a password that was set, and when to the second', () => {
    const set = { password: 'x', passwordSet: '2026-03-02T09:00:00Z' };
    const after = through(typical, ({ users }) => Object.assign(users[0] ?? {}, set));
    expect(after.users[0]).toMatchObject({
      password: 'x',
      passwordSet: '2026-03-02',
      passwordSetAt: '2026-03-02T09:00:00Z',
      passwordNumber: (typical.users[0]?.passwordNumber ?? 0) + 1,
    });
  });

  it('has the members that a group was left with, in order, the machine’s own in short', () => {
    const members = [
      { sid: `${machineSid}-1001`, kind: 'u', name: null },
      { sid: 'S-1-5-21-1-2-3-512', kind: 'g', name: 'CORP\\Domain Admins' },
    ];
    const after = through(typical, ({ groups }) => Object.assign(groups[0] ?? {}, { members }));
    expect(after.groups[0]).toEqual({
      ...typical.groups[0],
      members: [
        { sid: 'S-1-5-21-1-2-3-512', kind: 'g', name: 'CORP\\Domain Admins' },
        { sid: '~-1001', kind: 'u', name: null },
      ],
    });
  });
});

/** What undoes an action: done on a simulated device after it, it brings back the state from before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceOutcome, outcomeOf } from '../../src/apply/outcome.ts';
import { encodeOperations } from '../../src/endpoint/encode.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { decodeReports } from '../../src/endpoint/report.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Deed, InverseClass } from '../../src/model/inverse.ts';
import type { AccountRef, MemberRef, Operation } from '../../src/model/operation.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { inverseOf, madeBy } from '../../src/reconcile/inverse.ts';
import { sequenceOf } from '../../src/reconcile/stage.ts';
import type { SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import { deviceFor } from '../endpoint/vectors.ts';
import { contractor, domainAdmins, helpdesk } from './world.ts';

const remoteDesktop = 'S-1-5-32-555';

function machine(): SimulatedDevice {
  return deviceFor({ machine: 'SRV-1.corp.example' });
}

function stateOf(device: SimulatedDevice): Inventory {
  const found = parseInventory(device.inventory());
  if (found.kind !== 'inventory') throw new Error(found.message);
  return found.inventory;
}

function act(device: SimulatedDevice, operations: readonly Operation[]): DeviceOutcome {
  const lines = device.run(encodeOperations(operations));
  return outcomeOf({ operations }, '1', 'SRV-1', { name: device.name, machineSid: null }, decodeReports(lines));
}

const nothing: InverseClass = { devices: ['1'], operations: [], irreversible: [], unknown: [] };

function undoing(operations: readonly Operation[], deeds: readonly Deed[], before: Inventory | null): InverseClass {
  const { classes } = inverseOf(operations, [{ computerId: '1', deeds, before }], madeBy(operations));
  return classes[0] ?? nothing;
}

const account: fc.Arbitrary<AccountRef> = fc.constantFrom<AccountRef>(
  { name: 'ops' },
  { name: 'OLD-ops' },
  { name: 'new-1' },
  { rid: 500 },
  { rid: 1001 },
);
const group = fc.constantFrom(ADMINISTRATORS, remoteDesktop);
const members: fc.Arbitrary<readonly MemberRef[]> = fc.uniqueArray(
  fc.constantFrom<MemberRef>(
    { localName: 'ops' },
    { localName: 'Old-Ops' },
    { localName: 'new-1' },
    { sid: '~-1001' },
    { sid: domainAdmins },
    { sid: helpdesk },
    { sid: contractor },
  ),
  { minLength: 1, maxLength: 4 },
);
const text = fc.constantFrom('', 'Operations', 'On call; ask the duty manager', 'Ä');

/** All that can be undone, of accounts that are there, are made, or are nowhere; no plan gives a name that is taken. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('account.create' as const), name: fc.constantFrom('new-1', 'ops'), fullName: text }),
  fc.record({ kind: fc.constantFrom('account.enable' as const, 'account.disable' as const), account }),
  fc.record({ kind: fc.constant('account.rename' as const), account, to: fc.constantFrom('duty', 'guest2') }),
  fc.record({
    kind: fc.constant('account.set' as const),
    account,
    property: fc.constantFrom('FullName' as const, 'Description' as const),
    value: text,
  }),
  fc.record({
    kind: fc.constant('account.set' as const),
    account,
    property: fc.constantFrom('PasswordNeverExpires' as const, 'PasswordNotRequired' as const),
    value: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('group.add' as const, 'group.remove' as const), group, members }),
);

describe('the inverse of an action', () => {
  it('brings a device back to the state from before, whatever of the action it did', () => {
    let undone = 0;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), (some) => {
        const device = machine();
        const before = stateOf(device);
        const operations = sequenceOf(some);
        const { deeds } = act(device, operations);
        const { operations: back, irreversible, unknown } = undoing(operations, deeds, before);
        expect([irreversible, unknown]).toEqual([[], []]);
        if (back.length > 0) expect(act(device, back)).toMatchObject({ status: 'ok' });
        expect(stateOf(device)).toEqual(before);
        undone += back.length;
      }),
      { numRuns: 500 },
    );
    expect(undone).toBeGreaterThan(300);
  });

  it('undoes what was changed alone: neither what was so before, nor what was not run', () => {
    const enable = { kind: 'account.enable', account: { name: 'old-ops' } } as const;
    const before = stateOf(machine());
    expect(undoing([enable], [{ state: 'changed' }], before).operations).toEqual([
      { kind: 'account.disable', account: { rid: 1002 } },
    ]);
    for (const state of ['unchanged', 'not-run'] as const) {
      expect(inverseOf([enable], [{ computerId: '1', deeds: [{ state }], before }], new Set()).classes).toEqual([]);
    }
  });

  it('says what nothing undoes, and why', () => {
    const before = stateOf(machine());
    const operations: readonly Operation[] = [
      { kind: 'account.unlock', account: { name: 'old-ops' } },
      { kind: 'group.remove', group: ADMINISTRATORS, members: [{ sid: domainAdmins }, { sid: lost }] },
      { kind: 'account.delete', account: { name: 'old-ops' } },
    ];
    const deeds: readonly Deed[] = [
      { state: 'changed' },
      { state: 'changed', members: [domainAdmins, lost] },
      { state: 'changed' },
    ];
    expect(undoing(operations, deeds, before)).toMatchObject({
      operations: [{ kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: domainAdmins }] }],
      irreversible: [
        { operation: operations[0], why: expect.stringContaining('after failed logons') },
        { operation: { kind: 'group.remove', members: [{ sid: lost }] }, why: expect.stringContaining('resolve') },
        { operation: operations[2], why: expect.stringContaining('are gone') },
      ],
      unknown: [],
    });
  });

  it('says of what nobody can tell: no report, no state before, or another state than was seen', () => {
    const before = stateOf(machine());
    const enable = { kind: 'account.enable', account: { name: 'ops' } } as const;
    expect(undoing([enable], [{ state: 'unknown' }], before)).toEqual({
      ...nothing,
      unknown: [{ operation: enable, why: 'no report says whether it was done' }],
    });
    expect(undoing([enable], [], before).unknown).toHaveLength(1);
    expect(undoing([enable], [{ state: 'changed' }], null).unknown).toMatchObject([
      { why: 'nobody saw the device before' },
    ]);
    const since: readonly Operation[] = [
      { kind: 'account.create', name: 'ops' },
      { kind: 'account.disable', account: { name: 'stranger' } },
      { kind: 'group.add', group: ADMINISTRATORS, members: [{ localName: 'stranger' }] },
    ];
    for (const one of since) {
      const why = 'the device was no longer as it had been seen';
      expect(undoing([one], [{ state: 'changed' }], before)).toMatchObject({
        operations: [],
        unknown: [{ operation: one, why }],
      });
    }
  });

  it('leaves what was seen so before, although it was otherwise when the action came', () => {
    const before = stateOf(machine());
    const operations: readonly Operation[] = [
      { kind: 'account.enable', account: { name: 'ops' } },
      { kind: 'account.set', account: { rid: 1001 }, property: 'FullName', value: 'Operations' },
      { kind: 'account.rename', account: { rid: 1001 }, to: 'ops' },
      { kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: domainAdmins }] },
    ];
    const deeds = operations.map((): Deed => ({ state: 'changed' }));
    expect(undoing(operations, deeds, before)).toEqual(nothing);
  });

  it('is kept once for all devices of one state on which the same was done', () => {
    const before = stateOf(machine());
    const other = { ...before, users: before.users.filter(({ rid }) => rid !== 1002) };
    const remove = { kind: 'group.remove', group: ADMINISTRATORS, members: [{ sid: domainAdmins }] } as const;
    const done: readonly Deed[] = [{ state: 'changed', members: [domainAdmins] }];
    const { version, classes } = inverseOf(
      [remove],
      [
        ...['1', '2', '3'].map((computerId) => ({ computerId, deeds: done, before })),
        { computerId: '4', deeds: [{ state: 'unchanged' }], before },
        { computerId: '5', deeds: done, before: other },
        { computerId: '6', deeds: [], before },
      ],
      new Set(),
    );
    expect(version).toBe(1);
    expect(classes.map(({ devices }) => devices)).toEqual([['1', '2', '3', '5'], ['6']]);
  });
});

/** A member that the machine shows and nobody resolves. */
const lost = 'S-1-5-21-3623811015-3361044348-30300820-1188';

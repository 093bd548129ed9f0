import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOperations } from '../../../src/endpoint/encode.ts';
import { parseInventory } from '../../../src/endpoint/inventory.ts';
import { decodeReports, type Report } from '../../../src/endpoint/report.ts';
import { TrueupError } from '../../../src/errors.ts';
import type { Inventory } from '../../../src/model/inventory.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { parseFleet } from '../../../src/simulator/fleet/file.ts';
import { generateFleet, type SimulatedDevice } from '../../../src/simulator/fleet/fleet.ts';

const administrators = 'S-1-5-32-544';
const domainAdmins = 'S-1-5-21-1004336348-1177238915-682003330-512';
const contractor = 'S-1-5-21-1004336348-1177238915-682003330-1106';

function server(): SimulatedDevice {
  const text = `
devices:
  - name: SRV-1.corp.example
    kind: server
    machineSid: S-1-5-21-1-2-3
    users: [{ name: ops, flags: [nx] }]
    groups: [{ sid: ${administrators}, members: [~-500, ops, ${domainAdmins}] }]
`;
  const [device] = parseFleet(text, 'test').devices;
  if (!device) throw new Error('no device');
  return device;
}

function run(device: SimulatedDevice, operations: readonly Operation[], at?: Date): readonly Report[] {
  const wire = encodeOperations(operations).replaceAll(
    /[^A-Za-z0-9]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  const decoded = decodeReports(device.run(wire, at));
  expect(decoded).toMatchObject({ cut: false, ignored: 0 });
  return decoded.reports;
}

function inventoryOf(device: SimulatedDevice): Inventory {
  const parsed = parseInventory(device.inventory());
  if (parsed.kind !== 'inventory') throw new Error(parsed.message);
  return parsed.inventory;
}

function membersOf(device: SimulatedDevice): readonly string[] {
  const group = inventoryOf(device).groups.find(({ sid }) => sid === administrators);
  return group?.members.map(({ sid }) => sid) ?? [];
}

const breakglass: readonly Operation[] = [
  {
    kind: 'account.create',
    name: 'corp_breakglass',
    fullName: 'Break-glass administrator',
    description: 'Managed by Trueup',
  },
  { kind: 'account.enable', account: { name: 'corp_breakglass' } },
  { kind: 'account.set', account: { name: 'corp_breakglass' }, property: 'PasswordNeverExpires', value: true },
  { kind: 'group.add', group: administrators, members: [{ localName: 'corp_breakglass' }, { sid: contractor }] },
  { kind: 'group.remove', group: administrators, members: [{ localName: 'ops' }] },
];

describe('a simulated Windows device', () => {
  it('is put back to a snapshot, whatever was done to it since', () => {
    const device = server();
    const [before, restore] = [device.truth(), device.snapshot()];
    run(device, breakglass);
    expect(device.truth()).not.toEqual(before);
    restore();
    expect(device.truth()).toEqual(before);
  });

  it('#4 #5 #9 #10 #11 is changed as asked, and says so', () => {
    const device = server();
    expect(run(device, breakglass).map(({ status, changed }) => [status, changed])).toEqual(
      breakglass.map(() => ['ok', true]),
    );
    expect(inventoryOf(device).users.find((user) => user.name === 'corp_breakglass')).toMatchObject({
      rid: 1002,
      fullName: 'Break-glass administrator',
      description: 'Managed by Trueup',
      enabled: true,
      flags: ['nx'],
      passwordSet: '2026-03-02',
    });
    expect(membersOf(device)).toEqual([contractor, domainAdmins, '~-1002', '~-500']);
  });

  it('#185 changes nothing the second time, and answers that', () => {
    const device = server();
    run(device, breakglass);
    const before = device.inventory();
    expect(run(device, breakglass).map(({ status, changed }) => [status, changed])).toEqual(
      breakglass.map(() => ['ok', false]),
    );
    expect(device.inventory()).toBe(before);
  });

  it('ends every sequence that was done once in the same state when it is done again', () => {
    const account = fc.constantFrom({ name: 'ops' }, { name: 'new' }, { rid: 500 }, { rid: 1002 });
    const member = fc.constantFrom(
      { localName: 'ops' },
      { localName: 'new' },
      { sid: contractor },
      { sid: domainAdmins },
    );
    const group = fc.constant(administrators);
    const members = fc.array(member, { minLength: 1, maxLength: 3 });
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('account.create'), name: fc.constantFrom('new', 'ops') }),
      fc.record({ kind: fc.constantFrom('account.enable', 'account.disable', 'account.unlock'), account }),
      fc.record({
        kind: fc.constant('account.set'),
        account,
        property: fc.constant('FullName'),
        value: fc.constantFrom('', 'x'),
      }),
      fc.record({ kind: fc.constantFrom('group.add', 'group.remove'), group, members }),
      fc.record({ kind: fc.constant('account.delete'), account }),
    ) as fc.Arbitrary<Operation>;
    fc.assert(
      fc.property(operation, (one) => {
        const device = server();
        const [first] = run(device, [one]);
        const after = device.inventory();
        const [second] = run(device, [one]);
        expect(second?.status).toBe(first?.status);
        expect(second?.changed).toBe(false);
        expect(device.inventory()).toBe(after);
      }),
    );
  });

  it('#188 keeps somebody in Administrators who can log on, whatever is asked', () => {
    const account = fc.constantFrom({ name: 'ops' }, { rid: 500 });
    const member = fc.constantFrom({ localName: 'ops' }, { sid: domainAdmins }, { sid: '~-500' });
    const operation = fc.oneof(
      fc.record({ kind: fc.constantFrom('account.disable', 'account.delete', 'account.enable'), account }),
      fc.record({
        kind: fc.constant('group.remove'),
        group: fc.constant(administrators),
        members: fc.array(member, { minLength: 1, maxLength: 3 }),
      }),
    ) as fc.Arbitrary<Operation>;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), (operations) => {
        const device = server();
        for (const one of operations) run(device, [one]);
        const { users } = inventoryOf(device);
        const able = membersOf(device).filter(
          (sid) => sid === domainAdmins || users.some((user) => `~-${user.rid}` === sid && user.enabled),
        );
        expect(able.length).toBeGreaterThan(0);
        expect(membersOf(device)).toContain('~-500');
      }),
    );
  });

  it('stops after the first command that fails, and numbers all', () => {
    const device = server();
    const reports = run(device, [
      { kind: 'account.disable', account: { name: 'ops' } },
      { kind: 'account.delete', account: { rid: 500 } },
      { kind: 'group.remove', group: administrators, members: [{ sid: domainAdmins }] },
    ]);
    expect(reports.map(({ n, of, status, changed }) => [n, of, status, changed])).toEqual([
      [1, 3, 'ok', true],
      [2, 3, 'failed', false],
      [3, 3, 'skipped', false],
    ]);
    expect(membersOf(device)).toContain(domainAdmins);
  });

  it('fits 64 commands into the action log', () => {
    const operations = Array.from({ length: 64 }, (): Operation => ({ kind: 'account.enable', account: { rid: 500 } }));
    expect(server().run(encodeOperations(operations)).length).toBeLessThanOrEqual(90);
  });

  it('has the time that it is told', () => {
    const device = server();
    run(device, [{ kind: 'account.create', name: 'late' }], new Date('2026-07-01T23:59:59Z'));
    expect(inventoryOf(device).users.find((user) => user.name === 'late')?.passwordSet).toBe('2026-07-01');
  });

  it('shows no host name, machine SID or clock in its inventory', () => {
    for (const device of generateFleet({ devices: 40, drift: 0.5, seed: 4 }).devices) {
      const text = device.inventory();
      expect(text).not.toContain(device.name.split('.')[0]);
      const local = device
        .truth()
        .groups.flatMap((group) => group.members)
        .find((sid) => sid.endsWith('-500'));
      if (local) expect(text).not.toContain(local.slice(0, -4));
      expect(text).not.toMatch(/\d\d:\d\d/);
      expect(text).not.toContain('\n');
    }
  });
});

describe('the truth about a device', () => {
  it('has whole SIDs and the SHA-256 of each password', () => {
    const { users, groups } = server().truth();
    expect(groups.find((group) => group.sid === administrators)?.members).toEqual([
      domainAdmins,
      'S-1-5-21-1-2-3-1001',
      'S-1-5-21-1-2-3-500',
    ]);
    for (const user of users) expect(user.passwordId).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(users.map((user) => user.passwordId)).size).toBe(users.length);
    expect(users.every((user) => user.passwordId !== createHash('sha256').update('').digest('hex'))).toBe(true);
  });

  it('tells an account that was made anew from the one before it', () => {
    const device = server();
    const ops = (): unknown => device.truth().users.find((user) => user.name === 'ops');
    const before = ops();
    run(device, [
      { kind: 'account.delete', account: { name: 'ops' } },
      { kind: 'account.create', name: 'ops' },
    ]);
    expect(ops()).toMatchObject({ rid: 1002, enabled: false });
    expect(ops()).not.toEqual(before);
  });

  it('of equal devices is apart: what one does leaves the others as they are', () => {
    const { devices } = generateFleet({ devices: 400, drift: 0, seed: 1 });
    const texts = devices.map((device) => device.inventory());
    const twin = devices.findIndex((device, index) => texts.indexOf(device.inventory()) !== index);
    const original = texts.indexOf(texts[twin] ?? '');
    devices[twin]?.disturb({ group: { sid: administrators, add: [contractor] } });
    expect(devices[twin]?.inventory()).not.toBe(texts[twin]);
    expect(devices[original]?.inventory()).toBe(texts[twin]);
  });
});

describe('somebody at a device', () => {
  it('changes members and accounts past the guards of the scripts', () => {
    const device = server();
    device.disturb({
      group: { sid: administrators, add: [contractor, 'S-1-5-21-1-2-3-501'], remove: ['~-500', domainAdmins] },
    });
    expect(membersOf(device)).toEqual([contractor, '~-1001', '~-501']);
    device.disturb({ user: { name: 'OPS', enabled: false }, actor: 'CORP\\helpdesk-7' });
    expect(inventoryOf(device).users.find((user) => user.name === 'ops')?.enabled).toBe(false);
    device.disturb({ user: { name: 'ops', delete: true } });
    expect(membersOf(device)).toEqual([contractor, '~-501']);
    const text = device.inventory();
    device.disturb({ group: { sid: administrators, add: [contractor], remove: ['S-1-5-21-9-9-9-9'] } });
    expect(device.inventory()).toBe(text);
  });

  it.each([
    [{ user: { name: 'nobody', enabled: true } }, 'the device has no account nobody'],
    [{ group: { sid: 'S-1-5-32-1', add: [] } }, 'the device has no group S-1-5-32-1'],
    [{ group: { sid: administrators, add: ['CORP\\x'] } }, 'CORP\\x is not a SID'],
    [{ group: { sid: administrators, add: ['~-4711'] } }, 'the device has no account ~-4711'],
  ])('cannot do what the device does not have: %j', (change, message) => {
    const device = server();
    const before = device.inventory();
    expect(() => device.disturb({ user: { name: 'ops', enabled: false }, ...change })).toThrow(
      new TrueupError('TRUEUP_SIMULATOR', message),
    );
    expect(device.inventory()).toBe(before);
  });
});

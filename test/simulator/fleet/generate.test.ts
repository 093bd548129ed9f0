import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../src/endpoint/inventory.ts';
import type { Inventory } from '../../../src/model/inventory.ts';
import { isSid } from '../../../src/model/sid.ts';
import { type Fleet, generateFleet, type SimulatedDevice } from '../../../src/simulator/fleet/fleet.ts';

function inventoryOf(device: SimulatedDevice): Inventory {
  const parsed = parseInventory(device.inventory());
  if (parsed.kind !== 'inventory') throw new Error(`${device.name}: ${parsed.message}`);
  return parsed.inventory;
}

/** Whether a device differs from `examples/minimal`, told from its inventory alone. */
function differs(device: SimulatedDevice): string[] {
  const { users, groups, os } = inventoryOf(device);
  if (os.kind === 'dc') return [];
  const found: string[] = [];
  const account = users.find((user) => user.name === 'corp_breakglass');
  if (!account) found.push('account.create');
  else {
    if (!account.enabled) found.push('account.enable');
    if (account.fullName !== 'Break-glass administrator') found.push('FullName');
    if (account.description !== 'Managed by Trueup') found.push('Description');
    if (!account.flags.includes('nx')) found.push('PasswordNeverExpires');
  }
  if (device.domain !== 'corp.example') return found;
  const members = groups.find((group) => group.sid === 'S-1-5-32-544')?.members ?? [];
  const sids = new Set(members.map((member) => member.sid));
  if (!sids.has('S-1-5-21-1004336348-1177238915-682003330-512')) found.push('add Domain Admins');
  if (!account || !sids.has(`~-${account.rid}`)) found.push('add corp_breakglass');
  for (const { sid } of members) {
    const local = users.find((user) => `~-${user.rid}` === sid);
    if (sid === '~-500' || sid === `~-${account?.rid}` || sid.endsWith('-682003330-512')) continue;
    if (sid.startsWith('S-1-5-21-3623811015-3361044348-30300820-') || sid.startsWith('S-1-12-1-')) continue;
    if (local?.name === 'lapsadmin') continue;
    found.push(local ? 'remove local' : 'remove stranger');
  }
  return found;
}

function changeable(device: SimulatedDevice): boolean {
  const { os, powershell, language } = inventoryOf(device);
  return os.kind !== 'dc' && powershell === '5.1' && language === 'full';
}

function groupCount(device: SimulatedDevice): number {
  return inventoryOf(device).groups.length;
}

function texts(fleet: Fleet): string[] {
  return fleet.devices.map((device) => `${device.computerId} ${device.name} ${device.inventory()}`);
}

describe('a generated fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    const fleet = generateFleet({ devices: 60, drift: 0.3, seed: 1 });
    expect(texts(generateFleet({ devices: 60, drift: 0.3, seed: 1 }))).toEqual(texts(fleet));
    expect(texts(generateFleet({ devices: 60, drift: 0.3, seed: 2 }))).not.toEqual(texts(fleet));
    expect(fleet.devices.map((device) => device.truth())).toEqual(
      generateFleet({ devices: 60, drift: 0.3, seed: 1 }).devices.map((device) => device.truth()),
    );
  });

  it('keeps its devices whatever the drift', () => {
    const who = (drift: number): unknown =>
      generateFleet({ devices: 200, drift, seed: 5 }).devices.map(({ computerId, name, os, domain }) => [
        computerId,
        name,
        os,
        domain,
      ]);
    expect(who(0.8)).toEqual(who(0));
  });

  it.each([1, 3, 9, 10, 19, 20, 50, 1000])('of %i devices without drift satisfies the minimal policy', (devices) => {
    const fleet = generateFleet({ devices, drift: 0, seed: devices });
    expect(fleet.devices).toHaveLength(devices);
    expect(fleet.devices.flatMap(differs)).toEqual([]);
    expect(fleet.devices.every((device) => device.online)).toBe(true);
  });

  it('differs in exactly the share that drift says, of those that can be changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 120 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (devices, drift, seed) => {
          const fleet = generateFleet({ devices, drift, seed });
          const different = fleet.devices.filter((device) => differs(device).length > 0);
          const possible = fleet.devices.filter(changeable).length;
          expect(different.length).toBe(Math.min(Math.round(drift * devices), possible));
          expect(different.every(changeable)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('differs in every way that the minimal policy can express, on some devices in several', () => {
    const fleet = generateFleet({ devices: 100, drift: 0.5, seed: 3 });
    const ways = fleet.devices.map(differs);
    expect(new Set(ways.flat())).toEqual(
      new Set([
        'account.create',
        'account.enable',
        'FullName',
        'Description',
        'PasswordNeverExpires',
        'add Domain Admins',
        'add corp_breakglass',
        'remove local',
        'remove stranger',
      ]),
    );
    expect(ways.some((found) => found.length > 2)).toBe(true);
    expect(fleet.devices.some((device) => device.domain === null && differs(device).length > 0)).toBe(true);
  });

  it('of 20 devices shows what fleets have, and most of it can be changed', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { devices } = generateFleet({ devices: 20, drift: 0, seed });
      const all = devices.map(inventoryOf);
      const admins = all.flatMap(({ groups }) => groups.find((group) => group.sid === 'S-1-5-32-544')?.members ?? []);
      expect(all.some(({ os }) => os.kind === 'dc')).toBe(true);
      expect(all.some(({ language }) => language === 'constrained')).toBe(true);
      expect(all.some(({ powershell }) => powershell === '4.0')).toBe(true);
      expect(all.some(({ laps }) => laps.mode !== 'none')).toBe(true);
      expect(all.some(({ users }) => users.some((user) => user.name === 'Gast' || user.name === 'Invité'))).toBe(true);
      expect(all.some(({ users }) => users.some(({ rid, name }) => rid === 500 && !name.startsWith('Admin')))).toBe(
        true,
      );
      expect(admins.some((member) => member.sid.startsWith('S-1-5-21-3623811015-') && member.name === null)).toBe(true);
      expect(devices.some((device) => device.domain === null && !device.name.includes('.'))).toBe(true);
      expect(new Set(devices.map((device) => device.name)).size).toBe(19);
      expect(devices.filter(changeable).length).toBeGreaterThanOrEqual(17);
    }
  });

  it('has an identity of its own for each device', () => {
    const { devices, byId } = generateFleet({ devices: 3000, drift: 0, seed: 9 });
    expect(byId.size).toBe(3000);
    expect(devices.every(({ computerId }) => computerId >= 1e9 && computerId <= 0xffff_ffff)).toBe(true);
    const sids = devices.flatMap((device) => device.truth().groups.flatMap((group) => group.members));
    expect(sids.every(isSid)).toBe(true);
    const administrators = new Set(sids.filter((sid) => sid.endsWith('-500')));
    expect(administrators.size).toBe(devices.filter((device) => inventoryOf(device).os.kind !== 'dc').length);
    for (const { name } of devices) expect(name.split('.')[0]?.length).toBeLessThanOrEqual(15);
  });

  it('has the local groups that Windows of its release makes, the empty ones too', () => {
    const { devices } = generateFleet({ devices: 200, drift: 0, seed: 1 });
    const countsOf = (os: string): Set<number> =>
      new Set(devices.filter((one) => one.os === os && !one.name.includes('-DC-')).map(groupCount));
    expect(countsOf('Windows 11 Enterprise')).toEqual(new Set([19]));
    expect(countsOf('Windows Server 2022 Datacenter')).toEqual(new Set([25]));
    expect(countsOf('Windows Server 2016 Standard')).toEqual(new Set([24]));
    expect(countsOf('Windows Server 2012 R2 Standard')).toEqual(new Set([22]));
    const empty = devices.flatMap((one) => inventoryOf(one).groups.filter(({ members }) => members.length === 0));
    expect(new Set(empty.map(({ sid }) => sid))).toContain('S-1-5-32-551');
  });

  it('of 20,000 devices shares texts and is made in a moment', () => {
    const { devices } = generateFleet({ devices: 20_000, drift: 0.1, seed: 1 });
    expect(new Set(devices.map((device) => device.inventory())).size).toBeLessThan(3000);
  });

  it.each([
    [{ devices: -1, drift: 0, seed: 1 }, 'a fleet has 0 to 1000000 devices, not -1'],
    [{ devices: 1.5, drift: 0, seed: 1 }, 'a fleet has 0 to 1000000 devices, not 1.5'],
    [{ devices: 1, drift: 1.1, seed: 1 }, 'drift is a share from 0 to 1, not 1.1'],
    [{ devices: 1, drift: Number.NaN, seed: 1 }, 'drift is a share from 0 to 1, not NaN'],
    [{ devices: 1, drift: 0, seed: 0.5 }, 'a seed is a whole number, not 0.5'],
  ])('cannot be made of %j', (options, message) => {
    expect(() => generateFleet(options)).toThrow(message);
  });
});

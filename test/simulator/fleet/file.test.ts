import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../src/endpoint/inventory.ts';
import { TrueupError } from '../../../src/errors.ts';
import { parseFleet } from '../../../src/simulator/fleet/file.ts';
import { loadFleet } from '../../../src/simulator/fleet/fleet.ts';

const whole = `
devices:
  - name: SRV-SQL-01.corp.example
    computerId: 1234567890
    os: Windows Server 2022 Datacenter
    machineSid: S-1-5-21-11-22-33
    powershell: "4.0"
    languageMode: constrained
    language: de
    laps: { mode: legacy, rid: 500 }
    users:
      - { rid: 500, name: root, enabled: false }
      - { name: ops, fullName: Ops, description: On call, flags: [nx, nc], locked: true, expires: 2027-01-31, passwordSet: null }
    groups:
      - sid: S-1-5-32-544
        members:
          - ~-500
          - OPS
          - S-1-5-21-1004336348-1177238915-682003330-512
          - S-1-5-21-9-9-9-1
          - { sid: S-1-5-21-9-9-9-2, name: 'OLD\\x', kind: u }
      - { sid: S-1-5-21-11-22-33-1010, name: Operators, members: [] }
  - name: WS-1
    kind: workstation
  - { name: DC-1.corp.example, kind: dc }
  - { name: web-1.corp.example, kind: linux }
  - { name: mini, kind: mac, domain: null }
`;

function problem(text: string): string {
  try {
    parseFleet(text, 'fleet.yaml');
  } catch (error) {
    if (error instanceof TrueupError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no problem';
}

describe('a fleet file', () => {
  const fleet = parseFleet(whole, 'fleet.yaml');

  it('describes a device to the last field', () => {
    const device = fleet.byId.get(1234567890);
    expect(device).toMatchObject({ name: 'SRV-SQL-01.corp.example', domain: 'corp.example', platform: 'Windows' });
    const parsed = parseInventory(device?.inventory() ?? '');
    expect(parsed.kind === 'inventory' && parsed.inventory).toMatchObject({
      os: { build: '10.0.20348', kind: 'server' },
      powershell: '4.0',
      language: 'constrained',
      laps: { mode: 'legacy', rid: 500 },
    });
    if (parsed.kind !== 'inventory') return;
    expect(parsed.inventory.users.find((user) => user.rid === 500)).toMatchObject({ name: 'root', enabled: false });
    expect(parsed.inventory.users.find((user) => user.name === 'ops')).toEqual({
      rid: 1001,
      name: 'ops',
      fullName: 'Ops',
      description: 'On call',
      flags: ['nc', 'nx'],
      enabled: true,
      locked: true,
      expires: '2027-01-31',
      passwordSet: null,
    });
    expect(parsed.inventory.users.find((user) => user.rid === 501)?.name).toBe('Gast');
    expect(parsed.inventory.groups.find((group) => group.sid === 'S-1-5-32-544')?.members).toEqual([
      { sid: 'S-1-5-21-1004336348-1177238915-682003330-512', kind: 'g', name: 'CORP\\Domain Admins' },
      { sid: 'S-1-5-21-9-9-9-1', kind: 'x', name: null },
      { sid: 'S-1-5-21-9-9-9-2', kind: 'u', name: 'OLD\\x' },
      { sid: '~-1001', kind: 'u', name: null },
      { sid: '~-500', kind: 'u', name: null },
    ]);
    expect(device?.truth().groups).toContainEqual({ sid: 'S-1-5-21-11-22-33-1010', members: [] });
  });

  it('takes a name alone for a device', () => {
    const device = fleet.devices[1];
    expect(device).toMatchObject({ name: 'WS-1', os: 'Windows 11 Enterprise', domain: null, online: true });
    expect(parseFleet(whole, 'x').devices[1]?.computerId).toBe(device?.computerId);
    const admins = device?.truth().groups.find((group) => group.sid === 'S-1-5-32-544');
    expect(admins?.members).toEqual([expect.stringMatching(/^S-1-5-21-\d+-\d+-\d+-500$/)]);
  });

  it('has domain controllers, and devices that are not Windows', () => {
    expect(JSON.parse(fleet.devices[2]?.inventory() ?? '')).toMatchObject({
      os: { kind: 'dc' },
      users: [],
      groups: [],
    });
    expect(fleet.devices[3]).toMatchObject({ platform: 'Linux', domain: 'corp.example', os: 'Debian GNU/Linux 12' });
    expect(fleet.devices[3]?.inventory()).toBe('Not available on Linux');
    expect(fleet.devices[4]).toMatchObject({ platform: 'Mac', domain: null });
    expect(fleet.devices[4]?.inventory()).toBe('Not available on Mac');
    expect(fleet.devices[3]?.run('Get-Date')).toEqual(['sh: cmd.exe: command not found']);
    expect(fleet.devices[3]?.truth()).toMatchObject({ users: [], groups: [] });
    expect(() => fleet.devices[3]?.disturb({ user: { name: 'x', enabled: false } })).toThrow(TrueupError);
  });

  it.each([
    ['', 'fleet.yaml:1:1: the file is empty'],
    ['device: []', 'fleet.yaml:1:1: unknown key; allowed are devices'],
    ['{}', 'fleet.yaml:1:1: devices is missing'],
    ['devices: 1', 'fleet.yaml:1:10: expected a list'],
    ['devices:\n  - os: x', 'fleet.yaml:2:5: name is missing'],
    ['devices:\n  - name: 5', 'fleet.yaml:2:11: expected a text (put it in quotes)'],
    ['devices:\n  - name: a b', 'fleet.yaml:2:11: a Computer Name has 1 to 255 characters and no spaces'],
    [
      'devices:\n  - name: a\n    computerID: 1',
      'fleet.yaml:3:5: unknown key; allowed are name, computerId, kind, os, build, domain, machineSid, powershell, languageMode, bits, localAccounts, language, laps, users, groups, policy, registry, cim, tasks, pools, events, files, deny, slow, broken, refuse',
    ],
    [
      'devices:\n  - {name: a, computerId: 7}\n  - {name: b, computerId: 7}',
      'fleet.yaml:3:5: the fleet has two devices of computerId 7',
    ],
    ['devices:\n  - {name: a, computerId: 0}', 'fleet.yaml:2:27: expected a whole number from 1 to 4294967295'],
    ['devices:\n  - {name: a, kind: router}', 'fleet.yaml:2:21: expected one of workstation, server, dc, linux, mac'],
    ['devices:\n  - {name: a, powershell: 5.1}', 'fleet.yaml:2:27: expected a text (put it in quotes)'],
    ['devices:\n  - {name: a, machineSid: S-1-5-18}', 'fleet.yaml:2:27: a machine SID is S-1-5-21 and three numbers'],
    ['devices:\n  - {name: a, kind: dc, users: []}', 'fleet.yaml:2:32: a domain controller has no SAM of its own'],
    ['devices:\n  - {name: a, users: [{rid: 700}]}', 'fleet.yaml:2:23: name is missing'],
    ['devices:\n  - {name: a, users: [{name: GUEST}]}', 'fleet.yaml:2:30: there are two accounts GUEST'],
    ['devices:\n  - {name: a, users: [{name: x, enabled: yes}]}', 'fleet.yaml:2:42: expected true or false'],
    ['devices:\n  - {name: a, users: [{name: x, expires: soon}]}', 'fleet.yaml:2:42: expected a day, as 2026-02-11'],
    ['devices:\n  - {name: a, laps: {mode: ad, rid: 1200}}', 'fleet.yaml:2:37: there is no account of this RID'],
    [
      'devices:\n  - {name: a, groups: [{sid: S-1-5-32-544, members: [nobody]}]}',
      'fleet.yaml:2:54: a member is a SID, or the name of a local account that users has or Windows makes',
    ],
    [
      'devices:\n  - {name: a, groups: [{sid: S-1-5-32-544, members: [~-500, ~-500]}]}',
      'fleet.yaml:2:61: ~-500 is a member already',
    ],
    ['devices:\n  - {name: a, groups: [{sid: x, name: y}]}', 'fleet.yaml:2:30: this is not a SID'],
    ['devices:\n  - &a {name: a}\n  - *a', 'fleet.yaml:3:5: a fleet file has no aliases'],
  ])('with an error says where: %j', (text, message) => {
    expect(problem(text)).toBe(`TRUEUP_SIMULATOR ${message}`);
  });

  it('that is no YAML says where too', () => {
    expect(problem('devices:\n  - {name: a')).toMatch(/^TRUEUP_SIMULATOR fleet\.yaml:2:\d+: /);
    expect(problem('devices: []\ndevices: []')).toMatch(/^TRUEUP_SIMULATOR fleet\.yaml:2:1: /);
  });

  it('is read from disk, or said to be unreadable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trueup-fleet-'));
    try {
      const file = join(folder, 'fleet.yaml');
      writeFileSync(file, whole);
      expect(loadFleet(file).devices).toHaveLength(5);
      expect(() => loadFleet(join(folder, 'none.yaml'))).toThrow(/cannot be read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

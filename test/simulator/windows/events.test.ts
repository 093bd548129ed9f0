/** The Security log of a simulated device: later it is known who did what. */
import { describe, expect, it } from 'vitest';
import { decodeReports } from '../../../src/endpoint/report.ts';
import { parseFleet } from '../../../src/simulator/fleet/file.ts';
import type { SimulatedDevice } from '../../../src/simulator/fleet/fleet.ts';

const administrators = 'S-1-5-32-544';
const corp = 'S-1-5-21-1004336348-1177238915-682003330';

function server(): SimulatedDevice {
  const text = `
devices:
  - name: SRV-1.corp.example
    kind: server
    machineSid: S-1-5-21-1-2-3
    users: [{ rid: 1001, name: ops }]
`;
  const [device] = parseFleet(text, 'test').devices;
  if (!device) throw new Error('no device');
  return device;
}

function asked(device: SimulatedDevice, at: string, ...commands: readonly string[]): readonly object[] {
  const text = commands.map((command) => `.\\secureone_management.ps1 ${command}`).join('\n');
  const { reports } = decodeReports(device.run(Buffer.from(text, 'utf8').toString('base64'), new Date(at)));
  return reports.map(({ status, data }) => ({ status, ...data }));
}

function eventsOf(device: SimulatedDevice, at = '2026-03-02T12:00:00Z', filter = ''): readonly object[] {
  const [answer] = asked(device, at, `-Target General -Action Attribution ${filter}`) as { events: object[] }[];
  return answer?.events ?? [];
}

const system = { by: 'S-1-5-18', byName: 'CORP\\SRV-1$' };
const helpdesk = { by: `${corp}-1105`, byName: 'CORP\\helpdesk-7' };

describe('the Security log of a simulated device', () => {
  it('says that our actions were done by SYSTEM, and when', () => {
    const device = server();
    asked(
      device,
      '2026-03-02T10:00:00Z',
      `-Target LocalUser -Action Create -UserNameB64 '${btoa('new')}'`,
      "-Target LocalUser -Action Enable -UserRID '1002'",
      `-Target LocalGroup -Action AddMember -MemberSID '~-1002,${corp}-1106'`,
      `-Target LocalUser -Action Rename -UserRID '1002' -PropertyValuesB64 '${btoa('newer')}'`,
    );
    const at = '2026-03-02T10:00:00Z';
    expect(eventsOf(device)).toEqual([
      { id: 4720, at, ...system, account: '~-1002' },
      { id: 4732, at, ...system, group: administrators, member: `${corp}-1106` },
      { id: 4732, at, ...system, group: administrators, member: '~-1002' },
    ]);
  });

  it('says nothing of what was so already, and nothing of what is only read', () => {
    const device = server();
    asked(
      device,
      '2026-03-02T10:00:00Z',
      "-Target LocalUser -Action Enable -UserRID '1001'",
      '-Target General -Action Inventory',
    );
    expect(eventsOf(device)).toEqual([]);
  });

  it('names whoever changed the device past us, by the SID that the domain knows', () => {
    const device = server();
    const at = new Date('2026-03-02T11:00:00Z');
    device.disturb(
      { group: { sid: administrators, add: [`${corp}-1106`], remove: [`${corp}-512`] }, actor: 'corp\\HELPDESK-7' },
      at,
    );
    const by = { at: '2026-03-02T11:00:00Z', ...helpdesk, group: administrators };
    expect(eventsOf(device, undefined, `-GroupSID '${administrators}'`)).toEqual([
      { id: 4732, member: `${corp}-1106`, ...by },
      { id: 4733, member: `${corp}-512`, ...by },
    ]);
    device.disturb({ user: { name: 'ops', enabled: false }, actor: '.\\Administrator' }, at);
    device.disturb({ user: { name: 'ops', password: 'Somebody-Elses 1' }, actor: 'CORP\\nobody-knows' }, at);
    device.disturb({ user: { name: 'ops', delete: true } }, at);
    expect(eventsOf(device, undefined, "-UserRID '1001'")).toMatchObject([
      { id: 4725, by: '~-500', byName: 'SRV-1\\Administrator' },
      { id: 4724, by: expect.stringMatching(/^S-1-5-21-\d+-\d+-\d+-1001$/), byName: 'CORP\\nobody-knows' },
      { id: 4726, ...system },
    ]);
  });

  it('goes back with the machine that is put back to a snapshot', () => {
    const device = server();
    const restore = device.snapshot();
    device.disturb({ user: { name: 'ops', enabled: false }, actor: 'CORP\\helpdesk-7' });
    expect(eventsOf(device)).toMatchObject([{ id: 4725, ...helpdesk }]);
    restore();
    expect(eventsOf(device)).toEqual([]);
  });

  it('does not grow for ever', () => {
    const device = server();
    for (let index = 0; index < 300; index += 1) {
      device.disturb({ user: { name: 'ops', enabled: index % 2 === 1 }, actor: 'CORP\\helpdesk-7' });
    }
    expect(eventsOf(device)).toHaveLength(50);
  });
});

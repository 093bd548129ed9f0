import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { addMember, administrators, corp, deploy, inventory, startCloud } from './cloud.ts';

describe('/_sim/devices', () => {
  it('shows the truth: SIDs whole, passwords as a hash', async () => {
    const cloud = await startCloud();
    const devices = (await cloud.get('/_sim/devices')).json;
    expect(devices).toHaveLength(4);
    expect(devices[0]).toMatchObject({
      computerId: 101,
      name: 'SRV-1.corp.example',
      online: true,
      os: 'Windows Server 2025 Standard',
      users: expect.arrayContaining([
        { rid: 500, name: 'Administrator', enabled: true, passwordId: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ]),
      groups: expect.arrayContaining([{ sid: administrators, members: [`${corp}-512`, 'S-1-5-21-1-1-1-500'] }]),
    });
    expect(devices[3]).toMatchObject({ name: 'lnx-4.corp.example', users: [], groups: [] });
  });
});

describe('/_sim/actions', () => {
  it('shows every action with its commands decoded, one a line, and its targets', async () => {
    const cloud = await startCloud();
    const commands = [addMember(`${corp}-1106`), inventory].join('\n');
    await deploy(cloud, commands, { name: 'one' });
    await deploy(cloud, '', {
      name: 'two',
      package_spec: { source_name: 'NPSD Management', parameters: [{ key: '$0', value: '?' }] },
    });
    expect((await cloud.get('/_sim/actions')).json).toEqual([
      {
        id: 1,
        name: 'one',
        package: 'NPSD Management',
        parameters: { EncodedCommand: commands },
        targets: [101, 102, 103],
        issuedAt: '2026-03-02T09:00:00.000Z',
      },
      expect.objectContaining({ id: 2, parameters: { EncodedCommand: '?' } }),
    ]);
  });
});

describe('/_sim/drift', () => {
  it.each(['SRV-1.corp.example', 'srv-1', 101, '101', 'SRV-1#101'])('finds its device by %j', async (device) => {
    const cloud = await startCloud();
    const body = { device, group: { sid: administrators, add: [`${corp}-1106`] }, actor: 'CORP\\somebody' };
    const { status, json } = await cloud.post('/_sim/drift', body);
    expect(status).toBe(200);
    expect(json).toMatchObject({ computerId: 101 });
    expect(json.groups[0].members).toContain(`${corp}-1106`);
  });

  it('changes accounts too', async () => {
    const cloud = await startCloud();
    const user = (change: object) =>
      cloud.post('/_sim/drift', { device: 103, user: { name: 'corp_breakglass', ...change } });
    const found = ({ json }: any) => json.users.find(({ name }: any) => name === 'corp_breakglass');
    expect(found(await user({ enabled: false }))).toMatchObject({ enabled: false });
    const passwordId = createHash('sha256').update('Somebody-Elses 1').digest('hex');
    expect(found(await user({ password: 'Somebody-Elses 1' }))).toMatchObject({ enabled: false, passwordId });
    expect(found(await user({ delete: true }))).toBeUndefined();
  });

  it.each([
    [{ device: 'SRV-9', user: { name: 'x', delete: true } }, 'the fleet has no device SRV-9'],
    [{ device: 101 }, 'user or group says what happens'],
    [{ user: { name: 'x', delete: true } }, 'device is a name or a Computer ID'],
    [{ device: 101, users: [] }, 'unknown key users; there are device, user, group, actor'],
    [
      { device: 101, user: { name: 'x', disabled: true } },
      'unknown key user.disabled; there are name, enabled, delete, password',
    ],
    [{ device: 101, user: { name: 'nobody', delete: true } }, 'the device has no account nobody'],
    [{ device: 101, user: { name: 'Guest' } }, 'user.enabled, user.delete or user.password says what happens'],
    [{ device: 101, group: { sid: administrators, add: 'x' } }, 'group.add is a list of SIDs'],
    [{ device: 101, group: { sid: administrators, add: ['x'] } }, 'x is not a SID'],
    [{ device: 101, group: { sid: 'S-1-5-32-999', add: [] } }, 'the device has no group S-1-5-32-999'],
    [{ device: 104, user: { name: 'root', delete: true } }, 'lnx-4.corp.example has no Windows accounts'],
  ])('refuses %j', async (body, message) => {
    const cloud = await startCloud();
    const answer = await cloud.post('/_sim/drift', body);
    expect([answer.status, answer.json]).toEqual([400, { error: message }]);
  });

  it('asks for the Computer ID where two devices have one name', async () => {
    const fleet = generateFleet({ devices: 20, drift: 0, seed: 1 });
    const byName = Map.groupBy(fleet.devices, ({ name }) => name);
    const [twins] = [...byName.values()].filter(({ length }) => length === 2);
    const [first, second] = twins ?? [];
    if (!first || !second) throw new Error('the fleet has no twins');
    const cloud = await startCloud({ fleet });
    const group = { sid: administrators, add: [`${corp}-1106`] };
    const vague = await cloud.post('/_sim/drift', { device: first.name, group });
    expect([vague.status, vague.json.error]).toEqual([400, expect.stringContaining(`${first.computerId} and `)]);
    const exact = await cloud.post('/_sim/drift', { device: `${second.name}#${second.computerId}`, group });
    expect(exact.json).toMatchObject({ computerId: second.computerId });
  });
});

describe('/_sim/clock', () => {
  it('moves a virtual clock, and no other', async () => {
    const cloud = await startCloud();
    const { json } = await cloud.post('/_sim/clock', { advanceSeconds: 90.5 });
    expect(json).toEqual({ now: '2026-03-02T09:01:30.500Z' });
    const fast = await startCloud({ clock: 'fast' });
    expect((await fast.post('/_sim/clock', { advanceSeconds: 1 })).json).toEqual({
      error: 'the clock is fast; only a virtual one can be advanced',
    });
  });

  it.each([
    {},
    { advanceSeconds: -1 },
    { advanceSeconds: '1' },
    { advanceSeconds: 1, now: 2 },
    { advanceSeconds: 1e12 },
  ])('refuses %j', async (body) => {
    const cloud = await startCloud();
    expect((await cloud.post('/_sim/clock', body)).status).toBe(400);
  });
});

describe('the simulator’s own end points', () => {
  it('are not counted, need no session, and name each other where there is none', async () => {
    const cloud = await startCloud();
    const strange = await cloud.send('GET', '/_sim/nothing', { headers: { session: '' } });
    expect([strange.status, strange.json.error]).toEqual([404, expect.stringContaining('POST /_sim/drift')]);
    expect((await cloud.send('POST', '/_sim/drift', { body: 'x' })).json).toEqual({ error: 'the body is not JSON' });
    expect((await cloud.send('POST', '/_sim/drift', { body: '[]' })).json).toEqual({
      error: 'the body is not a JSON object',
    });
    expect((await cloud.get('/_sim/requests')).json).toEqual({});
  });

  it('are only for who calls this machine by its own name', async () => {
    const cloud = await startCloud();
    const { port } = new URL(cloud.url);
    const asked = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, path: '/_sim/devices', headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject);
        sent.end();
      });
    expect(await asked(`localhost:${port}`)).toBe(200);
    await expect(asked('evil.example')).rejects.toThrow('socket hang up');
  });

  it('keep the counts of strange paths within bounds', async () => {
    const cloud = await startCloud();
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => cloud.get(`/scan/${index}`)));
    const counts = (await cloud.get('/_sim/requests')).json;
    expect(Object.keys(counts).length).toBe(1_001);
    expect(counts['(other paths)']).toBe(100);
  });
});

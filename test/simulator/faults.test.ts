import { describe, expect, it } from 'vitest';
import { decodeReports } from '../../src/endpoint/report.ts';
import { faultRates } from '../../src/simulator/faults.ts';
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { addMember, administrators, type Cloud, corp, deploy, inventory, startCloud } from './cloud.ts';

const contractor = `${corp}-1106`;
const sensor = 'NPS Admin Members';

async function setFaults(cloud: Cloud, rates: Readonly<Record<string, number>>, seed = 1): Promise<void> {
  const answer = await cloud.post('/_sim/faults', { rates, seed });
  if (answer.status !== 200) throw new Error(answer.text);
}

async function administratorsOf(cloud: Cloud, computerId: number): Promise<readonly string[]> {
  const device = (await cloud.get('/_sim/devices')).json.find((one: any) => one.computerId === computerId);
  return device.groups.find(({ sid }: any) => sid === administrators).members;
}

async function logOf(cloud: Cloud, action: number, computerId: number): Promise<readonly string[]> {
  const log = `Tanium Action Log[${action}]`;
  const [row] = await cloud.answers(`Get Computer ID and ${log} from all machines with Computer ID = ${computerId}`);
  return row?.[log]?.toSorted() ?? [];
}

describe('faults of the way', () => {
  it.each([
    ['unauthorized', 401, /^\{"text":"401 Unauthorized\\n\\n/],
    ['gatewayUnauthorized', 401, /^\{"Message":"User is not authorized/],
    ['forbidden', 403, /RBACInsufficientPrivilege/],
    ['tooManyRequests', 429, /^\{"text":"429 Too Many Requests\\n\\n/],
    ['multipleDocuments', 500, /^\{"text":"500[^\n]*\}\n\{/],
  ])('%s: every request is answered with %i', async (fault, status, body) => {
    const cloud = await startCloud();
    await setFaults(cloud, { [fault]: 1 });
    const answer = await cloud.get('/api/v2/client_count');
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(body)]);
    if (fault === 'tooManyRequests') expect(answer.headers.get('retry-after')).toBe('1');
    await cloud.post('/_sim/faults', {});
    expect((await cloud.get('/api/v2/client_count')).status).toBe(200);
  });

  it('serverError: 500 of the server, 502, 503 and 504 of the gateway', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { serverError: 1 });
    const statuses = new Set<number>();
    for (let nth = 0; nth < 30; nth += 1) statuses.add((await cloud.get('/api/v2/client_count')).status);
    expect(statuses).toEqual(new Set([500, 502, 503, 504]));
  });

  it('html: a page instead of JSON, with an error’s status or without', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { html: 1 });
    const answers = [];
    for (let nth = 0; nth < 12; nth += 1) answers.push(await cloud.get('/api/v2/client_count'));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 502]));
    for (const { text } of answers) expect(text).toMatch(/^<!DOCTYPE html>/);
  });

  it('reset: the connection ends, and nothing was done', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { reset: 1 });
    await expect(deploy(cloud, inventory)).rejects.toThrow('fetch failed');
    await cloud.post('/_sim/faults', {});
    expect((await cloud.get('/_sim/actions')).json).toEqual([]);
    expect((await cloud.get('/_sim/requests')).json).toEqual({ 'POST /api/v2/actions': 1 });
  });

  it('doubtful: the action is made, and its answer lost', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { doubtful: 1 });
    await expect(deploy(cloud, inventory)).rejects.toThrow('fetch failed');
    expect((await cloud.get('/api/v2/client_count')).data).toBe(4);
    expect((await cloud.get('/_sim/actions')).json).toMatchObject([{ id: 1 }]);
  });

  it('cut: the answer ends in the middle', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get Computer ID and Computer Name from all machines');
    await cloud.advance(15);
    await setFaults(cloud, { cut: 1 });
    for (const path of ['/api/v2/sensors/2', '/api/v2/sensors', `/api/v2/result_data/question/${id}`]) {
      await expect(cloud.get(path)).rejects.toThrow(/terminated|aborted|closed/);
    }
  });

  it('expiredToken: the token is good for nothing any more, until the faults are healed', async () => {
    const cloud = await startCloud();
    const other = (await cloud.post('/api/v2/api_tokens', {})).data.token_string;
    await setFaults(cloud, { expiredToken: 0.5 });
    let last = 200;
    for (let nth = 0; nth < 20; nth += 1) last = (await cloud.get('/api/v2/client_count', { session: other })).status;
    expect(last).toBe(401);
    await cloud.post('/_sim/faults', {});
    expect((await cloud.get('/api/v2/client_count', { session: other })).status).toBe(200);
  });

  it('notFound: the server does not know its own question', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get Online from all machines');
    await setFaults(cloud, { notFound: 1 });
    for (const kind of ['info', 'data']) {
      const answer = await cloud.get(`/api/v2/result_${kind}/question/${id}`);
      expect([answer.status, answer.json.text]).toEqual([404, expect.stringContaining('SensorNotFound')]);
    }
  });

  it('come as often as their rate says, the same for the same seed', async () => {
    const pattern = async (seed: number): Promise<string> => {
      const cloud = await startCloud();
      await setFaults(cloud, { forbidden: 0.3 }, seed);
      let seen = '';
      for (let nth = 0; nth < 200; nth += 1)
        seen += (await cloud.get('/api/v2/client_count')).status === 403 ? 'x' : '.';
      return seen;
    };
    const [first, same, other] = [await pattern(7), await pattern(7), await pattern(8)];
    expect(same).toBe(first);
    expect(other).not.toBe(first);
    expect(first.replaceAll('.', '').length).toBeGreaterThan(40);
    expect(first.replaceAll('.', '').length).toBeLessThan(80);
  });

  it('never touch the simulator’s own end points', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { reset: 1, serverError: 1 });
    expect((await cloud.get('/_sim/devices')).status).toBe(200);
  });
});

describe('faults of answers', () => {
  const text = `Get Computer ID and ${sensor} from all machines`;

  it('slow: machines take ten times as long', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { slow: 1 });
    const id = await cloud.ask(text);
    await cloud.advance(9);
    expect(await cloud.rows(id)).toEqual([]);
    await cloud.advance(65);
    expect(await cloud.rows(id)).toHaveLength(4);
  });

  it('lateRows: machines are counted long before their row is there', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { lateRows: 1 });
    const id = await cloud.ask(text);
    await cloud.advance(15);
    const info = (await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0];
    expect(info).toMatchObject({ mr_tested: 4, passed: 4, row_count: 0 });
    await cloud.advance(20);
    expect(await cloud.rows(id)).toHaveLength(4);
  });

  it('duplicateRows: a machine stands there twice', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { duplicateRows: 1 });
    const rows = await cloud.answers(text);
    expect(rows).toHaveLength(8);
    expect(new Set(rows.map((row) => row['Computer ID']?.[0])).size).toBe(4);
  });

  it('unavailable: the sensor never ends, and is no worse for it where it is remembered', async () => {
    const cloud = await startCloud();
    await cloud.answers(`${text} with Computer ID equals 101`);
    await setFaults(cloud, { unavailable: 1 });
    const rows = await cloud.answers(text);
    const cells = Object.fromEntries(rows.map((row) => [row['Computer ID']?.[0], row[sensor]?.[0]]));
    expect(cells).toMatchObject({ 101: expect.stringContaining('{"v":1'), 102: '[current result unavailable]' });
  });

  it('tseError: the sensor fails', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { tseError: 1 });
    for (const row of await cloud.answers(text)) expect(row[sensor]?.[0]).toMatch(/^TSE-Error: /);
  });

  it('zeroEstimate: the server does not know its fleet for ten seconds', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { zeroEstimate: 1 });
    const id = await cloud.ask(text);
    const estimate = async () =>
      (await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0].estimated_total;
    await cloud.advance(9);
    expect(await estimate()).toBe(0);
    await cloud.advance(1);
    expect(await estimate()).toBe(4);
  });

  it('offline: by name, by Computer ID, and as a share of the fleet', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 200, drift: 0, seed: 1 }) });
    await setFaults(cloud, { offline: 0.2 });
    const online = (await cloud.get('/_sim/devices')).json.filter(({ online: is }: any) => is).length;
    expect(online).toBeGreaterThan(140);
    expect(online).toBeLessThan(180);
    expect((await cloud.get('/api/v2/client_count')).data).toBe(online);
  });
});

describe('faults of actions', () => {
  it('lostOutput: the command ran, and its log is not there', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { lostOutput: 1 });
    const action = await deploy(cloud, addMember(contractor));
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
    expect(await logOf(cloud, action, 101)).toEqual(['File does not exist']);
  });

  it('cutOutput: the log ends in the middle of a line', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { cutOutput: 1 });
    const action = await deploy(cloud, [addMember(contractor), inventory].join('\n'));
    await cloud.advance(60);
    const lines = (await logOf(cloud, action, 101)).map((line) => line.slice(4));
    expect(decodeReports(lines)).toMatchObject({ reports: [{ n: 1, of: 2 }], cut: true });
  });

  it('hostileOutput: others have written into the log', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { hostileOutput: 1 });
    const action = await deploy(cloud, inventory);
    await cloud.advance(60);
    const lines = await logOf(cloud, action, 101);
    expect(lines).toHaveLength(5);
    expect(lines.some((line) => line.includes('\u001b'))).toBe(true);
  });

  it('slow: an action takes ten times as long', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { slow: 1 });
    await deploy(cloud, addMember(contractor));
    await cloud.advance(100);
    expect(await administratorsOf(cloud, 101)).not.toContain(contractor);
    await cloud.advance(300);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
  });

  it('clockSkew: the device’s own clock is days off', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { clockSkew: 1 });
    const action = await deploy(cloud, '.\\secureone_management.ps1 -Target General -Action SelfTest');
    await cloud.advance(60);
    const [report] = decodeReports((await logOf(cloud, action, 101)).map((line) => line.slice(4))).reports;
    const off = Math.abs(Date.parse(String(report?.data?.['clock'])) - Date.parse('2026-03-02T09:00:30Z'));
    expect(off).toBeGreaterThan(3_600_000);
    expect(off).toBeLessThan(3.1 * 86_400_000);
  });
});

describe('what becomes of a device afterwards', () => {
  it('revert: a minute later it is as it was before', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { revert: 1 });
    const before = await administratorsOf(cloud, 101);
    await deploy(cloud, addMember(contractor));
    await cloud.advance(40);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 101)).toEqual(before);
  });

  it('undo: an administrator takes back what we did, and what somebody else did stays', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { undo: 1 });
    const commands = [
      addMember(contractor),
      '.\\secureone_management.ps1 -Target LocalUser -Action Disable -UserRID 1001',
      `.\\secureone_management.ps1 -Target LocalUser -Action Create -UserNameB64 ${Buffer.from('extra').toString('base64')}`,
    ];
    await deploy(cloud, commands.join('\n'), { target_group: { text: 'Computer ID equals 103' } });
    await cloud.advance(36);
    const device = async () => (await cloud.get('/_sim/devices')).json[2];
    const userOf = async (wanted: string) => (await device()).users.find((user: any) => user.name === wanted);
    expect(await administratorsOf(cloud, 103)).toContain(contractor);
    expect([(await userOf('corp_breakglass')).enabled, await userOf('extra')]).toEqual([false, expect.anything()]);
    await cloud.post('/_sim/drift', { device: 103, group: { sid: administrators, add: [`${corp}-1107`] } });
    await cloud.advance(40);
    expect(await administratorsOf(cloud, 103)).not.toContain(contractor);
    expect(await administratorsOf(cloud, 103)).toContain(`${corp}-1107`);
    expect([(await userOf('corp_breakglass')).enabled, await userOf('extra')]).toEqual([true, undefined]);
  });

  it('gpo: Administrators is rewritten at once, after each action, and every five minutes', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { gpo: 1 });
    const policy = ['S-1-5-21-1-1-1-500', `${corp}-1121`, `${corp}-512`];
    const now = async () => (await administratorsOf(cloud, 101)).toSorted();
    expect(await now()).toEqual(policy.toSorted());
    await deploy(cloud, addMember(contractor), { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(36);
    expect(await now()).toContain(contractor);
    await cloud.advance(24);
    expect(await now()).toEqual(policy.toSorted());
    await cloud.post('/_sim/drift', { device: 101, group: { sid: administrators, add: [contractor] } });
    await cloud.advance(600);
    expect(await now()).toEqual(policy.toSorted());
    await cloud.post('/_sim/drift', { device: 101, group: { sid: administrators, add: [contractor] } });
    await cloud.post('/_sim/faults', {});
    await cloud.advance(86_400);
    expect(await now()).toContain(contractor);
  });

  it('is over when the faults are healed', async () => {
    const cloud = await startCloud();
    await setFaults(cloud, { revert: 1, undo: 1 });
    await deploy(cloud, addMember(contractor));
    await cloud.advance(36);
    await cloud.post('/_sim/faults', {});
    await cloud.advance(300);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
  });
});

describe('POST /_sim/faults', () => {
  it.each([
    [{ rate: {} }, 'unknown key rate; there are offline, rates, seed'],
    [{ rates: { nonsense: 1 } }, 'unknown rate nonsense; there are offline, slow,'],
    [{ rates: { slow: 2 } }, 'the rate slow is a share from 0 to 1'],
    [{ rates: { slow: '1' } }, 'the rate slow is a share from 0 to 1'],
    [{ rates: [] }, 'rates is an object'],
    [{ offline: 'SRV-1' }, 'offline is a list of Computer Names and Computer IDs'],
    [{ offline: ['SRV-9'] }, 'the fleet has no device SRV-9'],
    [{ seed: 1.5 }, 'seed is a whole number'],
  ])('refuses %j', async (body, message) => {
    const cloud = await startCloud();
    await setFaults(cloud, { offline: 1 });
    const answer = await cloud.post('/_sim/faults', body);
    expect([answer.status, answer.json.error]).toEqual([400, expect.stringContaining(message)]);
    expect((await cloud.get('/api/v2/client_count')).data).toBe(0);
  });

  it('takes every rate that is documented', async () => {
    const cloud = await startCloud();
    for (const fault of Object.keys(faultRates)) await setFaults(cloud, { [fault]: 0.5 });
    expect((await cloud.post('/_sim/faults', {})).json).toEqual({ online: 4 });
  });
});

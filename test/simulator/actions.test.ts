import { describe, expect, it } from 'vitest';
import { decodeReports } from '../../src/endpoint/report.ts';
import { domainControllerOf, oldRelease } from '../../src/simulator/fleet/image.ts';
import { noDirectory } from '../../src/simulator/fleet/world.ts';
import { WindowsDevice } from '../../src/simulator/windows/device.ts';
import { addMember, administrators, type Cloud, corp, deploy, inventory, rowsIn, startCloud } from './cloud.ts';

const contractor = `${corp}-1106`;

async function statuses(cloud: Cloud, action: number): Promise<Readonly<Record<string, string>>> {
  await cloud.get(`/api/v2/result_info/action/${action}`);
  const set = (await cloud.get(`/api/v2/result_data/action/${action}`)).data.result_sets[0];
  const rows = rowsIn(set).map((row) => [row['Computer Name']?.[0] ?? '', row['Action Statuses']?.[0] ?? '']);
  return Object.fromEntries(rows.toSorted());
}

async function administratorsOf(cloud: Cloud, computerId: number): Promise<readonly string[]> {
  const devices = (await cloud.get('/_sim/devices')).json;
  const device = devices.find((one: any) => one.computerId === computerId);
  return device.groups.find(({ sid }: any) => sid === administrators).members;
}

describe('an action', () => {
  it('is pending, open after two seconds, and closed only when it expires', async () => {
    const cloud = await startCloud();
    const body = {
      name: 'test',
      package_spec: { source_name: 'NPSD Management', parameters: [{ key: '$0', value: 'R2V0LURhdGU=' }] },
      action_group: { name: 'Default - All Computers' },
      target_group: { text: 'Operating System contains windows' },
      expire_seconds: 600,
    };
    const made = (await cloud.post('/api/v2/actions', body)).data;
    expect(made).toMatchObject({
      id: 1,
      status: 'Pending',
      start_time: '2001-01-01T00:00:00Z',
      expiration_time: '2001-01-01T00:10:00Z',
      stopped_flag: false,
      priority: 0,
      history_saved_question: { id: 0 },
      saved_action: { id: 1 },
      package_spec: {
        hidden_flag: true,
        source_hash_changed_flag: false,
        files: [{ cache_status: '' }, { cache_status: '' }],
      },
    });
    const status = async () => (await cloud.get('/api/v2/actions/1')).data;
    await cloud.advance(1);
    expect((await status()).status).toBe('Pending');
    await cloud.advance(1);
    expect(await status()).toMatchObject({
      status: 'Open',
      start_time: '2026-03-02T09:00:02Z',
      expiration_time: '2026-03-02T09:10:02Z',
      history_saved_question: { id: 3 },
    });
    await cloud.advance(100);
    expect(Object.values(await statuses(cloud, 1))).toEqual(['1:Completed.', '1:Completed.', '1:Completed.']);
    expect((await status()).status).toBe('Open');
    await cloud.advance(500);
    expect((await status()).status).toBe('Closed');
  });

  it('goes through its stages on each device by itself, and shows none at first', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, inventory);
    const seen = new Set<string>();
    expect(await statuses(cloud, action)).toEqual({});
    await cloud.advance(4);
    expect(await statuses(cloud, action)).toEqual({});
    for (let second = 0; second < 40; second += 1) {
      await cloud.advance(1);
      for (const status of Object.values(await statuses(cloud, action))) seen.add(status);
    }
    expect(seen).toEqual(new Set(['1:Waiting.', '1:Downloading.', '1:Running.', '1:Completed.']));
  });

  it('changes devices when its command ends there, and not before', async () => {
    const cloud = await startCloud();
    await deploy(cloud, addMember(contractor), { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(10);
    expect(await administratorsOf(cloud, 101)).not.toContain(contractor);
    await cloud.advance(40);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
    expect(await administratorsOf(cloud, 102)).not.toContain(contractor);
  });

  it('shows what it showed before until somebody asks for its result_info', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, inventory);
    const data = async () => (await cloud.get(`/api/v2/result_data/action/${action}`)).data.result_sets[0];
    await cloud.advance(60);
    expect(await data()).toMatchObject({ row_count: 0 });
    await cloud.get(`/api/v2/result_info/action/${action}`);
    expect(await data()).toMatchObject({ row_count: 3, columns: [{}, {}, { name: 'Count' }] });
    const later = await deploy(cloud, inventory);
    await cloud.advance(60);
    expect((await cloud.get(`/api/v2/result_data/action/${later}`)).data.result_sets[0].row_count).toBe(0);
  });

  it('shares its tracking question and its counters with all actions of its hundred', async () => {
    const cloud = await startCloud();
    const first = await deploy(cloud, inventory);
    await cloud.advance(90);
    const second = await deploy(cloud, inventory, { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(2);
    const info = (await cloud.get(`/api/v2/result_info/action/${second}`)).data.result_infos[0];
    expect(info).toMatchObject({
      mr_tested: 4,
      estimated_total: 4,
      passed: 3,
      row_count: 0,
      seconds_since_issued: 90,
      expire_seconds: 3660,
    });
    const history = async (id: number) => (await cloud.get(`/api/v2/actions/${id}`)).data.history_saved_question.id;
    expect(await history(second)).toBe(await history(first));
    expect((await cloud.get('/api/v2/saved_questions/3')).data.query_text).toBe(
      'Get Computer Name and Action Statuses matches "^\\d{1,2}:.*" from all machines with Action Statuses matches "^\\d{1,2}:.*"',
    );
  });

  it('is also known to the sensor Action Statuses', async () => {
    const cloud = await startCloud();
    await deploy(cloud, inventory, { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(60);
    const tracked = await cloud.answers(
      'Get Computer Name and Action Statuses matches "^\\d{1,2}:.*" from all machines with Action Statuses matches "^\\d{1,2}:.*"',
    );
    expect(tracked).toEqual([
      { 'Computer Name': ['SRV-1.corp.example'], 'Action Statuses': ['1:Completed.'], Count: ['1'] },
    ]);
  });

  it('reaches who is in the target group and in the action group: with Default, nobody', async () => {
    const cloud = await startCloud();
    await deploy(cloud, inventory, { action_group: { name: 'Default' } });
    await deploy(cloud, inventory, { action_group: { id: 4 }, target_group: { text: 'Computer ID in (101, 104)' } });
    await deploy(cloud, inventory, { target_group: { id: 1 } });
    await deploy(cloud, inventory, { target_group: { filters: [{ sensor: { id: 2 }, value: '102' }] } });
    const actions = (await cloud.get('/_sim/actions')).json;
    expect(actions.map(({ targets }: any) => targets)).toEqual([[], [101, 104], [101, 102, 103, 104], [102]]);
  });

  it('writes its parameters into the command percent-encoded, and keeps it whatever becomes of the package', async () => {
    const cloud = await startCloud();
    const source = (await cloud.post('/api/v2/packages', { name: 'Tag', command: 'cmd /c tag $1 $2 $1' })).data;
    const parameters = [
      { key: '$1', value: 'Größe_$2' },
      { key: '$3', value: 'unused' },
    ];
    const action = await deploy(cloud, '', { package_spec: { source_id: source.id, parameters } });
    await cloud.patch(`/api/v2/packages/${source.id}`, { command: 'cmd /c other' });
    const { package_spec: derived } = (await cloud.get(`/api/v2/actions/${action}`)).data;
    expect(derived).toMatchObject({
      command: 'cmd /c tag Gr%c3%b6%c3%9fe%5f%242 $2 Gr%c3%b6%c3%9fe%5f%242',
      source_id: source.id,
      parameters,
    });
    expect(derived.id).not.toBe(source.id);
  });

  it('without parameters is of the package itself', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, '', { package_spec: { name: 'NPSD Management' } });
    expect((await cloud.get(`/api/v2/actions/${action}`)).data.package_spec).toMatchObject({ hidden_flag: false });
    await cloud.advance(60);
    const rows = await cloud.answers(
      `Get Computer ID and Tanium Action Log[${action}] from all machines with Computer ID = 101`,
    );
    const [report] = decodeReports([rows[0]?.[`Tanium Action Log[${action}]`]?.[0]?.slice(4) ?? '']).reports;
    expect(report).toMatchObject({ status: 'refused', error: { code: 'bad-argument' } });
  });

  it('refuses a value of more than 8,191 characters', async () => {
    const cloud = await startCloud();
    const package_spec = (length: number) => ({
      source_name: 'NPSD Management',
      parameters: [{ key: '$0', value: 'a'.repeat(length) }],
    });
    await expect(deploy(cloud, '', { package_spec: package_spec(8192) })).rejects.toThrow('AddActionFailed');
    expect(await deploy(cloud, '', { package_spec: package_spec(8191) })).toBe(1);
  });

  it('does not say by Completed that its command went well, unless the package has exit-code criteria', async () => {
    const cloud = await startCloud();
    const failing = '.\\secureone_management.ps1 -Target LocalUser -Action Get -UserRID 4711';
    const plain = await deploy(cloud, failing, { target_group: { text: 'Computer ID equals 101' } });
    await cloud.patch('/api/v2/packages/by-name/NPSD%20Management', {
      exit_code_criteria: { criteria: { exit_code: 0 } },
    });
    const judged = await deploy(cloud, failing, { target_group: { text: 'Computer ID equals 101' } });
    const fine = await deploy(cloud, inventory, { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(60);
    expect(await statuses(cloud, plain)).toEqual({ 'SRV-1.corp.example': '1:Completed.' });
    expect(await statuses(cloud, judged)).toEqual({ 'SRV-1.corp.example': '2:NotSucceeded.' });
    expect(await statuses(cloud, fine)).toEqual({ 'SRV-1.corp.example': '3:Succeeded.' });
  });

  it('with a verify group is verified or not some seconds after its command', async () => {
    const cloud = await startCloud();
    const { id } = (await cloud.post('/api/v2/groups', { name: 'First', text: 'Computer ID equals 101' })).data;
    await cloud.patch('/api/v2/packages/by-name/NPSD%20Management', { verify_group: { id } });
    const action = await deploy(cloud, inventory);
    const seen = new Set<string>();
    for (let second = 0; second < 50; second += 1) {
      await cloud.advance(1);
      for (const status of Object.values(await statuses(cloud, action))) seen.add(status);
    }
    expect(seen).toContain('1:PendingVerification.');
    expect(await statuses(cloud, action)).toEqual({
      'SRV-1.corp.example': '1:Verified.',
      'SRV-2.corp.example': '1:FailedVerification.',
      'WS-3.corp.example': '1:FailedVerification.',
    });
  });

  it('without a time to expire is over at once', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, addMember(contractor), { expire_seconds: 0 });
    await cloud.advance(60);
    expect((await cloud.get(`/api/v2/actions/${action}`)).data).toMatchObject({ status: 'Closed' });
    expect(await administratorsOf(cloud, 101)).not.toContain(contractor);
  });

  it('is stopped on request, and does nothing from then on', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, addMember(contractor));
    await cloud.advance(10);
    const stop = (await cloud.post('/api/v2/action_stops', { action: { id: action } })).data;
    expect(stop).toEqual({ id: 1, action: { id: action } });
    expect((await cloud.get('/api/v2/action_stops/1')).data).toEqual(stop);
    await cloud.advance(60);
    expect((await cloud.get(`/api/v2/actions/${action}`)).data).toMatchObject({
      status: 'Stopped',
      stopped_flag: true,
    });
    expect(new Set(Object.values(await statuses(cloud, action)))).toEqual(new Set(['1:Stopped.']));
    expect(await administratorsOf(cloud, 101)).not.toContain(contractor);
  });

  it('expires on devices that never got to its end', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/faults', { rates: { stuck: 1 } });
    const action = await deploy(cloud, inventory);
    await cloud.advance(60);
    expect(new Set(Object.values(await statuses(cloud, action)))).toEqual(new Set(['1:Running.']));
    await cloud.advance(600);
    expect(new Set(Object.values(await statuses(cloud, action)))).toEqual(new Set(['1:Expired.']));
  });

  it('waits for a device that is off, and runs when it is back, unless it has expired', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/faults', { offline: [101, 102] });
    const action = await deploy(cloud, addMember(contractor));
    await cloud.advance(60);
    expect(await statuses(cloud, action)).toEqual({ 'WS-3.corp.example': '1:Completed.' });
    await cloud.post('/_sim/faults', { offline: [102] });
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
    await cloud.advance(600);
    await cloud.post('/_sim/faults', {});
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 102)).not.toContain(contractor);
  });

  it('that a device lost contact with in the middle is ended once it is back', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, addMember(contractor), { target_group: { text: 'Computer ID equals 101' } });
    await cloud.advance(16);
    await cloud.post('/_sim/faults', { offline: [101] });
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 101)).not.toContain(contractor);
    await cloud.post('/_sim/faults', {});
    await cloud.advance(60);
    expect(await statuses(cloud, action)).toEqual({ 'SRV-1.corp.example': '1:Completed.' });
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
  });

  it('is found by a name that several may have', async () => {
    const cloud = await startCloud();
    await deploy(cloud, inventory, { name: 'Trueup a/b' });
    await deploy(cloud, inventory, { name: 'Trueup a/b' });
    const { data } = await cloud.get(`/api/v2/actions/by-name/${encodeURIComponent('Trueup a/b')}`);
    expect(data.map(({ id }: any) => id)).toEqual([1, 2]);
    expect((await cloud.get('/api/v2/actions')).data).toHaveLength(3);
  });

  it('starts when the files of its package are there', async () => {
    const cloud = await startCloud();
    const files = [{ name: 'a', source: 'https://files.example/a' }];
    await cloud.post('/api/v2/packages', { name: 'Slow', command: 'a', files });
    const action = await deploy(cloud, '', { package_spec: { name: 'Slow' } });
    await cloud.advance(6);
    expect((await cloud.get(`/api/v2/actions/${action}`)).data.status).toBe('Pending');
    await cloud.advance(1);
    expect((await cloud.get(`/api/v2/actions/${action}`)).data.start_time).toBe('2026-03-02T09:00:07Z');
  });
});

/** A machine on which every command prints as many lines as it is told to. */
class Talker extends WindowsDevice {
  readonly #lines: readonly string[];

  constructor(computerId: number, lines: number) {
    const machineSid = `S-1-5-21-0-0-${computerId}`;
    const identity = { computerId, name: `WS-${computerId}`, os: 'Windows 11 Enterprise', domain: null, machineSid };
    super(identity, domainControllerOf(oldRelease), noDirectory);
    this.#lines = Array.from({ length: lines }, (_, index) => `line ${index + 1}`);
  }

  override run(): readonly string[] {
    return this.#lines;
  }
}

describe('an action log', () => {
  it('has a hundred lines, and says when there were more', async () => {
    const devices = [new Talker(1, 100), new Talker(2, 101)];
    const fleet = { devices, byId: new Map(devices.map((device) => [device.computerId, device])) };
    const cloud = await startCloud({ fleet });
    const action = await deploy(cloud, inventory);
    await cloud.advance(60);
    const log = `Tanium Action Log[${action}]`;
    const rows = await cloud.answers(`Get Computer ID and ${log} from all machines`);
    const linesOf = (id: string): readonly string[] =>
      rows.find((row) => row['Computer ID']?.[0] === id)?.[log]?.toSorted() ?? [];
    expect([linesOf('1').length, linesOf('1').at(-1)]).toEqual([100, '100|line 100']);
    expect([linesOf('2').length, ...linesOf('2').slice(-2)]).toEqual([
      101,
      '100|line 100',
      '101|Max number of lines reached in Action Log Sensor',
    ]);
  });
});

describe('a saved action', () => {
  const saved = {
    name: 'Every hour',
    package_spec: { source_name: 'NPSD Management', parameters: [{ key: '$0', value: 'R2V0LURhdGU=' }] },
    action_group: { name: 'Default - All Computers' },
    target_group: { text: 'Computer ID equals 101' },
    expire_seconds: 600,
  };

  it('is issued once, at once, where it says nothing else, and cannot be changed when it has started', async () => {
    const cloud = await startCloud();
    const made = (await cloud.post('/api/v2/saved_actions', saved)).data;
    expect(made).toMatchObject({
      id: 1,
      approved_flag: true,
      status: 0,
      start_now_flag: true,
      last_action: { id: 1, start_time: 'Never' },
      next_start_time: 'Never',
    });
    await cloud.advance(5);
    const later = (await cloud.get('/api/v2/saved_actions/by-name/Every%20hour')).data;
    expect(later.last_action).toEqual({ id: 1, start_time: '2026-03-02T09:00:02' });
    expect((await cloud.patch('/api/v2/saved_actions/1', { status: 1 })).json.text).toContain(
      'UpdateSavedActionFailed',
    );
  });

  it('is issued again and again, until it is disabled or deleted', async () => {
    const cloud = await startCloud();
    await cloud.post('/api/v2/saved_actions', { ...saved, issue_seconds: 3600 });
    const issued = async (): Promise<number> => (await cloud.get('/_sim/actions')).json.length;
    await cloud.advance(3 * 3600 + 10);
    expect(await issued()).toBe(4);
    await cloud.patch('/api/v2/saved_actions/1', { status: 1 });
    await cloud.advance(3 * 3600);
    expect(await issued()).toBe(4);
    expect((await cloud.remove('/api/v2/saved_actions/1')).data).toEqual({ id: 1 });
    expect((await cloud.get('/api/v2/saved_actions/1')).status).toBe(404);
  });

  it('gets its action when it is to start, and none after its end', async () => {
    const cloud = await startCloud();
    const times = { start_time: '2026-03-02T10:00:00', end_time: '2026-03-02T12:30:00', issue_seconds: 3600 };
    const made = (await cloud.post('/api/v2/saved_actions', { ...saved, ...times })).data;
    expect(made).toMatchObject({ last_action: { id: 0 }, start_now_flag: false, start_time: '2026-03-02T10:00:00' });
    await cloud.advance(3599);
    expect((await cloud.get('/_sim/actions')).json).toEqual([]);
    await cloud.advance(10 * 3600);
    expect((await cloud.get('/_sim/actions')).json).toHaveLength(3);
  });

  it('waits for the approval of somebody else where the server demands one', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/faults', { rates: { approvalRequired: 1 } });
    const action = await deploy(cloud, addMember(contractor));
    await cloud.advance(120);
    expect((await cloud.get(`/api/v2/actions/${action}`)).data.status).toBe('Pending');
    expect((await cloud.get('/api/v2/saved_actions/1')).data.approved_flag).toBe(false);
    expect((await cloud.get('/api/v2/saved_action_approvals')).data).toEqual([
      { id: 1, name: 'test', approved_flag: false, metadata: [] },
    ]);
    const approval = { id: 1, approved_flag: 1 };
    expect((await cloud.post('/api/v2/saved_action_approvals', approval)).json.text).toContain('RBACInvalidOperation');
    const login = { username: 'approver', password: cloud.password };
    const { session } = (await cloud.post('/api/v2/session/login', login)).data;
    const approved = await cloud.post('/api/v2/saved_action_approvals', approval, { session });
    expect(approved.data).toMatchObject({ approved_flag: true });
    await cloud.advance(60);
    expect(await administratorsOf(cloud, 101)).toContain(contractor);
  });
});

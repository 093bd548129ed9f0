import { describe, expect, it } from 'vitest';
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { addMember, corp, deploy, rowsIn, startCloud } from './cloud.ts';

const sensor = 'NPS Admin Members';
const names = (rows: readonly Readonly<Record<string, readonly string[]>>[]): readonly string[] =>
  rows.map((row) => row['Computer Name']?.[0] ?? '').toSorted();

describe('asking', () => {
  it('answers at once with an id, and shows the question as it was understood', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask(
      'Get Computer ID and NPS Admin Members?maxAge=60 from all machines with All Windows Computers',
    );
    const { data } = await cloud.get(`/api/v2/questions/${id}`);
    expect(data).toMatchObject({
      id,
      query_text: 'Get Computer ID and NPS Admin Members?maxAge=60 from all machines with All Windows Computers',
      expiration: '2026-03-02T09:10:00Z',
      is_expired: false,
      group: { name: 'All Windows Computers', text: ' Operating System contains windows' },
      saved_question: { id: 0 },
      user: { name: 'administrator' },
    });
    expect(data.selects.map(({ sensor: { name, hash } }: any) => [name, typeof hash])).toEqual([
      ['Computer ID', 'string'],
      [sensor, 'string'],
    ]);
    await cloud.advance(601);
    expect((await cloud.get(`/api/v2/questions/${id}`)).data.is_expired).toBe(true);
  });

  it.each([
    ['an unknown sensor', { query_text: 'Get No Such Sensor from all machines' }],
    ['a sensor in another case', { query_text: 'Get COMPUTER NAME from all machines' }],
    ['a text that is no question', { query_text: 'Computer Name' }],
    ['query_text beside another property', { query_text: 'Get Computer Name from all machines', expire_seconds: 60 }],
    ['an unknown sensor in an object', { selects: [{ sensor: { name: 'No Such Sensor' } }] }],
    ['nothing at all', {}],
  ])('asks for the number of machines instead of %s, and says nothing of it', async (_, body) => {
    const cloud = await startCloud();
    const { status, data } = await cloud.post('/api/v2/questions', body);
    expect(status).toBe(200);
    await cloud.advance(15);
    expect((await cloud.get(`/api/v2/questions/${data.id}`)).data.query_text).toBe(
      'Get number of machines from all machines',
    );
    expect(await cloud.rows(data.id)).toEqual([{ Count: ['4'] }]);
  });

  it('takes a question as an object: by name, id or hash, with a filter, a group, a context', async () => {
    const cloud = await startCloud();
    const windows = (await cloud.get('/api/v2/groups/by-name/All%20Windows%20Computers')).data.id;
    const { id } = (
      await cloud.post('/api/v2/questions', {
        selects: [{ sensor: { name: 'Computer Name' } }, { sensor: { id: 2 } }, { sensor: { hash: 45421433 } }],
        group: { filters: [{ sensor: { name: 'Computer Name' }, operator: 'RegexMatch', value: '.*-[13].*' }] },
        context_group: { id: windows },
        expire_seconds: 300,
      })
    ).data;
    await cloud.advance(15);
    expect((await cloud.get(`/api/v2/questions/${id}`)).data).toMatchObject({
      query_text:
        'Get Computer Name and Computer ID and Operating System from all machines with Computer Name matches ".*-[13].*"',
      context_group: { id: windows },
      expiration: '2026-03-02T09:05:00Z',
    });
    expect(names(await cloud.rows(id))).toEqual(['SRV-1.corp.example', 'WS-3.corp.example']);
  });

  it('makes a sensor of its own of one with parameters, the values percent-encoded in its script', async () => {
    const cloud = await startCloud();
    const definition = JSON.stringify({ parameters: [{ key: 'file' }, { key: 'mode' }] });
    const queries = [{ platform: 'Windows', script: 'dir ||file|| /||mode||', script_type: 'Powershell' }];
    await cloud.post('/api/v2/sensors', { name: 'File', queries, parameter_definition: definition });
    const parameters = [
      { key: '||mode||', value: 'x' },
      { key: '||file||', value: 'C:\\Program Files' },
    ];
    const body = { selects: [{ sensor: { source_name: 'File', parameters } }] };
    const { data } = await cloud.post('/api/v2/questions', body);
    const [select] = (await cloud.get(`/api/v2/questions/${data.id}`)).data.selects;
    expect(select.sensor).toMatchObject({
      id: 4294967291,
      name: 'File[C:\\Program Files,x]',
      source_name: 'File',
      queries: [{ script: 'dir C%3a%5cProgram%20Files /x' }],
    });
    const again = await cloud.post('/api/v2/questions', { selects: [{ sensor: { hash: select.sensor.hash } }] });
    expect((await cloud.get(`/api/v2/questions/${again.data.id}`)).data.query_text).toBe(
      'Get File[C:\\Program Files,x] from all machines',
    );
  });

  it('writes the text of a question object', async () => {
    const cloud = await startCloud();
    const selects = [{ sensor: { name: 'Computer Name' } }];
    const group = { text: 'Operating System contains windows' };
    const { json } = await cloud.post('/api/v2/build_question_text', { selects, group });
    expect(json.text).toBe('Get Computer Name from all machines with Operating System contains windows');
    expect((await cloud.post('/api/v2/build_group_text', group)).json).toEqual({
      text: ' Operating System contains windows',
    });
  });
});

describe('parsing', () => {
  it('answers what a typed text may mean, one candidate where it is plain', async () => {
    const cloud = await startCloud();
    const text = 'Get computer name from all machines with operating system containing "Windows"';
    const { data } = await cloud.post('/api/v2/parse_question', { text });
    expect(data).toMatchObject([
      {
        question_text: 'Get Computer Name from all machines with Operating System contains Windows',
        from_canonical_text: 0,
        selects: [{ sensor: { name: 'Computer Name', hash: 3409330187 } }],
        group: { filters: [{ operator: 'RegexMatch', value: '.*Windows.*' }] },
        sensor_references: [{ name: 'Computer Name', start_char: '4' }],
      },
    ]);
    const asked = await cloud.post('/api/v2/questions', { selects: data[0].selects, group: data[0].group });
    expect((await cloud.get(`/api/v2/questions/${asked.data.id}`)).data.query_text).toBe(data[0].question_text);
  });

  it('gives the parameters from left to right, and says what is canonical', async () => {
    const cloud = await startCloud();
    const text = 'Get Computer Name and Tanium Action Log[12] from all machines';
    expect((await cloud.post('/api/v2/parse_question', { text })).data).toMatchObject([
      { question_text: text, from_canonical_text: 1, parameter_values: ['12'] },
    ]);
  });

  it('offers what is near to an unknown name, and nothing where nothing is', async () => {
    const cloud = await startCloud();
    const parse = async (text: string): Promise<readonly string[]> =>
      (await cloud.post('/api/v2/parse_question', { text })).data.map((one: any) => one.question_text);
    expect(await parse('Get Computer from all machines')).toEqual([
      'Get Computer ID from all machines',
      'Get Computer Name from all machines',
    ]);
    expect(await parse('Get Qwertz from all machines')).toEqual([]);
    expect(await parse('what is this')).toEqual([]);
  });
});

describe('answers', () => {
  it('come in over seconds: no columns first, then row by row, never from a machine that is off', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 100, drift: 0, seed: 3 }) });
    const id = await cloud.ask(`Get Computer ID and ${sensor} from all machines`);
    const info = async () => (await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0];
    expect(await info()).toMatchObject({ estimated_total: 100, mr_tested: 0, row_count: 0, seconds_since_issued: 0 });
    const { data } = await cloud.get(`/api/v2/result_data/question/${id}`);
    expect(data.now).toBe('2026/03/02 09:00:00 GMT-0000');
    expect(Object.keys(data.result_sets[0])).not.toContain('columns');
    let last = 0;
    for (let second = 0; second < 7; second += 1) {
      await cloud.advance(1);
      const { mr_tested: tested, passed, row_count: rows } = await info();
      expect(tested).toBeGreaterThanOrEqual(last);
      expect(rows).toBe(passed);
      last = tested;
    }
    expect(last).toBeGreaterThanOrEqual(100);
    expect(last).toBeLessThanOrEqual(101);
    expect(await cloud.rows(id)).toHaveLength(100);
  });

  it('overshoot the estimate by one now and then', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 60, drift: 0, seed: 3 }) });
    const ids: number[] = [];
    for (let nth = 0; nth < 30; nth += 1) ids.push(await cloud.ask('Get Online from all machines'));
    await cloud.advance(15);
    const tested = new Set<number>();
    for (const id of ids) {
      tested.add((await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0].mr_tested);
    }
    expect(tested).toEqual(new Set([60, 61]));
  });

  it('are still unavailable on some machines when the others are done', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 400, drift: 0, seed: 3 }) });
    const id = await cloud.ask(`Get Computer ID and ${sensor} from all machines`);
    const waiting = async () =>
      (await cloud.rows(id)).filter((row) => row[sensor]?.[0] === '[current result unavailable]').length;
    await cloud.advance(4);
    expect(await waiting()).toBeGreaterThan(0);
    await cloud.advance(11);
    expect(await waiting()).toBe(0);
  });

  it('end with the question: a machine that comes back later says nothing more', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/faults', { offline: ['SRV-1', 'SRV-2'] });
    const id = await cloud.ask('Get Computer ID and Computer Name from all machines');
    await cloud.advance(15);
    expect(names(await cloud.rows(id))).toEqual(['WS-3.corp.example', 'lnx-4.corp.example']);
    expect((await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0]).toMatchObject({
      estimated_total: 2,
      mr_tested: 2,
    });
    await cloud.post('/_sim/faults', { offline: ['SRV-2'] });
    await cloud.advance(15);
    expect(names(await cloud.rows(id))).toContain('SRV-1.corp.example');
    await cloud.advance(600);
    await cloud.post('/_sim/faults', {});
    await cloud.advance(15);
    expect(names(await cloud.rows(id))).not.toContain('SRV-2.corp.example');
  });

  it('of one sensor are counted, of several they are one row a machine', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get OS Platform from all machines');
    const forced = await cloud.ask('Get?forceComputerIdFlag=1 OS Platform from all machines');
    await cloud.advance(15);
    const set = (await cloud.get(`/api/v2/result_data/question/${id}`)).data.result_sets[0];
    expect(set.columns.at(-1)).toEqual({ name: 'Count', hash: 0, type: 3 });
    expect(rowsIn(set).toSorted((a, b) => Number(a['Count']) - Number(b['Count']))).toEqual([
      { 'OS Platform': ['Linux'], Count: ['1'] },
      { 'OS Platform': ['Windows'], Count: ['3'] },
    ]);
    expect(set.rows.every(({ cid }: any) => cid === 0)).toBe(true);
    expect(await cloud.rows(id, '?no_result_row_collation_flag=1')).toHaveLength(4);
    const single = (await cloud.get(`/api/v2/result_data/question/${forced}`)).data.result_sets[0];
    expect(single.rows.map(({ cid }: any) => cid).toSorted()).toEqual([101, 102, 103, 104]);
  });

  it('of a sensor with columns stand beside each other, one hash for all', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get Computer Name and Installed Applications from all machines');
    await cloud.advance(15);
    const set = (await cloud.get(`/api/v2/result_data/question/${id}`)).data.result_sets[0];
    expect(set.columns.map(({ name }: any) => name)).toEqual([
      'Computer Name',
      'Name',
      'Version',
      'Silent Uninstall String',
      'Uninstallable',
      'Count',
    ]);
    expect(new Set(set.columns.slice(1, 5).map(({ hash }: any) => hash))).toEqual(new Set([1511329504]));
    const [windows] = rowsIn(set).filter((row) => row['Computer Name']?.[0] === 'SRV-1.corp.example');
    expect(windows?.['Name']).toHaveLength(3);
    expect(windows?.['Version']).toHaveLength(3);
    const [linux] = rowsIn(set).filter((row) => row['Computer Name']?.[0] === 'lnx-4.corp.example');
    expect(linux?.['Name']).toEqual(['[no results]']);
  });

  it('keep the row’s cid, and change its id with what it says', async () => {
    const cloud = await startCloud();
    const rowOf101 = async (): Promise<any> => {
      const id = await cloud.ask(
        `Get Computer ID and ${sensor}?maxAge=0 from all machines with Computer ID equals 101`,
      );
      await cloud.advance(15);
      return (await cloud.get(`/api/v2/result_data/question/${id}`)).data.result_sets[0].rows[0];
    };
    const [first, same] = [await rowOf101(), await rowOf101()];
    await cloud.post('/_sim/drift', { device: 101, group: { sid: 'S-1-5-32-544', add: [`${corp}-1106`] } });
    const changed = await rowOf101();
    expect([first.cid, same.cid, changed.cid]).toEqual([101, 101, 101]);
    expect(same.id).toBe(first.id);
    expect(changed.id).not.toBe(first.id);
  });
});

describe('the memory of a device', () => {
  const text = `Get Computer ID and ${sensor} from all machines with Computer ID equals 101`;
  const contractor = `${corp}-1106`;

  it('repeats an answer that is younger than the sensor’s maximum age', async () => {
    const cloud = await startCloud();
    const sees = async (question: string): Promise<boolean> =>
      (await cloud.answers(question))[0]?.[sensor]?.[0]?.includes(contractor) ?? false;
    expect(await sees(text)).toBe(false);
    await cloud.post('/_sim/drift', { device: 'SRV-1', group: { sid: 'S-1-5-32-544', add: [contractor] } });
    await cloud.advance(500);
    expect(await sees(text)).toBe(false);
    await cloud.advance(120);
    expect(await sees(text)).toBe(true);
  });

  it('is passed over by ?maxAge= for that question, which is then remembered', async () => {
    const cloud = await startCloud();
    const sees = async (question: string): Promise<boolean> =>
      (await cloud.answers(question))[0]?.[sensor]?.[0]?.includes(contractor) ?? false;
    expect(await sees(text)).toBe(false);
    await cloud.post('/_sim/drift', { device: 'SRV-1', group: { sid: 'S-1-5-32-544', add: [contractor] } });
    expect(await sees(text.replace(sensor, `${sensor}?maxAge=3600`))).toBe(false);
    expect(await sees(text.replace(sensor, `${sensor}?maxAge=1`))).toBe(true);
    expect(await sees(text)).toBe(true);
  });

  it('is of each device and each sensor by itself, and ends when the sensor is changed', async () => {
    const cloud = await startCloud();
    await cloud.answers(`Get Computer ID and ${sensor} from all machines with Computer ID equals 102`);
    await cloud.post('/_sim/drift', { device: 101, group: { sid: 'S-1-5-32-544', add: [contractor] } });
    await cloud.post('/_sim/drift', { device: 102, group: { sid: 'S-1-5-32-544', add: [contractor] } });
    const both = `Get Computer ID and ${sensor} from all machines with Computer ID in (101, 102)`;
    const seen = async (): Promise<unknown> =>
      Object.fromEntries(
        (await cloud.answers(both)).map((row) => [row['Computer ID'], row[sensor]?.[0]?.includes(contractor)]),
      );
    expect(await seen()).toEqual({ 101: true, 102: false });
    await cloud.patch('/api/v2/sensors/by-name/NPS%20Admin%20Members', { description: 'changed' });
    expect(await seen()).toEqual({ 101: true, 102: true });
  });
});

describe('targets', () => {
  it.each([
    ['Computer ID equals 101 or Computer ID equals 103', ['SRV-1.corp.example', 'WS-3.corp.example']],
    ['Computer Name starts with srv and Computer Name ends with -2.corp.example', ['SRV-2.corp.example']],
    ['Computer Name starts with "srv-2."', ['SRV-2.corp.example']],
    ['Computer Name matches "(srv|ws)-[23].*"', ['SRV-2.corp.example', 'WS-3.corp.example']],
    ['not Operating System contains windows', ['lnx-4.corp.example']],
    ['not All Windows Computers', ['lnx-4.corp.example']],
    ['is Windows and Computer ID > 101 and Computer ID <= 102', ['SRV-2.corp.example']],
    ['Tanium Client Version >= "7.4.9" and Computer ID < 102', ['SRV-1.corp.example']],
    ['Installed Applications contains Tanium and Computer ID = 102', ['SRV-2.corp.example']],
    ['all Installed Applications contains Tanium and Computer ID = 102', []],
    ['No Computers', []],
    ['NPS Admin Members contains "corp_breakglass"', ['WS-3.corp.example']],
  ])('are those with %s', async (where, expected) => {
    const cloud = await startCloud();
    const rows = await cloud.answers(`Get Computer ID and Computer Name from all machines with ${where}`);
    expect(names(rows)).toEqual(expected);
  });

  it('are counted in passed, the fleet in mr_tested', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 40, drift: 0, seed: 1 }) });
    const [one] = (await cloud.get('/_sim/devices')).json;
    const id = await cloud.ask(`Get number of machines from all machines with Computer ID equals ${one.computerId}`);
    await cloud.advance(2);
    const early = (await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0];
    expect(early.mr_tested).toBeGreaterThan(0);
    expect(early.mr_tested).toBeLessThan(40);
    await cloud.advance(13);
    expect((await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0]).toMatchObject({
      estimated_total: 40,
      mr_tested: 40,
      tested: 40,
      passed: 1,
    });
  });
});

describe('pages', () => {
  it('fit together by their cache, whatever comes in meanwhile', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 90, drift: 0, seed: 1 }) });
    const id = await cloud.ask('Get Computer ID and Computer Name from all machines');
    await cloud.advance(1.5);
    const page = async (query: string): Promise<any> =>
      (await cloud.get(`/api/v2/result_data/question/${id}?${query}`)).data.result_sets[0];
    const first = await page('row_start=0&row_count=10&cache_expiration=60');
    const total = first.filtered_row_count;
    expect(first).toMatchObject({ item_count: 10, cache_id: expect.stringMatching(/^\d+$/), row_count: total });
    expect(first.rows[0].ref_id).toBe(1);
    await cloud.advance(20);
    const rest = await page(`row_start=10&row_count=1000&cache_id=${first.cache_id}`);
    expect(rest).toMatchObject({ filtered_row_count: total, row_count: 90, item_count: total - 10 });
    expect(new Set([...first.rows, ...rest.rows].map(({ cid }: any) => cid)).size).toBe(total);
    await cloud.advance(61);
    expect(await page(`row_start=0&row_count=1000&cache_id=${first.cache_id}`)).toMatchObject({
      filtered_row_count: 90,
    });
  });

  it('are of the machine’s rows that the request wants, in its order', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get Computer ID and Computer Name and Domain Name from all machines');
    await cloud.advance(15);
    const cids = async (query: string): Promise<readonly number[]> =>
      (await cloud.get(`/api/v2/result_data/question/${id}?${query}`)).data.result_sets[0].rows.map(
        ({ cid }: any) => cid,
      );
    expect(await cids('sort_order=-1')).toEqual([104, 103, 102, 101]);
    expect(await cids('sort_order=2')).toEqual([104, 101, 102, 103]);
    expect(await cids('filter_string=srv&sort_order=1')).toEqual([101, 102]);
    expect(await cids('filter_string=srv&filter_not_flag=1&sort_order=1')).toEqual([103, 104]);
    const filter = [{ field: 'Computer ID', operator: 'Greater', type: 'Numeric', value: '102' }];
    expect(await cids(`sort_order=1&cache_filters=${encodeURIComponent(JSON.stringify(filter))}`)).toEqual([103, 104]);
  });

  it('leave out errors and empty answers on request', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/faults', { rates: { tseError: 1 } });
    const id = await cloud.ask(`Get Computer ID and ${sensor} from all machines`);
    const apps = await cloud.ask('Get Installed Applications from all machines');
    await cloud.advance(15);
    const info = (await cloud.get(`/api/v2/result_info/question/${id}`)).data.result_infos[0];
    expect(info).toMatchObject({ row_count: 4, error_count: 4 });
    expect(await cloud.rows(id, '?hide_errors_flag=1')).toEqual([]);
    expect((await cloud.rows(apps)).length - (await cloud.rows(apps, '?hide_no_results_flag=1')).length).toBe(1);
  });
});

describe('saved questions', () => {
  it('are asked when their result is wanted, and anew when that is some minutes old', async () => {
    const cloud = await startCloud();
    const saved = await cloud.post('/api/v2/saved_questions', {
      name: 'Who',
      question: { query_text: 'Get Computer Name from all machines' },
    });
    const { id } = saved.data;
    const info = async () => (await cloud.get(`/api/v2/result_info/saved_question/${id}`)).data.result_infos[0];
    const first = await info();
    await cloud.advance(15);
    expect(await info()).toMatchObject({ question_id: first.question_id, saved_question_id: id, mr_tested: 4 });
    await cloud.advance(120);
    expect((await info()).question_id).toBeGreaterThan(first.question_id);
    expect((await cloud.get('/api/v2/saved_questions/by-name/Who')).data.id).toBe(id);
    expect((await cloud.remove(`/api/v2/saved_questions/${id}`)).data).toEqual({ id });
    expect((await cloud.get(`/api/v2/saved_questions/${id}`)).status).toBe(404);
  });
});

describe('an action log', () => {
  it('is numbered on Windows, a set of lines elsewhere, and no file where nothing ran', async () => {
    const cloud = await startCloud();
    const action = await deploy(cloud, [addMember(`${corp}-1106`), addMember(`${corp}-1106`)].join('\n'), {
      target_group: { text: 'Computer ID equals 101 or Computer ID equals 104' },
    });
    await cloud.advance(60);
    const log = `Tanium Action Log[${action}]`;
    const rows = await cloud.answers(`Get Computer ID and ${log} from all machines`);
    const logs = Object.fromEntries(rows.map((row) => [row['Computer ID']?.[0], row[log]]));
    expect(logs['101']?.toSorted()).toEqual([expect.stringMatching(/^001\|ey/), expect.stringMatching(/^002\|ey/)]);
    expect(logs['104']).toEqual(['sh: cmd.exe: command not found']);
    expect(logs['102']).toEqual(['File does not exist']);
  });
});

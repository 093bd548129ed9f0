import { describe, expect, it } from 'vitest';
import type { ScanRequest } from '../../src/fleet-ports.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { type Look, notFound, scanColumns, scanRow, scripted } from './scripted.ts';
import { connectTo, errorOf, httpServer, json, quickClock } from './wire.ts';

const request: ScanRequest = {
  sensor: 'NPS Admin Members',
  maxAgeSeconds: null,
  computerIds: null,
  timeoutSeconds: 600,
};
const unavailable = '[current result unavailable]';

async function rowsOf(rows: AsyncIterable<DeviceRow>): Promise<DeviceRow[]> {
  const all: DeviceRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** What a consumer ends with: a row that comes again takes the place of the earlier one. */
async function textsOf(rows: AsyncIterable<DeviceRow>): Promise<Record<string, string>> {
  return Object.fromEntries((await rowsOf(rows)).map(({ computerId, text }) => [computerId, text]));
}

describe('a scan', () => {
  it('asks one question and gives one row per device, stamped with the server’s clock', async () => {
    const tanium = await scripted({
      looks: [{ tested: 2, rows: [scanRow(11), scanRow(12, 'a', 'PC-12.corp.example')] }],
    });
    const answer = await connectTo(tanium.url).scanner.scan(request);
    expect(answer).toMatchObject({ at: '2026-03-02T09:14:08Z', expected: 2, answered: 2 });
    expect(await rowsOf(answer.rows)).toEqual([
      { computerId: '11', name: 'PC-11', os: 'Windows 11', domain: 'corp.example', text: '{"v":1}' },
      { computerId: '12', name: 'PC-12.corp.example', os: 'Windows 11', domain: 'corp.example', text: 'a' },
    ]);
    expect(tanium.questions().map((body) => JSON.parse(body) as unknown)).toEqual([
      {
        query_text:
          'Get Computer ID and Computer Name and Operating System and Domain Name and NPS Admin Members from all machines',
      },
    ]);
  });

  it('asks for an answer no older than wanted', async () => {
    const tanium = await scripted({ looks: [{ tested: 1, rows: [scanRow(11)] }] });
    await connectTo(tanium.url).scanner.scan({ ...request, maxAgeSeconds: 1 });
    expect(tanium.questions()[0]).toContain('NPS Admin Members?maxAge=1 from');
  });

  it('waits while machines report, and tells how far it is', async () => {
    const rows = [scanRow(11), scanRow(12)];
    const tanium = await scripted({
      looks: [
        { tested: 0, estimated: 2, columns: [], rows: [] },
        { tested: 1, estimated: 2, rows: rows.slice(0, 1) },
        { tested: 3, estimated: 2, passed: 2, rows },
      ],
    });
    const told: (readonly [number, number])[] = [];
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, progress: (...now) => told.push(now) });
    expect(told).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
    expect(await rowsOf(answer.rows)).toHaveLength(2);
  });

  it('does not take an estimate of 0, right after asking, for an empty fleet', async () => {
    const tanium = await scripted({
      looks: [
        { tested: 0, estimated: 0 },
        { tested: 0, estimated: 0 },
        { tested: 1, estimated: 1, rows: [scanRow(11)] },
      ],
    });
    expect(await connectTo(tanium.url).scanner.scan(request)).toMatchObject({ expected: 1, answered: 1 });
  });

  it('of a fleet that never answers ends as no data, never as an empty success', async () => {
    for (const estimated of [0, 50]) {
      const tanium = await scripted({ looks: [{ tested: 0, estimated }] });
      const error = await errorOf(connectTo(tanium.url).scanner.scan({ ...request, timeoutSeconds: 60 }));
      expect(error).toMatchObject({ code: 'TRUEUP_SCAN_TIMEOUT', exitCode: 4 });
    }
  });

  it('is done when nearly all have answered and no more come', async () => {
    const rows = Array.from({ length: 99 }, (_, index) => scanRow(index + 1));
    const tanium = await scripted({ looks: [{ tested: 99, estimated: 100, rows }] });
    const clock = quickClock();
    const answer = await connectTo(tanium.url, { clock }).scanner.scan(request);
    expect(answer).toMatchObject({ expected: 100, answered: 99 });
    expect(clock.slept.reduce((sum, slept) => sum + slept, 0)).toBeLessThan(5_000);
  });

  it('#133 ends at its time limit with what has come by then', async () => {
    const tanium = await scripted({ looks: [{ tested: 1, estimated: 100, rows: [scanRow(11)] }] });
    const clock = quickClock();
    const started = Date.parse(clock.now());
    const answer = await connectTo(tanium.url, { clock }).scanner.scan({ ...request, timeoutSeconds: 20 });
    expect(answer).toMatchObject({ expected: 100, answered: 1 });
    expect(await rowsOf(answer.rows)).toHaveLength(1);
    expect(Date.parse(clock.now()) - started).toBeLessThan(30_000);
  });

  it('reads all pages, even where the server makes them shorter than asked', async () => {
    const rows = Array.from({ length: 2_345 }, (_, index) => scanRow(index + 1));
    for (const pageLimit of [1e9, 700]) {
      const tanium = await scripted({ looks: [{ tested: 2_345, rows }], pageLimit });
      const ids = new Set(
        (await rowsOf((await connectTo(tanium.url).scanner.scan(request)).rows)).map((row) => row.computerId),
      );
      expect(ids.size).toBe(2_345);
      const pages = tanium.asked.filter(({ url }) => url.pathname.includes('result_data'));
      expect(pages.slice(1).every(({ url }) => url.searchParams.get('cache_id') === '555')).toBe(true);
    }
  });

  it('#117 hands over the rows of a page before it asks for the next one', async () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => scanRow(index + 1));
    const tanium = await scripted({ looks: [{ tested: 3_000, rows }] });
    const pages = (): number => tanium.asked.filter(({ url }) => url.pathname.includes('result_data')).length;
    const answer = await connectTo(tanium.url).scanner.scan(request);
    expect(pages()).toBe(0);
    let seen = 0;
    for await (const row of answer.rows) {
      expect(Number(row.computerId)).toBe(seen + 1);
      seen += 1;
      expect(pages()).toBe(Math.ceil(seen / 1_000));
    }
    expect(seen).toBe(3_000);
  });

  it('asks again while the server has a device’s text not yet, and passes it on as it stands in the end', async () => {
    const looks = [
      { tested: 3, rows: [scanRow(11), scanRow(12, unavailable), scanRow(13, '[results currently unavailable]')] },
      { tested: 3, rows: [scanRow(11), scanRow(12, 'late'), scanRow(13, '[results currently unavailable]')] },
    ];
    const tanium = await scripted({ looks });
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, timeoutSeconds: 60 });
    expect(await textsOf(answer.rows)).toEqual({ 11: '{"v":1}', 12: 'late', 13: '[results currently unavailable]' });
  });

  it('waits for columns and rows that come after the counters', async () => {
    const looks = [
      { tested: 2, columns: [], rows: [] },
      { tested: 2, rows: [scanRow(11)] },
      { tested: 2, rows: [scanRow(11), scanRow(12)] },
    ];
    const tanium = await scripted({ looks });
    const rows = await rowsOf((await connectTo(tanium.url).scanner.scan(request)).rows);
    expect(rows.map(({ computerId }) => computerId)).toEqual(['11', '12']);
  });

  it('#132 of a device that the server shows twice ends with the later answer, never with an unavailable one', async () => {
    const rows = [
      scanRow(11, 'stale'),
      scanRow(12, unavailable),
      scanRow(11, 'new'),
      scanRow(12, 'good'),
      scanRow(11, unavailable),
    ];
    const tanium = await scripted({ looks: [{ tested: 2, rows }] });
    expect(await textsOf((await connectTo(tanium.url).scanner.scan(request)).rows)).toEqual({ 11: 'new', 12: 'good' });
  });

  it('#22 leaves hostile rows out, counts them, and keeps the others', async () => {
    const row = (cells: unknown[], cid: unknown = 0): unknown => ({ cid, data: cells.map((text) => [{ text }]) });
    const hostile = [
      row(['1', 'PC', 'Windows', 'd', 'x'], 99),
      row(['1 or Computer ID equals 2', 'PC', 'Windows', 'd', 'x']),
      row(['0', 'PC', 'Windows', 'd', 'x']),
      row(['99999999999', 'PC', 'Windows', 'd', 'x']),
      row(['7', '', 'Windows', 'd', 'x']),
      row(['8', 'PC']),
      row([]),
      { cid: 3, data: 'x' },
      null,
    ];
    const tanium = await scripted({ looks: [{ tested: 10, rows: [...hostile, scanRow(11)] }] });
    const connection = connectTo(tanium.url);
    const rows = await rowsOf((await connection.scanner.scan(request)).rows);
    expect(rows.map(({ computerId }) => computerId)).toEqual(['11']);
    expect(connection.requests().skippedRows).toBe(hostile.length);
  });

  it('never takes a name that is not there yet for a name, nor believes what comes without one', async () => {
    const tanium = await scripted({ looks: [{ tested: 2, rows: [scanRow(11), scanRow(12, '{"v":1}', unavailable)] }] });
    const rows = await rowsOf((await connectTo(tanium.url).scanner.scan(request)).rows);
    expect(rows.map(({ computerId, name, text }) => [computerId, name, text])).toEqual([
      ['11', 'PC-11', '{"v":1}'],
      ['12', '', unavailable],
    ]);
  });

  it('joins the strings of one device, and says null where there is no domain', async () => {
    const row = {
      cid: 11,
      data: [
        [{ text: '11' }],
        [{ text: 'PC' }],
        [{ text: 'Windows' }],
        [{ text: '[no results]' }],
        [{ text: 'a' }, { text: 'b' }],
      ],
    };
    const tanium = await scripted({ looks: [{ tested: 1, rows: [row] }] });
    const rows = await rowsOf((await connectTo(tanium.url).scanner.scan(request)).rows);
    expect(rows).toEqual([{ computerId: '11', name: 'PC', os: 'Windows', domain: null, text: 'a\nb' }]);
  });

  it('takes the error of a sensor for no name, no system and no domain', async () => {
    const error = 'TSE-Error: Sensor evaluation timed out';
    const row = (id: number, name: string): unknown => ({
      cid: id,
      data: [String(id), name, error, error, '{"v":1}'].map((text) => [{ text }]),
    });
    const tanium = await scripted({ looks: [{ tested: 2, rows: [row(11, 'PC'), row(12, error)] }] });
    const rows = await rowsOf((await connectTo(tanium.url).scanner.scan(request)).rows);
    expect(rows).toEqual([{ computerId: '11', name: 'PC', os: '', domain: null, text: '{"v":1}' }]);
  });

  it('outlasts a question that the server does not know in the first seconds', async () => {
    const unknown = { status: 404, body: notFound('Sensor') };
    const tanium = await scripted({ looks: [unknown, unknown, { tested: 1, rows: [scanRow(11)] }] });
    expect(await connectTo(tanium.url).scanner.scan(request)).toMatchObject({ answered: 1 });
  });

  it('of a few devices waits for these, however many others have heard of it', async () => {
    const rows = [11, 12, 13, 14, 15].map((id) => scanRow(id));
    const early = { tested: 998, estimated: 1000, passed: 3, rows: rows.slice(0, 3) };
    const whole = { tested: 1000, estimated: 1000, passed: 5, rows };
    const tanium = await scripted({ looks: [...Array.from({ length: 8 }, () => early), whole] });
    const computerIds = ['11', '12', '13', '14', '15'];
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, computerIds });
    expect(await rowsOf(answer.rows)).toHaveLength(5);
  });

  it('waits no longer where the clock is set back meanwhile', async () => {
    const tanium = await scripted({ looks: [{ tested: 1, estimated: 2, rows: [scanRow(11)] }] });
    const quick = quickClock();
    let back = 0;
    const clock = {
      now: () => new Date(Date.parse(quick.now()) - back).toISOString(),
      sleep: async (milliseconds: number) => {
        await quick.sleep(milliseconds);
        if (quick.slept.length === 3) back = 86_400_000;
        if (quick.slept.length > 500) throw new Error('waits on and on');
      },
    };
    const { rows } = await connectTo(tanium.url, { clock }).scanner.scan(request);
    expect(await rowsOf(rows)).toHaveLength(1);
    expect(quick.slept.reduce((sum, one) => sum + one, 0)).toBeLessThan(120_000);
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    const tanium = await scripted({ looks: [{ tested: 0, estimated: 5 }] });
    const scan = connectTo(tanium.url).scanner.scan({
      ...request,
      signal: abort.signal,
      progress: () => abort.abort(new Error('stop')),
    });
    await expect(scan).rejects.toThrow();
  });
});

describe('a sensor', () => {
  it('#38 #165 must have this very name: another case is an error that says so', async () => {
    const tanium = await scripted({ sensors: ['NPS Admin Members'] });
    const scan = connectTo(tanium.url).scanner.scan({ ...request, sensor: 'nps admin members' });
    expect(await errorOf(scan)).toMatchObject({
      code: 'TRUEUP_SENSOR_NOT_FOUND',
      message: expect.stringMatching(/"NPS Admin Members": upper and lower case differ/),
    });
    expect(tanium.questions()).toEqual([]);
  });

  it('that does not exist is named with what is near', async () => {
    const tanium = await scripted({ sensors: ['NPS Admin Members', 'Online', 'NPS Posture'] });
    const scan = connectTo(tanium.url).scanner.scan({ ...request, sensor: 'NPS Admin Member' });
    expect(await errorOf(scan)).toMatchObject({
      message: expect.stringContaining('Did you mean "NPS Admin Members"?'),
    });
  });

  it('#29 is not called missing by a host that has no Tanium API at all', async () => {
    const server = await httpServer((_, response) => response.writeHead(404).end('<html><title>Not Found</title>'));
    const error = await errorOf(connectTo(server.url).scanner.scan(request));
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_PROTOCOL', message: expect.stringContaining('404') });
  });

  it('that is missing is named also where the list of sensors is not to be had', async () => {
    const server = await httpServer(({ url }, response) =>
      json(response, url.pathname.endsWith('/sensors') ? 403 : 404, {}),
    );
    const error = await errorOf(connectTo(server.url).scanner.scan(request));
    expect(error).toMatchObject({ code: 'TRUEUP_SENSOR_NOT_FOUND' });
  });

  it('is looked up once per connection', async () => {
    const tanium = await scripted({ looks: [{ tested: 1, rows: [scanRow(11)] }] });
    const { scanner } = connectTo(tanium.url);
    await scanner.scan(request);
    await scanner.scan(request);
    expect(tanium.asked.filter(({ url }) => url.pathname.includes('sensors'))).toHaveLength(1);
  });

  it('whose name is syntax is quoted', async () => {
    const sensor = 'Admins from "A" and [B]';
    const columns = scanColumns.with(4, sensor);
    const tanium = await scripted({ sensors: [sensor], looks: [{ tested: 1, columns, rows: [scanRow(11)] }] });
    await connectTo(tanium.url).scanner.scan({ ...request, sensor });
    expect(JSON.parse(tanium.questions()[0] ?? '')).toEqual({
      query_text: expect.stringContaining('Domain Name and "Admins from ""A"" and [B]" from all machines'),
    });
  });

  it('of the question that the server does not know does not end as a count of machines', async () => {
    const tanium = await scripted({
      looks: [{ tested: 1, columns: ['Count'], rows: [{ cid: 0, data: [[{ text: '1' }]] }] }],
    });
    const answer = await connectTo(tanium.url).scanner.scan(request);
    expect(await errorOf(rowsOf(answer.rows))).toMatchObject({
      code: 'TRUEUP_SENSOR_NOT_FOUND',
      message: expect.stringContaining('another question'),
    });
  });
});

describe('a targeted scan', () => {
  it('is split into questions of at most 900 devices', async () => {
    const ids = Array.from({ length: 1_900 }, (_, index) => String(index + 1));
    const tanium = await scripted({ looks: [{ tested: 5, passed: 900, rows: [] }] });
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, computerIds: ids });
    const counts = tanium.questions().map((body) => body.split('Computer ID equals ').length - 1);
    expect(counts).toEqual([900, 900, 100]);
    expect(tanium.questions().every((body) => body.length < 32_000)).toBe(true);
    expect(answer).toMatchObject({ expected: 1_900, answered: 1_900 });
  });

  it('is done as soon as its devices have answered, whatever the rest of the fleet does', async () => {
    const tanium = await scripted({
      looks: [{ tested: 40, estimated: 9_000, passed: 2, rows: [scanRow(11), scanRow(12)] }],
    });
    const clock = quickClock();
    const answer = await connectTo(tanium.url, { clock }).scanner.scan({ ...request, computerIds: ['11', '12'] });
    expect(clock.slept).toEqual([]);
    expect(answer).toMatchObject({ expected: 2, answered: 2 });
  });

  it('of devices that are offline ends with none, and is no error', async () => {
    const tanium = await scripted({ looks: [{ tested: 10, estimated: 10, passed: 0, columns: [], rows: [] }] });
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, computerIds: ['11'] });
    expect(answer).toMatchObject({ expected: 1, answered: 0 });
    expect(await rowsOf(answer.rows)).toEqual([]);
  });

  it('of no device asks nothing', async () => {
    const tanium = await scripted({});
    const answer = await connectTo(tanium.url).scanner.scan({ ...request, computerIds: [] });
    expect(answer).toMatchObject({ expected: 0, answered: 0 });
    expect(tanium.questions()).toEqual([]);
  });

  it('never takes text for a Computer ID', async () => {
    const tanium = await scripted({});
    const scan = connectTo(tanium.url).scanner.scan({ ...request, computerIds: ['1 or Computer Name contains a'] });
    await expect(scan).rejects.toThrow(/decimal/);
    expect(tanium.questions()).toEqual([]);
  });
});

describe('group members', () => {
  const groups = [
    { id: 3, name: 'Servers', type: 1 },
    { id: 17, name: 'Servers', type: 0 },
    { id: 18, name: 'servers', type: 0 },
    { id: 19, name: 'Gone', type: 0, deleted_flag: true },
  ];

  it('are the Computer IDs of the computer group of exactly this name, not of an action group', async () => {
    const row = (id: number): unknown => ({
      cid: id,
      data: [[{ text: String(id) }], [{ text: 'PC' }], [{ text: '1' }]],
    });
    const columns = ['Computer ID', 'Computer Name', 'Count'];
    const tanium = await scripted({
      lists: { groups },
      looks: [{ tested: 9, passed: 2, columns, rows: [row(11), row(12)] }],
    });
    expect(await connectTo(tanium.url).scanner.groupMembers('Servers')).toEqual(new Set(['11', '12']));
    expect(JSON.parse(tanium.questions()[0] ?? '')).toMatchObject({ group: { id: 17 } });
  });

  const columns = ['Computer ID', 'Computer Name', 'Count'];
  const ids = Array.from({ length: 200 }, (_, index) => index + 1);
  const members = ids.map((id) => ({ cid: id, data: [[{ text: String(id) }], [{ text: 'PC' }], [{ text: '1' }]] }));
  const whole: Look = { tested: 200, passed: 200, columns, rows: members };
  const repeated = (look: Look, times: number): Look[] => Array.from({ length: times }, () => look);

  it('are waited for to the last one: a device without its group would lose an Exclusion by it', async () => {
    const late: Look = { ...whole, rows: members.slice(1) };
    const tanium = await scripted({ lists: { groups }, looks: [...repeated(late, 14), whole] });
    const found = await connectTo(tanium.url, { clock: quickClock() }).scanner.groupMembers('Servers');
    expect(found.size).toBe(200);
  });

  it('are waited for until as many have heard of the question as answered the scan', async () => {
    const scanned: Look = { tested: 200, rows: ids.map((id) => scanRow(id)) };
    const asleep: Look = { ...whole, estimated: 201, tested: 199, passed: 199, rows: members.slice(1) };
    const awake: Look = { ...whole, estimated: 201 };
    const tanium = await scripted({ lists: { groups }, looks: [scanned, ...repeated(asleep, 12), awake] });
    const { scanner } = connectTo(tanium.url, { clock: quickClock() });
    expect(await rowsOf((await scanner.scan(request)).rows)).toHaveLength(200);
    expect((await scanner.groupMembers('Servers')).size).toBe(200);
  });

  it('are an error when not all of them have told who they are', async () => {
    const tanium = await scripted({ lists: { groups }, looks: [{ ...whole, rows: members.slice(2) }] });
    const found = connectTo(tanium.url, { clock: quickClock() }).scanner.groupMembers('Servers');
    expect(await errorOf(found)).toMatchObject({
      code: 'TRUEUP_SCAN_TIMEOUT',
      message: '198 of 200 members of the computer group "Servers" answered within 120 s.',
    });
  });

  it('are whole though the server counts more machines than there are', async () => {
    const tanium = await scripted({
      lists: { groups },
      looks: [{ tested: 201, estimated: 200, passed: 201, columns, rows: members }],
    });
    expect((await connectTo(tanium.url).scanner.groupMembers('Servers')).size).toBe(200);
  });

  it.each(['SERVERS', 'Gone', 'Server'])('of %s, which is none, are an error', async (name) => {
    const tanium = await scripted({ lists: { groups } });
    expect(await errorOf(connectTo(tanium.url).scanner.groupMembers(name))).toMatchObject({
      code: 'TRUEUP_GROUP_NOT_FOUND',
    });
  });
});

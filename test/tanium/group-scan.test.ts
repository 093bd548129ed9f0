/** The one question of a bulk scan, and single machines found by name and by Computer ID. */
import { describe, expect, it } from 'vitest';
import type { GroupScanRequest } from '../../src/fleet-ports.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { type Look, scanColumns, scanRow, scripted } from './scripted.ts';
import { connectTo, errorOf, quickClock } from './wire.ts';

const request: GroupScanRequest = {
  sensor: 'NPS Admin Members',
  maxAgeSeconds: 600,
  group: 'Servers',
  timeoutSeconds: 3600,
};
const groups = [
  { id: 3, name: 'Servers', type: 1 },
  { id: 17, name: 'Servers', type: 0 },
];
const lists = { groups };
const unavailable = '[current result unavailable]';

async function idsOf(rows: AsyncIterable<DeviceRow>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { computerId } of rows) ids.push(computerId);
  return ids;
}

function readings({ asked }: { readonly asked: readonly { readonly url: URL }[] }): number {
  return asked.filter(({ url }) => url.pathname.includes('result_data')).length;
}

describe('a scan of a group', () => {
  it('#19 #20 is one question with the computer group as its target, as fresh as is wanted, and open long enough', async () => {
    const tanium = await scripted({ lists, looks: [{ tested: 9, passed: 2, rows: [scanRow(11), scanRow(12)] }] });
    const answer = await connectTo(tanium.url).scanner.scanGroup(request);
    expect(answer).toMatchObject({ at: '2026-03-02T09:14:08Z', expected: 2, answered: 2, question: '1001' });
    expect(await idsOf(answer.rows)).toEqual(['11', '12']);
    expect(tanium.questions().map((body) => JSON.parse(body) as unknown)).toEqual([
      {
        selects: [
          { sensor: { name: 'Computer ID' } },
          { sensor: { name: 'Computer Name' } },
          { sensor: { name: 'Operating System' } },
          { sensor: { name: 'Domain Name' } },
          { sensor: { name: 'NPS Admin Members' }, filter: { max_age_seconds: 600 } },
        ],
        group: { id: 17 },
        expire_seconds: 3600,
      },
    ]);
  });

  it.each([
    ['all have had a look', { tested: 9, passed: 2 }, 2],
    ['the server counts one more than there are', { tested: 9, passed: 3, estimated: 8 }, 2],
    ['some have not had a look in time', { tested: 8, passed: 2, estimated: 9 }, null],
  ] as const)('#131 tells how many of its members have had a look, where %s', async (_, look, heard) => {
    const tanium = await scripted({ lists, looks: [{ ...look, rows: [scanRow(11), scanRow(12)] }] });
    const answer = await connectTo(tanium.url, { clock: quickClock() }).scanner.scanGroup(request);
    await idsOf(answer.rows);
    expect(answer.heard()).toBe(heard);
  });

  it('#117 reads a long result at most twice, and gives what is not ready by then as it stands', async () => {
    const rows = Array.from({ length: 10_500 }, (_, index) => scanRow(index + 1, index < 40 ? unavailable : '{"v":1}'));
    const looks: Look[] = [{ tested: 10_500, rows }];
    const tanium = await scripted({ lists, looks });
    const answer = await connectTo(tanium.url, { clock: quickClock() }).scanner.scanGroup(request);
    const texts = new Map<string, string>();
    for await (const { computerId, text } of answer.rows) texts.set(computerId, text);
    expect(texts.size).toBe(10_500);
    expect([...texts.values()].filter((text) => text === unavailable)).toHaveLength(40);
    expect(readings(tanium)).toBe(22);
  });

  it('reads a short one a few times more, until all is there', async () => {
    const busy: Look = { tested: 2, rows: [scanRow(11), scanRow(12, unavailable)] };
    const tanium = await scripted({
      lists,
      looks: [busy, busy, busy, { tested: 2, rows: [scanRow(11), scanRow(12, 'there')] }],
    });
    const answer = await connectTo(tanium.url, { clock: quickClock() }).scanner.scanGroup(request);
    expect(await idsOf(answer.rows)).toEqual(['11', '12']);
  });

  it('#132 passes a device on again that the server shows twice, the later row last', async () => {
    const rows = [scanRow(11, 'old'), scanRow(11, 'new')];
    const tanium = await scripted({ lists, looks: [{ tested: 1, rows }] });
    const answer = await connectTo(tanium.url).scanner.scanGroup(request);
    const texts: string[] = [];
    for await (const { text } of answer.rows) texts.push(text);
    expect(texts).toEqual(['old', 'new']);
  });

  it('of a server that asked something else says so', async () => {
    const tanium = await scripted({ lists, looks: [{ tested: 1, columns: ['Count'], rows: [scanRow(11)] }] });
    const answer = await connectTo(tanium.url).scanner.scanGroup(request);
    expect(await errorOf(idsOf(answer.rows))).toMatchObject({ code: 'TRUEUP_SENSOR_NOT_FOUND' });
  });

  it('names a group that is not there', async () => {
    const tanium = await scripted({ lists });
    const scan = connectTo(tanium.url).scanner.scanGroup({ ...request, group: 'servers' });
    await expect(scan).rejects.toMatchObject({ code: 'TRUEUP_GROUP_NOT_FOUND' });
    expect(tanium.questions()).toEqual([]);
  });

  it('ends with nobody where the group is empty', async () => {
    const tanium = await scripted({ lists, looks: [{ tested: 10, estimated: 10, passed: 0, rows: [] }] });
    const answer = await connectTo(tanium.url, { clock: quickClock() }).scanner.scanGroup(request);
    expect(answer).toMatchObject({ expected: 0, answered: 0 });
    expect(await idsOf(answer.rows)).toEqual([]);
  });
});

describe('a machine', () => {
  const nameColumns = scanColumns.filter((name) => name !== 'NPS Admin Members');
  const nameRow = (id: number, name: string): unknown => ({
    cid: id,
    data: [String(id), name, 'Windows 11', 'corp.example', '1'].map((text) => [{ text }]),
  });

  it('#14 is found by its short name, whatever its domain, and only a name that a host can have is asked for', async () => {
    const rows = [nameRow(11, 'PC-1.corp.example'), nameRow(12, 'PC-1')];
    const tanium = await scripted({ looks: [{ tested: 5, passed: 2, columns: nameColumns, rows }] });
    const { scanner } = connectTo(tanium.url);
    const machines = await scanner.named(['PC-1.corp.example', 'a" or Computer Name contains "b', 'x'.repeat(64), '']);
    expect(machines.map(({ computerId, name }) => [computerId, name])).toEqual([
      ['11', 'PC-1.corp.example'],
      ['12', 'PC-1'],
    ]);
    expect(tanium.questions().map((body) => (JSON.parse(body) as { query_text: string }).query_text)).toEqual([
      'Get Computer ID and Computer Name and Operating System and Domain Name from all machines with ( Computer Name equals "PC-1" or Computer Name starts with "PC-1." )',
    ]);
    expect(await scanner.named(['"', ''])).toEqual([]);
    expect(tanium.questions()).toHaveLength(1);
  });

  it('is looked for with so many others that the question stays short enough', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `${'N'.repeat(55)}-${index}`);
    const tanium = await scripted({ looks: [{ tested: 5, passed: 0, columns: [], rows: [] }] });
    await connectTo(tanium.url, { clock: quickClock() }).scanner.named(names);
    expect(tanium.questions().length).toBeGreaterThan(1);
    expect(tanium.questions().every((body) => body.length < 32_000)).toBe(true);
  });

  const located = { sensor: 'NPS Admin Members', maxAgeSeconds: null, timeoutSeconds: 60 };

  it('#14 comes with the temporary group of the question that found it', async () => {
    const tanium = await scripted({
      looks: [{ tested: 9, passed: 1, rows: [scanRow(11)] }],
      objects: { 'questions/1001': { id: 1001, group: { id: 77, name: '' } } },
    });
    expect(await connectTo(tanium.url).scanner.locate('11', located)).toMatchObject({
      groupId: 77,
      at: '2026-03-02T09:14:08Z',
      row: { computerId: '11', name: 'PC-11' },
    });
    expect(tanium.questions()[0]).toContain('with ( Computer ID equals 11 )');
  });

  it('that does not answer is none, and a question without a group is no answer of Tanium', async () => {
    const away = await scripted({ looks: [{ tested: 9, estimated: 9, passed: 0, rows: [] }] });
    expect(await connectTo(away.url).scanner.locate('11', located)).toBeNull();
    const bare = await scripted({
      looks: [{ tested: 9, passed: 1, rows: [scanRow(11)] }],
      objects: { 'questions/1001': { id: 1001, group: { id: 0 } } },
    });
    await expect(connectTo(bare.url).scanner.locate('11', located)).rejects.toMatchObject({
      code: 'TRUEUP_TANIUM_PROTOCOL',
    });
  });
});

/** What a scan changes in NPS-D's records, to the last key, and what is read of its own history. */
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { defaultFields } from '../../src/model/provider-fields.ts';
import type { ScanNote } from '../../src/model/scan.ts';
import { aScanRun } from './conformance/scan-history.ts';
import { aLastScan } from './conformance/scan-notes.ts';
import { type Npsd, npsdWorld, type Recorded } from './npsd-world.ts';
import { anEntry, aRun, collect, row } from './samples.ts';

const world = await npsdWorld();
// What is skipped does not look at it.
const npsd = world as Npsd;

const local = 'S-1-5-21-1-2-3';
const scanTs = new Date('2026-03-02T09:00:00.000Z');
const written = { success: true, msg: 'scanned', error: null, duration: 12.5, scanTs, source: 'bulk' };

function note(id: string, administrators: ScanNote['administrators'] = null): ScanNote {
  return { id, lastScan: aLastScan(), administrators };
}

interface Update {
  readonly q: Record<string, unknown>;
  readonly u: Record<string, unknown>;
}

/** Of the last command that changed something. */
function updatesIn(commands: readonly Recorded[]): readonly Update[] {
  const last = commands.findLast(({ name }) => name === 'update');
  return (last?.command['updates'] ?? []) as readonly Update[];
}

const found = (_id: string): Promise<unknown> =>
  npsd.db.collection<{ _id: string }>('computers').findOne({ _id }, { projection: { _id: 0 } });

describe.skipIf(world === null)('the last scan in the records of NPS-D', () => {
  it('#173 changes its own keys and the time of the last try, and no other', async () => {
    const kept = { cn: 'PC', policy: { scan: true }, lastScan: { success: false, their_own: { x: 1 } } };
    await npsd.insertComputer({ _id: 'a', ...kept });
    await npsd.insertComputer({ _id: 'b', cn: 'NEW' });
    await npsd.insertComputer({ _id: 'c', cn: 'NULL', lastScan: null });
    const store = await npsd.open();
    await store.noteScans([note('a'), note('b'), note('c')]);
    const last_scanned = scanTs;
    expect(await found('a')).toEqual({ ...kept, lastScan: { ...kept.lastScan, ...written }, last_scanned });
    expect(await found('b')).toEqual({ cn: 'NEW', lastScan: written, last_scanned });
    expect(await found('c')).toEqual({ cn: 'NULL', lastScan: written, last_scanned });
  });

  it('is left alone where it is something else, and reads as none', async () => {
    await npsd.insertComputer({ _id: 'a', cn: 'PC', lastScan: 'yesterday' });
    await npsd.insertComputer({ _id: 'b', cn: 'PC2' });
    const store = await npsd.open();
    await store.noteScans([note('a'), note('b')]);
    expect(await found('a')).toEqual({ cn: 'PC', lastScan: 'yesterday' });
    const computers = await collect(store.computers());
    expect(computers.map(({ id, lastScan }) => [id, lastScan])).toEqual([
      ['a', null],
      ['b', aLastScan()],
    ]);
  });

  it('is read as NPS-D wrote it', async () => {
    const lastScan = { success: false, msg: 'Host is offline', error: 'STATUS_X', duration: 3, scanTs };
    await npsd.insertComputer({ _id: 'a', cn: 'A', lastScan });
    await npsd.insertComputer({ _id: 'b', cn: 'B', lastScan: { success: true, scanTs: '2026-03-02T10:00:00+01:00' } });
    await npsd.insertComputer({ _id: 'c', cn: 'C', lastScan: { success: 'true', scanTs } });
    await npsd.insertComputer({ _id: 'd', cn: 'D', lastScan: { success: true } });
    const computers = await collect((await npsd.open()).computers());
    expect(computers.map((computer) => computer.lastScan)).toEqual([
      { ...lastScan, scanTs: '2026-03-02T09:00:00.000Z', source: null },
      { success: true, msg: '', error: null, duration: 0, scanTs: '2026-03-02T09:00:00.000Z', source: null },
      null,
      null,
    ]);
  });

  it('of any number with one result costs one update', async () => {
    for (let index = 0; index < 40; index++) await npsd.insertComputer({ _id: `pc${index}`, cn: `PC-${index}` });
    const { commands, store } = await npsd.openRecorded();
    commands.length = 0;
    await store.noteScans(Array.from({ length: 40 }, (_, index) => note(`pc${index}`, ['~-500'])));
    const sent = commands.filter(({ name }) => name !== 'getMore' && name !== 'reply');
    expect(sent.map(({ name, command }) => `${name} ${command[name]}`)).toEqual([
      'find computers',
      'find trueup_computers',
      'update computers',
    ]);
    expect(sent.at(-1)?.command['updates']).toHaveLength(1);
  });
});

describe.skipIf(world === null)('the administrators inventory of NPS-D', () => {
  const entries = [
    { sid: `${local}-500`, domain: 'PC', user: 'Administrator', onHost: false, default_admin: true, persistent: true },
    { sid: 'S-1-5-21-9-9-9-512', domain: 'CORP', user: 'Domain Admins', onHost: true, their_own: { nested: [1] } },
    { sid: 'S-1-5-21-9-9-9-1105', domain: 'CORP', user: 'svc', onHost: true, svc_acct: true },
    { domain: 'CSTEST', user: '' },
    { sid: '$where', domain: ['a.b'], user: 'half', onHost: false },
    'nothing that we know',
  ];

  it('changes onHost where it differs, in entries that are there, and nothing else', async () => {
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', admins: { current: entries, x: 1 } });
    const { commands, store } = await npsd.openRecorded();
    await store.noteScans([note('pc', ['~-500', 'S-1-5-21-9-9-9-1105', 'S-1-5-21-9-9-9-2000'])]);
    const [first = {}, second = {}, ...rest] = entries as Record<string, unknown>[];
    expect(await found('pc')).toMatchObject({
      admins: { current: [{ ...first, onHost: true }, { ...second, onHost: false }, ...rest], x: 1 },
    });
    const updates = updatesIn(commands);
    expect(updates.slice(1).map(({ q, u }) => ({ q, u }))).toEqual([
      { q: { _id: 'pc', 'admins.current.0.sid': `${local}-500` }, u: { $set: { 'admins.current.0.onHost': true } } },
      {
        q: { _id: 'pc', 'admins.current.1.sid': 'S-1-5-21-9-9-9-512' },
        u: { $set: { 'admins.current.1.onHost': false } },
      },
    ]);
  });

  it('is as it was after a scan that says the same, and without an inventory', async () => {
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', admins: { current: entries } });
    const { commands, store } = await npsd.openRecorded();
    for (const administrators of [['S-1-5-21-9-9-9-512', 'S-1-5-21-9-9-9-1105'], null]) {
      await store.noteScans([note('pc', administrators)]);
      expect(updatesIn(commands)).toHaveLength(1);
    }
    expect(await found('pc')).toMatchObject({ admins: { current: entries } });
  });

  it('is untouched where an entry was moved between reading and writing', async () => {
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', admins: { current: entries } });
    const { commands, store } = await npsd.openRecorded();
    await store.noteScans([note('pc', ['S-1-5-21-9-9-9-512', 'S-1-5-21-9-9-9-1105', '~-500'])]);
    const [, guarded] = updatesIn(commands);
    const computers = npsd.db.collection<{ _id: string }>('computers');
    await computers.updateOne({ _id: 'pc' }, { $set: { 'admins.current': entries.slice(1) } as never });
    await computers.updateOne(guarded?.q ?? {}, guarded?.u ?? {});
    expect(await found('pc')).toMatchObject({ admins: { current: entries.slice(1) } });
  });

  it('knows an account of the machine by its SID, else by the domain of the entry, else not', async () => {
    const one = (domain?: string): object => ({
      admins: { current: [{ sid: `${local}-1001`, onHost: false, ...(domain === undefined ? {} : { domain }) }] },
    });
    await npsd.insertComputer({ _id: 'by-sid', cn: 'PC1', ...one('ELSE') });
    await npsd.insertComputer({ _id: 'by-domain', cn: 'pc2.corp.example', ...one('PC2') });
    await npsd.insertComputer({ _id: 'nobody-knows', cn: 'PC3', ...one() });
    await npsd.insertComputer({ _id: 'of-the-domain', cn: 'PC4', ...one('CORP') });
    const store = await npsd.open();
    await store.note([{ id: 'by-sid', machineSid: local }]);
    const ids = ['by-sid', 'by-domain', 'nobody-knows', 'of-the-domain'];
    await store.noteScans(ids.map((id) => note(id, ['~-1001'])));
    const administrators = new Map((await collect(store.administrators())).map(({ id, current }) => [id, current]));
    expect(administrators).toEqual(
      new Map([
        ['by-sid', [{ sid: '~-1001', onHost: true }]],
        ['by-domain', [{ sid: '~-1001', onHost: true }]],
        ['nobody-knows', [{ sid: `${local}-1001`, onHost: false }]],
        ['of-the-domain', [{ sid: `${local}-1001`, onHost: false }]],
      ]),
    );
  });

  it('is found, as is the last scan, where the map of fields has it', async () => {
    const computer = { ...defaultFields.computer, lastScan: 'x.last', lastScanned: 'x.tried', administrators: 'x.who' };
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', x: { who: [{ sid: `${local}-500`, domain: 'PC' }] } });
    const store = await npsd.open({ fields: { ...defaultFields, computer } });
    await store.noteScans([note('pc', ['~-500'])]);
    expect(await found('pc')).toEqual({
      cn: 'PC',
      x: { who: [{ sid: `${local}-500`, domain: 'PC', onHost: true }], last: written, tried: scanTs },
    });
    expect(await collect(store.computers())).toMatchObject([{ lastScan: aLastScan() }]);
    expect(await collect(store.administrators())).toEqual([{ id: 'pc', current: [{ sid: '~-500', onHost: true }] }]);
  });

  it('keeps onHost of an entry whose SID is none that we know', async () => {
    const strange = [
      { sid: 's-1-5-21-9-9-9-512', onHost: true },
      { sid: 'no SID', onHost: true },
    ];
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', admins: { current: strange } });
    const store = await npsd.open();
    await store.noteScans([note('pc', ['S-1-5-21-9-9-9-512'])]);
    expect(await found('pc')).toMatchObject({ admins: { current: strange } });
  });

  it('of a shape that we do not know stays as it is', async () => {
    await npsd.insertComputer({ _id: 'pc', cn: 'PC', admins: { current: { 0: { sid: `${local}-500` } } } });
    const store = await npsd.open();
    await store.noteScans([note('pc', ['~-500'])]);
    expect(await found('pc')).toMatchObject({
      admins: { current: { 0: { sid: `${local}-500` } } },
      lastScan: { success: true },
    });
  });
});

describe.skipIf(world === null)('the bulk_scan_history of NPS-D', () => {
  it('is read as far as it can be, between our own scans, and never written', async () => {
    const history = npsd.db.collection<Record<string, unknown>>('bulk_scan_history');
    const ids = [1, 2, 3, 4, 5].map((n) => ObjectId.createFromTime(Date.parse('2026-03-02T08:00:00Z') / 1000 + n));
    const documents: Record<string, unknown>[] = [
      {
        _id: ids[0],
        provider: 'tanium_cloud',
        group: 'NPS-D Managed Devices',
        startedAt: new Date('2026-03-02T08:30:00Z'),
        endedAt: '2026-03-02T08:40:00Z',
        status: 'partial',
        actionId: 7,
        totals: { targeted: 100, completed: 90, offline: -1, failed: 'x' },
        errors: ['one', { two: 2 }],
      },
      { _id: ids[1], provider: 'Another Tanium', status: 'completed' },
      { _id: ids[2], status: 'in a way that we do not know' },
      { _id: ids[3], status: 'completed' },
      { _id: 'by-name', status: 'completed' },
    ];
    await history.insertMany(documents);
    const store = await npsd.open();
    await store.putScanRun(aScanRun('a', { startedAt: '2026-03-02T08:20:00.000Z' }));
    await store.putScanRun(aScanRun('b', { startedAt: '2026-03-02T09:00:00.000Z', status: 'running' }));
    const runs = await store.scanRuns(10);
    expect(runs.map(({ id }) => id)).toEqual(['b', `npsd:${ids[0]}`, 'a', `npsd:${ids[3]}`]);
    expect(runs[1]).toEqual({
      id: `npsd:${ids[0]}`,
      kind: 'bulk',
      provider: 'tanium_cloud',
      group: 'NPS-D Managed Devices',
      startedAt: '2026-03-02T08:30:00.000Z',
      endedAt: '2026-03-02T08:40:00.000Z',
      status: 'partial',
      questionId: null,
      actionId: null,
      totals: {
        targeted: 100,
        matched: 0,
        unmatched: 0,
        missing: 0,
        completed: 90,
        failed: 0,
        offline: 0,
        fallback: 0,
        updated: 0,
      },
      retries: 0,
      apiCalls: 0,
      apiErrors: 0,
      durationSeconds: 0,
      errors: ['one'],
    });
    expect(await store.unfinishedScanRuns()).toMatchObject([{ id: 'b' }]);
    expect(await history.find().sort({ _id: 1 }).toArray()).toHaveLength(documents.length);
  });
});

describe.skipIf(world === null)('a MongoDB store of version 2', () => {
  it('becomes one of today and loses nothing', async () => {
    const before = await npsd.open();
    await before.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a')]);
    await before.putRun({ ...aRun('r1', null), endedAt: '2026-03-02T09:05:00.000Z' });
    await before.putRun({ ...aRun('r2', null), startedAt: '2026-03-03T09:00:00.000Z' });
    await before.putEntry(anEntry('Trueup r1 a'));
    // As version 2 left it: no series, and the times of a run within its text alone.
    await npsd.db.collection('trueup_scans').updateMany({}, { $unset: { series: '' } });
    await npsd.db.collection('trueup_runs').updateMany({}, { $unset: { startedAt: '', endedAt: '' } });
    const meta = npsd.db.collection<{ _id: string }>('trueup_meta');
    await meta.updateOne({ _id: 'schema' }, { $set: { version: 2 } as never });

    const after = await npsd.open();
    expect(await after.latestScan('inventory')).toMatchObject({ at: '2026-03-02T09:00:00Z', expected: 2 });
    const runs = npsd.db.collection<{ _id: string }>('trueup_runs');
    expect(await runs.find().sort({ startedAt: 1 }).toArray()).toMatchObject([
      { startedAt: '2026-03-02T09:00:00.000Z', endedAt: '2026-03-02T09:05:00.000Z' },
      { startedAt: '2026-03-03T09:00:00.000Z', endedAt: null },
    ]);
    expect(await meta.findOne({ _id: 'schema' })).toMatchObject({ version: 3 });
  });

  it('has its indexes again at the next start, and NPS-D has none of ours', async () => {
    await npsd.insertComputer({ _id: 'pc', cn: 'PC' });
    await npsd.open();
    const names = async (collection: string): Promise<readonly string[]> =>
      (await npsd.db.collection(collection).indexes()).map(({ name }) => String(name)).toSorted();
    const before = await names('trueup_scan_queue');
    expect(before).toHaveLength(2);
    await npsd.db.collection('trueup_scan_queue').dropIndexes();
    await npsd.open();
    expect(await names('trueup_scan_queue')).toEqual(before);
    expect(await names('computers')).toEqual(['_id_']);
  });
});

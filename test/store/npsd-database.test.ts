/** What the MongoDB store does to a database that is not its own, and how it keeps its own part there. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultFields } from '../../src/model/provider-fields.ts';
import { retentionAt } from '../../src/model/retention.ts';
import type { Store } from '../../src/ports.ts';
import { openMongo } from '../../src/store/mongodb/store.ts';
import { aScanRun } from './conformance/scan-history.ts';
import { aLastScan } from './conformance/scan-notes.ts';
import { production } from './conformance.ts';
import { type Npsd, npsdWorld } from './npsd-world.ts';
import { aDrift, anEntry, aPlan, aRun, collect, row } from './samples.ts';

const world = await npsdWorld();
// What is skipped does not look at it.
const npsd = world as Npsd;

describe.skipIf(world === null)('the database of NPS-D', () => {
  it('#177 is touched in its own collections and in trueup_* ones, indexes and inserts in the latter alone', async () => {
    await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
    const provider = await npsd.insertProvider();
    await npsd.insertComputer({ _id: 'pc', cn: 'PC-1' });
    const { commands, store } = await npsd.openRecorded();
    await everything(store, provider);

    const theirs = new Set<unknown>(Object.values(defaultFields.collections));
    const harmless = new Set(['reply', 'hello', 'endSessions', 'getMore', 'killCursors']);
    for (const { name, command } of commands) {
      if (harmless.has(name)) continue;
      const collection = String(command[name]);
      if (collection.startsWith('trueup_')) continue;
      expect(theirs).toContain(collection);
      expect(['find', 'update']).toContain(name);
      if (name !== 'update') continue;
      for (const update of command['updates'] as Update[]) {
        expect(update.upsert ?? false).toBe(false);
        if (update.multi ?? false) expect(update.q).toEqual({ _id: { $in: expect.any(Array) } });
        expect(Object.keys(update.u).every((operator) => operator === '$set' || operator === '$unset')).toBe(true);
      }
    }
    const collections = (await npsd.db.listCollections().toArray()).map(({ name }) => name);
    expect(collections.filter((name) => !name.startsWith('trueup_')).toSorted()).toEqual([
      'computers',
      'integrations_edr_config',
      'release_toggles',
    ]);
  });

  it('is not changed by opening it for reading', async () => {
    const store = await npsd.open({ mode: 'read' });
    expect(await store.latestScan('inventory')).toBeNull();
    expect(await collect(store.computers())).toEqual([]);
    expect(await store.unsettled()).toEqual([]);
    expect(await npsd.db.listCollections().toArray()).toEqual([]);
  });

  it.each(['read', 'write'] as const)('is refused for %s where a newer Trueup has written to it', async (mode) => {
    await npsd.db.collection<{ _id: string; version: number }>('trueup_meta').insertOne({ _id: 'schema', version: 99 });
    await expect(npsd.open({ mode })).rejects.toMatchObject({ code: 'TRUEUP_STORE_NEWER' });
  });

  it('is not opened with credentials that it does not know, and they are not repeated', async () => {
    const stranger = npsd.url.replace(/^mongodb:\/\/(?:[^@/]*@)?/, 'mongodb://nobody:geheim@');
    const error: unknown = await openMongo(stranger, production).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'TRUEUP_STORE_UNREACHABLE',
      likelyCause: expect.stringContaining('credentials'),
    });
    expect((error as Error).message).not.toMatch(/nobody|geheim/);
  });

  it('gives a lease that nobody renewed to the next who asks, by its own clock', async () => {
    const store = await npsd.open();
    const alive = (): boolean => false;
    const first = { host: 'a', pid: 1, started: '1', command: 'reconcile' };
    const second = { host: 'b', pid: 1, started: '1', command: 'reconcile' };
    const taken = await store.acquire('apply', first, alive);
    if (!('lease' in taken)) throw new Error('not taken');
    expect(Date.parse(taken.lease.expiresAt) - Date.now()).toBeGreaterThan(50_000);
    expect(await store.acquire('apply', second, alive)).toEqual({ heldBy: first });
    await npsd.db.collection('trueup_leases').updateMany({}, { $set: { expiresAt: new Date(1000) } });
    expect(await store.acquire('apply', second, alive)).toMatchObject({ lease: { token: taken.lease.token + 1 } });
    expect(await store.renew(taken.lease)).toBe(false);
  });

  it('keeps a plan that is larger than one document may be', async () => {
    const store = await npsd.open();
    const plan = { ...aPlan(), warnings: [randomBytes(4_500_000).toString('base64')] };
    await store.putRun(aRun('big', plan));
    expect(await npsd.db.collection('trueup_plans').countDocuments()).toBe(2);
    const back = (await store.run('big'))?.plan;
    expect(back?.warnings[0] === plan.warnings[0]).toBe(true);
    await npsd.db.collection('trueup_plans').deleteOne({});
    await expect(store.run('big')).rejects.toMatchObject({ code: 'TRUEUP_STORE_INVALID' });
  });

  it('takes a scan that says nothing new in a fixed number of requests, and writes one document', async () => {
    const { commands, store } = await npsd.openRecorded();
    const rows = Array.from({ length: 300 }, (_, index) => row(String(index), `text ${index % 3}`));
    await store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 300, rows);
    commands.length = 0;
    expect(await store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 300, rows)).toBe(0);
    const sent = commands
      .filter(({ name }) => name !== 'getMore' && name !== 'reply')
      .map(({ name, command }) => `${name} ${command[name]}`);
    expect(sent).toEqual(['find trueup_devices', 'find trueup_scans', 'update trueup_scans']);
    expect(commands.findLast(({ name }) => name === 'update')?.command['updates']).toHaveLength(1);
  });

  it('takes answers by small batches in a request each, and who answered in a few more', async () => {
    const { commands, store } = await npsd.openRecorded();
    const rows = Array.from({ length: 300 }, (_, index) => row(String(index), `text ${index % 3}`));
    await store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 300, rows);
    commands.length = 0;
    for (let from = 0; from < 300; from += 3) {
      await store.saveAnswers('inventory', 'r2', '2026-03-02T09:10:00Z', rows.slice(from, from + 3));
    }
    const written = (): number =>
      commands.filter(({ name, command }) => name === 'update' && command[name] === 'trueup_scans').length;
    expect(commands.filter(({ command, name }) => command[name] === 'trueup_devices')).toHaveLength(100);
    expect(written()).toBeLessThan(40);
    const before = written();
    await store.putScanRun(aScanRun('r2'));
    expect(written()).toBe(before + 1);
    const reader = await npsd.open();
    expect(await collect((await reader.latestScan('inventory'))?.rows ?? [])).toHaveLength(300);
    await store.saveScan('inventory', 'r3', '2026-03-02T09:05:00Z', 300, []);
    expect(await collect((await reader.latestScan('inventory'))?.rows ?? [])).toHaveLength(300);
  });
});

it.skipIf(world === null)('drift that an older version kept is told from checks all the same', async () => {
  const store = await npsd.open();
  await store.putDrift([
    aDrift('d1', 'PC-1'),
    aDrift('d2', 'PC-1', { kind: 'compliance.check', subject: { baseline: 'base', check: 'one' } }),
  ]);
  await npsd.db.collection('trueup_drift').updateMany({}, { $unset: { about: '' } });
  expect((await collect(store.drift({ about: 'checks' }))).map(({ id }) => id)).toEqual(['d2']);
  expect((await collect(store.drift({ about: 'changes' }))).map(({ id }) => id)).toEqual(['d1']);
});

describe.skipIf(world === null)('observations in MongoDB', () => {
  it('keep each text once, and take away those that nobody refers to when enough have come', async () => {
    const store = await npsd.open();
    const texts = npsd.db.collection<{ _id: string; text: string; savedAt: Date }>('trueup_texts');
    await store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 3, [row('1', 'a'), row('2', 'a'), row('3', 'b')]);
    expect(await texts.countDocuments()).toBe(2);
    const longAgo = new Date('2026-01-01T00:00:00Z');
    await texts.insertOne({ _id: 'old and unused', text: 'x', savedAt: longAgo });
    await texts.insertOne({ _id: 'young and unused', text: 'y', savedAt: new Date() });
    await texts.updateMany({ text: { $in: ['a', 'b'] } }, { $set: { savedAt: longAgo } });
    await store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 3, [row('1', 'c'), row('2', 'a')]);
    expect(await texts.countDocuments()).toBe(5);

    await npsd.db
      .collection<{ _id: string }>('trueup_meta')
      .updateOne({ _id: 'texts-since-sweep' }, { $set: { next: 10_000 } });
    await store.saveScan('inventory', 'r3', '2026-03-02T09:20:00Z', 3, [row('1', 'd'), row('2', 'a')]);
    expect((await texts.find().toArray()).map(({ text }) => text).toSorted()).toEqual(['a', 'b', 'c', 'd', 'y']);
    expect((await store.history('1')).map(({ text }) => text)).toEqual(['d', 'c', 'a']);
  });
});

interface Update {
  readonly q: Record<string, unknown>;
  readonly u: Record<string, unknown>;
  readonly upsert?: boolean;
  readonly multi?: boolean;
}

/** One call of everything that a store can do. */
async function everything(store: Store, provider: string): Promise<void> {
  await store.toggle('tanium_cloud');
  await store.setToggle('tanium_cloud', true);
  await store.setToggle('missing', true);
  await store.providers('tanium_cloud');
  await store.setProvider(provider, {
    enable: true,
    options: { bulk_scan_enabled: true },
    removeOptions: ['their_own'],
  });
  await store.change([
    { id: 'pc', scan: true, protect: 'JITA', offlineAccess: 'Unmanaged', edrIntegration: 'Production Tanium' },
  ]);
  await store.note([{ id: 'pc', computerId: '1', machineSid: 'S-1-5-21-1-2-3' }]);
  await store.saveApplied('s', { facet: 'x' });
  await store.applied();
  await store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'b')]);
  await store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 2, [row('1', 'c')]);
  await collect((await store.latestScan('inventory'))?.rows ?? []);
  await store.history('1');
  await store.saveAnswers('inventory', 'r3', '2026-03-02T09:20:00Z', [row('1', 'd')]);
  await store.saveScan('posture', 'r3', '2026-03-02T09:20:00Z', 1, [row('1', 'p')]);
  await store.noteScans([{ id: 'pc', lastScan: aLastScan(), administrators: ['~-500'] }]);
  await collect(store.administrators());
  await store.enqueue([{ id: 'pc', name: 'PC-1', requestedAt: '2026-03-02T09:00:00Z', by: 'a', reason: 'asked' }]);
  const taker = { holder: 'a', now: '2026-03-02T09:00:00Z', isDead: () => false, stuckBefore: '2026-03-01T09:00:00Z' };
  await store.take(1, taker);
  await store.putBack(['pc']);
  await store.finish(['pc']);
  await collect(store.queued());
  await store.putScanRun(aScanRun('s1'));
  await store.scanRuns(5);
  await store.unfinishedScanRuns();
  await store.prune(retentionAt('2027-12-01T00:00:00.000Z'));
  await collect(store.computers());
  await store.putDrift([aDrift('d1', 'PC-1')]);
  await collect(store.drift({ states: ['open'] }));
  await store.putRun(aRun('r1', aPlan()));
  await store.run('r1');
  await store.putEntry(anEntry('Trueup r1 a'));
  await store.unsettled();
  const answer = await store.acquire('apply', { host: 'a', pid: 1, started: '1', command: 'apply' }, () => false);
  if (!('lease' in answer)) throw new Error('not taken');
  await store.renew(answer.lease);
  await store.release(answer.lease);
}

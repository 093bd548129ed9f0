/** What every store must do, whoever owns the records: one suite, run against each adapter. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultFields } from '../../src/model/desired.ts';
import type { RecordedComputer } from '../../src/model/recorded.ts';
import type { DeviceRow, LeaseAnswer, LeaseHolder, Store, StoreOptions } from '../../src/ports.ts';
import { aDrift, anEntry, aPlan, aRun, collect, hostile, hostileText, row } from './samples.ts';

/** One empty store for one test. */
export interface StoreUnderTest {
  /** May be opened more than once; `Production Tanium` and writing unless said otherwise. */
  open(options?: Partial<StoreOptions>): Promise<Store>;
  /** Brings a provider row about in whatever way is right for this store, its options empty, and answers its id. */
  seedProvider(name: string): Promise<string>;
  /** The same with computers whose Tanium Computer IDs and names these are; answers the ids of their records. */
  seedComputers(
    computers: readonly { readonly computerId: string; readonly name: string }[],
  ): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export const production: StoreOptions = { provider: 'Production Tanium', fields: defaultFields, mode: 'write' };
const me: LeaseHolder = { host: 'a', pid: 1, started: '1', command: 'apply' };
const you: LeaseHolder = { host: 'a', pid: 2, started: '2', command: 'reconcile' };
const alive = (): boolean => false;

export function conformance(create: () => Promise<StoreUnderTest>, propertyRuns: number): void {
  let under: StoreUnderTest;
  let store: Store;
  beforeEach(async () => {
    under = await create();
    store = await under.open();
  });
  afterEach(async () => {
    await store.close();
    await under.dispose();
  });

  async function computersById(): Promise<Map<string, RecordedComputer>> {
    return new Map((await collect(store.computers())).map((computer) => [computer.id, computer]));
  }

  describe('release toggle and provider row', () => {
    it('#75 switches the toggle on, and off again', async () => {
      expect(await store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: false });
      expect(await store.setToggle('tanium_cloud', true)).toBe(true);
      expect(await store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: true });
      expect(await store.setToggle('tanium_cloud', false)).toBe(true);
      expect(await store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: false });
    });

    it('#76 says that a toggle has no row, and makes none', async () => {
      expect(await store.setToggle('sentinel_one', true)).toBe(false);
      expect(await store.toggle('sentinel_one')).toBeNull();
    });

    it('#77 a toggle that is already set is there all the same', async () => {
      await store.setToggle('tanium_cloud', true);
      expect(await store.setToggle('tanium_cloud', true)).toBe(true);
    });

    it.each(hostile)('finds no toggle called %j', async (name) => {
      expect(await store.toggle(name)).toBeNull();
      expect(await store.setToggle(name, true)).toBe(false);
    });

    it('writes what is declared and answers it', async () => {
      const id = await under.seedProvider('Production Tanium');
      await store.setProvider(id, {
        enable: true,
        apiBaseUrl: 'https://acme-api.cloud.tanium.com',
        proxyUrl: 'http://proxy.example:3128',
        proxyUsername: 'npsd',
        options: { sensor_max_age_seconds: 600, bulk_scan_enabled: false, sensor_name: 'NPS Admin Members' },
      });
      expect(await store.providers('tanium_cloud')).toEqual([
        {
          id,
          provider: 'tanium_cloud',
          name: 'Production Tanium',
          enable: true,
          apiBaseUrl: 'https://acme-api.cloud.tanium.com',
          proxyUrl: 'http://proxy.example:3128',
          proxyUsername: 'npsd',
          options: { sensor_max_age_seconds: 600, bulk_scan_enabled: false, sensor_name: 'NPS Admin Members' },
        },
      ]);
      await store.setProvider(id, { name: 'Renamed', proxyUrl: null, proxyUsername: null });
      const [renamed] = await store.providers('tanium_cloud');
      expect(renamed).toMatchObject({ name: 'Renamed', enable: true, proxyUrl: null, proxyUsername: null });
      expect(renamed?.options).toMatchObject({ sensor_max_age_seconds: 600 });
    });

    it('#100 leaves the options that nobody names alone, and removes those that it is told to', async () => {
      const id = await under.seedProvider('Production Tanium');
      await store.setProvider(id, { options: { bulk_scan_batch_size: 500, bulk_scan_retry_attempts: 2 } });
      await store.setProvider(id, { options: { bulk_scan_batch_size: 100 } });
      expect((await store.providers('tanium_cloud'))[0]?.options).toEqual({
        bulk_scan_batch_size: 100,
        bulk_scan_retry_attempts: 2,
      });
      await store.setProvider(id, { removeOptions: ['bulk_scan_retry_attempts', 'never_there'] });
      expect((await store.providers('tanium_cloud'))[0]?.options).toEqual({ bulk_scan_batch_size: 100 });
    });

    it('#102 answers every row of the kind, so that two of one name are seen', async () => {
      await under.seedProvider('Production Tanium');
      await under.seedProvider('Test Tanium');
      const names = (await store.providers('tanium_cloud')).map(({ name }) => name);
      expect(names.toSorted()).toEqual(['Production Tanium', 'Test Tanium']);
      expect(await store.providers('sentinelone')).toEqual([]);
    });

    it('#102 refuses to write to a row that is gone', async () => {
      await expect(store.setProvider('000000000000000000000000', { enable: true })).rejects.toMatchObject({
        code: 'TRUEUP_PROVIDER_MISSING',
      });
    });
  });

  describe('computers', () => {
    it('come in the order of their ids, with nothing known beside the record', async () => {
      const ids = await under.seedComputers([
        { computerId: '30', name: 'PC-3' },
        { computerId: '10', name: 'PC-1' },
        { computerId: '20', name: 'PC-2' },
      ]);
      const computers = await collect(store.computers());
      expect(computers.map(({ id }) => id)).toEqual(ids.toSorted());
      expect(computers.map(({ name }) => name).toSorted()).toEqual(['PC-1', 'PC-2', 'PC-3']);
      expect(computers[0]).toMatchObject({
        scan: false,
        protect: 'Disabled',
        offlineAccess: 'Unmanaged',
        edrIntegration: null,
        machineSid: null,
        identityConflict: null,
        lastSeenAt: null,
        appliedSignature: null,
        failedSubjects: [],
        pendingUntil: null,
      });
    });

    it('#109 to #115 take on each setting by itself', async () => {
      const [a = '', b = ''] = await under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
      ]);
      await store.change([
        { id: a, scan: true, protect: 'JITA', edrIntegration: 'Production Tanium' },
        { id: b, protect: 'Deny' },
      ]);
      expect((await computersById()).get(a)).toMatchObject({
        scan: true,
        protect: 'JITA',
        edrIntegration: 'Production Tanium',
      });
      expect((await computersById()).get(b)).toMatchObject({ scan: false, protect: 'Deny', edrIntegration: null });
      await store.change([{ id: b, protect: 'Disabled' }, { id: a }]);
      expect((await computersById()).get(b)).toMatchObject({ protect: 'Disabled' });
    });

    it('of another provider are not ours', async () => {
      const [a = ''] = await under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
      ]);
      await store.change([{ id: a, edrIntegration: 'Test Tanium' }]);
      expect((await collect(store.computers())).map(({ name }) => name)).toEqual(['B']);
    });

    it('C4 are ours where the provider is named by its kind', async () => {
      const [a = ''] = await under.seedComputers([{ computerId: '1', name: 'A' }]);
      await store.change([{ id: a, edrIntegration: 'tanium_cloud' }]);
      expect((await computersById()).get(a)?.edrIntegration).toBe('tanium_cloud');
    });

    it('that are not there are refused by name, and none is written', async () => {
      const [a = ''] = await under.seedComputers([{ computerId: '1', name: 'A' }]);
      const changes = [
        { id: a, scan: true },
        { id: 'nobody', scan: true },
      ];
      await expect(store.change(changes)).rejects.toMatchObject({
        code: 'TRUEUP_STORE_INVALID',
        message: expect.stringContaining('nobody'),
      });
      expect((await computersById()).get(a)?.scan).toBe(false);
    });

    it('keep notes field by field, apart from the settings', async () => {
      const [a = ''] = await under.seedComputers([{ computerId: '1', name: 'A' }]);
      await store.note([{ id: a, computerId: '1', machineSid: 'S-1-5-21-1-2-3', appliedSignature: 'f00' }]);
      await store.note([{ id: a, identityConflict: hostileText, failedSubjects: ['account.enable $where.a\ud800'] }]);
      await store.note([{ id: a, pendingUntil: '2026-03-02T10:00:00.000Z' }]);
      await store.change([{ id: a, scan: true }]);
      expect((await computersById()).get(a)).toMatchObject({
        scan: true,
        computerId: '1',
        machineSid: 'S-1-5-21-1-2-3',
        appliedSignature: 'f00',
        identityConflict: hostileText,
        failedSubjects: ['account.enable $where.a\ud800'],
        pendingUntil: '2026-03-02T10:00:00.000Z',
      });
      await store.note([{ id: a, identityConflict: null, failedSubjects: [], pendingUntil: null }]);
      expect((await computersById()).get(a)).toMatchObject({
        machineSid: 'S-1-5-21-1-2-3',
        identityConflict: null,
        failedSubjects: [],
        pendingUntil: null,
      });
    });

    it('refer to facets that are kept under their signature, whatever accounts are called', async () => {
      const facets = {
        'account a.b enabled': 'true',
        'account $where enabled': 'false',
        __proto__x: '1',
        'a\ud800': '2',
      };
      await store.saveApplied('s1', facets);
      await store.saveApplied('s2', {});
      await store.saveApplied('s2', { again: 'x' });
      expect([...(await store.applied())]).toEqual([
        ['s1', facets],
        ['s2', { again: 'x' }],
      ]);
    });
  });

  describe('observations', () => {
    it('are none at first', async () => {
      expect(await store.latestScan()).toBeNull();
      expect(await store.history('1')).toEqual([]);
    });

    it('#117 come back as they were answered, and count what is new', async () => {
      const rows = [row('1', 'text a'), row('2', 'text b'), row('3', 'text a', { domain: null })];
      expect(await store.saveScan('r1', '2026-03-02T09:00:00Z', 4, rows)).toBe(3);
      const scan = await store.latestScan();
      expect(scan).toMatchObject({ at: '2026-03-02T09:00:00Z', expected: 4 });
      expect(await collect(scan?.rows ?? [])).toEqual(rows);
    });

    it('stream in, and one that says the same as before counts as unchanged', async () => {
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'b')]);
      async function* rows(): AsyncGenerator<DeviceRow> {
        yield row('1', 'a');
        yield row('2', 'c');
      }
      expect(await store.saveScan('r2', '2026-03-02T09:10:00Z', 2, rows())).toBe(1);
      expect(await store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'a' }]);
      expect(await store.history('2')).toEqual([
        { since: '2026-03-02T09:10:00Z', text: 'c' },
        { since: '2026-03-02T09:00:00Z', text: 'b' },
      ]);
    });

    it('keep the last ten texts of a device', async () => {
      for (let n = 10; n < 25; n++) await store.saveScan(`r${n}`, `2026-03-02T09:${n}:00Z`, 1, [row('1', `text ${n}`)]);
      const history = await store.history('1');
      expect(history.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, index) => `text ${24 - index}`));
      expect(history.at(-1)).toEqual({ since: '2026-03-02T09:15:00Z', text: 'text 15' });
    });

    it('know when each computer was last seen', async () => {
      const [a = '', b = '', c = ''] = await under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
        { computerId: '3', name: 'C' },
      ]);
      await store.note([
        { id: a, computerId: '1' },
        { id: b, computerId: '2' },
        { id: c, computerId: '3' },
      ]);
      const seen = async (): Promise<unknown[]> => {
        const computers = await computersById();
        return [a, b, c].map((id) => computers.get(id)?.lastSeenAt);
      };
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 3, [row('1', 'a'), row('2', 'a')]);
      expect(await seen()).toEqual(['2026-03-02T09:00:00Z', '2026-03-02T09:00:00Z', null]);
      await store.saveScan('r2', '2026-03-02T09:10:00Z', 3, [row('1', 'a')]);
      await store.saveScan('r3', '2026-03-02T09:20:00Z', 3, [row('1', 'b'), row('3', 'a')]);
      expect(await seen()).toEqual(['2026-03-02T09:20:00Z', '2026-03-02T09:00:00Z', '2026-03-02T09:20:00Z']);
      expect((await collect((await store.latestScan())?.rows ?? [])).map(({ computerId }) => computerId)).toEqual([
        '1',
        '3',
      ]);
    });

    it('of a scan that was cut off do not make it the latest one', async () => {
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'a')]);
      async function* cut(): AsyncGenerator<DeviceRow> {
        yield row('1', 'a');
        throw new Error('connection reset');
      }
      await expect(store.saveScan('r2', '2026-03-02T09:10:00Z', 2, cut())).rejects.toThrow('connection reset');
      const scan = await store.latestScan();
      expect(scan?.at).toBe('2026-03-02T09:00:00Z');
      expect(await collect(scan?.rows ?? [])).toHaveLength(2);
    });

    it('take the last of two answers that one device gave to one question', async () => {
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a'), row('1', 'b')]);
      expect(await collect((await store.latestScan())?.rows ?? [])).toEqual([row('1', 'b')]);
      expect(await store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'b' }]);
    });

    it('of two providers stay apart, though their Computer IDs are the same', async () => {
      const other = await under.open({ provider: 'Test Tanium' });
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      await other.saveScan('r2', '2026-03-02T09:10:00Z', 1, [row('1', 'b')]);
      expect(await collect((await store.latestScan())?.rows ?? [])).toEqual([row('1', 'a')]);
      expect(await store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'a' }]);
      await other.close();
    });

    it('round-trip whatever a device or an attacker may send', async () => {
      const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
      const anyText = fc.oneof(
        codeUnits.map((units) => String.fromCharCode(...units)),
        fc.constantFrom(...hostile),
      );
      const device = fc.record({
        computerId: anyText,
        name: anyText,
        os: anyText,
        domain: fc.option(anyText),
        text: anyText,
      });
      const devices = fc.uniqueArray(device, { maxLength: 8, selector: ({ computerId }) => computerId });
      await fc.assert(
        fc.asyncProperty(devices, async (rows) => {
          await store.saveScan('r', '2026-03-02T09:00:00Z', rows.length, rows);
          const back = await collect((await store.latestScan())?.rows ?? []);
          expect(new Map(back.map((one) => [one.computerId, one]))).toEqual(
            new Map(rows.map((one) => [one.computerId, one])),
          );
        }),
        { numRuns: propertyRuns },
      );
    });

    it('agree with a plain model of latest answers, history and last sight over any series of scans', async () => {
      const answer = fc.record({ device: fc.integer({ min: 1, max: 4 }), text: fc.constantFrom('a', 'b', 'c') });
      const series = fc.array(fc.uniqueArray(answer, { selector: ({ device }) => device, maxLength: 4 }), {
        minLength: 1,
        maxLength: 14,
      });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(series, async (scans) => {
          // Devices of a round of their own, so that rounds do not see each other.
          const id = (device: number): string => `${round}-${device}`;
          round++;
          const history = new Map<string, { since: string; text: string }[]>();
          for (const [index, answers] of scans.entries()) {
            const at = `2026-03-02T09:${String(index + 10)}:00Z`;
            let changed = 0;
            for (const { device, text } of answers) {
              const texts = history.get(id(device)) ?? [];
              if (texts[0]?.text === text) continue;
              changed++;
              history.set(id(device), [{ since: at, text }, ...texts].slice(0, 10));
            }
            const rows = answers.map(({ device, text }) => row(id(device), text));
            expect(await store.saveScan(`r${index}`, at, 4, rows)).toBe(changed);
            const back = await collect((await store.latestScan())?.rows ?? []);
            expect(back.map(({ computerId, text }) => [computerId, text])).toEqual(
              rows.map(({ computerId, text }) => [computerId, text]).toSorted(),
            );
          }
          for (const [computerId, texts] of history) expect(await store.history(computerId)).toEqual(texts);
        }),
        { numRuns: propertyRuns },
      );
    });
  });

  describe('drift', () => {
    it('is kept once per id, ordered by device and id', async () => {
      await store.putDrift([aDrift('d2', 'PC-2'), aDrift('d3', 'PC-1'), aDrift('d1', 'PC-1')]);
      await store.putDrift([{ ...aDrift('d2', 'PC-2'), state: 'resolved', count: 2 }]);
      expect(await collect(store.drift({}))).toEqual([
        aDrift('d1', 'PC-1'),
        aDrift('d3', 'PC-1'),
        { ...aDrift('d2', 'PC-2'), state: 'resolved', count: 2 },
      ]);
    });

    it('is filtered by device, state and time, however the time is written', async () => {
      await store.putDrift([
        aDrift('d1', 'PC-1', { computerId: '1', lastSeen: '2026-03-02T09:00:00Z' }),
        aDrift('d2', 'PC-2', { computerId: '2', lastSeen: '2026-03-02T10:00:00.000Z', state: 'resolved' }),
        aDrift('d3', 'PC-3', { computerId: '3', lastSeen: '2026-03-02T11:00:00Z', state: 'pending' }),
      ]);
      const ids = async (filter: Parameters<Store['drift']>[0]): Promise<string[]> =>
        (await collect(store.drift(filter))).map(({ id }) => id);
      expect(await ids({ computerIds: ['1', '3', '99'] })).toEqual(['d1', 'd3']);
      expect(await ids({ computerIds: [] })).toEqual([]);
      expect(await ids({ states: ['open', 'pending'] })).toEqual(['d1', 'd3']);
      expect(await ids({ since: '2026-03-02T11:00:00.000+01:00' })).toEqual(['d2', 'd3']);
      expect(await ids({ since: '2026-03-02T10:00:00Z', states: ['pending'], computerIds: ['3'] })).toEqual(['d3']);
      expect(await ids({ computerIds: Array.from({ length: 12_000 }, (_, index) => String(index + 2)) })).toEqual([
        'd2',
        'd3',
      ]);
    });

    it.each(hostile)('is kept of a device and an account called %j', async (name) => {
      const record = aDrift(`d ${name}`, name, { computerId: name, subject: { [name]: name, account: name } });
      await store.putDrift([record]);
      expect(await collect(store.drift({ computerIds: [name] }))).toEqual([record]);
    });

    it('of another provider is not shown', async () => {
      const other = await under.open({ provider: 'Test Tanium' });
      await other.putDrift([aDrift('d1', 'PC-1')]);
      expect(await collect(store.drift({}))).toEqual([]);
      await other.close();
    });

    it('of more records than fit one page comes whole', async () => {
      const records = Array.from({ length: 1203 }, (_, index) => aDrift(`d${index}`, `PC-${index % 7}`));
      await store.putDrift(records);
      const back = await collect(store.drift({}));
      expect(back.map(({ device, id }) => `${device} ${id}`)).toEqual(
        records.map(({ device, id }) => `${device} ${id}`).toSorted(),
      );
    });
  });

  describe('runs and journal', () => {
    it('keeps a run with its plan, and takes its end', async () => {
      expect(await store.run('r1')).toBeNull();
      await store.putRun(aRun('r1', null));
      expect(await store.run('r1')).toEqual(aRun('r1', null));
      const ended = { ...aRun('r1', aPlan()), status: 'done', endedAt: '2026-03-02T09:30:00.000Z' } as const;
      await store.putRun(ended);
      expect(await store.run('r1')).toEqual(ended);
    });

    it('answers the entries that are not settled, in the order they were intended', async () => {
      const times = ['2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:01.000Z'];
      const entries = times.map((intendedAt, index) => anEntry(`Trueup r1 ${'zyx'[index]}`, { intendedAt }));
      for (const entry of entries) await store.putEntry(entry);
      expect(await store.unsettled()).toEqual(entries);

      const [first, second, third] = entries as [(typeof entries)[0], (typeof entries)[0], (typeof entries)[0]];
      const issued = { ...second, state: 'issued', actionId: '17' } as const;
      await store.putEntry({ ...first, state: 'settled' });
      await store.putEntry({ ...third, state: 'absent' });
      await store.putEntry(issued);
      expect(await store.unsettled()).toEqual([issued]);
    });

    it('finds them again after the process has ended', async () => {
      await store.putEntry(anEntry('Trueup r1 a'));
      await store.close();
      store = await under.open();
      expect(await store.unsettled()).toEqual([anEntry('Trueup r1 a')]);
    });
  });

  describe('lease', () => {
    it('has one holder, until it is released', async () => {
      const first = leaseOf(await store.acquire('apply', me, alive));
      expect(await store.acquire('apply', you, alive)).toEqual({ heldBy: me });
      expect(await store.renew(first)).toBe(true);
      await store.release(first);
      const second = leaseOf(await store.acquire('apply', you, alive));
      expect(second.token).toBeGreaterThan(first.token);
      expect(second.holder).toEqual(you);
    });

    it('of a dead holder is taken over at once, and the dead cannot renew or release it', async () => {
      const first = leaseOf(await store.acquire('apply', me, alive));
      const second = leaseOf(await store.acquire('apply', you, (other) => other.pid === me.pid));
      expect(second.token).toBeGreaterThan(first.token);
      expect(await store.renew(first)).toBe(false);
      await store.release(first);
      expect(await store.renew(second)).toBe(true);
      expect(await store.acquire('apply', me, alive)).toEqual({ heldBy: you });
    });

    it('is not renewed after its release', async () => {
      const lease = leaseOf(await store.acquire('apply', me, alive));
      await store.release(lease);
      expect(await store.renew(lease)).toBe(false);
    });

    it('of many who ask at once goes to one', async () => {
      const holders = Array.from({ length: 8 }, (_, index) => ({ ...me, pid: index + 10 }));
      const answers = await Promise.all(holders.map((holder) => store.acquire('apply', holder, alive)));
      expect(answers.filter((answer) => 'lease' in answer)).toHaveLength(1);
    });

    it('of another provider is another lease', async () => {
      const other = await under.open({ provider: 'Test Tanium' });
      leaseOf(await store.acquire('apply', me, alive));
      leaseOf(await other.acquire('apply', you, alive));
      await other.close();
    });
  });

  describe('opened for reading', () => {
    it('reads, and refuses every write', async () => {
      await store.saveScan('r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      const reader = await under.open({ mode: 'read' });
      expect(await collect((await reader.latestScan())?.rows ?? [])).toEqual([row('1', 'a')]);
      const writes = [
        () => reader.setToggle('tanium_cloud', true),
        () => reader.note([{ id: '1', computerId: '1' }]),
        () => reader.saveApplied('s', {}),
        () => reader.saveScan('r2', '2026-03-02T09:10:00Z', 1, [row('1', 'b')]),
        () => reader.putDrift([aDrift('d1', 'PC-1')]),
        () => reader.putRun(aRun('r1', null)),
        () => reader.putEntry(anEntry('Trueup r1 a')),
        () => reader.acquire('apply', me, alive),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
      expect(await store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
      await reader.close();
    });
  });
}

function leaseOf(answer: LeaseAnswer): Extract<LeaseAnswer, { lease: unknown }>['lease'] {
  if ('lease' in answer) return answer.lease;
  throw new Error(`held by ${answer.heldBy.pid}`);
}

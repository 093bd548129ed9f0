/** The MongoDB store beside NPS-D's own records: what it reads of them, what it writes, and what it never touches. */
import { randomBytes } from 'node:crypto';
import { type Db, Double, Int32, Long, MongoClient, ObjectId } from 'mongodb';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultFields, type ProviderFields } from '../../src/model/desired.ts';
import type { Store, StoreOptions } from '../../src/ports.ts';
import type { CreateClient } from '../../src/store/mongodb/connection.ts';
import { openMongo } from '../../src/store/mongodb/store.ts';
import { production } from './conformance.ts';
import { startMongo } from './mongo-server.ts';
import { aDrift, anEntry, aPlan, aRun, collect, row } from './samples.ts';

const server = await startMongo();
if (server === null) console.warn('No MONGODB_URI, mongod or ferretdb: the tests beside NPS-D are skipped.');
afterAll(() => server?.stop());

let url: string;
let client: MongoClient;
let db: Db;
const opened: Store[] = [];

async function open(options: Partial<StoreOptions> = {}, createClient?: CreateClient): Promise<Store> {
  const store = await openMongo(url, { ...production, ...options }, createClient);
  opened.push(store);
  return store;
}

beforeEach(async () => {
  if (server === null) return;
  url = server.freshUrl();
  client = new MongoClient(url);
  db = client.db();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  if (server === null) return;
  await db.dropDatabase();
  await client.close();
});

/** As NPS-D's user interface and the seed's Part B leave it, with what Trueup must not disturb. */
async function insertProvider(integration: Record<string, unknown> = {}): Promise<string> {
  const { insertedId } = await db.collection('integrations_edr_config').insertOne({
    provider: 'tanium_cloud',
    revision: 3,
    config: {
      integration: {
        name: 'Production Tanium',
        enable: true,
        api_base_url: 'https://acme-api.cloud.tanium.com',
        api_key: 'sealed-api-key',
        proxy: { url: 'http://proxy.example:3128', username: 'npsd', password: 'sealed-proxy-password' },
        options: { sensor_name: 'NPS Admin Members', sensor_max_age_seconds: 600, their_own: { nested: [1, 2] } },
        ...integration,
      },
      other: { kept: true },
    },
  });
  return insertedId.toHexString();
}

function insertComputer(document: Record<string, unknown>): Promise<unknown> {
  return db.collection<Record<string, unknown>>('computers').insertOne(document);
}

function providerRow(): Promise<unknown> {
  return db.collection('integrations_edr_config').findOne({}, { projection: { _id: 0 } });
}

describe.skipIf(server === null)('the provider row of NPS-D', () => {
  it('#100 keeps every key that nobody names, through one update of dotted paths', async () => {
    const id = await insertProvider();
    const before = await providerRow();
    const { commands, monitored } = recorder();
    const store = await monitored();
    await store.setProvider(id, {
      enable: false,
      options: { sensor_max_age_seconds: 900, bulk_scan_enabled: true },
      removeOptions: ['sensor_name'],
    });
    const updates = commands.filter(({ command }) => command['update'] === 'integrations_edr_config');
    expect(updates).toHaveLength(1);
    expect(updates[0]?.command['updates']).toMatchObject([
      {
        u: {
          $set: {
            'config.integration.enable': false,
            'config.integration.options.sensor_max_age_seconds': 900,
            'config.integration.options.bulk_scan_enabled': true,
          },
          $unset: { 'config.integration.options.sensor_name': '' },
        },
      },
    ]);
    const after = structuredClone(before) as { config: { integration: Record<string, unknown> } };
    after.config.integration['enable'] = false;
    after.config.integration['options'] = {
      sensor_max_age_seconds: 900,
      their_own: { nested: [1, 2] },
      bulk_scan_enabled: true,
    };
    expect(await providerRow()).toEqual(after);
  });

  it('has only those paths written that it has, and those that it lacks read as null', async () => {
    const id = await insertProvider({ proxy: undefined, api_base_url: undefined });
    await db
      .collection('integrations_edr_config')
      .updateOne({}, { $unset: { 'config.integration.proxy': '', 'config.integration.api_base_url': '' } });
    const store = await open();
    expect(await store.providers('tanium_cloud')).toMatchObject([
      { apiBaseUrl: null, proxyUrl: null, proxyUsername: null },
    ]);
    const before = await providerRow();
    await store.setProvider(id, { apiBaseUrl: 'https://other', proxyUrl: 'http://other', proxyUsername: 'other' });
    expect(await providerRow()).toEqual(before);
    await store.setProvider(id, { apiBaseUrl: 'https://other', name: 'Renamed' });
    expect(await store.providers('tanium_cloud')).toMatchObject([{ name: 'Renamed', apiBaseUrl: null }]);
  });

  it('takes options where it has none at all', async () => {
    const id = await insertProvider({ options: {} });
    await db.collection('integrations_edr_config').updateOne({}, { $unset: { 'config.integration.options': '' } });
    const store = await open();
    expect(await store.providers('tanium_cloud')).toMatchObject([{ options: {} }]);
    await store.setProvider(id, { options: { sensor_name: 'NPS Admin Members' } });
    expect(await store.providers('tanium_cloud')).toMatchObject([{ options: { sensor_name: 'NPS Admin Members' } }]);
  });

  it('#84 never brings API key or proxy password into memory', async () => {
    const id = await insertProvider();
    const { commands, monitored } = recorder();
    const store = await monitored();
    await store.providers('tanium_cloud');
    await store.setProvider(id, { name: 'Renamed', proxyUrl: null });
    expect(commands.length).toBeGreaterThan(2);
    expect(JSON.stringify(commands)).not.toMatch(/sealed|api_key|password/);
  });

  it.each([
    ['Int32', new Int32(600)],
    ['Long', Long.fromNumber(600)],
    ['Double', new Double(600)],
  ])('#103 reads 600 as 600 where it is a %s', async (_type, value) => {
    await insertProvider({ options: { sensor_max_age_seconds: value } });
    const [row] = await (await open()).providers('tanium_cloud');
    expect(row?.options).toEqual({ sensor_max_age_seconds: 600 });
  });

  it.each<[path: string, integration: Record<string, unknown>]>([
    ['config.integration.options.sensor_max_age_seconds', { options: { sensor_max_age_seconds: '600' } }],
    ['config.integration.options.sensor_max_age_seconds', { options: { sensor_max_age_seconds: 600.5 } }],
    ['config.integration.options.action_timeout_seconds', { options: { action_timeout_seconds: null } }],
    ['config.integration.options.bulk_scan_enabled', { options: { bulk_scan_enabled: 'false' } }],
    ['config.integration.options.sensor_name', { options: { sensor_name: 7 } }],
    ['config.integration.options', { options: [] }],
    ['config.integration.options', { options: null }],
    ['config.integration.name', { name: { first: 'Production' } }],
    ['config.integration.enable', { enable: 'yes' }],
    ['config.integration.api_base_url', { api_base_url: ['https://a'] }],
  ])('#103 is refused where %s is of another type, and nothing is written', async (path, integration) => {
    const id = await insertProvider(integration);
    const before = await providerRow();
    const store = await open();
    const refusal = { code: 'TRUEUP_STORE_INVALID', message: expect.stringContaining(`${path} should be`) };
    await expect(store.providers('tanium_cloud')).rejects.toMatchObject(refusal);
    await expect(store.setProvider(id, { options: { sensor_max_age_seconds: 900 } })).rejects.toMatchObject(refusal);
    expect(await providerRow()).toEqual(before);
  });

  it('shows what it does not know as it is, and removes it by name', async () => {
    const id = await insertProvider({ options: { their_own: { nested: [1] }, theirs: 1.5, when: new Date(0) } });
    const store = await open();
    const [row] = await store.providers('tanium_cloud');
    expect(row?.options).toEqual({
      their_own: '{"nested":[1]}',
      theirs: 1.5,
      when: '{"$date":"1970-01-01T00:00:00Z"}',
    });
    await store.setProvider(id, { removeOptions: ['their_own', 'when'] });
    expect(await store.providers('tanium_cloud')).toMatchObject([{ options: { theirs: 1.5 } }]);
  });

  it.each(['a.b', '$where', '', 'half \ud83d'])('has no option %j removed, since no path can name it', async (key) => {
    const id = await insertProvider();
    const before = await providerRow();
    const store = await open();
    await expect(store.setProvider(id, { removeOptions: [key] })).rejects.toMatchObject({
      code: 'TRUEUP_STORE_INVALID',
    });
    expect(await providerRow()).toEqual(before);
  });

  it('#102 C5 is never inserted, and two of them are both answered', async () => {
    const store = await open();
    await expect(store.createProvider('tanium_cloud', 'Production Tanium')).rejects.toMatchObject({
      code: 'TRUEUP_PROVIDER_MISSING',
    });
    expect(await store.providers('tanium_cloud')).toEqual([]);
    await insertProvider();
    await insertProvider();
    expect(await store.providers('tanium_cloud')).toHaveLength(2);
  });

  it('is found at the paths and in the collections that the configuration names', async () => {
    const fields: ProviderFields = {
      ...defaultFields,
      collections: { ...defaultFields.collections, edrConfig: 'edr', releaseToggles: 'flags' },
      provider: { ...defaultFields.provider, name: 'title', options: 'tanium.options' },
    };
    await db
      .collection<{ _id: string } & Record<string, unknown>>('edr')
      .insertOne({ _id: 'row', provider: 'tanium_cloud', title: 'T', tanium: {} });
    await db.collection('flags').insertOne({ name: 'tanium_cloud', enabled: false });
    const store = await open({ fields });
    expect(await store.setToggle('tanium_cloud', true)).toBe(true);
    await store.setProvider('row', { name: 'U', options: { bulk_scan_batch_size: 100 } });
    expect(await store.providers('tanium_cloud')).toMatchObject([
      { id: 'row', name: 'U', enable: null, options: { bulk_scan_batch_size: 100 } },
    ]);
  });

  it.each<[string, Partial<ProviderFields['provider']>]>([
    ['contains', { options: 'config.integration' }],
    ['is not a dotted path', { name: 'config..name' }],
    ['is not a dotted path', { name: '$where' }],
  ])('is not looked for with a map in which a path %s', async (part, provider) => {
    const fields = { ...defaultFields, provider: { ...defaultFields.provider, ...provider } };
    await expect(open({ fields })).rejects.toMatchObject({
      code: 'TRUEUP_CONFIG_INVALID',
      message: expect.stringContaining(part),
    });
  });
});

describe.skipIf(server === null)('the computers of NPS-D', () => {
  it('are read by their own names and by the other spellings (C2, C3)', async () => {
    const id = new ObjectId();
    await insertComputer({
      _id: id,
      obj_type: 'computer',
      cn: 'SRV-1',
      dNSHostName: 'srv-1.corp.example',
      domain_fqdn: 'corp.example',
      distinguishedName: 'CN=SRV-1,OU=Servers,DC=corp,DC=example',
      os: 'Windows Server 2022',
      operatingSystem: 'ignored',
      inserted_ts: new Date('2026-03-01T08:00:00Z'),
      edr_integration: 'Production Tanium',
      policy: { scan: true, secure: true, strict_secure: false },
      admins: { current: [{ sid: 'S-1-5-21-1-2-3-500' }] },
    });
    await insertComputer({
      _id: 'by-name',
      dNSHostName: 'pc.corp.example',
      operatingSystem: 'Windows 11',
      inserted_ts: '2026-03-01T09:00:00+01:00',
    });
    await insertComputer({ _id: 'a-user', obj_type: 'user', cn: 'Somebody' });
    const computers = await collect((await open()).computers());
    expect(computers.find((computer) => computer.id === id.toHexString())).toEqual({
      id: id.toHexString(),
      name: 'SRV-1',
      computerId: null,
      machineSid: null,
      identityConflict: null,
      domain: 'corp.example',
      ou: 'CN=SRV-1,OU=Servers,DC=corp,DC=example',
      os: 'Windows Server 2022',
      scan: true,
      protect: 'JITA',
      offlineAccess: 'Unmanaged',
      edrIntegration: 'Production Tanium',
      insertedAt: '2026-03-01T08:00:00.000Z',
      lastSeenAt: null,
      appliedSignature: null,
      failedSubjects: [],
      pendingUntil: null,
    });
    expect(computers.find((computer) => computer.id === 'by-name')).toMatchObject({
      name: 'pc.corp.example',
      os: 'Windows 11',
      scan: null,
      protect: null,
      edrIntegration: null,
      insertedAt: '2026-03-01T08:00:00.000Z',
    });
    expect(computers).toHaveLength(2);
  });

  it.each([
    [{ secure: false, strict_secure: false }, 'Disabled'],
    [{ secure: false, strict_secure: true }, 'Disabled'],
    [{ secure: true, strict_secure: false }, 'JITA'],
    [{ secure: true }, 'JITA'],
    [{ secure: true, strict_secure: true }, 'Deny'],
    [{}, null],
  ])('#115 C21 %j is protect %s', async (policy, protect) => {
    await insertComputer({ cn: 'PC', policy });
    expect(await collect((await open()).computers())).toMatchObject([{ protect }]);
  });

  it.each([
    [undefined, 'Unmanaged'],
    [null, 'Unmanaged'],
    [{ enabled: false, strategy: 'os-best-practice' }, 'Unmanaged'],
    [{ enabled: true, strategy: 'managed-built-in' }, 'managed-built-in'],
    [{ enabled: true }, 'managed'],
  ])('#112 offline access %j is %s', async (management, offlineAccess) => {
    await insertComputer({ cn: 'PC', config: { policies: { offline_access_management: management } } });
    expect(await collect((await open()).computers())).toMatchObject([{ offlineAccess }]);
  });

  it('#116 become Unmanaged by that one flag: the strategy and all else stay', async () => {
    const management = { enabled: true, strategy: 'custom', break_glass_account_name_template: 'S1_??' };
    const document = {
      _id: 'pc',
      cn: 'PC',
      policy: { scan: true, secure: false, manage_local_sids: true },
      config: { policies: { offline_access_management: management, x: 1 } },
    };
    await insertComputer(document);
    const store = await open();
    await store.change([
      { id: 'pc', offlineAccess: 'Unmanaged', protect: 'Deny', edrIntegration: 'Production Tanium' },
    ]);
    expect(await db.collection<{ _id: string }>('computers').findOne({ _id: 'pc' })).toEqual({
      ...document,
      policy: { scan: true, secure: true, strict_secure: true, manage_local_sids: true },
      config: { policies: { offline_access_management: { ...management, enabled: false }, x: 1 } },
      edr_integration: 'Production Tanium',
    });
  });

  it.each<[path: string, document: Record<string, unknown>]>([
    ['policy.scan', { cn: 'PC', policy: { scan: 'true' } }],
    ['policy.secure', { cn: 'PC', policy: { secure: 1 } }],
    ['cn', { cn: ['PC'] }],
    ['cn', {}],
    ['edr_integration', { cn: 'PC', edr_integration: { name: 'Production Tanium' } }],
    [
      'config.policies.offline_access_management',
      { cn: 'PC', config: { policies: { offline_access_management: 'custom' } } },
    ],
    ['inserted_ts', { cn: 'PC', inserted_ts: 'yesterday' }],
  ])('are refused by name where %s is of another type, and nothing is written', async (path, document) => {
    await insertComputer({ _id: 'good', cn: 'GOOD' });
    await insertComputer({ _id: 'bad', ...document });
    const store = await open();
    const refusal = { code: 'TRUEUP_STORE_INVALID', message: expect.stringMatching(`computers bad: ${path}`) };
    await expect(collect(store.computers())).rejects.toMatchObject(refusal);
    const changes = [
      { id: 'good', scan: true },
      { id: 'bad', scan: true },
    ];
    await expect(store.change(changes)).rejects.toMatchObject(refusal);
    expect(await db.collection<{ _id: string }>('computers').findOne({ _id: 'good' })).toEqual({
      _id: 'good',
      cn: 'GOOD',
    });
  });

  it('have ids that go there and back exactly, though text may look like an ObjectId', async () => {
    const hex = 'aaaaaaaaaaaaaaaaaaaaaaaa';
    await insertComputer({ _id: hex, cn: 'TEXT' });
    await insertComputer({ _id: new ObjectId('bbbbbbbbbbbbbbbbbbbbbbbb'), cn: 'OBJECT' });
    await insertComputer({ _id: `text:${hex}`, cn: 'PREFIXED' });
    const store = await open();
    const computers = await collect(store.computers());
    for (const { id, name } of computers)
      await store.change([{ id, edrIntegration: 'Production Tanium', scan: name === 'OBJECT' }]);
    for (const { id, name } of computers) await store.note([{ id, machineSid: `S-1-5-21-${name.length}` }]);
    const after = await collect(store.computers());
    expect(after.map(({ name, scan, machineSid }) => [name, scan, machineSid]).toSorted()).toEqual([
      ['OBJECT', true, 'S-1-5-21-6'],
      ['PREFIXED', false, 'S-1-5-21-8'],
      ['TEXT', false, 'S-1-5-21-4'],
    ]);
  });

  it('are never inserted', async () => {
    const store = await open();
    const computer = {
      computerId: '1',
      name: 'PC',
      domain: null,
      os: 'Windows 11',
      insertedAt: '2026-03-02T09:00:00Z',
    };
    await expect(store.enroll([computer])).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    expect(await db.collection('computers').countDocuments()).toBe(0);
  });
});

describe.skipIf(server === null)('the database of NPS-D', () => {
  it('#177 is touched in its own collections and in trueup_* ones, indexes and inserts in the latter alone', async () => {
    await db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
    const provider = await insertProvider();
    await insertComputer({ _id: 'pc', cn: 'PC-1' });
    const { commands, monitored } = recorder();
    const store = await monitored();
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
      for (const update of command['updates'] as { u: Record<string, unknown>; upsert?: boolean; multi?: boolean }[]) {
        expect(update.upsert ?? false).toBe(false);
        expect(update.multi ?? false).toBe(false);
        expect(Object.keys(update.u).every((operator) => operator === '$set' || operator === '$unset')).toBe(true);
      }
    }
    const collections = (await db.listCollections().toArray()).map(({ name }) => name);
    expect(collections.filter((name) => !name.startsWith('trueup_')).toSorted()).toEqual([
      'computers',
      'integrations_edr_config',
      'release_toggles',
    ]);
  });

  it('is not changed by opening it for reading', async () => {
    const store = await open({ mode: 'read' });
    expect(await store.latestScan()).toBeNull();
    expect(await collect(store.computers())).toEqual([]);
    expect(await store.unsettled()).toEqual([]);
    expect(await db.listCollections().toArray()).toEqual([]);
  });

  it.each(['read', 'write'] as const)('is refused for %s where a newer Trueup has written to it', async (mode) => {
    await db.collection<{ _id: string; version: number }>('trueup_meta').insertOne({ _id: 'schema', version: 99 });
    await expect(open({ mode })).rejects.toMatchObject({ code: 'TRUEUP_STORE_NEWER' });
  });

  it('is not opened with credentials that it does not know, and they are not repeated', async () => {
    const stranger = url.replace(/^mongodb:\/\/(?:[^@/]*@)?/, 'mongodb://nobody:geheim@');
    const error: unknown = await openMongo(stranger, production).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'TRUEUP_STORE_UNREACHABLE',
      likelyCause: expect.stringContaining('credentials'),
    });
    expect(String((error as Error).message)).not.toMatch(/nobody|geheim/);
  });

  it('gives a lease that nobody renewed to the next who asks, by its own clock', async () => {
    const store = await open();
    const alive = (): boolean => false;
    const first = { host: 'a', pid: 1, started: '1', command: 'reconcile' };
    const second = { host: 'b', pid: 1, started: '1', command: 'reconcile' };
    const taken = await store.acquire('apply', first, alive);
    if (!('lease' in taken)) throw new Error('not taken');
    expect(Date.parse(taken.lease.expiresAt) - Date.now()).toBeGreaterThan(50_000);
    expect(await store.acquire('apply', second, alive)).toEqual({ heldBy: first });
    await db.collection('trueup_leases').updateMany({}, { $set: { expiresAt: new Date(1000) } });
    expect(await store.acquire('apply', second, alive)).toMatchObject({ lease: { token: taken.lease.token + 1 } });
    expect(await store.renew(taken.lease)).toBe(false);
  });

  it('keeps a plan that is larger than one document may be', async () => {
    const store = await open();
    const plan = { ...aPlan(), warnings: [randomBytes(9_000_000).toString('base64')] };
    await store.putRun(aRun('big', plan));
    expect(await db.collection('trueup_plans').countDocuments()).toBe(2);
    const back = (await store.run('big'))?.plan;
    expect(back?.warnings[0] === plan.warnings[0]).toBe(true);
    await db.collection('trueup_plans').deleteOne({});
    await expect(store.run('big')).rejects.toMatchObject({ code: 'TRUEUP_STORE_INVALID' });
  });

  it('takes a scan that says nothing new in a fixed number of requests, and writes one document', async () => {
    const { commands, monitored } = recorder();
    const store = await monitored();
    const rows = Array.from({ length: 300 }, (_, index) => row(String(index), `text ${index % 3}`));
    await store.saveScan('r1', '2026-03-02T09:00:00Z', 300, rows);
    commands.length = 0;
    expect(await store.saveScan('r2', '2026-03-02T09:10:00Z', 300, rows)).toBe(0);
    const sent = commands
      .filter(({ name }) => name !== 'getMore' && name !== 'reply')
      .map(({ name, command }) => `${name} ${command[name]}`);
    expect(sent).toEqual(['find trueup_devices', 'find trueup_scans', 'update trueup_scans']);
    expect(commands.findLast(({ name }) => name === 'update')?.command['updates']).toHaveLength(1);
  });
});

describe.skipIf(server === null)('observations in MongoDB', () => {
  it('keep each text once, and take away those that nobody refers to when enough have come', async () => {
    const store = await open();
    const texts = db.collection<{ _id: string; text: string; savedAt: Date }>('trueup_texts');
    await store.saveScan('r1', '2026-03-02T09:00:00Z', 3, [row('1', 'a'), row('2', 'a'), row('3', 'b')]);
    expect(await texts.countDocuments()).toBe(2);
    const longAgo = new Date('2026-01-01T00:00:00Z');
    await texts.insertOne({ _id: 'old and unused', text: 'x', savedAt: longAgo });
    await texts.insertOne({ _id: 'young and unused', text: 'y', savedAt: new Date() });
    await texts.updateMany({ text: { $in: ['a', 'b'] } }, { $set: { savedAt: longAgo } });
    await store.saveScan('r2', '2026-03-02T09:10:00Z', 3, [row('1', 'c'), row('2', 'a')]);
    expect(await texts.countDocuments()).toBe(5);

    await db
      .collection<{ _id: string }>('trueup_meta')
      .updateOne({ _id: 'texts-since-sweep' }, { $set: { next: 10_000 } });
    await store.saveScan('r3', '2026-03-02T09:20:00Z', 3, [row('1', 'd'), row('2', 'a')]);
    expect((await texts.find().toArray()).map(({ text }) => text).toSorted()).toEqual(['a', 'b', 'c', 'd', 'y']);
    expect((await store.history('1')).map(({ text }) => text)).toEqual(['d', 'c', 'a']);
  });
});

interface Recorded {
  readonly name: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** A client that writes down every command and its answer. */
function recorder(): { readonly commands: Recorded[]; readonly monitored: () => Promise<Store> } {
  const commands: Recorded[] = [];
  const recording: CreateClient = (address, options) => {
    const recorded = new MongoClient(address, { ...options, monitorCommands: true });
    recorded.on('commandStarted', ({ commandName, command }) => commands.push({ name: commandName, command }));
    recorded.on('commandSucceeded', ({ commandName, reply }) =>
      commands.push({ name: 'reply', command: { commandName, reply } }),
    );
    return recorded;
  };
  return { commands, monitored: () => open({}, recording) };
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
  await store.saveScan('r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'b')]);
  await store.saveScan('r2', '2026-03-02T09:10:00Z', 2, [row('1', 'c')]);
  await collect((await store.latestScan())?.rows ?? []);
  await store.history('1');
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

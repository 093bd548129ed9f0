/** What the MongoDB store reads of NPS-D's provider row, and what it writes to it. */
import { Double, Int32, Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { defaultFields, type ProviderFields } from '../../src/model/provider-fields.ts';
import { type Npsd, npsdWorld } from './npsd-world.ts';

const world = await npsdWorld();
// What is skipped does not look at it.
const npsd = world as Npsd;

describe.skipIf(world === null)('the provider row of NPS-D', () => {
  it('#100 keeps every key that nobody names, through one update of dotted paths', async () => {
    const id = await npsd.insertProvider();
    const before = await npsd.providerRow();
    const { commands, store } = await npsd.openRecorded();
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
    expect(await npsd.providerRow()).toEqual(after);
  });

  it('has only those paths written that it has, and those that it lacks read as null', async () => {
    const id = await npsd.insertProvider({ proxy: undefined, api_base_url: undefined });
    await npsd.db
      .collection('integrations_edr_config')
      .updateOne({}, { $unset: { 'config.integration.proxy': '', 'config.integration.api_base_url': '' } });
    const store = await npsd.open();
    expect(await store.providers('tanium_cloud')).toMatchObject([
      { apiBaseUrl: null, proxyUrl: null, proxyUsername: null },
    ]);
    const before = await npsd.providerRow();
    await store.setProvider(id, { apiBaseUrl: 'https://other', proxyUrl: 'http://other', proxyUsername: 'other' });
    expect(await npsd.providerRow()).toEqual(before);
    await store.setProvider(id, { apiBaseUrl: 'https://other', name: 'Renamed' });
    expect(await store.providers('tanium_cloud')).toMatchObject([{ name: 'Renamed', apiBaseUrl: null }]);
  });

  it('takes options where it has none at all', async () => {
    const id = await npsd.insertProvider({ options: {} });
    await npsd.db.collection('integrations_edr_config').updateOne({}, { $unset: { 'config.integration.options': '' } });
    const store = await npsd.open();
    expect(await store.providers('tanium_cloud')).toMatchObject([{ options: {} }]);
    await store.setProvider(id, { options: { sensor_name: 'NPS Admin Members' } });
    expect(await store.providers('tanium_cloud')).toMatchObject([{ options: { sensor_name: 'NPS Admin Members' } }]);
  });

  it('#84 never brings API key or proxy password into memory', async () => {
    const id = await npsd.insertProvider();
    const { commands, store } = await npsd.openRecorded();
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
    await npsd.insertProvider({ options: { sensor_max_age_seconds: value } });
    const [row] = await (await npsd.open()).providers('tanium_cloud');
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
    const id = await npsd.insertProvider(integration);
    const before = await npsd.providerRow();
    const store = await npsd.open();
    const refusal = { code: 'TRUEUP_STORE_INVALID', message: expect.stringContaining(`${path} should be`) };
    await expect(store.providers('tanium_cloud')).rejects.toMatchObject(refusal);
    await expect(store.setProvider(id, { options: { sensor_max_age_seconds: 900 } })).rejects.toMatchObject(refusal);
    expect(await npsd.providerRow()).toEqual(before);
  });

  it('shows what it does not know as it is, and removes it by name', async () => {
    const id = await npsd.insertProvider({ options: { their_own: { nested: [1] }, theirs: 1.5, when: new Date(0) } });
    const store = await npsd.open();
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
    const id = await npsd.insertProvider();
    const before = await npsd.providerRow();
    const store = await npsd.open();
    await expect(store.setProvider(id, { removeOptions: [key] })).rejects.toMatchObject({
      code: 'TRUEUP_STORE_INVALID',
    });
    expect(await npsd.providerRow()).toEqual(before);
  });

  it('#102 C5 is never inserted, and two of them are both answered', async () => {
    const store = await npsd.open();
    await expect(store.createProvider('tanium_cloud', 'Production Tanium')).rejects.toMatchObject({
      code: 'TRUEUP_PROVIDER_MISSING',
    });
    expect(await store.providers('tanium_cloud')).toEqual([]);
    await npsd.insertProvider();
    await npsd.insertProvider();
    expect(await store.providers('tanium_cloud')).toHaveLength(2);
  });

  it('#79 is one of tanium_cloud: the rows of other providers are neither read nor written', async () => {
    const rows = npsd.db.collection('integrations_edr_config');
    const id = await npsd.insertProvider();
    const other = { provider: 'crowdstrike', config: { integration: { name: 'Production Tanium', enable: true } } };
    const { insertedId } = await rows.insertOne({ ...other });
    const store = await npsd.open();
    expect((await store.providers('tanium_cloud')).map((row) => row.id)).toEqual([id]);
    await store.setProvider(id, { enable: false, options: { bulk_scan_enabled: true } });
    expect(await rows.findOne({ _id: insertedId }, { projection: { _id: 0 } })).toEqual(other);
  });

  it('is found at the paths and in the collections that the configuration names', async () => {
    const fields: ProviderFields = {
      ...defaultFields,
      collections: { ...defaultFields.collections, edrConfig: 'edr', releaseToggles: 'flags' },
      provider: { ...defaultFields.provider, name: 'title', options: 'tanium.options' },
    };
    await npsd.db
      .collection<{ _id: string } & Record<string, unknown>>('edr')
      .insertOne({ _id: 'row', provider: 'tanium_cloud', title: 'T', tanium: {} });
    await npsd.db.collection('flags').insertOne({ name: 'tanium_cloud', enabled: false });
    const store = await npsd.open({ fields });
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
    await expect(npsd.open({ fields })).rejects.toMatchObject({
      code: 'TRUEUP_CONFIG_INVALID',
      message: expect.stringContaining(part),
    });
  });
});

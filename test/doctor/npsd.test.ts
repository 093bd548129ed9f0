/** Beside NPS-D, in its own MongoDB: what is wrong in its records is named, and nothing is written. */
import { describe, expect, it } from 'vitest';
import { npsdWorld } from '../store/npsd-world.ts';
import { checkOf, doctorWorld, failed, type WorldOptions } from './world.ts';

const npsd = await npsdWorld();

describe.skipIf(npsd === null)('beside NPS-D', () => {
  const world = npsd as NonNullable<typeof npsd>;

  async function recorded(): Promise<string> {
    const [toggles, rows] = await Promise.all(
      ['release_toggles', 'integrations_edr_config'].map((name) => world.db.collection(name).find().toArray()),
    );
    return JSON.stringify([toggles, rows]);
  }

  const toggled: WorldOptions = {
    options: { bulk_scan_enabled: false },
    provider: { toggle: { name: 'tanium_cloud', enabled: true } },
  };

  async function expectOnly(id: string, message: RegExp): Promise<void> {
    const before = await recorded();
    const store = await world.open({ mode: 'read' });
    const report = await (await doctorWorld({ ...toggled, store })).examine();
    expect(failed(report)).toEqual([id]);
    expect(checkOf(report, id).message).toMatch(message);
    expect(await recorded()).toBe(before);
  }

  const on = async (): Promise<void> => {
    await world.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
  };

  it('#27 #169 #170 shows toggle, configuration and version of the database', async () => {
    await on();
    await world.insertProvider();
    const store = await world.open({ mode: 'read' });
    const report = await (await doctorWorld({ ...toggled, store })).examine();
    expect(failed(report)).toEqual([]);
    expect(checkOf(report, 'npsd.toggle').message).toContain('{"name":"tanium_cloud","enabled":true}');
    expect(checkOf(report, 'npsd.config').message).toContain('"sensor_name": "NPS Admin Members"');
    expect(checkOf(report, 'store.version').message).toMatch(/^MongoDB \d/);
    expect(JSON.stringify(report)).not.toMatch(/sealed-(?:api-key|proxy-password)/);
  });

  it('#75 #169 a toggle that is off', async () => {
    await world.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
    await world.insertProvider();
    await expectOnly('npsd.toggle', /"enabled":false\}, and should have true/);
  });

  it('#76 #169 a toggle that has no row', async () => {
    await world.insertProvider();
    await expectOnly('npsd.toggle', /has no row "tanium_cloud"/);
  });

  it('#102 no provider row', async () => {
    await on();
    await expectOnly('npsd.provider', /no provider row "Production Tanium"/);
  });

  it('#102 two provider rows of one name', async () => {
    await on();
    await world.insertProvider();
    await world.insertProvider();
    await expectOnly('npsd.provider', /2 provider rows match/);
  });

  it.each([
    ['options.sensor_max_age_seconds', { sensor_max_age_seconds: '600' }],
    ['options.action_timeout_seconds', { action_timeout_seconds: 600.5 }],
    ['options.bulk_scan_enabled', { bulk_scan_enabled: 'false' }],
  ])('#103 a value of a wrong type at %s', async (path, options) => {
    await on();
    await world.insertProvider({ options });
    await expectOnly('npsd.provider', new RegExp(`${path.replaceAll('.', '\\.')}.*TRUEUP_STORE_INVALID`));
  });

  it('#75 #103 a toggle of a wrong type, and two rows of one toggle', async () => {
    await world.insertProvider();
    const toggles = world.db.collection('release_toggles');
    await toggles.insertOne({ name: 'tanium_cloud', enabled: 'true' });
    await expectOnly('npsd.toggle', /enabled should be true or false but is text/);
    await toggles.updateOne({}, { $set: { enabled: true } });
    await toggles.insertOne({ name: 'tanium_cloud', enabled: false });
    await expectOnly('npsd.toggle', /"tanium_cloud" has two rows/);
  });

  it('#102 a row of a newer NPS-D, whose settings are elsewhere', async () => {
    await on();
    await world.db.collection('integrations_edr_config').insertOne({
      provider: 'tanium_cloud',
      schema: 9,
      settings: { displayName: 'Production Tanium', integrationOptions: { sensor: 'NPS Admin Members' } },
    });
    await expectOnly('npsd.provider', /none of the paths that are known/);
  });
});

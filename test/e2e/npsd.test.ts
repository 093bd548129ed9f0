/** The whole loop beside NPS-D: its database, its records, nothing inserted and nothing of its own lost. */
import { expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { administrators, corp, type DeviceTruth, exampleFolder, ordinary, simulatedCloud, trueup } from './trueup.ts';

const npsd = await npsdWorld();

it.skipIf(npsd === null)(
  '#120 #177 converges the fleet with the records that NPS-D has',
  { timeout: 120_000 },
  async () => {
    if (npsd === null) return;
    const cloud = await simulatedCloud('--devices', '30', '--drift', '0.4', '--seed', '5');
    const devices = await cloud.ask<readonly DeviceTruth[]>('devices');
    const names = new Map<string, number>();
    for (const { name } of devices) names.set(name, (names.get(name) ?? 0) + 1);
    const unique = devices.filter(({ name }) => names.get(name) === 1);
    const [stranger, ...known] = unique;
    const toggle = { name: 'tanium_cloud', enabled: false, since: '2.22.12' };
    await npsd.db.collection('release_toggles').insertOne({ ...toggle });
    await npsd.insertProvider({ api_base_url: cloud.url });
    for (const { name, os } of known) {
      const [cn = name, ...domain] = name.split('.');
      await npsd.insertComputer({
        cn: cn.toUpperCase(),
        domain_fqdn: domain.length > 0 ? domain.join('.') : null,
        os,
        policy: { scan: true, secure: false, strict_secure: false, theirs: 7 },
        edr_integration: 'tanium_cloud',
        admins: { current: [{ user: 'x', sid: 'S-1-5-21-1-2-3-500', onHost: true }] },
      });
    }
    const at = { cwd: exampleFolder(), env: { ...cloud.env, TRUEUP_STORE: npsd.url } };

    const planned = await trueup(['plan', '--json'], at);
    expect(planned.stderr).not.toContain('TRUEUP_');
    expect(planned.code).toBe(2);
    const plan = JSON.parse(planned.stdout) as Plan;
    expect(plan.changes.map(({ kind }) => kind)).not.toContain('computer.enroll');
    expect(plan.changes.map(({ kind }) => kind)).not.toContain('provider.create');
    expect(plan.scan.unmatched).toBe(devices.length - known.length);
    expect((await npsd.db.listCollections().toArray()).map(({ name }) => name).toSorted()).toEqual([
      'computers',
      'integrations_edr_config',
      'release_toggles',
    ]);

    const applied = await trueup(['apply', '--yes'], at);
    expect(applied.stderr).not.toContain('TRUEUP_');
    expect(applied.code).toBe(0);
    expect((await trueup(['plan'], at)).code).toBe(0);

    const collections = (await npsd.db.listCollections().toArray()).map(({ name }) => name);
    expect(collections.filter((name) => !name.startsWith('trueup_')).toSorted()).toEqual([
      'computers',
      'integrations_edr_config',
      'release_toggles',
    ]);
    expect(await npsd.db.collection('computers').countDocuments()).toBe(known.length);
    expect(
      await npsd.db.collection('computers').countDocuments({ 'policy.theirs': 7, 'policy.secure': true }),
    ).toBeGreaterThan(0);
    expect(await npsd.db.collection('release_toggles').findOne({}, { projection: { _id: 0 } })).toEqual({
      ...toggle,
      enabled: true,
    });
    expect(await npsd.providerRow()).toMatchObject({
      revision: 3,
      config: {
        other: { kept: true },
        integration: {
          api_key: 'sealed-api-key',
          options: { their_own: { nested: [1, 2] }, package_name: 'NPSD Management' },
        },
      },
    });

    // A device that NPS-D does not know is counted and never touched.
    const strangerNow = (await cloud.ask<readonly DeviceTruth[]>('devices')).find(
      ({ computerId }) => computerId === stranger?.computerId,
    );
    expect(strangerNow).toEqual(stranger);

    const [victim] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices')).filter(({ name }) =>
      known.some((one) => one.name === name),
    );
    await cloud.tell('drift', { device: victim?.computerId, group: { sid: administrators, add: [`${corp}-1106`] } });
    expect((await trueup(['reconcile', '--once', '--yes'], at)).code).toBe(0);
    const drift = await trueup(['drift', '--json'], at);
    expect(drift.stdout).toContain('"cause": "outside-change"');
  },
);

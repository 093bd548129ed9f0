/** docs/migrating.md, gone through: what was set by hand as NPS-D's document says is what the page's YAML declares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { type DeviceTruth, root, simulatedCloud, temporaryFolder, trueup } from './trueup.ts';

const npsd = await npsdWorld();

/** Part B and Part C of the document, as an operator types them. */
const partB = {
  sensor_name: 'NPS Admin Members',
  sensor_max_age_seconds: 600,
  package_name: 'NPSD Management',
  package_param_offset: 0,
  action_group_name: 'Default - All Computers',
  action_timeout_seconds: 1200,
  action_check_interval_seconds: 1,
  bulk_scan_enabled: false,
  bulk_scan_group: 'All Windows Computers',
  bulk_scan_batch_size: 100,
  bulk_scan_timeout_seconds: 3600,
};
const partC = {
  'config.integration.options.bulk_scan_enabled': true,
  'config.integration.options.bulk_scan_group': 'NPS-D Managed Windows Devices',
  'config.integration.options.bulk_scan_batch_size': 100,
  'config.integration.options.bulk_scan_timeout_seconds': 3600,
  'config.integration.options.bulk_scan_retry_attempts': 2,
};

it.skipIf(npsd === null)(
  '#87 #100 #114 a repository that says what was set by hand has nothing to change',
  { timeout: 120_000 },
  async () => {
    if (npsd === null) return;
    const cloud = await simulatedCloud('--devices', '12');
    const rows = npsd.db.collection('integrations_edr_config');
    await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
    await npsd.insertProvider({ api_base_url: cloud.url, options: {} });
    await npsd.db
      .collection('release_toggles')
      .updateOne({ name: 'tanium_cloud' }, { $set: { enabled: true } }, { upsert: false });
    await rows.updateOne({ provider: 'tanium_cloud' }, { $set: { 'config.integration.options': partB } });
    await rows.updateOne({ provider: 'tanium_cloud' }, { $set: partC });
    const devices = await cloud.ask<readonly DeviceTruth[]>('devices');
    for (const { name, os } of devices) {
      // Which of two of one name a record is of, nobody can tell.
      if (devices.filter((one) => one.name === name).length > 1) continue;
      await npsd.insertComputer({
        cn: name.split('.')[0]?.toUpperCase(),
        os,
        policy: { scan: true, secure: false, strict_secure: false },
        edr_integration: 'Production Tanium',
      });
    }
    const page = readFileSync(join(root, 'docs/migrating.md'), 'utf8');
    const [yaml = ''] = Array.from(page.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g), ([, text]) => text);
    const at = { cwd: temporaryFolder(), env: { ...cloud.env, TRUEUP_STORE: npsd.url } };
    writeFileSync(join(at.cwd, 'provider.yaml'), yaml);

    const same = await trueup(['plan', '--json'], at);
    expect(JSON.parse(same.stdout) as Plan).toMatchObject({ changes: [], refusal: null });
    expect(same.code).toBe(0);

    // Part B, pasted once more.
    await rows.updateOne({ provider: 'tanium_cloud' }, { $set: { 'config.integration.options': partB } });
    const lost = await trueup(['plan', '--json'], at);
    expect((JSON.parse(lost.stdout) as Plan).changes.map(({ subject, to }) => [subject['option'], to])).toEqual([
      ['bulk_scan_enabled', true],
      ['bulk_scan_group', 'NPS-D Managed Windows Devices'],
      ['bulk_scan_retry_attempts', 2],
    ]);
  },
);

import { describe, expect, it } from 'vitest';
import type { Given } from '../conformance.ts';
import { hostile } from '../samples.ts';

export function providerRecords(given: Given): void {
  describe('release toggle and provider row', () => {
    it('#75 switches the toggle on, and off again', async () => {
      expect(await given.store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: false });
      expect(await given.store.setToggle('tanium_cloud', true)).toBe(true);
      expect(await given.store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: true });
      expect(await given.store.setToggle('tanium_cloud', false)).toBe(true);
      expect(await given.store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: false });
    });

    it('#76 says that a toggle has no row, and makes none', async () => {
      expect(await given.store.setToggle('sentinel_one', true)).toBe(false);
      expect(await given.store.toggle('sentinel_one')).toBeNull();
    });

    it('#77 a toggle that is already set is there all the same', async () => {
      await given.store.setToggle('tanium_cloud', true);
      expect(await given.store.setToggle('tanium_cloud', true)).toBe(true);
    });

    it.each(hostile)('finds no toggle called %j', async (name) => {
      expect(await given.store.toggle(name)).toBeNull();
      expect(await given.store.setToggle(name, true)).toBe(false);
    });

    it('writes what is declared and answers it', async () => {
      const id = await given.under.seedProvider('Production Tanium');
      await given.store.setProvider(id, {
        enable: true,
        apiBaseUrl: 'https://acme-api.cloud.tanium.com',
        proxyUrl: 'http://proxy.example:3128',
        proxyUsername: 'npsd',
        options: { sensor_max_age_seconds: 600, bulk_scan_enabled: false, sensor_name: 'NPS Admin Members' },
      });
      expect(await given.store.providers('tanium_cloud')).toEqual([
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
      await given.store.setProvider(id, { name: 'Renamed', proxyUrl: null, proxyUsername: null });
      const [renamed] = await given.store.providers('tanium_cloud');
      expect(renamed).toMatchObject({ name: 'Renamed', enable: true, proxyUrl: null, proxyUsername: null });
      expect(renamed?.options).toMatchObject({ sensor_max_age_seconds: 600 });
    });

    it('#100 leaves the options that nobody names alone, and removes those that it is told to', async () => {
      const id = await given.under.seedProvider('Production Tanium');
      await given.store.setProvider(id, { options: { bulk_scan_batch_size: 500, bulk_scan_retry_attempts: 2 } });
      await given.store.setProvider(id, { options: { bulk_scan_batch_size: 100 } });
      expect((await given.store.providers('tanium_cloud'))[0]?.options).toEqual({
        bulk_scan_batch_size: 100,
        bulk_scan_retry_attempts: 2,
      });
      await given.store.setProvider(id, { removeOptions: ['bulk_scan_retry_attempts', 'never_there'] });
      expect((await given.store.providers('tanium_cloud'))[0]?.options).toEqual({ bulk_scan_batch_size: 100 });
    });

    it('#102 answers every row of the kind, so that two of one name are seen', async () => {
      await given.under.seedProvider('Production Tanium');
      await given.under.seedProvider('Test Tanium');
      const names = (await given.store.providers('tanium_cloud')).map(({ name }) => name);
      expect(names.toSorted()).toEqual(['Production Tanium', 'Test Tanium']);
      expect(await given.store.providers('sentinelone')).toEqual([]);
    });

    it('#102 refuses to write to a row that is gone', async () => {
      await expect(given.store.setProvider('000000000000000000000000', { enable: true })).rejects.toMatchObject({
        code: 'TRUEUP_PROVIDER_MISSING',
      });
    });
  });
}

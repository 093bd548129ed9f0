import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { conformance, production, type StoreUnderTest } from './conformance.ts';

describe('the SQLite store', () => conformance(embedded, 60));

async function embedded(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-store-'));
  const open: StoreUnderTest['open'] = (options) =>
    openStore('sqlite:state.db', { ...production, ...options }, { cwd: folder });
  return {
    open,
    async seedProvider(name) {
      const store = await open();
      const { id } = await store.createProvider('tanium_cloud', name);
      await store.close();
      return id;
    },
    async seedComputers(computers) {
      const store = await open();
      await store.enroll(
        computers.map((one) => ({ ...one, domain: null, os: 'Windows 11', insertedAt: '2026-03-01T00:00:00.000Z' })),
      );
      await store.close();
      return computers.map(({ computerId }) => computerId);
    },
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

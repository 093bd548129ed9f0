/** How the file of an embedded store is doing. Looks only, by a connection of its own. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../errors.ts';
import type { StoreHealthReport } from '../../model/store-health.ts';
import type { StoreHealth } from '../../ports.ts';
import { SCHEMA_VERSION } from './schema.ts';

export function health(path: string): StoreHealth {
  return { health: async () => healthOf(path) };
}

function healthOf(path: string): StoreHealthReport {
  const engine = { name: 'SQLite', version: process.versions['sqlite'] ?? 'unknown' } as const;
  const base = { engine, knownLayout: SCHEMA_VERSION };
  if (path === ':memory:' || !existsSync(path) || statSync(path).size === 0) {
    return { ...base, layout: null, bytes: 0, freeBytes: freeAt(path), damage: null };
  }
  const found = lookInto(path);
  return { ...base, ...found, bytes: statSync(path).size, freeBytes: freeAt(path) };
}

/** The whole file is read: a page that is damaged shows wherever it is. */
function lookInto(path: string): Pick<StoreHealthReport, 'layout' | 'damage'> {
  let layout: number | null = null;
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    try {
      layout = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      const found = String(db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] ?? '');
      return { layout, damage: found === 'ok' ? null : found };
    } finally {
      db.close();
    }
  } catch (error) {
    return { layout, damage: messageOf(error) };
  }
}

/** Of the nearest folder that is there; null: the system does not say. */
function freeAt(path: string): number | null {
  let folder = path === ':memory:' ? '.' : dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

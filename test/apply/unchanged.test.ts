/** What a look writes, as the file of the store counts it: as much as has changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { observe } from '../../src/apply/observe.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

type Written = Readonly<Record<string, number>>;

/** Rows that are inserted, updated or deleted from now on, by table. */
function counter(path: string): () => Written {
  const file = new DatabaseSync(path);
  onTestFinished(() => file.close());
  const tables = file.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all();
  file.exec('CREATE TABLE written (name TEXT)');
  for (const { name } of tables) {
    for (const change of ['INSERT', 'UPDATE', 'DELETE']) {
      file.exec(
        `CREATE TRIGGER "${change} ${name}" AFTER ${change} ON "${name}" BEGIN INSERT INTO written VALUES ('${name}'); END`,
      );
    }
  }
  return () => {
    const rows = file.prepare('SELECT name, count(*) AS times FROM written GROUP BY name').all();
    file.exec('DELETE FROM written');
    return Object.fromEntries(rows.map(({ name, times }) => [String(name), Number(times)]));
  };
}

async function converged(): Promise<{ readonly given: Cloud; readonly written: () => Written }> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-unchanged-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state.db');
  const given = await cloud({ devices: 12, drift: 0, store: `sqlite:${path}` });
  await applyAll(given.context);
  await observe(given.context);
  // A scan is told from the one before by its second.
  await delay(1100);
  return { given, written: counter(path) };
}

/** Opened, and closed with what became of it. */
const theRun = { run: 2 };
/** Who answered when, whoever it was. */
const theSight = { sighting: 2 };

it('a look at a fleet in which nothing changed writes its own run and that it looked', async () => {
  const { given, written } = await converged();
  await observe(given.context);
  expect(written()).toEqual({ ...theRun, ...theSight });
});

it('a look at a fleet in which one device changed writes that device and its drift', async () => {
  const { given, written } = await converged();
  const devices =
    await given.ask<readonly { readonly computerId: number; readonly groups: readonly unknown[] }[]>('devices');
  const device = devices.find(({ groups }) => groups.length > 0)?.computerId;
  const stranger = 'S-1-5-21-1004336348-1177238915-682003330-1106';
  await given.tell('drift', { device, group: { sid: ADMINISTRATORS, add: [stranger] } });
  await delay(100);
  await observe(given.context);
  const { device: rows, text, ...others } = written();
  expect(others).toEqual({ ...theRun, ...theSight, drift: 1 });
  // The text that it gives now, and the one that it gave before.
  expect(text).toBe(2);
  expect(rows).toBeLessThanOrEqual(2);
});

/** `trueup report` as a user types it, against a simulated fleet. */
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCsv } from '../render/csv.ts';
import { validator } from '../render/schema.ts';
import {
  administrators,
  administratorsOf,
  corp,
  type DeviceTruth,
  exampleFolder,
  ordinary,
  root,
  simulatedCloud,
  trueup,
} from './trueup.ts';

it('lists who is administrator where, what drifted and which checks hold', { timeout: 120_000 }, async () => {
  const cloud = await simulatedCloud('--devices', '8');
  const cwd = exampleFolder();
  const run = (...words: string[]) => trueup(words, { cwd, env: cloud.env });

  const early = await run('report', 'admins');
  expect([early.code, early.stdout]).toEqual([4, '']);
  expect(early.stderr).toContain('TRUEUP_NO_SCAN');
  expect(existsSync(join(cwd, '.trueup'))).toBe(false);

  expect((await run('apply', '--yes')).code).toBe(0);
  const [drifted] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
  const group = { sid: administrators, add: [`${corp}-1106`] };
  await cloud.tell('drift', { device: drifted?.computerId, group, actor: 'CORP\\helpdesk-7' });
  expect((await run('reconcile', '--once')).code).toBe(2);
  const actions = await cloud.ask<unknown[]>('actions');
  const csv = await run('report', 'admins', '--out', 'admins.csv');
  expect([csv.code, csv.stdout]).toEqual([0, '']);
  expect(csv.stderr).toMatch(/^scan \d{4}-\d\d-\d\d \d\d:\d\dZ \(under 1 min old\), 8 of 8 devices answered\n/);
  expect(statSync(join(cwd, 'admins.csv')).mode & 0o777).toBe(0o600);
  expect(readdirSync(cwd).filter((name) => name.includes('partial'))).toEqual([]);
  const [keys = [], ...records] = parseCsv(readFileSync(join(cwd, 'admins.csv'), 'utf8'));
  const at = (record: readonly string[], key: string): string => record[keys.indexOf(key)] ?? '';

  const devices = await cloud.ask<readonly DeviceTruth[]>('devices');
  const truth = devices
    .filter(({ os }) => os.startsWith('Windows'))
    .flatMap((device) => administratorsOf(device).map((sid) => `${device.computerId} ${ridOrSid(sid)}`));
  expect(records.map((record) => `${at(record, 'computerId')} ${ridOrSid(at(record, 'sid'))}`).toSorted()).toEqual(
    truth.toSorted(),
  );
  const contractor = records.filter((record) => at(record, 'access') === 'absent');
  expect(contractor.map((record) => at(record, 'orEarlier'))).toEqual(['false']);
  const declared = records.filter((record) => ['persistent', 'jita', 'absent'].includes(at(record, 'access')));
  expect(declared.length).toBeGreaterThan(8);
  for (const record of declared) expect(at(record, 'source')).toMatch(/^\S+\.yaml:\d+$/);

  const json = await run('report', 'admins', '--json');
  const validate = validator('report');
  validate(JSON.parse(json.stdout));
  expect([json.code, validate.errors]).toEqual([0, null]);
  expect(json.stderr).toBe('');

  const drift = await run('report', 'drift', '--json');
  const { drift: ledger } = JSON.parse((await run('drift', '--json')).stdout) as { drift: unknown[] };
  const { rows } = JSON.parse(drift.stdout) as { rows: unknown[] };
  expect([drift.code, rows.length]).toEqual([0, ledger.length]);
  expect(ledger).toHaveLength(1);

  expect((await run('report', 'drift', '--format', 'markdown')).stdout).toMatch(/^## Trueup report: drift\n/);
  expect((await run('report', 'drift', '--format', 'html')).stdout).toMatch(/^<!doctype html>/);

  const none = await run('report', 'compliance');
  expect([none.code, parseCsv(none.stdout).length]).toEqual([4, 1]);
  cpSync(join(root, 'examples/compliance/workstations.yaml'), join(cwd, 'workstations.yaml'));
  const checks = await run('report', 'compliance', '--format', 'json');
  validate(JSON.parse(checks.stdout));
  expect([checks.code, validate.errors]).toEqual([0, null]);
  expect((JSON.parse(checks.stdout) as { rows: unknown[] }).rows.length).toBeGreaterThan(0);

  const nowhere = await run('report', 'drift', '--out', 'no/such/folder/drift.csv');
  expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('The report cannot be written to')]);
  expect(await cloud.ask('actions')).toEqual(actions);
});

/** The truth has an account of the machine by its whole SID, an inventory by `~-RID`. */
function ridOrSid(sid: string): string {
  return sid.split('-').at(-1) ?? sid;
}

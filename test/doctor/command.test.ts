/** `trueup doctor` as it is typed: formats, exit status, --probe, --fix, --bundle. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/commands/main.ts';
import type { DoctorReport } from '../../src/model/doctor.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { recordingIo } from '../commands/io.ts';
import { validator } from '../render/schema.ts';
import { failed } from './world.ts';

const example: string = fileURLToPath(new URL('../../examples/minimal', import.meta.url));
const proxyPassword = 'canary-of-the-proxy-password';

interface Place {
  readonly cwd: string;
  readonly simulator: Simulator;
  /** Answers exit status and standard output. */
  readonly run: (words: string, env?: Readonly<Record<string, string>>) => Promise<[number, string, string]>;
  readonly edit: (from: string, to: string) => void;
}

async function place(bare = false): Promise<Place> {
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-doctor-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  cpSync(example, cwd, { recursive: true });
  const simulator = await startSimulator({
    port: 0,
    fleet: { devices: 10, drift: 0, seed: 3 },
    latencyMs: 0,
    clock: 'fast',
    bare,
    tls: false,
    seed: 3,
  });
  onTestFinished(() => simulator.close());
  return {
    cwd,
    simulator,
    run: async (words, env = {}) => {
      const own = { TRUEUP_TANIUM_URL: simulator.url, TRUEUP_TANIUM_TOKEN: simulator.token };
      const { io, said } = recordingIo({ cwd, columns: 100, env: { PATH: process.env['PATH'], ...own, ...env } });
      const code = await main(words.split(' '), io);
      return [code, said.out, said.err];
    },
    edit: (from, to) => {
      const file = join(cwd, 'provider.yaml');
      const text = readFileSync(file, 'utf8');
      if (!text.includes(from)) throw new Error(`provider.yaml has no ${from}`);
      writeFileSync(file, text.replace(from, to));
    },
  };
}

it('prints exactly one JSON document, as doctor.schema.json says, and exits 0', async () => {
  const { run } = await place();
  const [code, out] = await run('doctor --json');
  expect(code).toBe(0);
  const report = JSON.parse(out) as DoctorReport;
  expect(validator('doctor')(report)).toBe(true);
  expect(failed(report)).toEqual([]);
});

it('exits 1 where a check fails, and its last line says what to mend first', async () => {
  const { run, edit } = await place();
  edit('sensor_name: NPS Admin Members', 'sensor_name: NPS Admin Member');
  const [code, out] = await run('doctor');
  expect(code).toBe(1);
  expect(out).toContain('✗ option.sensor_name');
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/First to mend: option\.sensor_name\.$/);
});

it.each(['markdown', 'html'])('says the same in %s', async (format) => {
  const { run, edit } = await place();
  edit('sensor_name: NPS Admin Members', 'sensor_name: "<b>NPS|Members</b>"');
  const [code, out] = await run(`doctor --format ${format}`);
  expect(code).toBe(1);
  expect(out).toContain('option.sensor_name');
  // In markdown it stands within a code span, where a bar would end the cell.
  expect(out).not.toContain(format === 'html' ? '<b>NPS' : 'NPS|Members');
});

it('#171 --probe shows the status and the first 200 characters, and no token', async () => {
  const { run, simulator } = await place();
  const [code, out] = await run('doctor --probe');
  const [request, status, beginning = ''] = out.split('\n');
  expect(code).toBe(0);
  expect(request).toBe(`GET ${simulator.url}/api/v2/sensors`);
  expect(status).toMatch(/^200 application\/json/);
  expect(beginning).toMatch(/^\{"data":\[/);
  expect(beginning.length).toBe(200);
  const token = `token-${'0'.repeat(58)}`;
  const [refused, answer] = await run('doctor --probe', { TRUEUP_TANIUM_TOKEN: token });
  expect(refused).toBe(1);
  expect(answer).toMatch(/^401 /m);
  expect(answer).not.toContain('0'.repeat(58));
});

it('--fix shows its plan, and applies nothing unless somebody says yes', async () => {
  const { run, edit, cwd } = await place();
  const [first] = await run('apply --yes');
  expect(first).toBe(0);
  edit('action_timeout_seconds: 1200', 'action_timeout_seconds: 900');
  const [code, out, err] = await run('doctor --fix');
  expect(code).toBe(1);
  expect(out).toContain('~ options.action_timeout_seconds 1200 → 900');
  expect(err).toContain('TRUEUP_NOT_CONFIRMED');
  const [, before] = await run('doctor --json');
  expect(before).toContain('Not as declared in the provider row: action_timeout_seconds.');
  const [fixed, after] = await run('doctor --fix --yes --json');
  expect(fixed).toBe(0);
  expect(JSON.parse(after)).toMatchObject({ version: 1 });
  expect(after).toContain('The provider row says what is declared.');
  expect(existsSync(join(cwd, '.trueup/state.db'))).toBe(true);
});

it('--fix makes the content that is declared, before the options are looked at', async () => {
  const { run, cwd } = await place(true);
  const [before, missing] = await run('doctor --json');
  expect(before).toBe(1);
  expect(failed(JSON.parse(missing) as DoctorReport)).toContain('option.sensor_name');
  const content = `apiVersion: trueup/v1
kind: TaniumContent
metadata: { name: npsd-content }
spec: { manage: create, sensor: { name: NPS Admin Members }, package: { name: NPSD Management } }
`;
  writeFileSync(join(cwd, 'content.yaml'), content);
  const [, after, err] = await run('doctor --fix --yes --json');
  expect(err).toContain('npsd-content');
  // A group is the operator's to make.
  expect(failed(JSON.parse(after) as DoctorReport)).toEqual(['option.action_group_name']);
}, 30_000);

it('names a store that is damaged or newer, and looks at everything else all the same', async () => {
  const { run, cwd } = await place();
  await run('apply --yes');
  const file = join(cwd, '.trueup/state.db');
  const good = readFileSync(file);
  for (const [name, bytes] of [
    ['damaged', Buffer.from('this is no database at all, whatever its name says'.repeat(100))],
    ['newer', newerLayout(good)],
  ] as const) {
    for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
    writeFileSync(file, bytes);
    const [code, out] = await run('doctor --json');
    const report = JSON.parse(out) as DoctorReport;
    expect([name, code, failed(report)]).toEqual([name, 1, ['store.open']]);
    expect(report.checks.find(({ id }) => id === 'row.sensor')?.status).toBe('ok');
    expect(report.checks.find(({ id }) => id === 'npsd.provider')?.status).toBe('skipped');
  }
}, 30_000);

/** `PRAGMA user_version` stands at byte 60 of the header (https://www.sqlite.org/fileformat.html). */
function newerLayout(database: Buffer): Buffer {
  const copy = Buffer.from(database);
  copy.writeUInt32BE(99, 60);
  return copy;
}

it('--write without --target is refused', async () => {
  const { run } = await place();
  const [code, , err] = await run('doctor --write');
  expect(code).toBe(1);
  expect(err).toContain('TRUEUP_USAGE');
});

it('#142 #183 --bundle holds diagnosis, configuration, runs and the tails of the four logs, and no secret', async () => {
  const { run, edit, cwd, simulator } = await place();
  mkdirSync(join(cwd, 'npsd'));
  edit(
    'spec:',
    'spec:\n  logs: { svcScan: npsd/s.log, bulkScan: npsd/b.log, taniumApi: npsd/t.log, mongod: npsd/m.log }',
  );
  const [applied] = await run('apply --yes --log-dir logs');
  expect(applied).toBe(0);
  const bare = simulator.token.replace(/^token-/, '');
  const leaks = [
    `session: ${simulator.token}`,
    `GET /api?token=${bare} HTTP/1.1`,
    `connect mongodb://npsd:${proxyPassword}@db.example/npsd`,
    `{"password":"${proxyPassword}","ok":1}`,
    `proxy http://npsd:${proxyPassword}@proxy.example:3128`,
    `Authorization: Bearer ${bare}`,
    `-EncryptedPassword '${Buffer.alloc(256, 7).toString('base64')}'`,
  ];
  for (const name of ['s', 'b', 't', 'm'])
    writeFileSync(join(cwd, 'npsd', `${name}.log`), `begin of ${name}\n${leaks.join('\n')}\n`);
  const [code, , err] = await run('doctor --bundle help.json --log-dir logs', { PROXY: proxyPassword });
  expect(code).toBe(0);
  expect(err).toContain('written: help.json');
  const text = readFileSync(join(cwd, 'help.json'), 'utf8');
  const bundle = JSON.parse(text) as Record<string, any>;
  expect(bundle).toMatchObject({
    versions: { node: process.version },
    doctor: { version: 1 },
    config: { provider: { name: 'Production Tanium', apiKey: { env: 'TRUEUP_TANIUM_TOKEN' } } },
  });
  expect(bundle['runs'].length).toBeGreaterThan(0);
  const tails = Object.fromEntries((bundle['logs'] as any[]).map(({ name, lines }) => [name, lines?.[0] ?? null]));
  expect(tails).toMatchObject({
    'svcScan of NPS-D': 'begin of s',
    'bulkScan of NPS-D': 'begin of b',
    'taniumApi of NPS-D': 'begin of t',
    'mongod of NPS-D': 'begin of m',
  });
  expect(tails['svc_scan.log']).toContain('"msg":"apply"');
  for (const canary of [bare, proxyPassword, Buffer.alloc(256, 7).toString('base64').slice(0, 40)]) {
    expect(text).not.toContain(canary);
  }
  expect(statSync(join(cwd, 'help.json')).mode & 0o777).toBe(0o600);
  const [again] = await run('doctor --bundle help.json');
  expect(again).toBe(1);
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { main } from '../../src/commands/main.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import { currentHolder } from '../../src/store/holder.ts';
import { collect } from '../store/samples.ts';
import { enroll, keep, kept, withStore } from './passwords.ts';
import { exampleFolder, type Finished, trueup } from './trueup.ts';

const env = { TRUEUP_TANIUM_URL: 'http://127.0.0.1:9', TRUEUP_TANIUM_TOKEN: 'token' };
const why = ['--reason', 'INC-4711, locked out'];

/** A folder with three devices, two of one short name, and passwords of two accounts. */
async function folder(): Promise<string> {
  const cwd = exampleFolder();
  await enroll({ cwd }, [
    ['17', 'SRV-1.corp.example'],
    ['18', 'PC-2.corp.example'],
    ['19', 'PC-2.lab.example'],
  ]);
  await keep({ cwd }, '17', 'corp_breakglass', [
    { rotation: 'bbbbbbbbbbbb', plain: 'Now-Kimel-47' },
    { rotation: 'aaaaaaaaaaaa', plain: 'Then-Rofus-11', state: 'previous', endedAt: '2026-03-02T09:00:10.000Z' },
  ]);
  await keep({ cwd }, '18', 'builtin', [{ rotation: 'cccccccccccc', plain: 'Built-Badok-1' }]);
  await keep({ cwd }, '18', 'ops', [
    { rotation: 'eeeeeeeeeeee', plain: 'Maybe-Fubar-2', state: 'pending', setAt: null },
    { rotation: 'dddddddddddd', plain: 'Ops-Gezor-2' },
  ]);
  return cwd;
}

/** Device 17 was asked for another one, and nobody has heard of it since. */
async function askedAnew(cwd: string): Promise<void> {
  const open = {
    id: 'ffffffffffff',
    generator: 'endpoint',
    askedAt: '2026-03-03T10:00:00.000Z',
    demands: 'd1',
  } as const;
  const [record] = await kept({ cwd }, '17');
  if (record === undefined) throw new Error('nothing is kept of the device');
  await withStore({ cwd }, async (store) => store.putCredentials([{ ...record, open }]));
}

/** Lines that were wrapped are one again. */
async function reveal(cwd: string, ...words: readonly string[]): Promise<Finished> {
  const finished = await trueup(['password', 'reveal', ...words], { cwd, env });
  return { ...finished, stderr: finished.stderr.replaceAll(/\s+/g, ' ') };
}

async function audited(cwd: string): Promise<readonly AuditRecord[]> {
  const { stdout } = await trueup(['audit', '--json'], { cwd, env });
  return (JSON.parse(stdout) as { audit: AuditRecord[] }).audit;
}

describe('trueup password reveal', { timeout: 120_000 }, () => {
  it('prints with --stdout the password and a line feed, and keeps who has read it, when and why', async () => {
    const cwd = await folder();
    const { code, stdout, stderr } = await reveal(cwd, 'srv-1', '--stdout', ...why);
    expect([code, stdout, stderr]).toEqual([0, 'Now-Kimel-47\n', '']);
    expect(await audited(cwd)).toMatchObject([
      {
        number: 1,
        kind: 'reveal',
        detail: {
          device: 'SRV-1.corp.example',
          computerId: '17',
          account: 'corp_breakglass',
          rotation: 'bbbbbbbbbbbb',
          attempt: 1,
          state: 'current',
          reason: 'INC-4711, locked out',
          shown: 'standard output',
        },
      },
    ]);
    const [record] = await kept({ cwd }, '17');
    const [current, previous] = record?.credentials ?? [];
    expect(Date.parse(current?.revealedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(previous?.revealedAt).toBeNull();

    const again = await reveal(cwd, '17', '--stdout', '--previous', ...why);
    expect(again.stdout).toBe('Then-Rofus-11\n');
    expect((await kept({ cwd }, '17'))[0]?.credentials[0]?.revealedAt).toBe(current?.revealedAt);
    const verified = await trueup(['audit', 'verify'], { cwd, env });
    expect(verified.stdout).toMatch(/^ok, 2 records; the newest hash kept here is that of record 2/);
    const listed = await trueup(['audit'], { cwd, env });
    expect(listed.stdout).toContain('! ');
    expect(listed.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'reads the previous password of corp_breakglass on SRV-1.corp.example: INC-4711, locked out',
    );
  });

  it('asks which account is meant where there are several, and takes its names', async () => {
    const cwd = await folder();
    const { code, stderr } = await reveal(cwd, 'PC-2.corp.example', '--stdout', ...why);
    expect(code).toBe(1);
    expect(stderr).toContain('Passwords of several accounts of PC-2.corp.example are kept: builtin, ops.');
    for (const account of ['builtin', 'Administrator', '500']) {
      const { stdout } = await reveal(cwd, 'PC-2.corp.example', '--account', account, '--stdout', ...why);
      expect(stdout).toBe('Built-Badok-1\n');
    }
    expect((await reveal(cwd, 'PC-2', '--stdout', ...why)).stderr).toContain(
      '2 devices are called PC-2: PC-2.corp.example#18, PC-2.lab.example#19.',
    );
    expect((await reveal(cwd, '18', '--account', 'nobody', '--stdout', ...why)).stderr).toContain(
      'TRUEUP_PASSWORD_NOT_HELD',
    );
  });

  it('#193 says that the account may have another one, where nobody knows yet', async () => {
    const cwd = await folder();
    const { stdout, stderr } = await reveal(cwd, '18', '--account', 'OPS', '--stdout', ...why);
    expect(stdout).toBe('Ops-Gezor-2\n');
    expect(stderr).toContain('whether it has this password or a newer one');
    const [, ops] = await kept({ cwd }, '18');
    expect(ops?.credentials.map(({ revealedAt }) => revealedAt === null)).toEqual([false, false]);
  });

  it('#193 says that the device may have made a newer one, where its report is still out', async () => {
    const cwd = await folder();
    await askedAnew(cwd);
    const { stdout, stderr } = await reveal(cwd, '17', '--stdout', ...why);
    expect(stdout).toBe('Now-Kimel-47\n');
    expect(stderr).toContain(
      'A rotation that was asked for at 2026-03-03 10:00Z is not settled: the device may have a newer password',
    );
    expect((await reveal(cwd, '17', '--stdout', '--previous', ...why)).stderr).toBe('');
  });

  it.each<[string, readonly string[], string]>([
    ['without a reason', ['17', '--stdout'], "Required option '--reason <text>' not specified"],
    ['with an empty one', ['17', '--stdout', '--reason', ' '], '--reason says why, and is empty.'],
    ['as JSON', ['17', '--json', ...why], 'A password is not shown as JSON'],
    ['where there is no terminal', ['17', ...why], 'A password is shown on a terminal, and there is none.'],
    ['of a device that is none', ['SRV-9', '--stdout', ...why], 'No device is called SRV-9.'],
    ['of a device without one', ['19', '--stdout', ...why], 'No password of PC-2.lab.example is kept.'],
  ])('shows nothing %s, and nothing is audited', async (_, words, message) => {
    const cwd = await folder();
    const { code, stdout, stderr } = await reveal(cwd, ...words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stdout).not.toContain('Kimel');
    expect(await audited(cwd)).toEqual([]);
  });

  it('waits for nobody: somebody else may hold the lease of the provider', async () => {
    const cwd = await folder();
    await withStore({ cwd }, async (store) => {
      await store.acquire('Production Tanium', currentHolder('apply'), () => false);
      expect((await reveal(cwd, '17', '--stdout', ...why)).stdout).toBe('Now-Kimel-47\n');
    });
  });

  it('says which key is missing where the key file is lost, and makes no other one', async () => {
    const cwd = await folder();
    rmSync(join(cwd, '.trueup', 'key'));
    const { code, stdout, stderr } = await reveal(cwd, '17', '--stdout', ...why);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/TRUEUP_KEY_MISSING/);
    expect(stderr).toMatch(/is sealed under the key [\da-f]{16}, which is not in /);
    expect(await audited(cwd)).toEqual([]);
  });
});

describe('the audit of reveals', { timeout: 120_000 }, () => {
  it.each<[string, string, string]>([
    [
      'another reason',
      "UPDATE audit SET record = replace(record, 'INC-4711', 'INC-4712') WHERE number = 2",
      'Record 2',
    ],
    [
      'another person',
      'UPDATE audit SET record = replace(record, \'"by":"\', \'"by":"x\') WHERE number = 1',
      'Record 1',
    ],
    ['one taken out', 'DELETE FROM audit WHERE number = 2', 'Record 2 of the audit chain is missing'],
    ['two swapped', '', 'Record 1 of the audit chain is missing'],
    [
      'the end cut off',
      'DELETE FROM audit WHERE number = 3',
      'Record 3 of the audit chain and all after it are missing',
    ],
  ])('tells %s by the number of the record', async (_, statement, message) => {
    const cwd = await folder();
    for (const device of ['17', '17', '17']) await reveal(cwd, device, '--stdout', ...why);
    const db = new DatabaseSync(join(cwd, '.trueup', 'state.db'));
    // A number is unique: two records change places over a third one.
    for (const part of statement === '' ? swap : [statement]) db.exec(part);
    db.close();
    const { code, stderr } = await trueup(['audit', 'verify'], { cwd, env });
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(message);
    expect(stderr).toContain('TRUEUP_AUDIT_BROKEN');
  });
});

const swap = [
  'UPDATE audit SET number = 100 WHERE number = 1',
  'UPDATE audit SET number = 1 WHERE number = 3',
  'UPDATE audit SET number = 3 WHERE number = 100',
];

describe('a terminal', { timeout: 120_000 }, () => {
  /** What it is shown, and what is on record by then. */
  async function shownOn(
    cwd: string,
    ...words: readonly string[]
  ): Promise<{ text: string; before: AuditRecord[]; read: string[] }> {
    const shown = { text: '', before: [] as AuditRecord[], read: [] as string[] };
    const io: Io = {
      out: () => {},
      err: () => {},
      ask: null,
      screen: async (text, milliseconds) => {
        expect(milliseconds).toBe(60_000);
        shown.text = text;
        shown.before = await withStore({ cwd }, async (store) => collect(store.audit()));
        shown.read = [...(await kept({ cwd }, '17')), ...(await kept({ cwd }, '18'))].flatMap(({ credentials }) =>
          credentials.flatMap((one) => (one.revealedAt === null ? [] : one.rotation)),
        );
      },
      input: null,
      env,
      cwd,
      color: false,
      columns: 80,
      statusColumns: null,
      signal: new AbortController().signal,
      verbosity: 'normal',
    };
    expect(await main(['password', 'reveal', ...words], io)).toBe(0);
    return shown;
  }

  it('shows each password that the account may have, once it is on record', async () => {
    const { text, before, read } = await shownOn(await folder(), '18', '--account', 'ops', ...why);
    expect(text).toBe(
      [
        'ops on PC-2.corp.example, Computer ID 18',
        '',
        '  Ops-Gezor-2',
        '  current, set 2026-03-02 09:00Z',
        '',
        '  Maybe-Fubar-2',
        '  may be in force instead: the device has not reported',
        '',
        'Press any key to take it off the screen; it goes by itself after a minute.',
        '',
      ].join('\n'),
    );
    expect(before.map(({ kind, detail }) => [kind, detail['state'], detail['shown']])).toEqual([
      ['reveal', 'current', 'terminal'],
      ['reveal', 'pending', 'terminal'],
    ]);
    expect(read).toEqual(['eeeeeeeeeeee', 'dddddddddddd']);
  });

  it('says that the device may have made a newer one, where its report is still out', async () => {
    const cwd = await folder();
    await askedAnew(cwd);
    const { text, read } = await shownOn(cwd, '17', ...why);
    expect(text).toContain('  Now-Kimel-47\n');
    expect(text).toContain('asked for at 2026-03-03 10:00Z is not settled: the device may have a newer password');
    expect(read).toEqual(['bbbbbbbbbbbb']);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesIn, wholeBytes } from '../../src/commands/backup-entries.ts';
import { openerOf } from '../../src/secrets/recipient.ts';
import { openStream } from '../../src/secrets/sealed-stream.ts';
import { canary, leaks } from '../hygiene/canaries.ts';
import { aRotationKey } from '../store/conformance/credentials.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { enroll, keep, kept, withStore } from './passwords.ts';
import { exampleFolder, type Finished, trueup } from './trueup.ts';

const npsd = await npsdWorld();
const env = { TRUEUP_TANIUM_URL: 'http://127.0.0.1:9', TRUEUP_TANIUM_TOKEN: 'token' };

function withKeys(cwd: string): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(cwd, 'safe.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(cwd, 'safe.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return cwd;
}

async function run(cwd: string, words: string, more: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const finished = await trueup(words.split(' '), { cwd, env: { ...env, ...more } });
  return { ...finished, stderr: finished.stderr.replaceAll(/\s+/g, ' ') };
}

/** What is in `monday.backup`, in its order. */
async function entryNames(cwd: string): Promise<readonly string[]> {
  const opener = openerOf(readFileSync(join(cwd, 'safe.pem')), 'the test', null);
  const names: string[] = [];
  for await (const entry of entriesIn(openStream(createReadStream(join(cwd, 'monday.backup')), opener))) {
    names.push(entry.name);
    await wholeBytes(entry);
  }
  return names;
}

const reveal = 'password reveal 17 --stdout --reason test';

describe('trueup backup and restore', { timeout: 120_000 }, () => {
  it('bring an embedded store back with its keys and its audit chain, and nothing is in the clear', async () => {
    const cwd = withKeys(exampleFolder());
    const password = canary('password');
    await enroll({ cwd }, [['17', 'SRV-1.corp.example']]);
    await keep({ cwd }, '17', 'builtin', [{ rotation: 'aaaaaaaaaaaa', plain: password }]);
    expect((await run(cwd, reveal)).stdout).toBe(`${password}\n`);
    const made = await run(cwd, 'backup monday.backup --to safe.pub.pem --json');
    expect([made.code, JSON.parse(made.stdout)]).toEqual([
      0,
      {
        file: join(cwd, 'monday.backup'),
        bytes: statSync(join(cwd, 'monday.backup')).size,
        madeAt: expect.any(String),
        recipient: expect.stringMatching(/^SHA256:/),
        store: 'embedded',
      },
    ]);
    const key =
      readFileSync(join(cwd, '.trueup', 'key'), 'utf8')
        .split('\n')[1]
        ?.split(' ')[0] ?? '';
    const left = new Map([['backup', readFileSync(join(cwd, 'monday.backup'))]]);
    expect(leaks({ password, key, device: 'SRV-1.corp.example' }, left)).toEqual([]);
    expect(statSync(join(cwd, 'monday.backup')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(cwd, '.trueup')).filter((name) => /state\.db\../.test(name))).toEqual([
      'state.db.audit-head.json',
    ]);

    const refused = await run(cwd, 'restore monday.backup --key safe.pem');
    expect(refused.stderr).toContain('Nothing was restored: ');
    expect(refused.stderr).toContain('state.db is there already.');
    renameSync(join(cwd, '.trueup'), join(cwd, 'lost'));
    const { code, stderr } = await run(cwd, 'restore monday.backup --key safe.pem');
    expect([code, stderr]).toEqual([0, '']);
    expect((await run(cwd, reveal)).stdout).toBe(`${password}\n`);
    const verified = await run(cwd, 'audit verify');
    expect(verified.stdout).toMatch(/^ok, 4 records; the newest hash kept here is that of record 4/);
    expect((await run(cwd, 'audit')).stdout).toMatch(/restores store and keys as of \d{4}-/);
    for (const file of readdirSync(join(cwd, '.trueup'))) {
      expect(statSync(join(cwd, '.trueup', file)).mode & 0o077, file).toBe(0);
    }
  });

  it('restore nothing of a file that is cut off, altered, or sealed to somebody else', async () => {
    const cwd = withKeys(exampleFolder());
    await keep({ cwd }, '17', 'builtin', [{ rotation: 'aaaaaaaaaaaa', plain: 'password' }]);
    await run(cwd, 'backup whole --to safe.pub.pem');
    rmSync(join(cwd, '.trueup'), { recursive: true });
    const whole = readFileSync(join(cwd, 'whole'));
    const altered = Buffer.from(whole);
    altered[whole.length - 100] = (whole[whole.length - 100] ?? 0) ^ 1;
    const files: Readonly<Record<string, Buffer>> = {
      cut: whole.subarray(0, -1),
      altered,
      none: Buffer.from('nothing\n'),
    };
    for (const [name, bytes] of Object.entries(files)) {
      writeFileSync(join(cwd, name), bytes);
      const { code, stderr } = await run(cwd, `restore ${name} --key safe.pem`);
      expect(code, name).toBe(1);
      expect(stderr, name).toContain('TRUEUP_BACKUP_INVALID');
    }
    withKeys(cwd);
    expect((await run(cwd, 'restore whole --key safe.pem')).stderr).toContain('TRUEUP_BOX_CLOSED');
    const below = existsSync(join(cwd, '.trueup')) ? readdirSync(join(cwd, '.trueup')) : [];
    expect(below).toEqual([]);
  });

  it('take the place of no key, and of no backup', async () => {
    const cwd = withKeys(exampleFolder());
    await keep({ cwd }, '17', 'builtin', [{ rotation: 'aaaaaaaaaaaa', plain: 'password' }]);
    await run(cwd, 'backup one --to safe.pub.pem');
    const again = await run(cwd, 'backup one --to safe.pub.pem');
    expect(again.stderr).toContain('one is there already.');
    rmSync(join(cwd, '.trueup'), { recursive: true });
    await keep({ cwd }, '17', 'builtin', [{ rotation: 'bbbbbbbbbbbb', plain: 'another' }]);
    for (const name of readdirSync(join(cwd, '.trueup'))) if (name !== 'key') rmSync(join(cwd, '.trueup', name));
    const { stderr } = await run(cwd, 'restore one --key safe.pem');
    expect(stderr).toContain('holds other keys than the backup');
    expect(readdirSync(join(cwd, '.trueup'))).toEqual(['key']);
  });

  it.skipIf(npsd === null)('bring back what is sealed in the database of NPS-D, of every provider', async () => {
    if (npsd === null) return;
    const cwd = withKeys(exampleFolder());
    const password = canary('password');
    const place = { cwd, store: npsd.url };
    await keep(place, '17', 'builtin', [{ rotation: 'aaaaaaaaaaaa', plain: password }]);
    await keep({ ...place, provider: 'Test Tanium' }, '18', 'ops', [{ rotation: 'bbbbbbbbbbbb', plain: 'other' }]);
    await withStore(place, async (store) => store.putRotationKey(aRotationKey('cccccccccccc')));
    const more = { TRUEUP_STORE: npsd.url };
    const made = await run(cwd, 'backup monday.backup --to safe.pub.pem', more);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(leaks({ password }, new Map([['backup', readFileSync(join(cwd, 'monday.backup'))]]))).toEqual([]);
    // A rotation that begins meanwhile is nowhere open without its key.
    expect((await entryNames(cwd)).filter((name) => name !== 'keys')).toEqual([
      'about',
      'audit-key',
      'audit-head',
      'credential',
      'rotation-key',
      'credential',
    ]);
    expect((await run(cwd, 'restore monday.backup --key safe.pem', more)).stderr).toContain('holds passwords already');

    for (const name of ['credentials', 'rotation_keys']) await npsd.db.collection(`trueup_${name}`).deleteMany({});
    rmSync(join(cwd, '.trueup'), { recursive: true });
    const { code, stdout } = await run(cwd, 'restore monday.backup --key safe.pem --json', more);
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ accounts: 2, rotationKeys: 1 })]);
    expect((await run(cwd, reveal, more)).stdout).toBe(`${password}\n`);
    expect(await kept({ ...place, provider: 'Test Tanium' }, '18')).toMatchObject([{ account: 'ops', revision: 1 }]);
    await withStore(place, async (store) => {
      expect(await store.sealedProviders()).toEqual(['Production Tanium', 'Test Tanium']);
    });
    const embedded = await run(cwd, 'restore monday.backup --key safe.pem --store sqlite:other/state.db');
    expect(embedded.stderr).toContain('another kind of store');
  });
});

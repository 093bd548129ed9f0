import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialBinding } from '../../src/model/credential.ts';
import type { PasswordHistory } from '../../src/model/password-history.ts';
import { recipientOf } from '../../src/secrets/recipient.ts';
import { leaks } from '../hygiene/canaries.ts';
import { validator } from '../render/schema.ts';
import { enroll, keep, kept, provider, withStore } from './passwords.ts';
import { exampleFolder, type Finished, temporaryFolder, trueup } from './trueup.ts';

const env = { TRUEUP_TANIUM_URL: 'http://127.0.0.1:9', TRUEUP_TANIUM_TOKEN: 'token' };
const passwords = { one: 'Now-Kimel-47-Rofus', before: 'Then-Rofus-11-Kimel', two: 'Other-Badok-12-Gezor' };
const passphrase = 'open sesame';

interface Folders {
  readonly cwd: string;
  /** Of whoever has the private key, and nothing else. */
  readonly safe: string;
}

/** Two devices with passwords, one of them sealed to a recovery key, and a pair of keys with a passphrase. */
async function folders(): Promise<Folders> {
  const [cwd, safe] = [exampleFolder(), temporaryFolder()];
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  writeFileSync(join(cwd, 'safe.pub.pem'), pem);
  const sealedPem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  writeFileSync(join(safe, 'safe.pem'), sealedPem);
  await enroll({ cwd }, [
    ['17', 'SRV-1.corp.example'],
    ['18', 'SRV-2.corp.example'],
  ]);
  const rescue = recipientOf(pem, 'safe.pub.pem');
  const current = { rotation: 'bbbbbbbbbbbb', attempt: 1 };
  const binding = credentialBinding(provider, { computerId: '17', account: 'builtin' }, current);
  const box = rescue.seal(Buffer.from(passwords.one), binding);
  await keep({ cwd }, '17', 'builtin', [
    { ...current, plain: passwords.one, recovery: [{ key: rescue.fingerprint, box }] },
    {
      rotation: 'aaaaaaaaaaaa',
      plain: passwords.before,
      state: 'previous',
      recovery: [],
      endedAt: '2026-03-02T09:00:10Z',
    },
  ]);
  await keep({ cwd }, '18', 'ops', [{ rotation: 'cccccccccccc', plain: passwords.two, recovery: [] }]);
  return { cwd, safe };
}

async function exported({ cwd, safe }: Folders, ...words: readonly string[]): Promise<Finished> {
  const finished = await trueup(['password', 'export', ...words], { cwd, env });
  writeFileSync(join(safe, 'passwords.jsonl'), finished.stdout);
  return finished;
}

function open({ safe }: Folders, ...words: readonly string[]): Promise<Finished> {
  const line = ['password', 'open', 'passwords.jsonl', '--key', 'safe.pem', ...words];
  return trueup(line, { cwd: safe, env: { TRUEUP_PASSPHRASE: passphrase } });
}

describe('trueup password export', { timeout: 120_000 }, () => {
  it('seals every password to a key, whose private half opens them where nothing of Trueup is', async () => {
    const given = await folders();
    const { code, stdout } = await exported(given, '--to', 'safe.pub.pem', '--reason', 'quarterly');
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 3]);
    expect(leaks(passwords, new Map([['the export', stdout]]))).toEqual([]);

    const one = await open(given, '--device', 'srv-2', '--stdout');
    expect([one.code, one.stdout, one.stderr]).toEqual([0, `${passwords.two}\n`, '']);
    expect((await open(given, '--device', '17', '--account', 'BUILTIN', '--stdout')).stdout).toBe(`${passwords.one}\n`);
    expect((await open(given, '--stdout')).stderr).toContain('2 passwords are meant.');
    const all = (await open(given, '--all')).stdout.trimEnd().split('\n');
    expect(all.map((line) => JSON.parse(line) as object)).toMatchObject([
      { device: 'SRV-1.corp.example', account: 'builtin', state: 'current', password: passwords.one },
      { device: 'SRV-1.corp.example', account: 'builtin', state: 'previous', password: passwords.before },
      { device: 'SRV-2.corp.example', account: 'ops', state: 'current', password: passwords.two },
    ]);
    const audit = await trueup(['audit'], { cwd: given.cwd, env });
    expect(audit.stdout.replaceAll(/\s+/g, ' ')).toMatch(/exports 3 passwords, sealed to SHA256:\S{43}: quarterly/);
  });

  it('gives out all that opens, and then says what does not', async () => {
    const given = await folders();
    await withStore(given, async (store) => {
      for (const record of await kept(given, '17')) {
        const credentials = record.credentials.map((one) => ({ ...one, sealed: `${one.sealed.slice(0, -4)}AAAA` }));
        await store.putCredentials([{ ...record, credentials }]);
      }
    });
    const { code, stdout, stderr } = await exported(given, '--to', 'safe.pub.pem');
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      / 1 other does not open either\. The rest is exported\..* TRUEUP_SEAL_BROKEN /,
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect((await open(given, '--stdout')).stdout).toBe(`${passwords.two}\n`);
  });

  it('says where it opens the current one that the account may have another', async () => {
    const given = await folders();
    await keep(given, '18', 'svc', [
      { rotation: 'eeeeeeeeeeee', plain: 'Maybe-Fubar-2', state: 'pending', setAt: null },
      { rotation: 'dddddddddddd', plain: 'Ops-Gezor-2' },
    ]);
    await exported(given, '--to', 'safe.pub.pem');
    const { stdout, stderr } = await open(given, '--account', 'svc', '--stdout');
    expect(stdout).toBe('Ops-Gezor-2\n');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      'whether the account has this password or a newer one; --all opens all of them',
    );
  });

  it('gives out what recovery keys were given, once the key of the store is lost', async () => {
    const given = await folders();
    rmSync(join(given.cwd, '.trueup', 'key'));
    const refused = await exported(given, '--to', 'safe.pub.pem');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('TRUEUP_KEY_MISSING');
    const { code } = await exported(given, '--recovery');
    expect(code).toBe(0);
    expect((await open(given, '--stdout')).stdout).toBe(`${passwords.one}\n`);
  });

  it('does not open with another key, nor as that of another device', async () => {
    const given = await folders();
    await exported(given, '--to', 'safe.pub.pem', '--device', 'SRV-1');
    const file = join(given.safe, 'passwords.jsonl');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll('"computerId":"17"', '"computerId":"18"'));
    const moved = await open(given, '--stdout');
    expect([moved.code, moved.stdout]).toEqual([1, '']);
    expect(moved.stderr).toContain('TRUEUP_BOX_CLOSED');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(join(given.safe, 'safe.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(file, text);
    expect((await open(given, '--stdout')).stderr).toContain('TRUEUP_PASSWORD_NOT_HELD');
    writeFileSync(file, '{"version":1}\n');
    expect((await open(given, '--stdout')).stderr).toContain('passwords.jsonl:1');
  });

  it.each<[readonly string[], string]>([
    [[], 'Give either --to'],
    [['--to', 'safe.pub.pem', '--recovery'], 'Give either --to'],
    [['--to', 'nowhere.pem'], 'The key nowhere.pem cannot be read'],
    [['--to', 'provider.yaml'], 'provider.yaml is no key in PEM'],
    [['--to', 'safe.pub.pem', '--device', 'SRV-9'], 'No device is called SRV-9.'],
  ])('is refused with %j', async (words, message) => {
    const { code, stdout, stderr } = await exported(await folders(), ...words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });
});

describe('trueup password history', { timeout: 120_000 }, () => {
  it('lists what is kept and who has read it, and opens nothing', async () => {
    const given = await folders();
    const at = { cwd: given.cwd, env };
    await trueup(['password', 'reveal', 'SRV-1', '--stdout', '--reason', 'INC-4711'], at);
    rmSync(join(given.cwd, '.trueup', 'key'));
    const { code, stdout } = await trueup(['password', 'history', 'SRV-1', '--json'], at);
    expect(code).toBe(0);
    const history = JSON.parse(stdout) as PasswordHistory;
    const validate = validator('password-history');
    expect(validate(history), JSON.stringify(validate.errors)).toBe(true);
    expect(history).toMatchObject({
      device: 'SRV-1.corp.example',
      accounts: [
        {
          account: 'builtin',
          rid: 500,
          open: null,
          passwords: [
            { rotation: 'bbbbbbbbbbbb', state: 'current', confirmed: false, reveals: [{ reason: 'INC-4711' }] },
            { rotation: 'aaaaaaaaaaaa', state: 'previous', recoveryKeys: [], reveals: [] },
          ],
        },
      ],
    });
    const text = await trueup(['password', 'history', 'SRV-1'], at);
    expect(text.stdout).toMatch(/· current {3}.* not confirmed yet, sealed to recovery keys\n {6}read .* INC-4711\n/);
    expect(
      leaks(
        passwords,
        new Map([
          ['json', stdout],
          ['text', text.stdout],
        ]),
      ),
    ).toEqual([]);
    const other = await trueup(['password', 'history', 'SRV-1', '--account', 'ops'], at);
    expect(other.stderr).toContain('No password of ops on SRV-1.corp.example is kept; there are those of builtin.');
  });
});

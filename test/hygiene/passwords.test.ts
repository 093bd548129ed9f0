/** Passwords of a simulated fleet, rotated, read, exported, backed up: and everything that is left behind searched for them. */
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialBinding, rotationKeyBinding } from '../../src/model/credential.ts';
import { keyRing } from '../../src/secrets/key-ring.ts';
import { vaultOf } from '../../src/secrets/vault.ts';
import { provider, withStore } from '../e2e/passwords.ts';
import { edit, root, simulatedCloud, temporaryFolder, trueup } from '../e2e/trueup.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { filesIn, type Left, leaks } from './canaries.ts';

const npsd = await npsdWorld();

/** Writes down how this process and the one that started it look in a list of processes, with their environment. */
const sink = `
import { appendFileSync, readFileSync } from 'node:fs';
for (const id of ['self', process.ppid])
  for (const what of ['cmdline', 'environ']) {
    try { appendFileSync('processes.txt', readFileSync('/proc/' + id + '/' + what)); } catch {}
  }
let length = 0;
for await (const piece of process.stdin) length += piece.length;
appendFileSync('taken.txt', length + '\\n');
`;

const device = '--device SRV-1';
const lines: readonly string[] = [
  'validate',
  'plan --fresh --devices --out plan.json',
  'apply --yes --json',
  'plan --json',
  'plan --format html',
  'explain SRV-1.corp.example --json',
  'drift --json',
  'password history SRV-1 --json',
  'password export --to safe.pub.pem',
  'password export --recovery',
  `rotate ${device} --now --yes --json`,
  'reconcile --once --yes',
  'key list --json',
  'key rotate --json',
  'backup whole.backup --to safe.pub.pem --json',
  'audit --json',
  'audit verify',
];

const fleet = `
devices:
  - name: SRV-1.corp.example
    users: [{ rid: 500, name: Administrator }]
  - name: SRV-2.corp.example
    users: [{ rid: 500, name: Administrator }]
`;

function setUp(cwd: string): void {
  cpSync(join(root, 'examples/rotation-only'), cwd, { recursive: true });
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(cwd, 'safe.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(cwd, 'sink.mjs'), sink);
  const more = `  sink: { command: ['${process.execPath}', sink.mjs] }\n  recoveryKeys: [{ file: safe.pub.pem }]\n`;
  for (const name of ['rotations', 'devices']) edit(cwd, 'rollout.yaml', `${name}: 100%`, `${name}: 10`);
  edit(cwd, 'passwords.yaml', '  generator: endpoint\n', `  generator: endpoint\n${more}`);
}

/** What is kept, in the clear and as it is sealed. */
interface Kept {
  readonly plain: Record<string, string>;
  readonly sealed: Record<string, string>;
}

async function keptIn(cwd: string, store?: string): Promise<Kept> {
  const file = join(cwd, '.trueup', 'key');
  const ring = keyRing({ env: {}, cwd, file, mayMake: false, now: () => '2026-03-02T09:00:00.000Z' });
  const vault = vaultOf(ring);
  const kept: Kept = { plain: {}, sealed: {} };
  for (const { id, secret } of ring.keys()) kept.plain[`key ${id}`] = secret.export().toString('base64');
  await withStore({ cwd, ...(store === undefined ? {} : { store }) }, async (own) => {
    for await (const record of own.credentials()) {
      for (const one of record.credentials) {
        const name = `${record.computerId} ${one.rotation} ${one.state}`;
        kept.plain[`password ${name}`] = vault.open(one.sealed, credentialBinding(provider, record, one)).toString();
        kept.sealed[`seal ${name}`] = one.sealed;
        for (const { box } of one.recovery) kept.sealed[`box ${name}`] = box;
      }
    }
    for await (const { id, sealed } of own.rotationKeys()) {
      kept.plain[`private key ${id}`] = vault.open(sealed, rotationKeyBinding(provider, id)).toString('base64');
      kept.sealed[`sealed key ${id}`] = sealed;
    }
  });
  return kept;
}

async function everything(
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly said: Left; readonly read: ReadonlySet<string> }> {
  const said = new Map<string, string>();
  const read = new Set<string>();
  for (const line of lines) {
    const { code, stdout, stderr } = await trueup([...line.split(' '), '--verbose'], { cwd, env });
    expect([0, 2], `${line}: ${stderr}`).toContain(code);
    // An export is made of boxes; everything else is not.
    said.set(line.startsWith('password export') ? 'the export' : `stdout of ${line}`, stdout);
    said.set(`stderr of ${line}`, stderr);
    if (!line.startsWith('apply') && !line.startsWith('rotate')) continue;
    const shown = await trueup(['password', 'reveal', 'SRV-1', '--reason', 'test', '--stdout', '--verbose'], {
      cwd,
      env,
    });
    expect(shown.code, shown.stderr).toBe(0);
    said.set(`stderr of reveal after ${line}`, shown.stderr);
    read.add(shown.stdout.trimEnd());
  }
  return { said, read };
}

function without(left: Left, isLeftOut: (where: string) => boolean): Left {
  return new Map([...left].filter(([where]) => !isLeftOut(where)));
}

describe('#152 #183 no password, and nothing that opens one, is in any output', { timeout: 300_000 }, () => {
  async function cloudOf(): Promise<Awaited<ReturnType<typeof simulatedCloud>>> {
    const file = join(temporaryFolder(), 'fleet.yaml');
    writeFileSync(file, fleet);
    return simulatedCloud('--fleet', file);
  }

  it('of the embedded store', async () => {
    const cloud = await cloudOf();
    const cwd = temporaryFolder();
    setUp(cwd);
    const { said, read } = await everything(cwd, { ...cloud.env, TRUEUP_LOG_DIR: 'logs' });
    const { plain, sealed } = await keptIn(cwd);
    const passwords = Object.entries(plain).filter(([name]) => name.startsWith('password '));
    expect(passwords.length).toBeGreaterThanOrEqual(3);
    expect(read.size).toBe(2);
    for (const one of read) expect(leaks(plain, new Map([['what was shown', one]]))).toHaveLength(1);
    expect(readFileSync(join(cwd, 'taken.txt'), 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(3);
    for (const file of ['processes.txt', 'plan.json', 'whole.backup', 'logs/tanium_api.log']) {
      expect(existsSync(join(cwd, file)), file).toBe(true);
    }

    const keys = ['key', 'key.retired', 'audit-key.pem'].map((name) => join('.trueup', name));
    const left = new Map([...said, ...filesIn(cwd, keys)]);
    expect(leaks(plain, left)).toEqual([]);
    const actions = JSON.stringify(await cloud.ask('actions'));
    expect(leaks(plain, new Map([['what went to Tanium', actions]]))).toEqual([]);
    // What is sealed is for the store and for whoever it is exported to.
    expect(
      leaks(
        sealed,
        without(left, (where) => where.startsWith('.trueup') || where === 'the export'),
      ),
    ).toEqual([]);
  });

  it.skipIf(npsd === null)('of the database of NPS-D', async () => {
    if (npsd === null) return;
    const cloud = await cloudOf();
    await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
    await npsd.insertProvider({ api_base_url: cloud.url, api_key: 'sealed' });
    for (const name of ['SRV-1.corp.example', 'SRV-2.corp.example']) {
      const policy = { scan: true, secure: true, strict_secure: false };
      const os = 'Windows Server 2022 Standard';
      await npsd.insertComputer({ cn: name, os, policy, edr_integration: 'tanium_cloud', domain_fqdn: 'corp.example' });
    }
    const cwd = temporaryFolder();
    setUp(cwd);
    const { said } = await everything(cwd, { ...cloud.env, TRUEUP_LOG_DIR: 'logs', TRUEUP_STORE: npsd.url });
    const { plain } = await keptIn(cwd, npsd.url);
    expect(Object.keys(plain).filter((name) => name.startsWith('password ')).length).toBeGreaterThanOrEqual(3);
    const collections = new Map<string, string>();
    for (const { name } of await npsd.db.listCollections({}, { nameOnly: true }).toArray()) {
      collections.set(`collection ${name}`, JSON.stringify(await npsd.db.collection(name).find({}).toArray()));
    }
    expect(collections.has('collection trueup_credentials')).toBe(true);
    const keys = ['key', 'key.retired', 'audit-key.pem'].map((name) => join('.trueup', name));
    expect(leaks(plain, new Map([...said, ...filesIn(cwd, keys), ...collections]))).toEqual([]);
  });
});

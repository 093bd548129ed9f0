/** A secret in every place that may hold one, the program run through everything it does, and every output searched. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { document } from '../desired/repository.ts';
import { edit, exampleFolder, type SimulatedAction, simulatedCloud, temporaryFolder, trueup } from '../e2e/trueup.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { proxyServer } from '../tanium/wire.ts';
import { canary, filesIn, type Left, leaks } from './canaries.ts';

const npsd = await npsdWorld();

/** Prints the secret, and writes down how this process and the one that started it look in a list of processes. */
const sayToken = `
import { appendFileSync, readFileSync } from 'node:fs';
for (const id of ['self', process.ppid]) {
  try { appendFileSync('processes.txt', readFileSync('/proc/' + id + '/cmdline')); } catch {}
}
console.log(process.env.SAID_TOKEN);
`;

const verbs: readonly (readonly string[])[] = [
  ['validate'],
  ['plan', '--fresh', '--devices', '--out', 'plan.json', '--sign-key', 'sign.pem'],
  ['plan', '--json'],
  ['plan', '--format', 'markdown'],
  ['plan', '--format', 'html'],
  ['scan', '--json'],
  ['apply', '--yes'],
  ['reconcile', '--once', '--yes', '--notify', 'cat /proc/self/cmdline >> processes.txt; cat >> events.jsonl'],
  ['compliance', '--format', 'html'],
  ['drift', '--json'],
  ['report', 'admins', '--out', 'admins.csv'],
  ['report', 'compliance', '--json'],
  ['explain', 'SRV-1.corp.example', '--json'],
  ['audit', '--json'],
  ['audit', 'verify'],
  ['scan', '--status', '--json'],
  ['doctor', '--bundle', 'help.json'],
  ['doctor', '--json', '--target', 'SRV-1', '--write'],
  ['doctor', '--probe'],
];

const drifting = `
devices:
  - name: SRV-1.corp.example
    users: [{ rid: 1001, name: corp_breakglass, enabled: false, password: PASSWORD }]
  - name: SRV-2.corp.example
    users: [{ rid: 1001, name: corp_breakglass, password: PASSWORD }]
`;

function setUp(cwd: string): void {
  writeFileSync(join(cwd, 'say.mjs'), sayToken);
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(cwd, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const checks = 'selector: {}\nchecks: [{ path: uac.enabled, op: equals, value: false }]';
  writeFileSync(join(cwd, 'uac.yaml'), document('ComplianceBaseline', checks, 'uac'));
}

/** The key without its frame. */
function bodyOf(pem: string): string {
  return pem.split('\n').filter((line) => !line.startsWith('-'))[0] ?? '';
}

async function outputs(
  runs: readonly (readonly string[])[],
  at: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  codes: readonly number[],
): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const words of runs) {
    const { code, stdout, stderr } = await trueup([...words, '--verbose'], at);
    expect(codes, `${words.join(' ')}: ${stderr}`).toContain(code);
    said.set(`stdout of ${words.join(' ')}`, stdout);
    said.set(`stderr of ${words.join(' ')}`, stderr);
  }
  return said;
}

/** In Base64 as it goes over the wire. */
async function sentCommands(ask: <T>(what: 'actions') => Promise<T>): Promise<Record<string, string>> {
  const actions = await ask<SimulatedAction[]>('actions');
  expect(actions.length).toBeGreaterThan(0);
  return Object.fromEntries(
    actions.map(({ id, parameters }) => {
      const base64 = Buffer.from(parameters.EncodedCommand).toString('base64');
      return [`EncodedCommand of action ${id}`, base64.slice(0, 40)];
    }),
  );
}

function allBut(left: Left, isLeftOut: (where: string) => boolean): Left {
  return new Map([...left].filter(([where]) => !isLeftOut(where)));
}

it('finds a secret however it is spelled', () => {
  const secret = canary('here');
  const spelled = [
    `a ${secret} b`,
    `…${secret.slice(14, 36)}…`,
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret, 'utf16le'),
  ];
  for (const text of spelled) expect(leaks({ secret }, new Map([['text', text]]))).toEqual(['text: secret']);
  expect(leaks({ secret }, new Map([['text', canary('here')]]))).toEqual([]);
});

describe('#143 #183 no secret is in any output', () => {
  it('of the embedded store, whichever way the token comes', { timeout: 300_000 }, async () => {
    const fleet = join(temporaryFolder(), 'fleet.yaml');
    const password = canary('local-password');
    writeFileSync(fleet, drifting.replaceAll('PASSWORD', password));
    const cloud = await simulatedCloud('--fleet', fleet);
    const proxyPassword = canary('proxy');
    const basic = `Basic ${Buffer.from(`svc-trueup:${proxyPassword}`).toString('base64')}`;
    const proxy = await proxyServer((authorization) => (authorization === basic ? 200 : 407));

    const cwd = exampleFolder();
    setUp(cwd);
    writeFileSync(join(cwd, 'token.txt'), `${cloud.token}\n`);
    const behindProxy = `proxy: { url: '${proxy.url}', username: svc-trueup, password: { env: PROXY_PASSWORD } }`;
    edit(cwd, 'provider.yaml', '  options:\n', `  ${behindProxy}\n\n  options:\n`);
    const env = { ...cloud.env, TRUEUP_LOG_DIR: 'logs', PROXY_PASSWORD: proxyPassword, SAID_TOKEN: cloud.token };
    const at = { cwd, env };
    const ends = [0, 2, 4, 6];
    const left = new Map<string, Uint8Array | string>(await outputs(verbs, at, ends));

    edit(cwd, 'provider.yaml', '{ env: TRUEUP_TANIUM_TOKEN }', '{ file: token.txt }');
    for (const [where, text] of await outputs([['scan', '--collect-now']], at, ends)) left.set(`${where}, file`, text);
    const command = JSON.stringify([process.execPath, 'say.mjs']);
    edit(cwd, 'provider.yaml', '{ file: token.txt }', `{ command: ${command} }`);
    for (const [where, text] of await outputs([['plan', '--fresh']], at, ends)) left.set(`${where}, command`, text);
    expect(proxy.connects.length).toBeGreaterThan(0);

    const refused = canary('refused-token');
    const wrongPassword = canary('wrong-proxy');
    const failing = [
      await outputs([['plan', '--fresh', '--json']], { cwd, env: { ...env, SAID_TOKEN: refused } }, [1]),
      await outputs([['plan', '--fresh']], { cwd, env: { ...env, PROXY_PASSWORD: wrongPassword } }, [1]),
    ];
    for (const [index, said] of failing.entries()) {
      for (const [where, text] of said) left.set(`${where}, refused ${index}`, text);
    }

    const keyFile = join('.trueup', 'audit-key.pem');
    expect(statSync(join(cwd, keyFile)).mode & 0o077).toBe(0);
    for (const [file, bytes] of filesIn(cwd, ['token.txt', 'sign.pem', keyFile])) left.set(file, bytes);
    for (const file of ['svc_scan.log', 'tanium_api.log'])
      expect(left.get(join('logs', file))?.length).toBeGreaterThan(0);
    for (const file of ['processes.txt', 'plan.json', join('.trueup', 'state.db')]) expect(left.has(file)).toBe(true);

    const secrets = {
      token: cloud.token,
      refused,
      password,
      proxyPassword,
      wrongPassword,
      proxyAuthorization: basic,
      signKey: bodyOf(readFileSync(join(cwd, 'sign.pem'), 'utf8')),
      auditKey: bodyOf(readFileSync(join(cwd, keyFile), 'utf8')),
    };
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(30);
    expect(leaks(secrets, new Map([['token.txt', readFileSync(join(cwd, 'token.txt'))]]))).toEqual([
      'token.txt: token',
    ]);
    expect(leaks(secrets, left)).toEqual([]);
    // What is sent to a device is data and no secret, and the store may have it; a log and a person need not.
    const told = allBut(left, (where) => where.startsWith('.trueup'));
    expect(leaks(await sentCommands(cloud.ask), told)).toEqual([]);
  });

  it.skipIf(npsd === null)(
    'of the records of NPS-D, whose own secrets stay where they are',
    { timeout: 300_000 },
    async () => {
      if (npsd === null) return;
      const fleet = join(temporaryFolder(), 'fleet.yaml');
      const password = canary('local-password');
      writeFileSync(fleet, drifting.replaceAll('PASSWORD', password));
      const cloud = await simulatedCloud('--fleet', fleet);
      const sealedKey = canary('sealed-api-key');
      const sealedProxy = canary('sealed-proxy-password');
      await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
      await npsd.insertProvider({
        api_base_url: cloud.url,
        api_key: sealedKey,
        proxy: { url: null, username: null, password: sealedProxy },
      });
      for (const name of ['SRV-1.corp.example', 'SRV-2.corp.example']) {
        const policy = { scan: true, secure: false, strict_secure: false };
        const os = 'Windows Server 2022 Standard';
        await npsd.insertComputer({
          cn: name,
          os,
          policy,
          edr_integration: 'tanium_cloud',
          domain_fqdn: 'corp.example',
        });
      }
      const cwd = exampleFolder();
      setUp(cwd);
      const env = { ...cloud.env, TRUEUP_LOG_DIR: 'logs', TRUEUP_STORE: npsd.url };
      const left = new Map<string, Uint8Array | string>(await outputs(verbs, { cwd, env }, [0, 2, 4, 6]));

      const login = canary('database-password');
      const barred = npsd.url.replace('mongodb://', `mongodb://trueup:${login}@`);
      const nowhere = `mongodb://trueup:${login}@127.0.0.1:1/npsd?serverSelectionTimeoutMS=500`;
      for (const url of [barred, nowhere]) {
        const { stdout, stderr } = await trueup(['drift', '--json', '--verbose', '--store', url], { cwd, env });
        left.set(`stdout with ${url === barred ? 'a wrong password' : 'no server'}`, stdout);
        left.set(`stderr with ${url === barred ? 'a wrong password' : 'no server'}`, stderr);
      }
      const keyFile = join('.trueup', 'audit-key.pem');
      for (const [file, bytes] of filesIn(cwd, ['sign.pem', keyFile])) left.set(file, bytes);
      for (const { name } of await npsd.db.listCollections({}, { nameOnly: true }).toArray()) {
        const documents = await npsd.db.collection(name).find({}).toArray();
        left.set(`collection ${name}`, JSON.stringify(documents));
      }
      expect(left.has('collection trueup_runs')).toBe(true);
      const secrets = { token: cloud.token, password, login };
      expect(leaks(secrets, left)).toEqual([]);
      const theirs = allBut(left, (where) => where === 'collection integrations_edr_config');
      expect(leaks({ sealedKey, sealedProxy }, left)).toEqual([
        'collection integrations_edr_config: sealedKey',
        'collection integrations_edr_config: sealedProxy',
      ]);
      expect(leaks({ sealedKey, sealedProxy }, theirs)).toEqual([]);
    },
  );
});

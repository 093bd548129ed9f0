/** Declare, plan, apply, verify, drift: the whole loop, with each store. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import type { Plan } from '../../src/model/plan.ts';
import {
  administrators,
  administratorsOf,
  corp,
  type DeviceTruth,
  edit,
  exampleFolder,
  ordinary,
  type SimulatedAction,
  simulatedCloud,
  start,
  temporaryFolder,
  trueup,
} from './trueup.ts';

interface DriftList {
  readonly drift: readonly {
    readonly device: string;
    readonly kind: string;
    readonly state: string;
    readonly cause: string;
    readonly count: number;
  }[];
}

describe('the loop, with the embedded store', { timeout: 120_000 }, () => {
  it('#187 plans, converges in as many actions as it said, and then has nothing to do', async () => {
    const cloud = await simulatedCloud('--devices', '60', '--drift', '0.4', '--seed', '7');
    const at = { cwd: exampleFolder(), env: cloud.env };

    const first = await trueup(['plan', '--json'], at);
    const second = await trueup(['plan', '--json'], at);
    expect(first.code).toBe(2);
    const plan = JSON.parse(first.stdout) as Plan;
    expect(JSON.parse(second.stdout)).toMatchObject({ digest: plan.digest });
    expect(await cloud.ask<readonly SimulatedAction[]>('actions')).toEqual([]);
    expect(() => statSync(join(at.cwd, '.trueup'))).toThrow();

    const applied = await trueup(['apply', '--yes', '--json'], at);
    expect(applied.stderr).not.toContain('TRUEUP_');
    expect(applied.code).toBe(0);
    const result = JSON.parse(applied.stdout) as ApplyResult;
    expect(result).toMatchObject({ plan: plan.digest, converged: true, failed: [], pending: [] });
    const actions = await cloud.ask<readonly SimulatedAction[]>('actions');
    expect(actions).toHaveLength(plan.actions.length);
    expect(result.actions.map(({ key }) => key).toSorted()).toEqual(plan.actions.map(({ key }) => key).toSorted());
    // No device is targeted that does not need the action.
    expect(actions.flatMap(({ targets }) => targets.map(String)).toSorted()).toEqual(
      plan.actions.flatMap(({ targets }) => targets).toSorted(),
    );

    const third = await trueup(['plan', '--json'], at);
    const fourth = await trueup(['plan', '--json'], at);
    expect([third.code, fourth.code]).toEqual([0, 0]);
    expect(JSON.parse(third.stdout)).toMatchObject({ changes: [], actions: [] });
    const again = await trueup(['apply', '--yes'], at);
    expect(again.code).toBe(0);
    expect(await cloud.ask<readonly SimulatedAction[]>('actions')).toHaveLength(actions.length);
  });

  it('two plans of the same state are byte-identical, but for when the fleet was asked', async () => {
    const cloud = await simulatedCloud('--devices', '40', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const texts = await Promise.all([trueup(['plan', '--json'], at), trueup(['plan', '--json'], at)]);
    const [a, b] = texts.map(({ stdout }) => JSON.parse(stdout) as Plan);
    expect(JSON.stringify({ ...a, scan: { ...a?.scan, at: null } })).toBe(
      JSON.stringify({ ...b, scan: { ...b?.scan, at: null } }),
    );
  });

  it('records who came back: drift with its cause, then resolved', async () => {
    const cloud = await simulatedCloud('--devices', '20');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);

    const [device] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
    const intruder = `${corp}-1106`;
    await cloud.tell('drift', { device: device?.computerId, group: { sid: administrators, add: [intruder] } });
    const plan = await trueup(['plan'], at);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain('CORP\\contractor-x');
    expect(plan.stdout).toMatch(/drift/);

    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const drift = await trueup(['drift', '--json', '--device', device?.name ?? ''], at);
    expect(drift.code).toBe(0);
    expect((JSON.parse(drift.stdout) as DriftList).drift).toMatchObject([
      { device: device?.name, kind: 'group.remove', state: 'resolved', cause: 'outside-change', count: 1, actor: null },
    ]);
    const after = (await cloud.ask<readonly DeviceTruth[]>('devices')).find(
      ({ computerId }) => computerId === device?.computerId,
    );
    expect(after && administratorsOf(after)).not.toContain(intruder);
  });

  it('applies the saved plan of one policy, and leaves the rest of its devices alone', async () => {
    const cloud = await simulatedCloud('--devices', '20');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const [device] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
    const intruder = `${corp}-1106`;
    await cloud.tell('drift', {
      device: device?.computerId,
      user: { name: 'corp_breakglass', enabled: false },
      group: { sid: administrators, add: [intruder] },
    });
    expect((await trueup(['plan', '--only', 'policy=breakglass', '--out', 'plan.json'], at)).code).toBe(2);
    const narrower = await trueup(['apply', 'plan.json', '--only', 'policy=breakglass', '--yes'], at);
    expect(narrower).toMatchObject({ code: 1, stderr: expect.stringContaining('TRUEUP_USAGE') });
    expect((await trueup(['apply', 'plan.json', '--yes'], at)).code).toBe(0);
    const after = (await cloud.ask<readonly DeviceTruth[]>('devices')).find(
      ({ computerId }) => computerId === device?.computerId,
    );
    expect(after?.users.find(({ name }) => name === 'corp_breakglass')?.enabled).toBe(true);
    expect(after && administratorsOf(after)).toContain(intruder);
  });

  it('applies a saved plan only if the right key signed it and it is young enough', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--drift', '0.3');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const keys = generateKeyPairSync('ed25519');
    writeFileSync(join(at.cwd, 'sign.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(at.cwd, 'verify.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
    expect((await trueup(['plan', '--out', 'unsigned.json'], at)).code).toBe(2);
    const unsigned = await trueup(['apply', 'unsigned.json', '--yes', '--verify-key', 'verify.pem'], at);
    expect(unsigned).toMatchObject({ code: 1, stderr: expect.stringContaining('TRUEUP_PLAN_INVALID') });
    expect((await trueup(['plan', '--out', 'plan.json', '--sign-key', 'sign.pem'], at)).code).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    const old = await trueup(['apply', 'plan.json', '--yes', '--max-age', '1s'], at);
    expect(old).toMatchObject({ code: 5, stderr: expect.stringContaining('TRUEUP_PLAN_STALE') });
    const applied = await trueup(['apply', 'plan.json', '--yes', '--max-age', '1h', '--verify-key', 'verify.pem'], at);
    expect(applied.code).toBe(0);
  });

  it('tells who applied what, and finds what was altered or cut off since', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--drift', '0.3');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const listed = await trueup(['audit'], at);
    expect(listed.stdout).toMatch(
      /1 {3}.*applies plan [0-9a-f]{8}, \d+ changes, \d+ actions[^]*2 {3}.*ended: \d+ ok, 0 failed/,
    );
    expect((await trueup(['audit', '--last', '1'], at)).stdout).toMatch(/^ {2}1 earlier record\n.* 2 {3}.*ended: /);
    expect((await trueup(['audit', '--last', '0'], at)).stdout).toBe('  2 earlier records\n');
    expect(await trueup(['audit', 'verify'], at)).toMatchObject({
      code: 0,
      stdout: 'ok, 2 records; the newest hash kept here is that of record 2\n',
    });
    expect(statSync(join(at.cwd, '.trueup/audit-key.pem')).mode & 0o777).toBe(0o600);
    const verdictAfter = async (statement: string): Promise<string> => {
      const db = new DatabaseSync(join(at.cwd, '.trueup/state.db'));
      db.exec(statement);
      db.close();
      const { code, stderr } = await trueup(['audit', 'verify'], at);
      expect(code).toBe(1);
      return stderr.replaceAll(/\s+/g, ' ');
    };
    expect(await verdictAfter('DELETE FROM audit WHERE number = 2')).toContain(
      'Record 2 of the audit chain and all after it are missing. ',
    );
    const [device] = await cloud.ask<readonly { readonly computerId: number }[]>('devices');
    const user = { name: 'corp_breakglass', enabled: false };
    await cloud.tell('drift', { device: device?.computerId, user });
    expect((await trueup(['apply', '--yes'], at)).stderr).toContain('the audit chain is not what was kept of it');
    expect(await verdictAfter('SELECT 1')).toContain('Record 2 of the audit chain is not the one that was witnessed');
    expect(await verdictAfter("UPDATE audit SET record = replace(record, '@', '@x')")).toContain(
      'Record 1 of the audit chain is not what was written. ',
    );
  });

  it('#174 calls no end point beyond those it names', async () => {
    const { surface } = await import('../../src/tanium/surface.ts');
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const known = new Set(
      Object.values(surface).map(({ method, path }) => `${method} ${path}`.replace('{name}', '{id}')),
    );
    const called = Object.keys(await cloud.ask<Record<string, number>>('requests'));
    expect(called.filter((one) => !known.has(one.replace(/\{\w+\}/g, '{id}')))).toEqual([]);
  });

  it('#183 shows the token nowhere: not in output, logs, plan file or store', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const outputs = [
      await trueup(['plan', '--out', 'plan.json', '--log-dir', 'logs', '--verbose'], at),
      await trueup(['apply', 'plan.json', '--yes', '--log-dir', 'logs', '--verbose'], at),
    ];
    expect(outputs.map(({ code }) => code)).toEqual([2, 0]);
    const bare = cloud.token.replace(/^token-/, '');
    const files = ['plan.json', 'logs/tanium_api.log', 'logs/svc_scan.log', '.trueup/state.db'];
    const texts = files.map((file) => readFileSync(join(at.cwd, file), 'latin1'));
    expect(texts[1]).toContain('/api/v2/actions');
    expect(texts[2]?.match(/"msg":"(?:plan|apply)"/g)).toEqual(['"msg":"plan"', '"msg":"apply"']);
    for (const text of [...texts, ...outputs.flatMap(({ stdout, stderr }) => [stdout, stderr])]) {
      expect(text.includes(bare)).toBe(false);
    }
    expect(statSync(join(at.cwd, 'plan.json')).mode & 0o777).toBe(0o600);
  });

  it('#139 a scope without a device is no data, and not converged', async () => {
    const cloud = await simulatedCloud('--devices', '5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    for (const file of ['computers.yaml', 'breakglass.yaml'])
      edit(at.cwd, file, 'selector: {}', 'selector: { name: NOBODY }');
    edit(at.cwd, 'administrators.yaml', 'selector: { domain: corp.example }', 'selector: { name: NOBODY }');
    const applied = await trueup(['apply', '--yes', '--json'], at);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({ converged: false });
    expect((await trueup(['apply', '--yes'], at)).stdout.trim()).toMatch(/No data: no device is in scope\.$/);
  });

  it('goes on to its own exit status when nobody reads it to the end', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.5');
    const running = start(['apply', '--yes'], { cwd: exampleFolder(), env: cloud.env });
    running.child.stdout?.destroy();
    expect((await running.finished).code).toBe(0);
    expect((await cloud.ask<readonly SimulatedAction[]>('actions')).length).toBeGreaterThan(0);
  });

  it('works over TLS with an authority that the environment names', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--tls');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect(cloud.url).toMatch(/^https:/);
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const { NODE_EXTRA_CA_CERTS: _, ...untrusting } = cloud.env;
    const refused = await trueup(['plan', '--fresh'], { ...at, env: untrusting });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('TRUEUP_TANIUM_TLS');
  });
});

describe('init', () => {
  it('writes a configuration that is valid as it stands, and never over another one', async () => {
    const cwd = temporaryFolder();
    const made = await trueup(['init'], { cwd });
    expect(made.code).toBe(0);
    const valid = await trueup(['validate', '--json'], { cwd });
    expect(JSON.parse(valid.stdout)).toMatchObject({ ok: true, errors: [] });
    const again = await trueup(['init'], { cwd });
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('exists already; nothing was written');
  });
});

/** Passwords that are made here, against a simulated cloud. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunContext } from '../../../src/apply/context.ts';
import { decodeReports, encodeReport } from '../../../src/endpoint/report.ts';
import type { ActionLog, FleetActions } from '../../../src/fleet-ports.ts';
import { credentialBinding } from '../../../src/model/credential.ts';
import type { RotationPolicy } from '../../../src/model/desired.ts';
import { currentOf, doubtOf } from '../../../src/rotation/keep.ts';
import { boxes } from '../../../src/secrets/boxes.ts';
import { rotation } from '../../reconcile/world.ts';
import { aCredential, anAccount } from '../../store/conformance/credentials.ts';
import { held, heldIn, type Issued, issued, run, truth, type Vaulted, vaulted } from './world.ts';

const fleet = `
devices:
  - { name: SRV-1, computerId: 1, users: [{ rid: 1001, name: svc }] }
  - { name: SRV-2, computerId: 2, users: [{ rid: 1001, name: svc }] }
`;

function madeHere(parts: Partial<RotationPolicy> = {}): RotationPolicy {
  return rotation({ accounts: [{ name: 'svc' }], generator: 'controller', ...parts });
}

async function boxesIn({ ask }: Vaulted): Promise<readonly string[]> {
  const actions = await ask<readonly Issued[]>('actions');
  return actions.flatMap(({ parameters: { EncodedCommand: text } }) => {
    const box = / -EncryptedPassword '([^']+)'/.exec(text)?.[1];
    return box === undefined ? [] : [box];
  });
}

async function expectHeld(given: Vaulted): Promise<void> {
  const [has, ours] = [await truth(given), await held(given.context)];
  expect([...ours.keys()].toSorted()).toEqual(['1 1001', '2 1001']);
  for (const [key, password] of ours) expect(has.get(key)).toBe(password);
}

/** As if every device reported this in the place of its key. */
function withKeys(context: RunContext, keyOf: (computerId: string) => string): RunContext {
  async function* logs(...[id, ...rest]: Parameters<FleetActions['logs']>): AsyncGenerator<ActionLog> {
    for await (const log of context.actions.logs(id, ...rest)) {
      const lines = log.lines.map((line) => {
        const [report] = decodeReports([line]).reports;
        if (report?.meta?.action !== 'General.NewSession') return line;
        return encodeReport({ ...report, data: { publicKey: keyOf(log.computerId) } }, 'base64');
      });
      yield { ...log, lines };
    }
  }
  return { ...context, actions: { ...context.actions, logs } };
}

describe('a password that is made here', () => {
  it('#152 #194 goes to each device alone, sealed to the key of its session, and is kept before', async () => {
    const given = await vaulted({ fleet }, [madeHere()]);
    const { context } = given;
    const first = await run(context);
    expect([first.exitCode, first.result.failed]).toEqual([0, []]);
    expect(await issued(given)).toEqual(['NewSession', 'SetPassword', 'SetPassword']);
    const sent = await boxesIn(given);
    expect(new Set(sent).size).toBe(2);
    await expectHeld(given);
    expect(new Set((await held(context)).values()).size).toBe(2);
    for (const record of await heldIn(context)) {
      expect(record).toMatchObject({ account: 'svc', rid: 1001, open: null });
      expect(record.credentials).toMatchObject([{ state: 'current', confirmed: true, acknowledged: true, attempt: 1 }]);
    }
    const second = await run(context);
    expect([second.exitCode, second.plan.changes]).toEqual([0, []]);
  });

  it('#180 is sealed to a new key in each session', async () => {
    const given = await vaulted({ fleet }, [madeHere()]);
    await run(given.context);
    const before = (await heldIn(given.context)).map((record) => currentOf(record)?.session);
    given.clock.shift(40 * 86_400);
    expect((await run(given.context)).exitCode).toBe(0);
    const after = (await heldIn(given.context)).map((record) => currentOf(record)?.session);
    expect(new Set([...before, ...after]).size).toBe(4);
    await expectHeld(given);
    expect(await issued(given)).toHaveLength(6);
  });

  it('#180 is not sent where the key is smaller, or was that of another session', async () => {
    const given = await vaulted({ fleet }, [madeHere()]);
    const { publicKey } = await boxes.makePair();
    const small = `${Buffer.alloc(128, 0xab).toString('base64')},AQAB`;
    const before = await truth(given);
    const smaller = await run(withKeys(given.context, () => small));
    expect(smaller.result.failed.map(({ code, message }) => [code, message])).toEqual(
      Array.from({ length: 2 }, () => [
        'crypto',
        'the key of its session is not one of RSA with 2048 bits: no password is sent',
      ]),
    );
    expect(await boxesIn(given)).toEqual([]);
    const shared = await run(withKeys(given.context, () => publicKey));
    expect(shared.result.failed).toContainEqual({
      device: 'SRV-2',
      code: 'crypto',
      message: 'the key of its session was used before: no password is sent',
    });
    expect(await boxesIn(given)).toHaveLength(1);
    expect(await truth(given)).toEqual(before);
    // Nobody can tell whether the one that went out opened: it is sent again, sealed to a key of its own.
    expect((await run(given.context)).exitCode).toBe(0);
    await expectHeld(given);
    for (const record of await heldIn(given.context)) expect(record.credentials).toHaveLength(1);
  });

  it('#193 of which no report came stays beside the old one, and the same is sent again', async () => {
    const given = await vaulted({ fleet }, [madeHere()]);
    const { context, clock } = given;
    await run(context);
    const old = await held(context);
    clock.shift(40 * 86_400);
    const lost: RunContext = {
      ...context,
      actions: {
        ...context.actions,
        async *logs(...[id, ...rest]: Parameters<FleetActions['logs']>): AsyncGenerator<ActionLog> {
          for await (const log of context.actions.logs(id, ...rest)) {
            const isSet = decodeReports(log.lines).reports.some(({ meta }) => meta?.action === 'LocalUser.SetPassword');
            yield isSet ? { ...log, lines: [] } : log;
          }
        },
      },
    };
    const first = await run(lost);
    expect([first.exitCode, first.result.failed.map(({ code }) => code)]).toEqual([6, ['no-report', 'no-report']]);
    expect(await held(context)).toEqual(old);
    const pending = (await heldIn(context)).map(({ credentials }) => credentials[0]);
    expect(pending).toMatchObject([{ state: 'pending' }, { state: 'pending' }]);
    const has = await truth(given);
    const second = await run(context);
    expect([second.exitCode, second.plan.changes.map(({ to }) => to)]).toEqual([0, [{ due: 'unsettled' }]]);
    expect(await truth(given)).toEqual(has);
    await expectHeld(given);
    for (const record of await heldIn(context)) {
      expect(record.credentials.map(({ state, attempt }) => [state, attempt])).toEqual([
        ['current', 1],
        ['previous', 1],
      ]);
      expect(doubtOf(record)).toBeNull();
    }
  });

  it('goes to an account that had another name when it was kept first, as its policy says', async () => {
    const given = await vaulted({ fleet: fleet.replace('computerId: 1,', 'computerId: 1, refuse: 1,') }, []);
    const value = { command: [process.execPath, '-e', 'console.log("From-a-vault-4711")'] };
    const context = given.declaring([madeHere({ value })]);
    const before = ['1', '2'].map((id) => anAccount(id, { account: 'svc-old', rid: 1001, credentials: [] }));
    await context.store.putCredentials(before.map((record) => ({ ...record, open: null, machineSid: null })));
    const credential = aCredential('aaaaaaaaaaaa', { session: 'theirs' });
    for (const record of await heldIn(context)) {
      const sealed = context.vault.seal(
        Buffer.from('Kept-before-1'),
        credentialBinding(context.provider.name, record, credential),
      );
      await context.store.putCredentials([{ ...record, credentials: [{ ...credential, sealed }] }]);
    }
    // One that its device does not take is not sent again.
    expect((await run(context)).result.failed.map(({ code }) => code)).toEqual(['password-policy']);
    expect((await run(context)).result.failed).toEqual([]);
    await expectHeld(given);
    const records = await heldIn(context);
    expect(records.map(({ account, credentials }) => [account, credentials[0]?.attempt])).toEqual([
      ['svc-old', 2],
      ['svc-old', 1],
    ]);
    const made = createHash('sha256').update('From-a-vault-4711').digest('hex');
    expect([...(await held(context)).values()]).toEqual([made, made]);
  });

  it('can come from a command, the vault of somebody else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trueup-vault-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const vault = join(folder, 'vault.cjs');
    writeFileSync(vault, 'process.exit(process.env.TRUEUP_DEVICE === "SRV-2" ? 1 : 0)');
    const given = await vaulted({ fleet }, [madeHere({ value: { command: [process.execPath, vault] } })]);
    const { context } = given;
    const failed = await run(context);
    expect(failed.result.failed).toMatchObject([
      { device: 'SRV-1', message: expect.stringContaining('it printed no line') },
      { device: 'SRV-2', message: expect.stringContaining('exit status 1') },
    ]);
    writeFileSync(vault, 'console.log(`From-${process.env.TRUEUP_DEVICE}-${process.env.TRUEUP_ACCOUNT}-1!`)');
    expect((await run(context)).exitCode).toBe(0);
    await expectHeld(given);
    const expected = createHash('sha256').update('From-SRV-1-svc-1!').digest('hex');
    expect((await held(context)).get('1 1001')).toBe(expected);
  });
});

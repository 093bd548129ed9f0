/** What becomes of a password once it is held: recovery keys, sinks, accounts that are made, and an end. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunContext } from '../../../src/apply/context.ts';
import { credentialBinding } from '../../../src/model/credential.ts';
import { openerOf } from '../../../src/secrets/recipient.ts';
import { account, rotation } from '../../reconcile/world.ts';
import { held, heldIn, type Issued, run, truth, vaulted } from './world.ts';

const accounts = [{ builtin: 'administrator' }] as const;
const fleet = `
devices:
  - { name: SRV-1, computerId: 1 }
  - { name: SRV-2, computerId: 2 }
`;

describe('recovery keys', () => {
  it('open every password without our own key, those too that were kept before the key was named', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 3072,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const given = await vaulted({ fleet }, [rotation({ accounts })]);
    await run(given.context);
    const named = given.declaring([rotation({ accounts, recoveryKeys: [{ pem: publicKey }] })]);
    expect((await run(named)).plan.changes).toEqual([]);
    const opener = openerOf(privateKey, 'the test', null);
    const has = await truth(given);
    for (const record of await heldIn(named)) {
      const [one] = record.credentials;
      const [own] = one?.recovery ?? [];
      expect(own?.key).toBe(opener.fingerprint);
      const plain = opener.open(own?.box ?? '', credentialBinding(named.provider.name, record, one!));
      expect(createHash('sha256').update(plain).digest('hex')).toBe(has.get(`${record.computerId} 500`));
    }
  });

  it('that are none are told before anything is sent', async () => {
    const given = await vaulted({ fleet }, [rotation({ accounts, recoveryKeys: [{ pem: 'no key' }] })]);
    await expect(run(given.context)).rejects.toMatchObject({ code: 'TRUEUP_RECIPIENT_INVALID' });
    expect(await given.ask('actions')).toEqual([]);
    expect(await heldIn(given.context)).toEqual([]);
  });
});

describe('a sink', () => {
  it('gets each new password once; one that fails is shown, and gets it from a later run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trueup-sink-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = join(folder, 'sink.cjs');
    const write = `const { writeFileSync, readFileSync, appendFileSync } = require('node:fs');
      const at = ${JSON.stringify(folder)} + '/' + process.env.TRUEUP_COMPUTER_ID;
      writeFileSync(at, readFileSync(0)); appendFileSync(at + '.times', 'x');`;
    writeFileSync(program, 'process.exit(1)');
    const given = await vaulted({ fleet }, [rotation({ accounts, sink: { command: [process.execPath, program] } })]);
    const told: string[] = [];
    const tell: RunContext['tell'] = (event) => void (event.kind === 'note' && told.push(event.text));
    const first = await run({ ...given.context, tell });
    expect(first.exitCode).toBe(0);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^2 passwords were not taken by a sink, and will be handed out again: .*exit status 1/);

    writeFileSync(program, write);
    await run({ ...given.context, tell });
    await run({ ...given.context, tell });
    expect(told).toHaveLength(1);
    const has = await truth(given);
    for (const id of ['1', '2']) {
      const taken = createHash('sha256')
        .update(readFileSync(join(folder, id)))
        .digest('hex');
      expect(taken).toBe(has.get(`${id} 500`));
      expect(readFileSync(join(folder, `${id}.times`), 'utf8')).toBe('x');
    }
    expect(existsSync(join(folder, '3'))).toBe(false);
  });
});

describe('an account that is made', () => {
  it('gets its password before it is enabled, all in one action', async () => {
    const given = await vaulted({ fleet });
    const context = given.declaring([rotation({ accounts: [{ name: 'corp_breakglass' }] })], {
      accounts: [account({ enabled: true })],
    });
    const { exitCode, result } = await run(context);
    expect([exitCode, result.failed]).toEqual([0, []]);
    const [made] = await given.ask<readonly Issued[]>('actions');
    const verbs = made?.parameters.EncodedCommand.match(/-Action \w+/g);
    expect(verbs).toEqual(['-Action Create', '-Action RotatePassword', '-Action Enable']);
    const [has, ours] = [await truth(given), await held(context)];
    expect(ours.size).toBe(2);
    for (const [key, password] of ours) expect(has.get(key)).toBe(password);
  });
});

describe('earlier passwords', () => {
  it('go once their time is over, and so do keys that nothing needs', async () => {
    const given = await vaulted({ fleet }, [rotation({ accounts, retentionDays: 10 })]);
    const { context, clock } = given;
    await run(context);
    clock.shift(40 * 86_400);
    await run(context);
    const counts = async (): Promise<number[]> => (await heldIn(context)).map(({ credentials }) => credentials.length);
    expect(await counts()).toEqual([2, 2]);
    clock.shift(20 * 86_400);
    expect((await run(context)).plan.changes).toEqual([]);
    expect(await counts()).toEqual([1, 1]);
    const keys: string[] = [];
    for await (const { id } of context.store.rotationKeys()) keys.push(id);
    const current = new Set((await heldIn(context)).map(({ credentials }) => credentials[0]?.rotation));
    expect(new Set(keys)).toEqual(current);
  });
});

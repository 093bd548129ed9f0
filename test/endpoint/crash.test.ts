/** Rotation, sessions and acknowledgements that die at any step and are asked again: a real PowerShell, and SAM in memory. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { readPublicKey, sealBox } from '../../src/endpoint/envelope.ts';
import {
  command,
  expectSealed,
  fresh,
  later,
  learn,
  opened,
  ops,
  passwordOf,
  type Ran,
  type Report,
  rotation,
  type State,
  worlds,
} from './crash.ts';
import { type Loop, pwsh, scripts, startLoop } from './powershell.ts';
import { type Outlasting, simulated, stepsOf } from './steps.ts';

const loopFile = join(scripts, 'test', 'crash.loop.ps1');

function quoted(word: string): string {
  return word.startsWith('-') ? word : `'${word}'`;
}

describe.skipIf(pwsh === null)('what died at any step and is asked again', { timeout: 300_000 }, () => {
  const loop: Loop | null = pwsh === null ? null : startLoop(loopFile);
  const folder = mkdtempSync(join(tmpdir(), 'trueup-crash-'));
  afterAll(() => {
    loop?.end();
    rmSync(folder, { recursive: true });
  });

  /** What the script keeps is in memory, or in the files of a folder. */
  let kept: string | null = null;

  async function run(state: State, commands: readonly (readonly string[])[], at = 0): Promise<Ran> {
    const answer = JSON.parse((await loop?.ask(JSON.stringify({ state, commands, at, folder: kept }))) ?? '{}');
    expect(answer.failure).toBeUndefined();
    return answer;
  }

  function reportsOf({ lines }: Ran): readonly Report[] {
    return lines.map((line) => JSON.parse(line));
  }

  /** Asks until there is an answer that stays, and then once more: exactly one password is known, the account's. */
  async function expectSettled(state: State, known: Map<number, string>): Promise<void> {
    const second = await run(state, [rotation]);
    expectSealed(known, second.effects);
    const [report] = reportsOf(second);
    expect(report).toMatchObject({ status: 'ok' });
    learn(known, report?.data.envelopes ?? []);
    expect(report?.data.envelopes.map(({ a }) => a)).toEqual(Array.from(known.keys()).toSorted((a, b) => a - b));
    expect(known.get(report?.data.attempt ?? 0)).toBe(passwordOf(second.state));
    const third = await run(later(second.state, 86_400), [rotation]);
    expect(third.effects).toEqual([]);
    expect(reportsOf(third)[0]).toMatchObject({ status: 'ok', changed: false, data: report?.data });
  }

  /** Deaths at each step in turn, and what each left; stops where the run comes to its end. */
  async function* deaths(state: State, ...commands: readonly (readonly string[])[]): AsyncGenerator<Ran> {
    for (let at = 1; ; at += 1) {
      const ran = await run(state, commands, at);
      if (!ran.died) return;
      yield ran;
    }
  }

  /** The process is gone in earnest: what it had written is in the file. */
  async function kill(state: State, commands: readonly (readonly string[])[], at: number): Promise<State> {
    const file = join(folder, `${at}.json`);
    writeFileSync(file, JSON.stringify(state));
    const child = spawn(String(pwsh), ['-NoProfile', '-NonInteractive', '-File', loopFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(`${JSON.stringify({ state, commands, at, kill: true, file })}\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('');
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  describe.each(Object.entries(worlds))('#152 rotates %s', (_, world) => {
    const state = { ...fresh, ...world };

    it('whatever step it died at', async () => {
      let count = 0;
      for await (const dead of deaths(state, rotation)) {
        count += 1;
        const known = new Map<number, string>();
        expectSealed(known, dead.effects);
        // At once, or when SAM's whole seconds have come to another moment.
        await expectSettled(later(dead.state, [0, 1.3, 3600][count % 3] ?? 0), known);
      }
      expect(count).toBeGreaterThan(30);
    });

    it('by the steps that the simulated machine goes through', async () => {
      const { effects } = await run(state, [rotation]);
      const kept: Outlasting[] = [];
      const device = simulated(state, (one) => kept.push(one));
      const line = `.\\secureone_management.ps1 ${rotation.map(quoted).join(' ')}`;
      device.run(Buffer.from(line).toString('base64'), new Date(state.now));
      const whole = effects.map((effect): State => JSON.parse(effect.state));
      expect(stepsOf(state, kept)).toEqual(stepsOf(state, whole));
      expect(kept.length).toBeGreaterThan(2);
    });

    it('where it died twice', async () => {
      const whole = await run(state, [rotation]);
      for (const { step } of whole.effects) {
        const first = await run(state, [rotation], step + 1);
        const between = later(first.state, 1.3);
        let effects = -1;
        for await (const dead of deaths(between, rotation)) {
          // Deaths between the same two changes leave the same.
          if (dead.effects.length === effects) continue;
          effects = dead.effects.length;
          const known = new Map<number, string>();
          expectSealed(known, [...first.effects, ...dead.effects]);
          await expectSettled(later(dead.state, 1.3), known);
        }
      }
    });
  });

  it('rotates with a journal of real files, whatever statement that writes one it died at', async () => {
    kept = mkdtempSync(join(folder, 'kept-'));
    onTestFinished(() => {
      kept = null;
    });
    let [count, between] = [0, 0];
    for await (const dead of deaths(fresh, rotation)) {
      count += 1;
      // The entry has gone aside, and the new one is not in its place.
      if (Object.keys(dead.state.files ?? {}).some((file) => file.endsWith('.old'))) between += 1;
      const known = new Map<number, string>();
      expectSealed(known, dead.effects);
      await expectSettled(later(dead.state, 1.3), known);
    }
    expect(count).toBeGreaterThan(60);
    expect(between).toBeGreaterThan(1);
  });

  it.each(['an account of long ago', 'a policy that refuses the first password', 'a journal that is full'])(
    'rotates %s where the process was killed, before each change and after it',
    async (name) => {
      const state = { ...fresh, ...worlds[name] };
      const { effects } = await run(state, [rotation]);
      expect(effects.length).toBeGreaterThan(2);
      for (const at of new Set(effects.flatMap(({ step }) => [step, step + 1]))) {
        const left = await kill(state, [rotation], at);
        const known = new Map<number, string>();
        expectSealed(known, [{ step: at, state: JSON.stringify(left) }]);
        await expectSettled(later(left, 5), known);
      }
    },
  );

  it('does not take what somebody else set afterwards for its own', async () => {
    for await (const dead of deaths(fresh, rotation)) {
      if (dead.effects.length !== 1) continue;
      const state = later(dead.state, 7200);
      const users = [{ ...ops, password: 'theirs', passwordSet: later(dead.state, 3600).now }];
      const again = await run({ ...state, users }, [rotation]);
      const [report] = reportsOf(again);
      expect(report).toMatchObject({ status: 'ok', changed: true, data: { attempt: 2 } });
      expect(opened(report?.data.envelopes.at(-1)?.box ?? '')).toBe(passwordOf(again.state));
    }
  });

  it('leaves a rotation that another has overtaken', async () => {
    const other = rotation.map((word) => (word === 'R' ? 'S' : word));
    for await (const dead of deaths(fresh, rotation)) {
      const next = await run(later(dead.state, 60), [other]);
      const known = reportsOf(next)[0]?.data.envelopes.map(({ box }) => opened(box));
      expect(known).toEqual([passwordOf(next.state)]);
      const back = await run(later(next.state, 60), [rotation]);
      if (dead.effects.length === 0 || dead.effects.length > 2) continue;
      expect(reportsOf(back)[0]).toMatchObject({ status: 'failed', error: { code: 'journal' } });
      expect(passwordOf(back.state)).toBe(passwordOf(next.state));
    }
  });

  it('acknowledges every account of a rotation', async () => {
    const admin = { ...ops, rid: 500, name: 'Administrator' };
    const two = rotation.map((word) => (word === '1001' ? '500' : word));
    const acknowledge = command('General', 'Acknowledge', 'RotationId', 'R');
    const { state } = await run({ ...fresh, users: [ops, admin] }, [rotation, two]);
    for await (const dead of deaths(state, acknowledge)) {
      const again = await run(later(dead.state, 1), [acknowledge]);
      expect(reportsOf(again)[0]).toMatchObject({ status: 'ok', data: { rids: [500, 1001] } });
      const third = await run(again.state, [acknowledge, rotation, two]);
      expect(third.effects).toEqual([]);
      expect(third.state.users).toEqual(state.users);
      const [, ...told] = reportsOf(third);
      expect(told.map(({ data }) => data.envelopes.length)).toEqual([1, 1]);
    }
  });

  it('makes a session, and sets a password that is sealed to it', async () => {
    const session = command('General', 'NewSession');
    for await (const dead of deaths(fresh, session)) {
      const open = await run(dead.state, [session]);
      const key = readPublicKey(reportsOf(open)[0]?.data.publicKey ?? '');
      const set = command(
        'LocalUser',
        'SetPassword',
        'UserRID',
        '1001',
        'EncryptedPassword',
        key ? sealBox('Gänse 7%', key) : '',
      );
      expect(passwordOf((await run(open.state, [set])).state)).toBe('Gänse 7%');
    }
    const open = await run(fresh, [session]);
    const key = readPublicKey(reportsOf(open)[0]?.data.publicKey ?? '');
    const set = command(
      'LocalUser',
      'SetPassword',
      'UserRID',
      '1001',
      'EncryptedPassword',
      key ? sealBox('Gänse 7%', key) : '',
    );
    for await (const dead of deaths(open.state, set)) {
      expect(['first', 'Gänse 7%']).toContain(passwordOf(dead.state));
      const again = await run(later(dead.state, 1), [set]);
      expect(reportsOf(again)[0]).toMatchObject({ status: 'ok' });
      expect(passwordOf(again.state)).toBe('Gänse 7%');
      const third = await run(again.state, [set]);
      expect(third.effects).toEqual([]);
      expect(reportsOf(third)[0]).toMatchObject({ status: 'ok', changed: false });
    }
  });
});

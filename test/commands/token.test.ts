/** API tokens that are listed, and renewed so that one works at any time. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rotateToken, type TokenMeans, type TokenNote } from '../../src/apply/token.ts';
import { main } from '../../src/commands/main.ts';
import { replaceFirstLine } from '../../src/secrets/token-place.ts';
import { connectTanium } from '../../src/tanium/connect.ts';
import { validator } from '../render/schema.ts';
import { type Cloud, startCloud } from '../simulator/cloud.ts';
import { quickClock } from '../tanium/wire.ts';
import { recordingIo } from './io.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'trueup-token-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface World {
  readonly cloud: Cloud;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly run: (
    ...words: readonly string[]
  ) => Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

/** A token of a month under a declared name, in a file, in a variable or printed by a command. */
async function world(apiKey: string): Promise<World> {
  const cloud = await startCloud({ clock: 'fast' });
  const made = await cloud.post('/api/v2/api_tokens', {
    name: 'NPS-D Integration Token',
    notes: 'ours',
    expire_in_days: 30,
    as_persona: 4,
  });
  const cwd = folder();
  writeFileSync(join(cwd, 'token'), `${made.data.token_string}\n`, { mode: 0o600 });
  writeFileSync(
    join(cwd, 'provider.yaml'),
    `apiVersion: trueup/v1
kind: EdrProvider
metadata: { name: Test }
spec: { apiBaseUrl: ${cloud.url}, apiKey: ${apiKey} }
---
apiVersion: trueup/v1
kind: TaniumContent
metadata: { name: content }
spec: { apiToken: { name: NPS-D Integration Token } }
`,
  );
  const env = { TOKEN: String(made.data.token_string) };
  const run: World['run'] = async (...words) => {
    const { io, said } = recordingIo({ cwd, env: { ...process.env, ...env } });
    return { code: await main(words, io), ...said };
  };
  return { cloud, cwd, env, run };
}

const tokenIn = ({ cwd }: World): string => readFileSync(join(cwd, 'token'), 'utf8').trim();

async function works({ cloud }: World, session: string): Promise<boolean> {
  return (await cloud.get('/api/v2/client_count', { session })).status === 200;
}

async function listed({ cloud }: World): Promise<readonly any[]> {
  const { data } = await cloud.get('/api/v2/api_tokens');
  return data.filter(({ name }: any) => name === 'NPS-D Integration Token');
}

describe('trueup token list', () => {
  it('#73 #74 shows names, ends and the one in use, and no token', async () => {
    const at = await world('{ file: token }');
    const { code, out, err } = await at.run('token', 'list');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/· +1 +simulator +364 days left, \d{4}-/);
    expect(out).toMatch(/· +2 +NPS-D Integration Token +persona 4 +29 days left, \S+ +in use/);
    const json = await at.run('token', 'list', '--json');
    const document = JSON.parse(json.out);
    expect(validator('tokens')(document)).toBe(true);
    expect(document.tokens[1]).toMatchObject({ id: 2, persona: 4, daysLeft: 29, current: true });
    for (const text of [out, json.out]) expect(text).not.toContain(tokenIn(at).slice(6));
  });
});

describe('trueup token rotate', () => {
  it('#73 makes one of the same persona and life, puts it into the file, and ends the old one', async () => {
    const at = await world('{ file: token }');
    const old = tokenIn(at);
    writeFileSync(join(at.cwd, 'token'), `${old}\nnot a token\n`);
    chmodSync(join(at.cwd, 'token'), 0o640);
    const { code, out, err } = await at.run('token', 'rotate', '--yes');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^The new token 3 is in the file .* the old one, 2, has ended\.\n$/),
    ]);
    const [value = '', rest] = readFileSync(join(at.cwd, 'token'), 'utf8').split('\n');
    expect([value === old, rest]).toEqual([false, 'not a token']);
    expect(statSync(join(at.cwd, 'token')).mode & 0o777).toBe(0o640);
    expect([await works(at, old), await works(at, value)]).toEqual([false, true]);
    expect(await listed(at)).toMatchObject([
      { id: 3, persona: { id: 4 }, expire_in_days: 30, notes: expect.stringMatching(/^ours \[trueup-[0-9a-f]{12}\]$/) },
    ]);
    for (const text of [out, err]) for (const secret of [old, value]) expect(text).not.toContain(secret.slice(6));
    expect(readdirSync(at.cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(
      existsSync(join(at.cwd, '.trueup')) &&
        readdirSync(join(at.cwd, '.trueup')).some((name) => name.startsWith('token-')),
    ).toBe(false);
    // And again: the mark of the run before does not pile up.
    expect((await at.run('token', 'rotate', '--yes', '--json')).out).toMatch(
      /^\{"old":3,"new":4,"name":"NPS-D Integration Token"/,
    );
    expect((await listed(at))[0].notes).toMatch(/^ours \[trueup-[0-9a-f]{12}\]$/);
  });

  it('#74 hands it to a command on its standard input, and the arguments of no process have it', async () => {
    const at = await world('{ env: TOKEN }');
    const { code, out } = await at.run('token', 'rotate', '--yes', '--sink', 'cat > taken; ps -ww -o args= > seen');
    expect([code, out]).toEqual([0, expect.stringContaining('with the command of --sink')]);
    const taken = readFileSync(join(at.cwd, 'taken'), 'utf8').trim();
    expect([await works(at, taken), await works(at, at.env['TOKEN'] ?? '')]).toEqual([true, false]);
    expect(readFileSync(join(at.cwd, 'seen'), 'utf8')).not.toContain(taken.slice(6));
  });

  it('is refused where nobody could read the new one, with a place that would do', async () => {
    for (const apiKey of ['{ env: TOKEN }', '{ command: [cat, token] }']) {
      const at = await world(apiKey);
      const { code, err } = await at.run('token', 'rotate', '--yes');
      expect(code).toBe(1);
      expect(err).toContain('where nobody can put a new token');
      expect(err).toContain('--sink');
      expect(await listed(at)).toHaveLength(1);
    }
  });

  it('asks, and does nothing where there is nobody to ask', async () => {
    const at = await world('{ file: token }');
    expect((await at.run('token', 'rotate')).err).toContain('TRUEUP_NOT_CONFIRMED');
    expect(await listed(at)).toHaveLength(1);
  });

  it('keeps the old one where the sink fails, and takes back what it left once one works', async () => {
    const at = await world('{ env: TOKEN }');
    const failed = await at.run('token', 'rotate', '--yes', '--sink', 'cat > taken; exit 3');
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('TRUEUP_SINK_FAILED')]);
    const half = readFileSync(join(at.cwd, 'taken'), 'utf8').trim();
    // Whether the command handed it on is not known: both work.
    expect([await works(at, half), await works(at, at.env['TOKEN'] ?? '')]).toEqual([true, true]);
    expect((await at.run('token', 'rotate', '--yes', '--sink', 'cat > taken')).code).toBe(0);
    const taken = readFileSync(join(at.cwd, 'taken'), 'utf8').trim();
    expect([await works(at, half), await works(at, taken)]).toEqual([false, true]);
    expect(await listed(at)).toHaveLength(1);
  });

  it('keeps the old one where the file cannot be written', async () => {
    const at = await world('{ file: token }');
    const old = tokenIn(at);
    expect(() => replaceFirstLine('missing', 'token-x', at.cwd)).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SECRET_UNREADABLE' }),
    );
    rmSync(join(at.cwd, 'token'));
    expect((await at.run('token', 'rotate', '--yes')).code).toBe(1);
    expect(await works(at, old)).toBe(true);
    expect(await listed(at)).toHaveLength(1);
  });

  it('follows a link to the file that it is', async () => {
    const at = await world('{ file: link }');
    symlinkSync('token', join(at.cwd, 'link'));
    const old = tokenIn(at);
    expect((await at.run('token', 'rotate', '--yes')).code).toBe(0);
    expect([tokenIn(at) === old, await works(at, tokenIn(at))]).toEqual([false, true]);
  });

  it('#30 needs the right to make tokens, and says so', async () => {
    const at = await world('{ file: token }');
    await at.cloud.post('/_sim/settings', { rights: { 4: ['Token - Use', 'Token - Read', 'Sensor - Read'] } });
    const { code, err } = await at.run('token', 'rotate', '--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('Grant the right "Token - Write"')]);
  });
});

class Killed extends Error {}

/** What a run does to the world outside of it, in order; it is killed before the nth of these. */
async function killedAt(at: World, step: number, state: { note: TokenNote | null }): Promise<boolean> {
  let steps = 0;
  const die = (): void => {
    steps += 1;
    if (steps > step) throw new Killed();
  };
  const open = (token: string) =>
    connectTanium({ baseUrl: at.cloud.url, token, proxy: null, caFile: null, clock: quickClock() });
  const guarded = (connection: ReturnType<typeof open>): TokenMeans['tokens'] => ({
    list: (signal) => connection.tokens.list(signal),
    user: (signal) => connection.tokens.user(signal),
    create: async (token, signal) => {
      die();
      const made = await connection.tokens.create(token, signal);
      die();
      return made;
    },
    remove: async (id, signal) => {
      die();
      await connection.tokens.remove(id, signal);
      die();
    },
  });
  const value = tokenIn(at);
  const own = open(value);
  try {
    await rotateToken(
      {
        tokens: guarded(own),
        hash: createHash('sha256').update(value).digest('hex'),
        connect: async (token) => {
          const connection = open(token);
          await connection.check();
          return { tokens: guarded(connection), close: connection.close };
        },
        place: {
          kind: 'file',
          put: async (token) => {
            die();
            replaceFirstLine('token', token, at.cwd);
            die();
          },
        },
        notes: {
          read: () => state.note,
          write: (note) => {
            die();
            state.note = note;
          },
          clear: () => {
            die();
            state.note = null;
          },
        },
        next: () => createHash('sha256').update(`${step} ${value}`).digest('hex').slice(0, 12),
        signal: new AbortController().signal,
        tell: () => {},
      },
      { name: 'NPS-D Integration Token', id: null },
    );
    return true;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return false;
  } finally {
    await own.close();
  }
}

it('a token rotation that is killed at any point leaves a token that works, and the next one ends with one alone', async () => {
  for (let step = 0; ; step += 1) {
    const at = await world('{ file: token }');
    const state: { note: TokenNote | null } = { note: null };
    const whole = await killedAt(at, step, state);
    expect([step, await works(at, tokenIn(at))]).toEqual([step, true]);
    expect(await killedAt(at, 1000, state)).toBe(true);
    expect([step, await works(at, tokenIn(at)), (await listed(at)).length, state.note]).toEqual([step, true, 1, null]);
    await at.cloud.close();
    if (whole) {
      expect(step).toBeGreaterThan(7);
      return;
    }
  }
});

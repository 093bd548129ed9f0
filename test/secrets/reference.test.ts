import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrueupError } from '../../src/errors.ts';
import type { SecretReference } from '../../src/model/desired.ts';
import { readSecret } from '../../src/secrets/reference.ts';

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'trueup-secret-'));
  writeFileSync(join(cwd, 'token'), 'token-abc\r\nsecond line\n');
  writeFileSync(join(cwd, 'empty'), '\nsecret in the second line\n');
  writeFileSync(join(cwd, 'binary'), 'sec\u0000ret');
  writeFileSync(join(cwd, 'long'), 's3cret'.repeat(20_000));
  mkdirSync(join(cwd, 'folder'));
});

afterAll(() => rmSync(cwd, { recursive: true }));

function read(reference: SecretReference, env: Record<string, string> = {}): Promise<string> {
  return readSecret(reference, { env: { PATH: process.env['PATH'], ...env }, cwd });
}

function script(source: string): SecretReference {
  return { command: [process.execPath, '-e', source] };
}

describe('#84 a secret', () => {
  it.each<[SecretReference, string]>([
    [{ env: 'TOKEN' }, 'token-xyz'],
    [{ file: 'token' }, 'token-abc'],
    [script('console.log("from command\\nmore")'), 'from command'],
    [script('process.stdout.write("no line break")'), 'no line break'],
    [script('console.log(process.env.TOKEN)'), 'token-xyz'],
  ])('is the first line of %j', async (reference, secret) => {
    expect(await read(reference, { TOKEN: 'token-xyz\n' })).toBe(secret);
  });

  it('keeps the blanks that it has', async () => {
    expect(await read({ env: 'P' }, { P: ' pass word ' })).toBe(' pass word ');
  });

  it('is read by a command without a shell', async () => {
    const reference = { command: [process.execPath, '-e', 'console.log(process.argv[1])', '$(id); `id` > x'] };
    expect(await read(reference)).toBe('$(id); `id` > x');
  });

  it.each<[SecretReference, RegExp]>([
    [{ env: 'MISSING' }, /variable MISSING is not set/],
    [{ env: 'EMPTY' }, /variable EMPTY is empty/],
    [{ file: 'nowhere/token' }, /file nowhere\/token cannot be read \(ENOENT\)/],
    [{ file: 'folder' }, /file folder /],
    [{ file: 'empty' }, /file empty is empty/],
    [{ file: 'binary' }, /control characters/],
    [{ file: 'long' }, /longer than/],
    [{ command: [] }, /command is empty/],
    [{ command: ['no-such-program', 's3cret'] }, /no-such-program failed \(ENOENT\)/],
    [script('console.log("s3cret"); console.error("s3cret"); process.exit(3)'), /exit status 3/],
    [script('console.log("s3cret".repeat(100000))'), /printed more/],
  ])('that is not to be had from %j is named by its reference', async (reference, message) => {
    const error = await read(reference, { EMPTY: '' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TrueupError);
    expect(error).toMatchObject({ code: 'TRUEUP_SECRET_UNREADABLE', message: expect.stringMatching(message) });
    // Not in the message, nor anywhere that --verbose would print.
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  it('is waited for no longer than the operator wants', async () => {
    const abort = new AbortController();
    const reading = readSecret(script('setTimeout(() => {}, 60000)'), { env: {}, cwd, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

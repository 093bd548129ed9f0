/** Real commands that take and give passwords. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { passwordCommands } from '../../src/secrets/password-commands.ts';

const owner = { provider: 'Tanium', computerId: '7', device: 'SRV-7', account: 'builtin', rotation: 'r1' };
const canary = 'Correct-Horse-42';

function commands() {
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-sink-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return { cwd, ...passwordCommands({ env: { PATH: process.env['PATH'] }, cwd }) };
}

function script(text: string): string[] {
  return [process.execPath, '-e', text];
}

describe('a sink', () => {
  it('gets the password on its standard input, and whose it is in its environment', async () => {
    const { cwd, deliver } = commands();
    const write = `const { TRUEUP_PROVIDER: p, TRUEUP_COMPUTER_ID: c, TRUEUP_DEVICE: d, TRUEUP_ACCOUNT: a, TRUEUP_ROTATION: r } = process.env;
      const given = require('node:fs').readFileSync(0, 'utf8');
      require('node:fs').writeFileSync('taken', JSON.stringify([p, c, d, a, r, given, process.argv.length]));`;
    await deliver(script(write), owner, Buffer.from(canary));
    const taken = JSON.parse(readFileSync(join(cwd, 'taken'), 'utf8')) as unknown;
    expect(taken).toEqual(['Tanium', '7', 'SRV-7', 'builtin', 'r1', canary, 1]);
  });

  it.each([
    [
      'ends with another status',
      script(`console.log('${canary}'); console.error('${canary}'); process.exit(3)`),
      'exit status 3',
    ],
    ['is not there', ['/no/such/program'], 'ENOENT'],
    ['is killed', script('process.kill(process.pid, "SIGKILL")'), 'ended by SIGKILL'],
  ])('that %s did not take it, and what it says is not repeated', async (_, command, why) => {
    const { deliver } = commands();
    const failed = await deliver(command, owner, Buffer.from(canary)).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code: 'TRUEUP_SINK_FAILED' });
    expect(String(failed?.message)).toContain(`the password of builtin of SRV-7 (${why})`);
    expect(JSON.stringify([failed?.message, failed?.stack])).not.toContain(canary);
  });

  it('that ends well without reading has taken it', async () => {
    const { deliver } = commands();
    await expect(deliver(script(''), owner, Buffer.alloc(100_000, 'x'))).resolves.toBeUndefined();
  });
});

it.skipIf(process.platform === 'win32')(
  'a command is over with itself, whatever it leaves running',
  async () => {
    const { cwd, deliver, value } = commands();
    const left = ['sh', '-c', `sleep 25 & echo $! >> left; echo ${canary}`];
    onTestFinished(() => {
      for (const line of readFileSync(join(cwd, 'left'), 'utf8').trim().split('\n')) process.kill(Number(line));
    });
    const began = Date.now();
    await deliver(left, owner, Buffer.from('password'));
    expect((await value(left, owner)).toString()).toBe(canary);
    expect(Date.now() - began).toBeLessThan(20_000);
  },
  60_000,
);

describe('a vault elsewhere', () => {
  it('prints the password on its first line', async () => {
    const { value } = commands();
    const plain = await value(script(`console.log('${canary}'); console.log('second line')`), owner);
    expect(plain.toString()).toBe(canary);
  });

  it.each([
    ['prints nothing', script(''), 'it printed no line that can be a password'],
    ['prints what no password has', script('process.stdout.write("a\\u0001b")'), 'it printed no line'],
    ['prints far too much', script('process.stdout.write("x".repeat(100000))'), 'it printed more than 4096 bytes'],
    ['fails after it has printed', script(`console.log('${canary}'); process.exit(1)`), 'exit status 1'],
  ])('that %s gives none', async (_, command, why) => {
    const { value } = commands();
    const failed = await value(command, owner).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code: 'TRUEUP_SECRET_UNREADABLE' });
    expect((failed as Error).message).toContain(why);
    expect((failed as Error).message).not.toContain(canary);
  });
});

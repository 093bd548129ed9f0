import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { type SimulateOptions, simulate } from '../../src/commands/simulate.ts';

const defaults: SimulateOptions = {
  port: 0,
  devices: 5,
  drift: 0,
  seed: 1,
  fleet: null,
  latencyMs: 0,
  clock: 'virtual',
  bare: false,
  tls: false,
  powershell: false,
  readyFile: null,
};

interface Run {
  readonly folder: string;
  readonly said: () => string;
  readonly end: () => void;
  readonly code: Promise<number>;
}

function run(options: Partial<SimulateOptions>): Run {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-simulate-'));
  const ended = new AbortController();
  let said = '';
  const io: Io = {
    out: (text) => {
      said += text;
    },
    err: () => {},
    ask: null,
    input: null,
    env: {},
    cwd: folder,
    color: false,
    columns: undefined,
    statusColumns: null,
    signal: ended.signal,
    verbosity: 'normal',
  };
  const code = simulate({ ...defaults, ...options }, io);
  onTestFinished(async () => {
    ended.abort();
    await code.catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, said: () => said, end: () => ended.abort(), code };
}

async function ready(
  file: string,
): Promise<{ readonly url: string; readonly token: string; readonly caFile: string | null }> {
  for (let look = 0; look < 500 && !existsSync(file); look += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe('trueup simulate', () => {
  it('says where it is and how to get in, serves until its signal, and leaves nothing behind', async () => {
    const { folder, said, end, code } = run({ readyFile: 'ready.json' });
    const file = join(folder, 'ready.json');
    const { url, token, caFile } = await ready(file);
    expect(caFile).toBeNull();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['ready.json']);
    expect(said()).toContain(`export TRUEUP_TANIUM_URL=${url}\n`);
    expect(said()).toContain(`export TRUEUP_TANIUM_TOKEN=${token}\n`);
    const answer = await fetch(`${url}/api/v2/client_count`, { headers: { session: token } });
    expect(await answer.json()).toEqual({ data: 5 });
    end();
    expect(await code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('speaks TLS with a certificate of its own, whose file goes with it', async () => {
    const { folder, said, end, code } = run({ tls: true, readyFile: 'ready.json' });
    const { url, token, caFile } = await ready(join(folder, 'ready.json'));
    if (caFile === null) throw new Error('there is no authority');
    expect(said()).toContain(`export NODE_EXTRA_CA_CERTS=${caFile}`);
    expect(statSync(dirname(caFile)).mode & 0o777).toBe(0o700);
    const ca = readFileSync(caFile, 'utf8');
    const status = (host: string, trusted: string | undefined) =>
      new Promise<number | undefined>((resolve, reject) => {
        const target = url.replace('127.0.0.1', host);
        const options = {
          headers: { session: token },
          agent: false,
          ...(trusted === undefined ? {} : { ca: trusted }),
        };
        const sent = request(`${target}/api/v2/client_count`, options, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject);
        sent.end();
      });
    expect(await status('127.0.0.1', ca)).toBe(200);
    expect(await status('localhost', ca)).toBe(200);
    await expect(status('127.0.0.1', undefined)).rejects.toThrow('self-signed certificate');
    end();
    expect(await code).toBe(0);
    expect(existsSync(dirname(caFile))).toBe(false);
  });

  it('serves a fleet of a file', async () => {
    const { folder, end, code } = run({ fleet: join(tmpdir(), 'no-such-fleet.yaml') });
    await expect(code).rejects.toMatchObject({ code: 'TRUEUP_SIMULATOR' });
    end();
    const file = join(folder, 'fleet.yaml');
    writeFileSync(file, 'devices: [{ name: only-one.corp.example }]');
    const second = run({ fleet: file, readyFile: join(folder, 'ready.json') });
    const { url } = await ready(join(folder, 'ready.json'));
    expect(await (await fetch(`${url}/_sim/devices`)).json()).toMatchObject([{ name: 'only-one.corp.example' }]);
    expect(second.said()).toContain('1 devices');
  });

  it.each([
    [{ port: 70_000 }, 'TRUEUP_USAGE', '--port is a whole number from 0 to 65535, not 70000.'],
    [{ port: 1.5 }, 'TRUEUP_USAGE', '--port is a whole number from 0 to 65535, not 1.5.'],
    [{ latencyMs: -1 }, 'TRUEUP_USAGE', '--latency-ms is a whole number from 0 to 60000, not -1.'],
    [{ devices: 1_000_001 }, 'TRUEUP_SIMULATOR', 'a fleet has 0 to 1000000 devices, not 1000001'],
    [{ drift: 2 }, 'TRUEUP_SIMULATOR', 'drift is a share from 0 to 1, not 2'],
    [{ readyFile: 'no/such/folder/ready.json' }, 'TRUEUP_SIMULATOR', expect.stringContaining('cannot be written')],
  ])('refuses %j', async (options, code, message) => {
    await expect(run(options).code).rejects.toMatchObject({ code, message });
  });
});

/** The endpoint scripts by PowerShell's own means: their Pester tests, and the check against Windows PowerShell 5.1. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onPath, pwsh, scripts } from './powershell.ts';

const checker = onPath('check-windows-powershell');
if (pwsh !== null && checker === null) {
  console.warn('skipped: the check against Windows PowerShell 5.1, as there is no check-windows-powershell on PATH');
}

/** What a Tanium sensor takes (windows-accounts.md C32). */
const mostCharacters = '28000';

interface Ran {
  readonly code: number | null;
  readonly out: string;
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

/** What run beside each other: the files whose tests are processes, each by itself; and all others. */
function parts(): string[][] {
  const files = readdirSync(join(scripts, 'test')).filter((name) => name.endsWith('.Tests.ps1'));
  const names = files.map((name) => name.slice(0, -'.Tests.ps1'.length));
  const slow = ['direct', 'expand_params'];
  return [...slow.map((name) => [name]), names.filter((name) => !slow.includes(name))];
}

describe.skipIf(pwsh === null)('the Pester tests', () => {
  it('all pass', { timeout: 900_000 }, async ({ skip }) => {
    const file = join(scripts, 'test', 'run.ps1');
    const start = (names: readonly string[]): Promise<Ran> =>
      run(String(pwsh), ['-NoProfile', '-NonInteractive', '-File', file, ...names]);
    let total = 0;
    for (const { code, out } of await Promise.all(parts().map(start))) {
      const reason = /^skipped: .*/m.exec(out)?.[0];
      if (reason !== undefined) {
        console.warn(reason);
        skip(reason);
      }
      expect(code, out).toBe(0);
      const passed = Number(/^Tests Passed: (\d+), Failed: 0,/m.exec(out)?.[1] ?? 0);
      expect(passed, out).toBeGreaterThan(0);
      total += passed;
    }
    expect(total).toBeGreaterThan(1000);
  });
});

describe.skipIf(checker === null)('Windows PowerShell 5.1', () => {
  it('runs both scripts, and a sensor holds each of them', { timeout: 120_000 }, async () => {
    const files = readdirSync(scripts).filter((name) => name.endsWith('.ps1'));
    expect(files.toSorted()).toEqual(['expand_params.ps1', 'secureone_management.ps1']);
    const paths = files.map((name) => join(scripts, name));
    const { code, out } = await run(String(checker), ['-MaxCharacters', mostCharacters, ...paths]);
    expect(code, out).toBe(0);
  });
});

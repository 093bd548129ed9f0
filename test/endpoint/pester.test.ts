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

describe.skipIf(pwsh === null)('the Pester tests', () => {
  it('all pass', { timeout: 900_000 }, async ({ skip }) => {
    const file = join(scripts, 'test', 'run.ps1');
    const { code, out } = await run(String(pwsh), ['-NoProfile', '-NonInteractive', '-File', file]);
    const reason = /^skipped: .*/m.exec(out)?.[0];
    if (reason !== undefined) {
      console.warn(reason);
      skip(reason);
    }
    expect(code, out).toBe(0);
    expect(Number(/^Tests Passed: (\d+), Failed: 0,/m.exec(out)?.[1] ?? 0), out).toBeGreaterThan(100);
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

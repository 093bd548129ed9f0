/** The tours of the README and of a page of `docs`, typed as they stand: what they show is what comes out. */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, simulatedCloud, temporaryFolder } from './trueup.ts';

interface Step {
  readonly command: string;
  readonly output: string;
}

/** Each `$ ` line of each console block, with what stands below it. */
function stepsIn(markdown: string): Step[] {
  const blocks = [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  return blocks.flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...output] = part.split('\n');
        return { command, output: output.join('\n') };
      }),
  );
}

/** Times differ from run to run. */
function timeless(text: string): string {
  return text.trim().replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\dZ/g, 'TIME');
}

/** `[…]` in a tour stands for anything. */
function expectShown(said: string, shown: string, command: string): void {
  const parts = timeless(shown).split(/\[…\]\n?/);
  if (parts.length === 1) {
    expect(timeless(said), command).toBe(parts[0]);
    return;
  }
  const literal = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*?');
  expect(timeless(said), command).toMatch(new RegExp(`^${literal}$`));
}

/** The page, how many commands it has more than, and what of a checkout it needs. */
const tours = [
  ['README.md', 6, null],
  ['docs/compliance.md', 2, 'examples/compliance'],
] as const;

it.each(tours)('the tour of %s shows what really comes out', { timeout: 120_000 }, async (page, least, needed) => {
  const steps = stepsIn(readFileSync(join(root, page), 'utf8'));
  const [simulate, point, ...rest] = steps;
  const words = simulate?.command.replace(/ --ready-file .*$/, '').split(' ') ?? [];
  expect(words.slice(0, 2)).toEqual(['trueup', 'simulate']);
  expect(point?.command).toContain('export TRUEUP_TANIUM_URL=');
  expect(rest.length).toBeGreaterThan(least);
  const cloud = await simulatedCloud(...words.slice(2));
  const cwd = temporaryFolder();
  if (needed !== null) cpSync(join(root, needed), join(cwd, needed), { recursive: true });
  const bin = temporaryFolder();
  symlinkSync(join(root, 'bin/trueup'), join(bin, 'trueup'));
  for (const { command, output } of rest) {
    // Not every machine has curl.
    const [, drift] = /^curl -s \$TRUEUP_TANIUM_URL\/_sim\/drift -d '(.*)'$/.exec(command) ?? [];
    if (drift !== undefined) {
      await cloud.tell('drift', JSON.parse(drift));
      continue;
    }
    const said = await shell(command, cwd, { ...cloud.env, PATH: `${bin}:${process.env['PATH']}` });
    expectShown(said, output, command);
  }
});

function shell(command: string, cwd: string, env: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}

/** Whatever `pwsh` on PATH turns out to be: an error that says what to do, and never a wait without end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { TrueupError } from '../../../src/errors.ts';
import { type Host, startHost } from '../../../src/simulator/powershell/host.ts';

/** A folder for PATH, with a program in the place of PowerShell. */
function pathWith(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-pwsh-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'pwsh'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  return `${folder}:/usr/bin:/bin`;
}

function startWith(program: string): Host {
  const host = startHost({ PATH: pathWith(program) });
  onTestFinished(() => host.close());
  return host;
}

it.each([
  ['that is too old', `echo '{"version":"7.2.1","failure":"PowerShell 7.5 or later is needed"}'`, /7\.5 or later/],
  ['that ends at once', 'exit 3', /PowerShell ended by itself, with 3/],
  ['that says something else', 'echo Welcome; cat >/dev/null', /something else than JSON/],
])('a PowerShell %s is told with its remedy', (_name, program, message) => {
  let thrown: unknown;
  try {
    startWith(program);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TrueupError);
  expect(thrown).toMatchObject({ code: 'TRUEUP_SIMULATOR', message: expect.stringMatching(message) });
  expect((thrown as TrueupError).remedy).toContain('Install PowerShell 7.5 or later');
});

it('no PowerShell at all is told too', () => {
  expect(() => startHost({ PATH: '/nowhere' })).toThrow('there is no pwsh on PATH');
});

it('a PowerShell that ends between two commands fails the next one, and all after it', async () => {
  const host = startWith(`echo '{"version":"7.6.0"}'; read line; echo '{"lines":["one"]}'`);
  expect(host.version).toBe('7.6.0');
  expect(host.ask({ parameter: 'x' })).toEqual({ lines: ['one'] });
  expect(() => host.ask({ parameter: 'x' })).toThrow('PowerShell ended by itself, with 0');
  expect(() => host.ask({ parameter: 'x' })).toThrow('PowerShell ended by itself, with 0');
  expect((await host.failure).message).toContain('PowerShell ended by itself');
});

it('a PowerShell that is stuck is ended all the same', async () => {
  const host = startHost({ PATH: pathWith(`echo '{"version":"7.6.0"}'; exec sleep 60`) });
  const began = performance.now();
  await host.close();
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('is given each request as one line of ASCII', () => {
  const host = startWith(`echo '{"version":"7.6.0"}'; read -r line; printf '{"got":%s}\\n' "$line"; cat >/dev/null`);
  const request = { text: 'Größe\n„Ω“ \u{1f511}' };
  expect(host.ask(request)).toEqual({ got: request });
});

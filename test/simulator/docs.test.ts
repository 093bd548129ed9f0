import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { faultRates } from '../../src/simulator/faults.ts';

it('docs/simulator.md tells of every fault what it does', () => {
  const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
  const told = Object.fromEntries(
    [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, what]) => [name, what]),
  );
  expect(told).toEqual(faultRates);
});

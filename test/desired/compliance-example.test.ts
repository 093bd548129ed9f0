import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDesired } from '../../src/desired/read.ts';
import { postureItems } from '../../src/endpoint/posture/items.ts';
import type { Desired } from '../../src/model/desired.ts';
import { generateFleet } from '../../src/simulator/fleet/generate.ts';
import { report, type Seen } from '../reconcile/compliance-world.ts';
import { now } from './repository.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = new URL('../../examples/compliance/', import.meta.url);

async function example(): Promise<Desired> {
  const { desired, errors, warnings } = await readDesired({ paths: ['examples/compliance'], cwd: root, now });
  expect([...errors, ...warnings]).toEqual([]);
  if (desired === null) throw new Error('the example is not valid');
  return desired;
}

describe('examples/compliance', () => {
  it('has at least 25 checks in one baseline, each of its own', async () => {
    const { baselines, notActedOn } = await example();
    expect(baselines.map(({ ref }) => ref.name).toSorted()).toEqual(['servers', 'windows', 'workstations']);
    const checks = baselines.find(({ ref }) => ref.name === 'windows')?.checks ?? [];
    expect(checks.length).toBeGreaterThanOrEqual(25);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect(notActedOn).toEqual([]);
  });

  it('says above each check who recommends it, as docs/posture.md does', () => {
    const sources = new Map(postureItems.map(({ path, source }) => [path, source]));
    let told = 0;
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
      const lines = readFileSync(new URL(name, folder), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) {
        const path = /^ {4}- \{.* ?path: ([\w.]+),/.exec(line)?.[1];
        if (path === undefined) continue;
        expect(lines[index - 1], `${name}:${index + 1}`).toBe(`    # ${sources.get(path)}`);
        told += 1;
      }
    }
    expect(told).toBeGreaterThanOrEqual(25);
  });

  it('finds what is as it should be and what is not on a simulated fleet, and says of the rest that it is unknown', async () => {
    const { baselines } = await example();
    const seen = generateFleet({ devices: 200, drift: 0, seed: 1 }).devices.map(
      (device): Seen => ({
        id: String(device.computerId),
        name: device.name,
        os: device.os,
        state: device.posture(),
      }),
    );
    const { devices, baselines: results, outcome } = report({ baselines, seen });
    expect([devices, outcome]).toEqual([{ selected: 200, observed: 200, leftOut: 0 }, 'failed']);
    for (const { counts, checks, devices: own } of results) {
      expect(Math.min(counts.passed, counts.failed)).toBeGreaterThan(0);
      for (const check of checks) {
        expect(check.counts.passed + check.counts.failed + check.counts.unknown).toBe(own.selected);
      }
    }
    const judged = results.flatMap(({ checks }) => checks).filter(({ score }) => score !== null);
    expect(judged.length).toBeGreaterThanOrEqual(25);
  });
});

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDesired } from '../../src/desired/read.ts';
import { encodedLength, maxParameterLength } from '../../src/endpoint/encode.ts';
import { quietGuards } from '../../src/model/guard.ts';
import { defaultOptions } from '../../src/model/options.ts';
import type { Plan } from '../../src/model/plan.ts';
import { nothingSpent } from '../../src/model/recorded.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { generateFleet } from '../../src/simulator/fleet/generate.ts';
import { observation } from '../reconcile/world.ts';
import { exampleFiles, now } from './repository.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The first plan that anybody makes of it: nothing is recorded yet. */
async function planFor(
  fleet: {
    readonly devices: number;
    readonly drift: number;
    readonly seed: number;
  },
  example = 'examples/minimal',
): Promise<Plan> {
  const { desired, errors, warnings } = await readDesired({ paths: [example], cwd: root, now });
  expect([...errors, ...warnings]).toEqual([]);
  const [provider] = desired?.providers ?? [];
  if (desired === null || provider === undefined) throw new Error('the example has no provider');
  const seen = generateFleet(fleet).devices.map((device) => ({
    id: String(device.computerId),
    name: device.name,
    domain: device.domain,
    os: device.os,
    state: device.inventory(),
  }));
  const toggle = { name: 'tanium_cloud', enabled: false };
  return reconcile({
    desired,
    provider,
    recorded: {
      owner: 'embedded',
      toggle,
      providers: [],
      computers: [],
      applied: new Map(),
      spent: nothingSpent,
      contests: new Map(),
      orphans: new Map(),
      credentials: new Map(),
      actors: new Map(),
      rollout: null,
    },
    observation: observation(seen),
    labels: new Map(),
    only: null,
    rotate: null,
    approve: [],
    placed: new Map(),
    attended: true,
    allow: [],
    now,
    encodedLength,
    maxEncodedLength: maxParameterLength,
  }).plan;
}

function changedDevices({ actions }: Plan): number {
  return new Set(actions.flatMap(({ targets }) => targets)).size;
}

describe('examples/minimal', () => {
  it('declares the toggle and the twelve options of the integration, with the values of its documentation', async () => {
    const { desired } = await readDesired({ paths: ['examples/minimal'], cwd: root, now });
    const [provider] = desired?.providers ?? [];
    expect(provider).toMatchObject({
      name: 'Production Tanium',
      toggle: { name: 'tanium_cloud', enabled: true },
      options: defaultOptions,
      apiBaseUrl: { env: 'TRUEUP_TANIUM_URL' },
      apiKey: { env: 'TRUEUP_TANIUM_TOKEN' },
    });
    expect(desired?.notActedOn).toEqual([]);
  });

  it.each([1, 2, 3])('leaves nothing but records to change on a fleet without drift (seed %i)', async (seed) => {
    const plan = await planFor({ devices: 60, drift: 0, seed });
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['toggle.set', 'provider.create', 'computer.enroll']);
    expect(plan.actions).toEqual([]);
    expect(plan.held.length).toBeGreaterThan(0);
    expect(plan.held.filter(({ guard }) => !quietGuards.has(guard))).toEqual([]);
    expect(plan.refusal).toBeNull();
    expect(plan.warnings).toEqual([]);
  });

  it.each([
    [60, 0.5],
    [60, 0.1],
    [25, 0.3],
    [10, 0.5],
    [300, 0.2],
  ])('changes every device that drifted, and no other: of %i a share of %d', async (devices, drift) => {
    const plan = await planFor({ devices, drift, seed: 7 });
    expect(changedDevices(plan)).toBe(Math.round(devices * drift));
    expect(plan.refusal).toBeNull();
    expect(plan.held.filter(({ guard }) => !quietGuards.has(guard))).toEqual([]);
  });

  it('lets a first run bring a whole fleet in order, in one wave', async () => {
    for (const devices of [10, 60, 200]) {
      const plan = await planFor({ devices, drift: 1, seed: 3 });
      expect(plan.refusal).toBeNull();
      expect(plan.actions.length).toBeGreaterThan(0);
    }
  });

  it('is five small files that explain themselves, since trueup init writes them', () => {
    expect(Object.keys(exampleFiles).toSorted()).toEqual([
      'administrators.yaml',
      'breakglass.yaml',
      'computers.yaml',
      'provider.yaml',
      'rollout.yaml',
    ]);
    for (const text of Object.values(exampleFiles)) expect(text).toMatch(/^# [A-Z].*\.\napiVersion: trueup\/v1\n/);
  });
});

describe('examples/rotation-only', () => {
  it.each([1, 2, 3])('#7 rotates every device that it may, by one action of one wave (seed %i)', async (seed) => {
    const plan = await planFor({ devices: 300, drift: 0.2, seed }, 'examples/rotation-only');
    expect(plan.refusal).toBeNull();
    expect(plan.warnings).toEqual([]);
    expect(plan.notActedOn).toEqual([]);
    expect(plan.actions).toHaveLength(1);
    expect(plan.bounds.optimal).toBe(true);
    expect(plan.actions[0]?.operations).toMatchObject([
      { kind: 'password.rotate', account: { rid: 500 }, generator: 'endpoint', rotation: null },
    ]);
    const held = new Set(plan.held.flatMap(({ devices }) => devices));
    expect(plan.held.map(({ guard }) => guard)).not.toContain('protect-disabled');
    expect(changedDevices(plan) + held.size).toBe(300);
    expect(changedDevices(plan)).toBeGreaterThan(250);
  });

  it('#196 leaves everything else alone: of a computer just its record and Protect', async () => {
    const plan = await planFor({ devices: 60, drift: 1, seed: 5 }, 'examples/rotation-only');
    expect([...new Set(plan.changes.map(({ kind }) => kind))]).toEqual([
      'toggle.set',
      'provider.create',
      'computer.enroll',
      'password.rotate',
    ]);
    expect(plan.changes.filter(({ kind }) => kind === 'computer.enroll').map(({ to }) => to)).toEqual([
      { protect: 'JITA' },
    ]);
  });
});

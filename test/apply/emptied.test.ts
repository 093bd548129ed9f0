/** What a policy matched last is known to the next process, whoever keeps the records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Desired, MembershipPolicy } from '../../src/model/desired.ts';
import { openStore } from '../../src/store/open.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { recordFleet } from './beside-npsd.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const helper = 'S-1-5-21-1004336348-1177238915-682003330-1106';
const npsd = await npsdWorld();

interface Machine {
  readonly name: string;
  readonly groups: readonly { readonly members: readonly string[] }[];
}

function withHelpers(desired: Desired, domain: string | null): Desired {
  const helpers: MembershipPolicy = {
    ref: { kind: 'LocalGroupMembership', name: 'helpers', source: { file: 'helpers.yaml', line: 2 } },
    selector: { domain: [{ source: domain ?? '', test: (value) => value === domain }] },
    priority: 0,
    group: 'S-1-5-32-544',
    mode: 'include',
    members: [
      {
        principal: { sid: helper, name: 'CORP\\helpers' },
        access: 'persistent',
        source: { file: 'helpers.yaml', line: 6 },
      },
    ],
    keep: [],
  };
  return { ...desired, memberships: domain === null ? desired.memberships : [...desired.memberships, helpers] };
}

async function helped({ ask }: Cloud): Promise<number> {
  const devices = await ask<readonly Machine[]>('devices');
  return devices.filter(({ groups }) => groups.some(({ members }) => members.includes(helper))).length;
}

/** Each apply opens the store anew. */
async function keepsWhatWasGiven(given: Cloud, url: string): Promise<void> {
  const { context } = given;
  const { provider } = context;
  const run = async (domain: string | null) => {
    const store = await openStore(url, { provider: provider.name, fields: provider.fields, mode: 'write' });
    try {
      return await applyAll({ ...context, store, desired: withHelpers(context.desired, domain) });
    } finally {
      await store.close();
    }
  };
  await run('corp.example');
  const before = await helped(given);
  expect(before).toBeGreaterThan(0);
  for (const attempt of ['first', 'second']) {
    const { plan, exitCode } = await run('corp.exmaple');
    expect([plan.actions, plan.held.map(({ guard }) => guard)], attempt).toEqual([[], ['empty-desired']]);
    expect(plan.held[0]?.message).toContain(`matches nothing now, and matched ${before} devices at 20`);
    expect(exitCode).toBe(2);
  }
  expect(await helped(given)).toBe(before);
  // Deleted, it is meant.
  expect((await run(null)).result.failed).toEqual([]);
  expect(await helped(given)).toBe(0);
}

it('in the embedded store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await keepsWhatWasGiven(await cloud({ devices: 8, drift: 0 }), `sqlite:${join(folder, 'state.db')}`);
});

it.skipIf(npsd === null)('beside NPS-D', async () => {
  if (npsd === null) return;
  const given = await cloud({ devices: 8, drift: 0 });
  await recordFleet(npsd, given);
  await keepsWhatWasGiven(given, npsd.url);
});

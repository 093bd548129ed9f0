/** In which wave a device goes: canaries of every kind of change, then the waves as declared, stable from plan to plan. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Desired, defaultRollout, type RolloutPolicy, type Source } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { LastRollout } from '../../src/model/recorded.ts';
import type { WavePolicy, WaveSize } from '../../src/model/waves.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { sha256 } from '../../src/reconcile/hash.ts';
import {
  account,
  breakglass,
  computers,
  contractor,
  domainAdmins,
  inventory,
  member,
  membership,
  pattern,
  plan,
  recovery,
  type Seen,
  type World,
} from './world.ts';

const source: Source = { file: 'rollout.yaml', line: 7 };
const generous = { absolute: null, percent: 100, floor: 1000, source: null };
const budgets = { removals: generous, disables: generous, rotations: generous, devices: generous };
const gate = { percent: 99, withinSeconds: 1200, source };

function wave(size: WaveSize, parts: Partial<WavePolicy> = {}): WavePolicy {
  return { name: null, size, selector: null, requireApproval: false, source, ...parts };
}

type Waves = Pick<RolloutPolicy, 'waves'> & { readonly canaries?: Partial<RolloutPolicy['canaries'] & object> };

function rollout({ canaries, waves }: Waves): RolloutPolicy {
  const first = canaries === undefined ? null : { devices: null, selector: null, source, ...canaries };
  return { ...defaultRollout, budgets, canaries: first, waves, gate };
}

const policies: Partial<Desired> = {
  computers: [computers({ recovery: recovery(domainAdmins) })],
  memberships: [membership({ members: [member(domainAdmins), member(contractor, 'absent')] })],
  accounts: [account({ enabled: true, properties: { Description: 'For emergencies' } })],
};

const good = { ...breakglass, description: 'For emergencies' };
/** States that each need something else done. */
const states = [
  inventory({ users: [{ ...good, enabled: false }] }),
  inventory({ users: [{ ...good, description: 'mine' }] }),
  inventory({ users: [good], admins: [domainAdmins, contractor] }),
  inventory({ users: [{ ...good, enabled: false }], admins: [domainAdmins, contractor] }),
];

/** The states in turn. */
function fleet(count: number, kinds = states.length): Seen[] {
  return Array.from({ length: count }, (_, index) => {
    const state = states[index % kinds];
    return { id: String(1000 + index), ...(state === undefined ? {} : { state }) };
  });
}

function planned(waves: Waves, seen: readonly Seen[], parts: Omit<World, 'desired' | 'seen'> = {}): Plan {
  return plan({ ...parts, desired: { ...policies, rollout: rollout(waves) }, seen });
}

/** Computer IDs by wave. */
function places({ actions }: Plan): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const { wave: number, targets } of actions) {
    const known = found.get(number) ?? new Set<string>();
    found.set(number, known);
    for (const id of targets) known.add(id);
  }
  return found;
}

function sizes(made: Plan): (readonly [string, number])[] {
  return (made.rollout?.waves ?? []).map(({ name, devices }) => [name, devices]);
}

const everything: WavePolicy[] = [wave({ percent: 10 }), wave('rest')];

describe('canaries', () => {
  it('are one of every kind of change, as far as their number goes', () => {
    const made = planned({ canaries: { devices: 4 }, waves: everything }, fleet(100));
    expect(sizes(made)).toEqual([
      ['canaries', 4],
      ['10%', 10],
      ['rest', 86],
    ]);
    const first = made.actions.filter((action) => action.wave === 1).flatMap(({ changes }) => changes);
    expect(new Set(first)).toEqual(new Set(made.changes.map(({ id }) => id)));
  });

  it('are of what most devices need, where they are too few for every kind', () => {
    const rare = { id: '7', ...fleet(1)[0] };
    const most = fleet(30, 1).map((device) => ({ ...device, state: states[2] ?? inventory() }));
    const made = planned({ canaries: { devices: 1 }, waves: everything }, [{ ...rare, id: '7' }, ...most]);
    expect(places(made).get(1)?.has('7')).toBe(false);
  });

  it('are those that the selector selects, all of them unless a number is given', () => {
    const selector = { name: [pattern('SRV-100*')] };
    const ten = Array.from({ length: 10 }, (_, index) => String(1000 + index));
    const all = planned({ canaries: { selector }, waves: everything }, fleet(40));
    expect(places(all).get(1)).toEqual(new Set(ten));
    const three = planned({ canaries: { selector, devices: 3 }, waves: everything }, fleet(40));
    expect(places(three).get(1)?.size).toBe(3);
    expect(ten).toEqual(expect.arrayContaining([...(places(three).get(1) ?? [])]));
  });

  it('alone let the rest follow', () => {
    const made = planned({ canaries: { devices: 2 }, waves: [] }, fleet(9));
    expect(sizes(made)).toEqual([
      ['canaries', 2],
      ['rest', 7],
    ]);
  });
});

describe('waves', () => {
  it('are numbers, shares of all that change, and the rest, which the last one takes whatever its size', () => {
    const made = planned({ waves: [wave({ devices: 3 }), wave({ percent: 25 }), wave({ devices: 1 })] }, fleet(21));
    expect(sizes(made)).toEqual([
      ['3 devices', 3],
      ['25%', 6],
      ['1 device', 12],
    ]);
  });

  it('leave what no selector selects to a last one of its own', () => {
    const selector = { name: [pattern('SRV-100*')] };
    const made = planned({ waves: [wave('rest', { name: 'ring-0', selector })] }, fleet(14));
    expect(sizes(made)).toEqual([
      ['ring-0', 10],
      ['rest', 4],
    ]);
  });

  it('keep their numbers where one has no devices', () => {
    const selector = { name: [pattern('NONE-*')] };
    const made = planned({ waves: [wave({ devices: 5 }, { name: 'lab', selector }), wave('rest')] }, fleet(3));
    expect(made.rollout?.waves.map(({ number }) => number)).toEqual([2]);
    expect(made.actions.every((action) => action.wave === 2)).toBe(true);
  });

  it('refuse a selector on something that the store cannot know', () => {
    const selector = { ou: [pattern('*OU=Lab*')] };
    expect(() => planned({ waves: [wave('rest', { selector })] }, fleet(3))).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SELECTOR_UNKNOWN', source: 'rollout.yaml:7' }),
    );
  });

  it('take the same devices early from plan to plan, by their Computer IDs alone', () => {
    const made = places(planned({ waves: everything }, fleet(50)));
    const early = fleet(50).map(({ id }) => id);
    const expected = early.toSorted((a, b) => (sha256(a) < sha256(b) ? -1 : 1)).slice(0, 5);
    expect(made.get(1)).toEqual(new Set(expected));
    const renamed = fleet(50).map((device) => ({ ...device, name: `PC-${device.id}` }));
    expect(places(planned({ waves: everything }, renamed.toReversed()))).toEqual(made);
  });

  it('have a lower bound that is the sum of theirs, and are optimal only if each is', () => {
    const made = planned({ canaries: { devices: 4 }, waves: everything }, fleet(100));
    const alone = planned({ waves: [wave('rest')] }, fleet(100));
    expect(made.bounds.lowerBound).toBeGreaterThan(alone.bounds.lowerBound);
    expect(made.bounds).toMatchObject({ actions: made.actions.length });
    expect(made.bounds.optimal).toBe(made.bounds.actions === made.bounds.lowerBound);
  });

  it('are not in a plan where none are declared', () => {
    const made = plan({ desired: policies, seen: fleet(8) });
    expect(made).not.toHaveProperty('rollout');
    expect(made.actions.map((action) => action.wave)).toEqual(made.actions.map(() => 1));
  });
});

const sizeAny: fc.Arbitrary<WaveSize> = fc.oneof(
  fc.record({ devices: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ percent: fc.integer({ min: 0, max: 100 }) }),
  fc.constant('rest' as const),
);
const selectorAny = fc.option(
  fc.constantFrom('SRV-100*', 'SRV-1*', 'NONE', '*3').map((text) => ({ name: [pattern(text)] })),
);
const wavesAny: fc.Arbitrary<Waves> = fc.record(
  {
    canaries: fc.record({ devices: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }), selector: selectorAny }),
    waves: fc.array(
      fc
        .tuple(sizeAny, selectorAny, fc.boolean())
        .map(([size, selector, requireApproval]) => wave(size, { selector, requireApproval })),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: ['waves'] },
);

it('whatever is declared: every device that changes is in exactly one wave, or held by its gate', () => {
  fc.assert(
    fc.property(wavesAny, fc.integer({ min: 0, max: 30 }), fc.boolean(), (waves, count, together) => {
      const declared =
        together || waves.canaries !== undefined ? waves : { ...waves, waves: [...waves.waves, wave('rest')] };
      const made = planned(declared, fleet(count));
      const seen = new Map<string, number>();
      for (const { wave: number, targets } of made.actions) {
        for (const id of targets) {
          expect(seen.get(id) ?? number).toBe(number);
          seen.set(id, number);
        }
      }
      const held = new Set(made.held.filter(({ guard }) => guard === 'gate').flatMap(({ devices }) => devices));
      for (const { id } of fleet(count)) expect(seen.has(id)).toBe(!held.has(`SRV-${id}`));
      const counted = (made.rollout?.waves ?? []).reduce((sum, { devices }) => sum + devices, 0);
      if (made.rollout !== undefined) expect(counted).toBe(count);
    }),
    { numRuns: 150 },
  );
});

const approved: Waves = {
  canaries: { devices: 2 },
  waves: [wave({ devices: 3 }, { name: 'pilot', requireApproval: true }), wave('rest')],
};

describe('gate', () => {
  it('holds a wave that nobody released, and all that come after it, and says how to release it', () => {
    const made = planned(approved, fleet(12));
    expect([...places(made).keys()]).toEqual([1]);
    const holds = made.held.filter(({ guard }) => guard === 'gate');
    expect(new Set(holds.map(({ message }) => message))).toEqual(
      new Set([
        'wave 2 (pilot) waits until somebody releases it (rollout.yaml:7)',
        'wave 3 (rest) comes after wave 2 (pilot), which nobody has released yet',
      ]),
    );
    expect(new Set(holds.map(({ release }) => release))).toEqual(new Set(['Apply with --approve pilot']));
    expect(new Set(holds.flatMap(({ devices }) => devices)).size).toBe(10);
    expect(exitCodeOf(made)).toBe(2);
    expect(made.budgets.find(({ name }) => name === 'devices')?.used).toBe(2);
  });

  it.each(['pilot', '2'])('lets go a wave that is released (%s), and the plan says so', (wave) => {
    const made = planned(approved, fleet(12), { approve: [wave] });
    expect(sizes(made).map(([, devices]) => devices)).toEqual([2, 3, 7]);
    expect(made.rollout?.approved).toEqual([2]);
    expect(made.held).toEqual([]);
    expect(made.digest).not.toBe(planned(approved, fleet(12)).digest);
  });

  it('refuses to release a wave that is not declared, or that could be one of two', () => {
    const unknown = () => planned(approved, fleet(3), { approve: ['piolt'] });
    expect(unknown).toThrow(/names no wave: wave 1 \(canaries\), wave 2 \(pilot\), wave 3 \(rest\)/);
    expect(() => plan({ desired: policies, seen: fleet(3), approve: ['1'] })).toThrow(/none is declared/);
    const twins = { waves: [wave({ percent: 5 }), wave({ percent: 5 }), wave('rest')] };
    expect(() => planned(twins, fleet(3), { approve: ['5%'] })).toThrow(/could be one of several/);
  });

  it('does not hold one device on which somebody sets it aside', () => {
    const held = planned(approved, fleet(12)).rollout?.waves[1]?.held[0] ?? '';
    const made = planned(approved, fleet(12), { allow: [{ guard: 'gate', device: held, reason: 'INC-7' }] });
    expect(made.actions.find(({ devices }) => devices.includes(held))?.wave).toBe(1);
    expect(made.held.flatMap(({ devices }) => devices)).not.toContain(held);
  });

  it('holds what it held before, so that no run carries a few of the rest past it', () => {
    const first = planned(approved, fleet(12));
    const waiting = new Map(
      (first.rollout?.waves ?? []).flatMap(({ number, held }) => held.map((label) => [label, number] as const)),
    );
    const done = places(first).get(1) ?? new Set();
    const left = fleet(12).filter(({ id }) => !done.has(id));
    const last: LastRollout = { run: 'r1', failed: null, waiting };
    expect(planned(approved, left, { recorded: { rollout: last } }).actions).toEqual([]);
    const released = planned(approved, left, { recorded: { rollout: last }, approve: ['pilot'] });
    expect(sizes(released)).toEqual([
      ['pilot', 3],
      ['rest', 7],
    ]);
    expect(planned(approved, left).actions).not.toEqual([]);
  });

  it('that failed holds everything where nobody looks, and warns who does', () => {
    const failed = { run: 'r1', wave: 1, devices: 2, healthy: 1 };
    const recorded = { rollout: { run: 'r1', failed, waiting: new Map<string, number>() } };
    const why =
      'he gate of wave 1 (canaries) failed in run r1: 1 of 2 devices were healthy, and 99 % must be (rollout.yaml:7)';
    const alone = planned(approved, fleet(12), { recorded, attended: false });
    expect(alone.actions).toEqual([]);
    expect(new Set(alone.held.map(({ message }) => message))).toEqual(new Set([`t${why}`]));
    const seen = planned(approved, fleet(12), { recorded });
    expect(seen.actions).not.toEqual([]);
    expect(seen.warnings).toContain(`T${why}. This plan begins anew.`);
  });

  it('keeps the waves of a plan that was agreed on, whatever else has changed since', () => {
    const before = planned({ waves: everything }, fleet(20));
    const placed = new Map(
      before.actions.flatMap(({ targets, wave: number }) => targets.map((id) => [id, number] as const)),
    );
    const after = planned({ waves: everything }, fleet(60), { placed });
    for (const [number, ids] of places(before)) {
      for (const id of ids) expect(places(after).get(number)?.has(id)).toBe(true);
    }
  });
});

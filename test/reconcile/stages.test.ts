/**
 * What each guard promises holds after every command of a plan, in every stage of it, and not only at its end: random
 * fleets and policies, each device's commands carried out one by one on a machine that knows nothing of the planner, and
 * every promise looked at after each. A guard without a promise, or that never had anything to hold, fails.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Guard, guards } from '../../src/model/guard.ts';
import { type Stage, stageOfOperation, stages } from '../../src/model/operation.ts';
import type { Plan } from '../../src/model/plan.ts';
import { anyFleet, type Fleet, troubleOf } from './any-fleet.ts';
import { inventoryOf, knownOf, nameOf, recoveryOf, worldOf } from './fleet-world.ts';
import { type Machine, machineOf, run } from './machine.ts';
import { promises } from './promises.ts';
import { plan, type World } from './world.ts';

function copyOf(one: Machine): Machine {
  return { ...one, users: new Map(one.users), admins: new Set(one.admins) };
}

function heldOn({ held }: Plan, label: string): Set<Guard> {
  return new Set(held.filter(({ devices }) => devices.includes(label)).map(({ guard }) => guard));
}

it('every guard keeps its promise after every command', { timeout: 60_000 }, () => {
  const holding = new Map<Guard, number>();
  const played = new Map<Stage, number>();
  const check = (fleet: Fleet): void => {
    const planned = plan(worldOf(fleet));
    const recovery = recoveryOf(fleet);
    for (const [index, drawn] of fleet.machines.entries()) {
      const label = nameOf(drawn, index);
      for (const guard of heldOn(planned, label)) holding.set(guard, (holding.get(guard) ?? 0) + 1);
      const commands = planned.actions
        .filter(({ targets }) => targets.includes(String(index + 1)))
        .flatMap(({ operations }) => operations);
      const whole = drawn.trouble === 'none' ? null : troubleOf[drawn.trouble];
      if (whole !== null && whole !== drawn.allowed) expect(commands, whole).toEqual([]);
      if (fleet.paused !== 'none' && fleet.paused !== drawn.allowed) expect(commands, fleet.paused).toEqual([]);
      const before = machineOf(inventoryOf(drawn), recovery, knownOf(drawn));
      const now = copyOf(before);
      for (const command of commands) {
        if (!run(now, command)) break;
        const stage = stageOfOperation(command);
        played.set(stage, (played.get(stage) ?? 0) + 1);
        for (const guard of guards) {
          if (guard === drawn.allowed) continue;
          if (!promises[guard]({ fleet, drawn, before, now })) {
            throw new Error(`${guard} does not hold on ${label} after ${JSON.stringify(command)}`);
          }
        }
      }
    }
  };
  fc.assert(fc.property(anyFleet, check), { numRuns: 1500 });
  for (const guard of guards) expect([guard, (holding.get(guard) ?? 0) > 20]).toEqual([guard, true]);
  for (const stage of stages) expect([stage, (played.get(stage) ?? 0) > 100]).toEqual([stage, true]);
});

/** The same things in another order. */
function anyOrder<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

it('is the same plan byte for byte, in whatever order everything comes', () => {
  const shuffled = anyFleet.chain((fleet) => {
    const { desired = {}, recorded = {}, seen = [], allow = [], ...rest } = worldOf(fleet);
    return fc
      .tuple(
        anyOrder(desired.computers ?? []),
        anyOrder(desired.memberships ?? []),
        anyOrder(desired.accounts ?? []),
        anyOrder(desired.rotations ?? []),
        anyOrder([...(recorded.credentials ?? [])]),
        anyOrder(recorded.computers ?? []),
        anyOrder([...(recorded.contests ?? [])]),
        anyOrder([...(recorded.orphans ?? [])]),
        anyOrder(seen),
        anyOrder(allow),
      )
      .map(
        ([
          computers,
          memberships,
          accounts,
          rotations,
          credentials,
          records,
          contests,
          orphans,
          devices,
          allowed,
        ]): readonly [Fleet, World] => [
          fleet,
          {
            ...rest,
            desired: {
              ...desired,
              computers,
              memberships: memberships.map((one) => ({ ...one, members: one.members.toReversed() })),
              accounts,
              rotations,
            },
            recorded: {
              ...recorded,
              computers: records.map((one) => ({ ...one, sessions: one.sessions.toSorted() })),
              // A list for each device says what a list for all says.
              credentials: new Map(credentials.map(([id, held]) => [id, [...held]])),
              contests: new Map(contests),
              orphans: new Map(orphans),
            },
            seen: devices,
            allow: allowed,
          },
        ],
      );
  });
  fc.assert(
    fc.property(shuffled, ([fleet, other]) => {
      const one = worldOf(fleet);
      expect(JSON.stringify(plan(other))).toBe(JSON.stringify(plan(one)));
    }),
    { numRuns: 300 },
  );
});

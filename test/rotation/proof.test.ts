/**
 * Rotations through everything that may happen to them: controllers that are killed, devices that lose their power or are
 * put back, messages that get lost or come twice. `npm run chaos -- --rotation` runs as many of these schedules as wanted.
 */
import { describe, expect, it } from 'vitest';
import { bugs } from './proof/bugs.ts';
import { run, type Verdict } from './proof/schedule.ts';

const few = 60;

async function firstFault(bug: (typeof bugs)[number]): Promise<readonly string[]> {
  for (let seed = 1; seed <= few; seed += 1) {
    const { faults } = await run({ seed, bug });
    if (faults.length > 0) return faults;
  }
  return [];
}

describe('rotations', { timeout: 120_000 }, () => {
  it('#193 lose no password at any step, and come to a good end', async () => {
    const verdicts: Verdict[] = [];
    for (let seed = 1; seed <= few; seed += 1) verdicts.push(await run({ seed }));
    expect(verdicts.map(({ faults }) => faults)).toEqual(verdicts.map(() => []));
    // And all of it did happen.
    for (const what of ['killed', 'power cut', 'put back', 'two controllers', 'key rotated', 'made'] as const) {
      expect(
        verdicts.reduce((sum, { happened }) => sum + happened[what], 0),
        what,
      ).toBeGreaterThan(few / 10);
    }
  });

  it('go the same way whenever they are drawn from the same seed', async () => {
    const [one, other] = [await run({ seed: 4 }), await run({ seed: 4 })];
    expect(one.trace.length).toBeGreaterThan(10);
    expect(other).toEqual(one);
  });

  it.each(bugs)('are found to lose one, or to be about to, where there is a bug: %s', async (bug) => {
    expect(await firstFault(bug)).not.toEqual([]);
  });
});

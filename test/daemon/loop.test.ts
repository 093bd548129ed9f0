/** Cycle after cycle, whatever becomes of the machine's clock. */
import { describe, expect, it } from 'vitest';
import { loop } from '../../src/daemon/loop.ts';
import type { CycleReport } from '../../src/daemon/report.ts';
import { everySchedule } from '../../src/daemon/schedule.ts';
import type { Clock } from '../../src/ports.ts';
import { cloud } from '../apply/world.ts';

/** Seconds that the daemon slept between two cycles, where the clock moves by `jump` seconds after its first sleep. */
async function sleptBetween(jump: number): Promise<number> {
  const { context } = await cloud({ devices: 3, drift: 0 });
  const stop = new AbortController();
  let [ahead, slept, jumped] = [0, 0, false];
  const clock: Clock = {
    now: () => new Date(Date.now() + ahead).toISOString(),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept += milliseconds / 1000;
      ahead += milliseconds + (jumped ? 0 : jump * 1000);
      jumped = true;
      if (slept > 7 * 86_400) throw new Error('sleeps on and on');
    },
  };
  const reports: CycleReport[] = [];
  await loop({
    enforce: false,
    schedule: everySchedule('5m'),
    clock,
    signal: stop.signal,
    prepare: async () => ({ context, configProblem: null, close: async () => {} }),
    say: (report) => {
      reports.push(report);
      if (reports.length === 2) stop.abort(new Error('enough'));
    },
    notify: async () => {},
  });
  expect(reports.map(({ error }) => error)).toEqual([null, null]);
  return slept;
}

describe('the clock of the machine', () => {
  it.each([
    ['goes on as it should', 0],
    ['is set back by a day', -86_400],
    ['is set back by two minutes', -120],
  ])('%s: the next cycle begins when it is due', async (_, jump) => {
    const slept = await sleptBetween(jump);
    expect(slept).toBeGreaterThan(290);
    expect(slept).toBeLessThan(310);
  });

  it('is set forward: the next cycle is due at once', async () => {
    expect(await sleptBetween(86_400)).toBeLessThanOrEqual(60);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronSchedule, everySchedule } from '../../src/daemon/schedule.ts';

const began = new Date('2026-03-02T09:00:00Z');

describe('--every', () => {
  it.each([
    ['30s', '2026-03-02T09:00:30.000Z'],
    ['5m', '2026-03-02T09:05:00.000Z'],
    ['6h', '2026-03-02T15:00:00.000Z'],
    ['1d', '2026-03-03T09:00:00.000Z'],
  ])('%s counts from begin to begin', (text, next) => {
    expect(everySchedule(text)(began, new Date('2026-03-02T09:00:07Z'))?.toISOString()).toBe(next);
  });

  it('never overlaps: a cycle that took longer is followed at once', () => {
    const now = new Date('2026-03-02T09:07:00Z');
    expect(everySchedule('5m')(began, now)).toEqual(now);
  });

  it('is never further away than that, though the clock was set back during the cycle', () => {
    const now = new Date('2026-03-01T09:00:00Z');
    expect(everySchedule('5m')(began, now)?.toISOString()).toBe('2026-03-01T09:05:00.000Z');
  });

  it.each(['', '5', 'm', '0m', '-5m', '5 minutes', '1.5h', '32d', '99999999d'])('refuses %j', (text) => {
    expect(() => everySchedule(text)).toThrow(expect.objectContaining({ code: 'TRUEUP_USAGE' }));
  });
});

describe('--cron', () => {
  it('is after now, whenever the last cycle began', () => {
    const schedule = cronSchedule('*/10 * * * *');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400 }), (seconds) => {
        const now = new Date(began.getTime() + seconds * 1000);
        const next = schedule(began, now);
        expect(next?.getTime()).toBeGreaterThan(now.getTime());
        expect((next?.getTime() ?? 0) - now.getTime()).toBeLessThanOrEqual(600_000);
      }),
    );
  });

  it.each(['', 'every day', '61 * * * *', '0 0 30 2 *', '0 0 0 1 1 * 1999'])('refuses %j', (text) => {
    expect(() => cronSchedule(text)).toThrow(expect.objectContaining({ code: 'TRUEUP_USAGE' }));
  });
});

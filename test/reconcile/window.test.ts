/** Maintenance windows by the wall clock of their zone, and what lies outside of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRollout, type MaintenanceWindow, weekdays } from '../../src/model/desired.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { isOpen, nextOpening } from '../../src/reconcile/window.ts';
import { account, breakglass, computers, inventory, plan } from './world.ts';

const source = { file: 'rollout.yaml', line: 9 };

function window(from: string, to: string, parts: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return { days: null, from: minutes(from), to: minutes(to), timeZone: 'UTC', source, ...parts };
}

const berlin = { timeZone: 'Europe/Berlin' };

describe('a maintenance window', () => {
  it.each([
    ['before it begins', '2026-03-02T21:59:59Z', false],
    ['with its first minute', '2026-03-02T22:00:00Z', true],
    ['past midnight', '2026-03-03T03:59:59Z', true],
    ['at its end', '2026-03-03T04:00:00Z', false],
  ])('%s: open is %s', (_, at, open) => {
    expect(isOpen(window('22:00', '04:00'), at)).toBe(open);
  });

  it('belongs to the day on which it begins', () => {
    const saturday = window('22:00', '04:00', { days: ['Sat'] });
    expect(isOpen(saturday, '2026-03-07T23:00:00Z')).toBe(true);
    expect(isOpen(saturday, '2026-03-08T03:00:00Z')).toBe(true);
    expect(isOpen(saturday, '2026-03-07T03:00:00Z')).toBe(false);
    expect(isOpen(saturday, '2026-03-08T23:00:00Z')).toBe(false);
  });

  it('follows the clocks of its zone through summer and winter', () => {
    const night = window('22:00', '04:00', berlin);
    expect(isOpen(night, '2026-01-10T21:00:00Z')).toBe(true);
    expect(isOpen(night, '2026-07-10T20:00:00Z')).toBe(true);
    expect(isOpen(night, '2026-07-10T21:30:00Z')).toBe(true);
    expect(isOpen(night, '2026-07-11T02:00:00Z')).toBe(false);
  });

  it('does not open in an hour that the clocks leave out, and opens the night after', () => {
    const lost = window('02:15', '02:45', berlin);
    const minutes = Array.from({ length: 24 * 60 }, (_, minute) => Date.UTC(2026, 2, 29) + minute * 60_000);
    expect(minutes.some((at) => isOpen(lost, new Date(at).toISOString()))).toBe(false);
    expect(nextOpening([lost], '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:15Z');
  });

  it('lasts an hour longer in the night in which the clocks go back, and one less in that of spring', () => {
    const night = window('22:00', '04:00', berlin);
    const hours = (from: number): number =>
      Array.from({ length: 24 * 4 }, (_, quarter) => from + quarter * 900_000).filter((at) =>
        isOpen(night, new Date(at).toISOString()),
      ).length / 4;
    expect(hours(Date.UTC(2026, 9, 24, 10))).toBe(7);
    expect(hours(Date.UTC(2026, 2, 28, 10))).toBe(5);
    expect(hours(Date.UTC(2026, 5, 1, 10))).toBe(6);
  });

  it('is announced rightly across the change of the clocks', () => {
    const eve = '2026-03-28T22:30:00Z';
    expect(nextOpening([{ ...window('10:00', '12:00', berlin), days: ['Sun'] }], eve)).toBe('2026-03-29T08:00Z');
    // Its first half hour is left out.
    expect(nextOpening([window('02:30', '05:00', berlin)], eve)).toBe('2026-03-29T01:00Z');
    // It is half past two twice.
    expect(nextOpening([window('02:30', '05:00', berlin)], '2026-10-25T01:05:00Z')).toBe('2026-10-25T01:30Z');
  });

  it('opens next at the very minute in which it first is open', () => {
    const minuteOfDay = fc.integer({ min: 0, max: 1439 });
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Pacific/Auckland',
      'Australia/Lord_Howe',
    ];
    fc.assert(
      fc.property(
        minuteOfDay,
        minuteOfDay,
        fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }), { nil: null }),
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2027, 0, 1) / 60_000 }),
        (from, to, days, timeZone, minute) => {
          fc.pre(from !== to);
          const one: MaintenanceWindow = { days, from, to, timeZone, source };
          const now = new Date(minute * 60_000).toISOString();
          fc.pre(!isOpen(one, now));
          let first = minute + 1;
          while (!isOpen(one, new Date(first * 60_000).toISOString()) && first < minute + 9 * 1440) first += 1;
          expect(Date.parse(nextOpening([one], now) ?? '') / 60_000).toBe(first);
        },
      ),
      { numRuns: 60, examples: [[150, 300, null, 'Europe/Berlin', Date.UTC(2026, 9, 25, 1, 5) / 60_000]] },
    );
  });
});

describe('outside the windows', () => {
  const world = (...windows: readonly MaintenanceWindow[]) =>
    plan({
      desired: {
        rollout: { ...defaultRollout, windows },
        computers: [computers({})],
        accounts: [account({ enabled: true })],
      },
      seen: [{ id: '1', state: inventory({ users: [{ ...breakglass, enabled: false }] }) }],
    });

  it('every change is held, with the time at which the next one opens', () => {
    const held = world(window('22:00', '04:00'), window('12:00', '13:00', { days: ['Tue'] }));
    expect(held.changes).toEqual([]);
    expect(held.held).toMatchObject([
      {
        guard: 'window',
        message: 'outside the maintenance windows: the next one opens 2026-03-02T22:00Z',
        release: 'Wait, change maintenanceWindows in the Rollout (rollout.yaml:9), or apply with --allow window=DEVICE',
      },
    ]);
    expect(exitCodeOf(held)).toBe(2);
  });

  it('is nowhere while one of them is open', () => {
    expect(world(window('22:00', '04:00'), window('09:00', '10:00')).changes).toHaveLength(1);
  });
});

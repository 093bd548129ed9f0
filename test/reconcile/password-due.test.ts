/** When a password is due, whatever the device, the store and the policy say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRotation } from '../../src/model/rotation.ts';
import { demandsDigest } from '../../src/reconcile/demands.ts';
import { ageOf, isHeld, type PasswordFacts, whyDue } from '../../src/reconcile/password-due.ts';

const day = (offset: number): string => new Date(Date.UTC(2026, 2, 2 + offset)).toISOString().slice(0, 10);
const days = fc.integer({ min: -400, max: 400 });
const now = fc
  .integer({ min: 0, max: 400 * 24 * 60 })
  .map((minutes) => new Date(Date.UTC(2026, 2, 2, 0, minutes)).toISOString());

const settings = fc
  .record({
    rotationDays: fc.integer({ min: 1, max: 90 }),
    minutesAfterReveal: fc.integer({ min: 1, max: 10_000 }),
    generator: fc.constantFrom('endpoint' as const, 'controller' as const),
  })
  .map((own) => ({ ...defaultRotation, ...own }));

const current = fc.record({
  rotation: fc.constantFrom('r1', 'r2'),
  attempt: fc.constantFrom(1, 2),
  generator: fc.constantFrom('endpoint' as const, 'controller' as const),
  setOn: fc.option(days.map(day)),
  keptOn: days.map(day),
  confirmed: fc.boolean(),
  demands: fc.constantFrom(
    null,
    'another',
    ...(['endpoint', 'controller'] as const).map((generator) => demandsDigest({ ...defaultRotation, generator })),
  ),
  revealedAt: fc.option(now),
});

const open = fc.record({
  id: fc.constantFrom('r1', 'r2'),
  generator: fc.constantFrom('endpoint' as const, 'controller' as const),
  publicKey: fc.constant('bg==,AQAB'),
  askedAt: now,
});

const facts: fc.Arbitrary<PasswordFacts> = fc.record({
  user: fc.option(fc.record({ passwordSet: fc.option(days.map(day)) }), { freq: 8 }),
  mark: fc.option(
    fc.record({
      id: fc.constantFrom('r1', 'r1', 'r2'),
      attempt: fc.constantFrom(1, 1, 2),
      state: fc.constantFrom('set' as const, 'set' as const, 'made' as const, 'changed' as const),
    }),
    { freq: 8 },
  ),
  holding: fc.option(fc.record({ current: fc.option(current, { freq: 8 }), open: fc.option(open, { freq: 2 }) }), {
    freq: 8,
  }),
  settings,
  asked: fc.boolean(),
  now,
});

describe('a password', () => {
  it('#192 is asked for again while the outcome is not known, and nothing else is begun', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const isOpen = one.holding !== null && one.holding.open !== null;
        expect(whyDue(one)?.cause === 'unsettled').toBe(isOpen);
      }),
      { numRuns: 2000 },
    );
  });

  it('that the device does not show is changed, as drift; one that it shows is not, but for a reason of the policy', () => {
    let [seen, drifted] = [0, 0];
    fc.assert(
      fc.property(facts, (one) => {
        const due = whyDue(one);
        if (due?.cause === 'unsettled') return;
        const isThere = one.user !== null && one.holding !== null && one.holding.current !== null;
        expect(due?.cause === 'new').toBe(!isThere);
        if (!isThere) return;
        expect(due?.reason === 'drifted').toBe(!isHeld(one));
        if (isHeld(one)) seen += 1;
        else drifted += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen, drifted)).toBeGreaterThan(100);
  });

  it('is asked for by hand only where nothing else is the reason, and left alone only where nobody asks', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const [quiet, asked] = [whyDue({ ...one, asked: false }), whyDue({ ...one, asked: true })];
        expect(asked).toEqual(quiet ?? { cause: 'asked', reason: 'due' });
      }),
      { numRuns: 2000 },
    );
  });

  it('that is due stays so while nothing happens', () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 0, max: 500_000 }), (one, minutes) => {
        const later = new Date(Date.parse(one.now) + minutes * 60_000).toISOString();
        if (whyDue(one) !== null) expect(whyDue({ ...one, now: later })).not.toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('grows old by the calendar, whatever the clock of its device says', () => {
    fc.assert(
      fc.property(days, fc.option(days), fc.integer({ min: 0, max: 800 }), (kept, set, later) => {
        const user = { passwordSet: set === null ? null : day(set) };
        const age = ageOf({ keptOn: day(kept) }, user, `${day(kept + later)}T12:00:00.000Z`);
        expect(age).toBeGreaterThanOrEqual(later - 1);
        expect(age).toBeLessThanOrEqual(later + 30);
        const isSane = set !== null && set <= kept + 1 && kept - set <= 30;
        expect(age).toBe(isSane ? kept + later - set : later);
      }),
      { numRuns: 2000 },
    );
  });
});

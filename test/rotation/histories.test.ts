/** Whatever comes in whatever order: what is sealed is never lost, and never put in the place of another. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AccountCredentials } from '../../src/model/credential.ts';
import { asked, pendingOf, refused, sent, sentAgain } from '../../src/rotation/ask.ts';
import { acknowledged, currentOf, handedOut, retained, revealed, rotationsInUse } from '../../src/rotation/keep.ts';
import { reported, settled } from '../../src/rotation/report.ts';
import { seen } from '../../src/rotation/sight.ts';
import { machine, minute, report, rotation, sealed, unheld } from './world.ts';

const ids = fc.constantFrom('r1', 'r2', 'r3');
const seals = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const attempts = fc.integer({ min: 1, max: 3 });
const setAt = fc.constantFrom(null, '2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z');
const marks = fc.option(
  fc.record({ id: ids, attempt: attempts, state: fc.constantFrom('made', 'set', 'changed') } as const),
);

type Step = (record: AccountCredentials, at: string) => AccountCredentials;

/** A seal is bound to its rotation and attempt, so that no two attempts share one. */
const reports = fc
  .record({ id: ids, attempt: attempts, last: attempts, seal: seals, set: setAt, empty: fc.boolean() })
  .map(({ id, attempt, last, seal, set, empty }): Step => {
    const kept = Array.from({ length: Math.max(attempt, last) }, (_, index) =>
      sealed(index + 1, `${id} ${index + 1} ${seal}`),
    );
    const said = report(id, { attempt: Math.max(attempt, last), kept: empty ? [] : kept, setAt: set });
    return (record, at) => reported(record, said, at);
  });

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ id: ids, here: fc.boolean() }).map(
    ({ id, here }): Step =>
      (record, at) =>
        asked(record, { ...rotation(id, here ? 'controller' : 'endpoint'), askedAt: at }) ?? record,
  ),
  reports,
  fc.record({ mark: marks, day: fc.constantFrom('2026-03-02', '2026-03-03', null) }).map(
    ({ mark, day }): Step =>
      (record, at) =>
        seen(record, { mark, passwordSet: day }, at),
  ),
  seals.map(
    (seal): Step =>
      (record, at) => {
        const id = record.open?.id ?? '';
        return sent(record, { sealed: `${id} here ${seal} ${at}`, recovery: [], session: seal }, at);
      },
  ),
  seals.map(
    (session): Step =>
      (record) =>
        sentAgain(record, session),
  ),
  fc.constant<Step>((record, at) => refused(record, at)),
  setAt.map(
    (set): Step =>
      (record, at) => {
        const pending = pendingOf(record);
        return pending === null ? record : settled(record, { rid: 500, machineSid: machine, setAt: set }, pending, at);
      },
  ),
  ids.map(
    (id): Step =>
      (record) =>
        acknowledged(record, id),
  ),
  fc.constant<Step>((record, at) => revealed(record, currentOf(record)?.sealed ?? '', at)),
  fc.constant<Step>((record, at) => handedOut(record, currentOf(record)?.sealed ?? '', at)),
);

const letting: Step = (record, at) => retained(record, 0, at);

it('no transition drops a password, overwrites one by another of its attempt, or makes two of them current', () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 30 }), (history) => {
      let record = unheld;
      for (const [index, step] of history.entries()) {
        const before = record;
        record = step(before, minute(index));
        const held = record.credentials.map((one) => one.sealed);
        expect(new Set(held).size).toBe(held.length);
        for (const one of before.credentials) {
          const after = record.credentials.find(({ sealed: seal }) => seal === one.sealed);
          expect(after).toMatchObject({ rotation: one.rotation, attempt: one.attempt, keptAt: one.keptAt });
        }
        expect(record.credentials.filter(({ state }) => state === 'current').length).toBeLessThanOrEqual(1);
        // Who is asked for another rotation while one is unsettled may never learn what became of the first.
        if (before.open !== null && record.open !== null) expect(record.open).toEqual(before.open);
        for (const one of record.credentials) expect(one.endedAt !== null || one.state !== 'previous').toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

it('what is let go is old, and not what an account may have', () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 30 }), (history) => {
      const record = history.reduce((before, step, index) => step(before, minute(index)), unheld);
      const after = letting(record, minute(history.length));
      const gone = record.credentials.filter((one) => !after.credentials.includes(one));
      if (gone.length === 0) return;
      expect(gone.every(({ state }) => state === 'previous')).toBe(true);
      expect(currentOf(after)?.confirmed).toBe(true);
      expect([after.open, pendingOf(after)]).toEqual([null, null]);
      // What may have to open an answer that is still to come stays as well.
      expect(rotationsInUse(after)).toEqual(
        after.credentials.filter(({ session }) => session === null).map((one) => one.rotation),
      );
    }),
    { numRuns: 2000 },
  );
});

it('a report of the open rotation settles it, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 20 }), attempts, (history, attempt) => {
      const record = history.reduce((before, step, index) => step(before, minute(index)), unheld);
      if (record.open?.generator !== 'endpoint') return;
      const said = report(record.open.id, { attempt, kept: [sealed(attempt, 'the last one')] });
      const after = reported(record, said, minute(99));
      expect(after.open).toBeNull();
      expect(currentOf(after)).toMatchObject({ sealed: 'the last one', rotation: record.open.id, attempt });
    }),
    { numRuns: 2000 },
  );
});

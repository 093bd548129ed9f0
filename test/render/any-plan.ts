import fc from 'fast-check';
import type { Plan } from '../../src/model/plan.ts';
import { hostileNames } from './hostile.ts';
import { driftMix } from './plans.ts';

/** Plans of any size whose every foreign text may be anything, and some of them long. */
export function anyPlan(): fc.Arbitrary<Plan> {
  const made = driftMix();
  const text = fc.oneof(
    { arbitrary: fc.string({ unit: 'binary', maxLength: 30 }), weight: 3 },
    { arbitrary: fc.constantFrom(...hostileNames), weight: 3 },
    { arbitrary: fc.tuple(fc.constantFrom('`', '|', '\u202E', '管', 'x'), fc.nat(5000)), weight: 1 },
  );
  const foreign = text.map((one) => (typeof one === 'string' ? one : one[0].repeat(one[1])));
  const some = fc.array(foreign, { minLength: 1, maxLength: 20 });
  const most = fc.constantFrom(0, 1, 3, 40, 400);
  return fc.tuple(some, most, most, most).map(([texts, changes, held, devices]) => {
    const pick = (index: number): string => texts[index % texts.length] ?? '';
    const labels = Array.from({ length: devices }, (_, index) => `${pick(index)}${index}`);
    const subjectOf = (index: number): Plan['changes'][number]['subject'] => ({
      ...made.changes[index % made.changes.length]?.subject,
      name: pick(index),
      account: pick(index + 1),
    });
    return {
      ...made,
      changes: Array.from({ length: changes }, (_, index) => ({
        ...made.changes[index % made.changes.length]!,
        policy: pick(index),
        subject: subjectOf(index),
        from: pick(index + 2),
        to: pick(index + 3),
        actors: Array.from({ length: index % 6 }, (_, actor) => ({
          actor: actor === 4 ? null : pick(index + actor),
          devices: 1 + actor,
        })),
        consequence: index % 7 === 0 ? pick(index) : null,
        devices: labels.slice(0, index % 5 === 0 ? devices : 2),
      })),
      held: Array.from({ length: held }, (_, index) => ({
        ...made.held[index % made.held.length]!,
        message: pick(index),
        release: pick(index + 1),
        devices: labels.slice(0, 1 + (index % 3)),
      })),
      rollout: {
        waves: labels.map((label, index) => ({
          number: index + 1,
          name: pick(index) || label,
          devices: index + 2,
          held: index % 2 === 0 ? [] : [label],
          source: { file: pick(index), line: 1 },
        })),
        gate: null,
        approved: [],
      },
      pending: labels,
      warnings: texts,
      refusal: { kind: 'budget', message: pick(0), source: null },
    };
  });
}

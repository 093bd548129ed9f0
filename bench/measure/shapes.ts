/** Fleets by what is to be done on them: 40 operations, those of eight policies of five or of no policy at all. */
import type { Operation } from '../../src/model/operation.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import type { Row } from '../../src/reconcile/batch.ts';
import { sequenceOf } from '../../src/reconcile/stage.ts';
import { type Draw, drawFrom } from '../../src/simulator/draw.ts';

export interface Shape {
  readonly name: string;
  /** How far above the lower bound the actions may be; null: nothing is promised. */
  readonly mostGap: number | null;
  readonly classes: (count: number) => Row<number>[];
}

const operations = 40;
const perPolicy = 5;
const policies = operations / perPolicy;

/** What one class needs: numbers of operations, drawn by `draw`, which draws for this class. */
type Needs = (draw: Draw) => Iterable<number>;

export const shapes: readonly Shape[] = [
  policyShape('a first run, selectors within selectors', (draw) => {
    const levels = 1 + Math.floor(draw(0) * 4);
    return range(levels * 2).flatMap(policy);
  }),
  policyShape('a first run, one policy for all and one for each role', (draw) => [
    ...policy(0),
    ...policy(1 + pick(draw, 1, 7)),
  ]),
  policyShape('the same on 100,000 devices', (draw) => [...policy(0), ...policy(1 + pick(draw, 1, 7))], {
    mostDevices: 39,
  }),
  policyShape('one policy drifted, seldom two', oneOrTwo),
  policyShape('the same, and three policies give and take', oneOrTwo, { operation: exchanging }),
  policyShape('each policy drifted on its own, on 700 of 5,000 devices', (draw) => anyOf(draw, 0.05)),
  noisyShape('each due on a tenth, one operation in 100 otherwise', (draw) => flipped(draw, anyOf(draw, 0.1), 0.01)),
  noisyShape('each due on a third, one operation in 50 otherwise', (draw) => flipped(draw, anyOf(draw, 0.33), 0.02)),
  noisyShape('one to three operations of no policy', (draw) =>
    range(1 + pick(draw, 0, 3)).map((at) => pick(draw, 1 + at, operations)),
  ),
  noisyShape(
    'one of four roles, up to three strangers to be removed',
    (draw) => [
      ...policy(pick(draw, 0, 4)),
      ...range(pick(draw, 1, 4)).map((at) => 20 + Math.floor(20 * draw(2 + at) ** 2)),
    ],
    { operation: (at) => (at < 20 ? giving(at) : taking(at)) },
  ),
  otherShape('each policy due on 1,000 of 5,000 devices', (draw) => anyOf(draw, 0.2)),
  otherShape('each operation by the toss of a coin', (draw) => range(operations).filter((at) => draw(at) < 0.5)),
];

function oneOrTwo(draw: Draw): number[] {
  return [...policy(pick(draw, 0, policies)), ...(draw(1) < 0.1 ? policy(pick(draw, 2, policies)) : [])];
}

function anyOf(draw: Draw, share: number): number[] {
  return range(policies).flatMap((one) => (draw(100 + one) < share ? policy(one) : []));
}

function flipped(draw: Draw, needs: readonly number[], share: number): number[] {
  const needed = new Set(needs);
  return range(operations).filter((at) => needed.has(at) !== draw(200 + at) < share);
}

interface Traits {
  readonly operation?: (at: number) => Operation;
  /** Of one class. */
  readonly mostDevices?: number;
}

function policyShape(name: string, needs: Needs, traits?: Traits): Shape {
  return { name, mostGap: 0, classes: (count) => classesOf(name, count, needs, traits) };
}

function noisyShape(name: string, needs: Needs, traits?: Traits): Shape {
  return { name: `noise, ${name}`, mostGap: 0.15, classes: (count) => classesOf(name, count, needs, traits) };
}

/** Of which nothing is promised. */
function otherShape(name: string, needs: Needs): Shape {
  return { name, mostGap: null, classes: (count) => classesOf(name, count, needs) };
}

/** A class that needs nothing is none; another one is drawn for it. */
function classesOf(
  name: string,
  count: number,
  needs: Needs,
  { operation = giving, mostDevices = 1 }: Traits = {},
): Row<number>[] {
  const draw = drawFrom(1, name);
  const rows: Row<number>[] = [];
  let devices = 0;
  for (let at = 0; rows.length < count; at += 1) {
    const needed = [...new Set(needs((one, two = 0) => draw(at, one * 1000 + two)))];
    if (needed.length === 0) continue;
    const size = 1 + Math.floor(draw(at, -1) * mostDevices);
    rows.push({
      operations: sequenceOf(needed.map(operation)),
      devices: range(size).map((one) => ({ computerId: String(devices + one), label: `SRV-${devices + one}` })),
      origin: at,
    });
    devices += size;
  }
  return rows;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function pick(draw: Draw, purpose: number, count: number): number {
  return Math.floor(draw(purpose) * count);
}

function policy(at: number): number[] {
  return range(perPolicy).map((one) => at * perPolicy + one);
}

/** An account that has to be made, three things about it, and a member from elsewhere. */
function giving(at: number): Operation {
  const name = `svc-${Math.floor(at / perPolicy)}`;
  switch (at % perPolicy) {
    case 0:
      return { kind: 'account.create', name };
    case 1:
      return { kind: 'account.enable', account: { name } };
    case 2:
      return { kind: 'account.set', account: { name }, property: 'PasswordNeverExpires', value: true };
    case 3:
      return { kind: 'group.add', group: ADMINISTRATORS, members: [{ localName: name }] };
    default:
      return { kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: `S-1-5-21-1-2-3-${1000 + at}` }] };
  }
}

function taking(at: number): Operation {
  return { kind: 'group.remove', group: ADMINISTRATORS, members: [{ sid: `S-1-5-21-1-2-3-${2000 + at}` }] };
}

function exchanging(at: number): Operation {
  return at < 3 * perPolicy && at % perPolicy > 2 ? taking(at) : giving(at);
}

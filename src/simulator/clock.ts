/**
 * The server's clock. What takes Tanium or its clients time passes at a pace that the kind of clock sets:
 *
 * | kind | `now` | Tanium's own delays | expiry, caches, sessions, sensors' own max age | `?maxAge=` of a question |
 * | --- | --- | --- | --- | --- |
 * | `real` | wall clock | 1:1 | 1:1 | 1:1 |
 * | `fast` | wall clock | × 0.02 | 1:1 | × 0.02 |
 * | `virtual` | stands still until it is advanced | 1:1 | 1:1 | 1:1 |
 *
 * Delays are: until a client answers a question, until an action starts, the stages of an action on a device, the
 * renewal of a tracking question, what somebody else does to a device afterwards. `?maxAge=1` is asked to see what an
 * action has just done, so it must keep pace with the actions; an expiry is compared with the client's own clock.
 */
import { TrueupError } from '../errors.ts';

export type ClockKind = 'real' | 'fast' | 'virtual';

export interface SimulatorClock {
  readonly kind: ClockKind;
  /** Milliseconds since 1970. */
  now(): number;
  /** How long on this clock lasts what takes Tanium so many milliseconds. */
  span(milliseconds: number): number;
  /** @throws TRUEUP_SIMULATOR unless the clock is virtual */
  advance(seconds: number): void;
}

const fastPace = 0.02;
/** Where a virtual clock begins: the day of the fleet. */
const virtualStart = Date.parse('2026-03-02T09:00:00Z');

export function startClock(kind: ClockKind): SimulatorClock {
  if (kind === 'virtual') return virtualClock();
  const pace = kind === 'fast' ? fastPace : 1;
  const startedAt = Date.now();
  const origin = performance.now();
  return {
    kind,
    // Never backwards, whatever is done to the machine's own clock.
    now: () => Math.floor(startedAt + performance.now() - origin),
    span: (milliseconds) => milliseconds * pace,
    advance: () => {
      throw new TrueupError('TRUEUP_SIMULATOR', `the clock is ${kind}; only a virtual one can be advanced`);
    },
  };
}

function virtualClock(): SimulatorClock {
  let now = virtualStart;
  return {
    kind: 'virtual',
    now: () => now,
    span: (milliseconds) => milliseconds,
    advance: (seconds) => {
      now += Math.round(seconds * 1000);
    },
  };
}

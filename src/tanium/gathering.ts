/** What the machines have answered to one question, however often its result is read and whatever it shows twice. */
import { idPlaces } from '../model/id-places.ts';
import type { TaniumClient } from './client.ts';
import type { Row } from './result.ts';

/** What a row says; null: it is none of ours, and is left out. */
export type Interpret<T> = (row: Row) => Answer<T> | null;

export interface Answer<T> {
  readonly computerId: string;
  readonly value: T;
  /** False: the machine is still at it, or the server does not have its text yet. */
  readonly ready: boolean;
}

export interface Gathering<T> {
  /** The result is read from its first page on. */
  readonly begin: () => void;
  /** A page of it. Answers what is new; a machine that is there twice in the first reading comes twice (#132). */
  readonly take: (rows: readonly Row[], interpret: Interpret<T>) => readonly T[];
  /** Rows of this reading that nobody could read. */
  readonly skip: (rows: number) => void;
  /** Machines whose answer has come. */
  readonly ready: () => number;
  /** Rows of this reading that are none of ours, those that nobody could read among them. */
  readonly strange: () => number;
  /** As they stand, those that are still at it; one that is not ready never takes the place of one that is. */
  readonly waiting: ReadonlyMap<string, T>;
}

export function gathering<T>(client: TaniumClient): Gathering<T> {
  const ready = idPlaces();
  const waiting = new Map<string, T>();
  let readings = 0;
  let strange = 0;

  /** By itself, since a loop of an async function is never made fast. */
  function take(rows: readonly Row[], interpret: Interpret<T>): readonly T[] {
    const values: T[] = [];
    for (const row of rows) {
      const answer = interpret(row);
      if (answer === null) {
        strange += 1;
        client.skipped(1);
      } else if (!answer.ready) {
        if (!ready.has(answer.computerId)) waiting.set(answer.computerId, answer.value);
      } else if (readings === 1 || !ready.has(answer.computerId)) {
        ready.placeOf(answer.computerId);
        if (waiting.size > 0) waiting.delete(answer.computerId);
        values.push(answer.value);
      }
    }
    return values;
  }

  return {
    begin: () => {
      readings += 1;
      strange = 0;
    },
    take,
    skip: (rows) => {
      strange += rows;
    },
    ready: () => ready.size,
    strange: () => strange,
    waiting,
  };
}

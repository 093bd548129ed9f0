import { setImmediate } from 'node:timers/promises';

/** Records in one transaction or one request; between two of them the event loop gets its turn. */
export const BLOCK = 1000;

/** Cuts a stream into arrays of {@link BLOCK} and lets others run after each, so that memory and pauses stay small. */
export async function* blocks<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let block: T[] = [];
  if (Symbol.asyncIterator in items) {
    for await (const item of items) {
      block.push(item);
      if (block.length < BLOCK) continue;
      yield block;
      block = [];
      await nextTurn();
    }
  } else {
    // Apart from the case above since an await for each of a million rows would cost seconds.
    for (const item of items) {
      block.push(item);
      if (block.length < BLOCK) continue;
      yield block;
      block = [];
      await nextTurn();
    }
  }
  if (block.length > 0) yield block;
}

/** Lets timers, sockets and signals have their turn. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}

/** A thread that opens boxes. What it was given it overwrites, and what it found it hands over without a copy. */
import { parentPort, workerData } from 'node:worker_threads';
import { type InBoxes, openedOrNull, privateKeyOf, type ToOpen } from './boxes.ts';

const der = workerData as Uint8Array;
const key = privateKeyOf(der);
der.fill(0);

parentPort?.on('message', ({ start, boxes }: ToOpen) => {
  const plain = boxes.map((box) => {
    const bytes = openedOrNull(box, key);
    if (bytes === null) return null;
    const own = Uint8Array.from(bytes);
    bytes.fill(0);
    return own;
  });
  const answer: InBoxes = { start, plain };
  parentPort?.postMessage(
    answer,
    plain.flatMap((bytes) => (bytes === null ? [] : [bytes.buffer])),
  );
});

/**
 * The store step of a bulk scan and of its rescans that find nothing new, in a SQLite file: one process, whose figures
 * it prints as JSON. `store-once.ts DEVICES BATCH FOLDER`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import { type BulkScan, bulkScanOf, devicesOf, fleetOf, storeOptions } from './store-fleet.ts';

export interface StoreStep {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Of CPU. */
  readonly stallMilliseconds: number;
}

export interface StoreSteps {
  readonly first: StoreStep;
  readonly rescans: readonly StoreStep[];
}

async function timed(step: () => Promise<void>): Promise<StoreStep> {
  const stall = watchStalls();
  const began = performance.now();
  const cpu = process.cpuUsage();
  await step();
  const { user, system } = process.cpuUsage(cpu);
  const wallSeconds = (performance.now() - began) / 1000;
  return { cpuSeconds: (user + system) / 1e6, wallSeconds, stallMilliseconds: stall() };
}

/** The longest that the thread worked between two turns of its event loop; what others make it wait is not counted. */
function watchStalls(): () => number {
  let before = process.threadCpuUsage();
  let longest = 0;
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  return () => {
    clearImmediate(next);
    turn();
    clearImmediate(next);
    return longest;
  };
}

const [devices, batch, parent = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(parent, 'trueup-bench-'));
try {
  const store = await openStore(`sqlite:${join(folder, 'state.db')}`, storeOptions);
  const fleet = fleetOf(Number(devices));
  await store.enroll(devicesOf(fleet));
  const scan = (number: number): BulkScan => bulkScanOf(fleet, number, Number(batch));
  const keep = async ({ run, at, batches }: BulkScan): Promise<void> => {
    for (const { rows, notes } of batches) {
      await store.saveAnswers('inventory', run.id, at, rows);
      await store.noteScans(notes);
    }
    await store.putScanRun(run);
  };
  const first = scan(0);
  const steps: { first: StoreStep; rescans: StoreStep[] } = { first: await timed(() => keep(first)), rescans: [] };
  for (let number = 1; number <= 4; number += 1) {
    // The rows are decoded before: what is measured is the store.
    const again = scan(number);
    steps.rescans.push(await timed(() => keep(again)));
  }
  await store.close();
  process.stdout.write(JSON.stringify(steps satisfies StoreSteps));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

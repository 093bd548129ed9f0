/**
 * Rotations through everything that may happen to them, each schedule drawn from its seed: `npm run chaos -- --rotation
 * --schedules 5000 [--seed 1]` runs so many from that seed on, `npm run chaos -- --rotation --seed S` one, with all that
 * happens in it. See test/rotation/proof/.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Happening, run } from '../rotation/proof/schedule.ts';

interface Share {
  readonly schedules: number;
  readonly firstSeed: number;
  readonly everyNth: number;
}

interface News {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly happened: Readonly<Record<Happening, number>>;
}

if (!isMainThread) {
  const port = parentPort;
  await work(workerData as Share, (news) => port?.postMessage(news));
  process.exit();
}

/** Answers the exit status. */
export async function manyRotations(wanted: number, seed: number): Promise<number> {
  const workers = Math.max(1, Math.min(availableParallelism(), wanted));
  const began = performance.now();
  const totals = new Map<string, number>();
  let [done, failed] = [0, 0];
  const hear = ({ seed: own, faults, happened }: News): void => {
    done += 1;
    for (const [what, count] of Object.entries(happened)) totals.set(what, (totals.get(what) ?? 0) + count);
    if (faults.length === 0) return;
    failed += 1;
    process.stdout.write(`FAILED --rotation --seed ${own}: ${faults.join('; ')}\n`);
  };
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const schedules = Math.floor((wanted + index) / workers);
      return started({ schedules, firstSeed: seed + index, everyNth: workers }, hear);
    }),
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  const words = Array.from(totals, ([what, count]) => `${count} × ${what}`).join(', ');
  process.stdout.write(`${done} schedules of rotations (${words}): ${failed} failed, ${seconds} s\n`);
  return failed === 0 && done === wanted && wanted > 0 ? 0 : 1;
}

/** Answers the exit status. */
export async function oneRotation(seed: number): Promise<number> {
  const { faults, trace } = await run({ seed });
  process.stdout.write(`${trace.join('\n')}\n${faults.length === 0 ? 'all held' : faults.join('\n')}\n`);
  return faults.length === 0 ? 0 : 1;
}

function started(share: Share, hear: (news: News) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', hear);
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

async function work({ schedules, firstSeed, everyNth }: Share, tell: (news: News) => void): Promise<void> {
  for (let done = 0; done < schedules; done += 1) {
    const seed = firstSeed + done * everyNth;
    const { faults, happened } = await run({ seed });
    tell({ seed, faults, happened });
  }
}

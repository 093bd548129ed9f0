/**
 * Kills a run at every boundary of its effects, under every kind of fault, and looks whether the next ones bring all to
 * a good end: `npm run chaos -- --schedules 2000 [--seed 1] [--store sqlite|mongodb]`. A schedule that fails is named so
 * that it can be run alone: `--seed S --crash K`.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startMongo } from '../store/mongo-server.ts';
import { misfortunes, run, type Schedule, type Verdict } from './schedule.ts';

interface Share {
  readonly schedules: number;
  readonly firstSeed: number;
  readonly everyNth: number;
  readonly store: 'sqlite' | 'mongodb';
}

/** So that a run of 2,000 comes to every kind of fault: of one seed the odd boundaries, of its next namesake the others. */
const stride = 2;

type News = { readonly schedule: Schedule; readonly verdict: Verdict };

// The dead leave timers behind, which nobody waits for.
if (isMainThread) process.exit(await main());
const port = parentPort;
await work(workerData as Share, (news) => port?.postMessage(news));
process.exit();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      crash: { type: 'string' },
      store: { type: 'string', default: 'sqlite' },
    },
  });
  const seed = Number(values.seed);
  if (values.crash !== undefined) return one({ seed, crash: Number(values.crash) });
  const store = values.store === 'mongodb' ? 'mongodb' : 'sqlite';
  const workers = Math.max(1, availableParallelism());
  const schedules = Math.ceil(Number(values.schedules) / workers);
  const began = performance.now();
  const tally = { schedules: 0, crashed: 0, failed: 0 };
  await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      started({ schedules, firstSeed: seed + index, everyNth: workers, store }, ({ schedule, verdict }) => {
        tally.schedules += 1;
        if (verdict.crashed) tally.crashed += 1;
        if (verdict.faults.length === 0) return;
        tally.failed += 1;
        process.stdout.write(
          `FAILED --seed ${schedule.seed} --crash ${schedule.crash}: ${verdict.faults.join('; ')}\n`,
        );
      }),
    ),
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${tally.schedules} schedules over ${store}, ${tally.crashed} died at a boundary, ${tally.failed} failed, ${seconds} s\n`,
  );
  return tally.failed === 0 && tally.schedules > 0 ? 0 : 1;
}

async function one(schedule: Schedule): Promise<number> {
  const { crashed, faults } = await run(schedule);
  process.stdout.write(`${crashed ? 'died' : 'lived'}; ${faults.length === 0 ? 'all held' : faults.join('; ')}\n`);
  return faults.length === 0 ? 0 : 1;
}

function started(share: Share, tell: (news: News) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', tell);
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

/** Of each seed every other boundary, one after the other, until a run comes to its end; then the next seed. */
async function work({ schedules, firstSeed, everyNth, store }: Share, tell: (news: News) => void): Promise<void> {
  const mongo = store === 'mongodb' ? await startMongo() : null;
  if (store === 'mongodb' && mongo === null) throw new Error('there is no mongod and no ferretdb on PATH');
  try {
    let seed = firstSeed;
    let crash = firstBoundary(seed);
    for (let done = 0; done < schedules; done += 1) {
      const schedule: Schedule = { seed, crash, ...(mongo !== null && { store: mongo.freshUrl() }) };
      const verdict = await run(schedule);
      tell({ schedule, verdict });
      if (!verdict.crashed) seed += everyNth;
      crash = verdict.crashed ? crash + stride : firstBoundary(seed);
    }
  } finally {
    await mongo?.stop();
  }
}

function firstBoundary(seed: number): number {
  return 1 + (Math.floor(seed / misfortunes.length) % stride);
}

/**
 * Kills a run at every boundary of its effects, under every kind of fault, and looks whether the next ones bring all to
 * a good end: `npm run chaos -- --schedules 2000 [--seed 1] [--store sqlite|mongodb]`. Where no store is named, every
 * twentieth schedule is over MongoDB, if there is one. A schedule that fails is named so that it can be run alone:
 * `--seed S --crash K --store STORE`. With `--rotation` it is passwords that are rotated: see rotation.ts.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { hasMongo, type MongoServer, startMongo } from '../store/mongo-server.ts';
import { misfortunes, run, type Schedule, type Verdict } from './schedule.ts';

const stores = ['sqlite', 'mongodb'] as const;

interface Share {
  readonly schedules: number;
  readonly firstSeed: number;
  readonly everyNth: number;
  /** Of so many schedules the last is over MongoDB; null: none is. */
  readonly mongodbEvery: number | null;
}

const mongodbEvery = 20;

/**
 * Boundaries between one schedule of a seed and its next, so that 2,000 come to every kind of fault, with waves and without;
 * those between are the next namesakes' turn. Odd, since each effect has a boundary before it and one after it.
 */
const stride = 7;

interface News {
  readonly schedule: Pick<Schedule, 'seed' | 'crash'>;
  readonly store: (typeof stores)[number];
  readonly verdict: Verdict;
}

// The dead leave timers behind, which nobody waits for.
if (isMainThread) process.exit(await main());
const port = parentPort;
await work(workerData as Share, (news) => port?.postMessage(news));
process.exit();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rotation: { type: 'boolean', default: false },
      schedules: { type: 'string' },
      seed: { type: 'string', default: '1' },
      crash: { type: 'string' },
      store: { type: 'string' },
    },
  });
  if (values.rotation) return rotations(values.schedules, Number(values.seed));
  const store = stores.find((name) => name === values.store) ?? null;
  if (store === null && values.store !== undefined) throw new Error(`--store is ${stores.join(' or ')}`);
  const seed = Number(values.seed);
  if (values.crash !== undefined) return one({ seed, crash: Number(values.crash) }, store ?? 'sqlite');
  const every = store === 'mongodb' ? 1 : store === 'sqlite' || !hasMongo() ? null : mongodbEvery;
  if (store === null && every === null) process.stdout.write('without MongoDB: there is none on this machine\n');
  return all(Number(values.schedules ?? '2000'), seed, every);
}

/** In workers of their own, which load nothing that they do not need. */
async function rotations(schedules: string | undefined, seed: number): Promise<number> {
  const { manyRotations, oneRotation } = await import('./rotation.ts');
  return schedules === undefined ? oneRotation(seed) : manyRotations(Number(schedules), seed);
}

async function all(wanted: number, seed: number, every: number | null): Promise<number> {
  const workers = Math.max(1, Math.min(availableParallelism(), wanted));
  const began = performance.now();
  const tally = { sqlite: 0, mongodb: 0, crashed: 0, failed: 0 };
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const schedules = Math.floor((wanted + index) / workers);
      const share: Share = { schedules, firstSeed: seed + index, everyNth: workers, mongodbEvery: every };
      return started(share, ({ schedule, store, verdict }) => {
        tally[store] += 1;
        if (verdict.crashed) tally.crashed += 1;
        if (verdict.faults.length === 0) return;
        tally.failed += 1;
        const words = `--seed ${schedule.seed} --crash ${schedule.crash} --store ${store}`;
        process.stdout.write(`FAILED ${words}: ${verdict.faults.join('; ')}\n`);
      });
    }),
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  const { sqlite, mongodb, crashed, failed } = tally;
  const schedules = `${sqlite + mongodb} schedules, ${mongodb} of them over MongoDB`;
  process.stdout.write(`${schedules}: ${crashed} died at a boundary, ${failed} failed, ${seconds} s\n`);
  return failed === 0 && sqlite + mongodb === wanted && wanted > 0 ? 0 : 1;
}

async function one(schedule: Schedule, store: News['store']): Promise<number> {
  const mongo = store === 'mongodb' ? await startedMongo() : null;
  try {
    const { crashed, faults } = await run(over(schedule, mongo));
    process.stdout.write(`${crashed ? 'died' : 'lived'}; ${faults.length === 0 ? 'all held' : faults.join('; ')}\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await mongo?.stop();
  }
}

function started(share: Share, tell: (news: News) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', tell);
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

/** Of each seed every seventh boundary, one after the other, until a run comes to its end; then the next seed. */
async function work(share: Share, tell: (news: News) => void): Promise<void> {
  const { schedules, firstSeed, everyNth, mongodbEvery: every } = share;
  const mongo = every === null ? null : await startedMongo();
  try {
    let seed = firstSeed;
    let crash = firstBoundary(seed);
    for (let done = 1; done <= schedules; done += 1) {
      const schedule = { seed, crash };
      const own = mongo !== null && every !== null && done % every === 0 ? mongo : null;
      const verdict = await run(over(schedule, own));
      tell({ schedule, store: own === null ? 'sqlite' : 'mongodb', verdict });
      if (!verdict.crashed) seed += everyNth;
      crash = verdict.crashed ? crash + stride : firstBoundary(seed);
    }
  } finally {
    await mongo?.stop();
  }
}

function over(schedule: Schedule, mongo: MongoServer | null): Schedule {
  return mongo === null ? schedule : { ...schedule, store: mongo.freshUrl() };
}

async function startedMongo(): Promise<MongoServer> {
  const mongo = await startMongo();
  if (mongo === null) throw new Error('there is no MONGODB_URI, and no mongod and no ferretdb on PATH');
  return mongo;
}

function firstBoundary(seed: number): number {
  return 1 + (Math.floor(seed / misfortunes.length) % stride);
}

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { TrueupError } from '../../errors.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { Plan } from '../../model/plan.ts';
import type { Run } from '../../model/run.ts';
import type { RunStore } from '../../ports.ts';
import { hashOf, parseRecord } from '../text.ts';
import type { Connection } from './connection.ts';

/** Bytes of a compressed plan in one document; MongoDB takes at most 16 MB. */
const PART = 4 * 1024 * 1024;

export interface RunDocument {
  _id: string;
  startedAt: string;
  endedAt: string | null;
  record: string;
  /** Null: no plan. */
  plan: { readonly hash: string; readonly parts: number } | null;
  /** When it began, of one that went in waves. */
  rollout?: string;
}

interface PlanPart {
  _id: string;
  data: Uint8Array;
}

export interface JournalDocument {
  _id: string;
  state: string;
  /** Left out: of an older version. */
  run?: string;
  intendedAt: string;
  /** Among those that were intended in one millisecond: the order of arrival in this process. */
  order: number;
  record: string;
}

/** Runs and the journal of their actions. */
export function runs(connection: Connection): RunStore {
  const documents = connection.own<RunDocument>('runs');
  const journal = connection.own<JournalDocument>('journal');
  let arrived = 0;

  return {
    async putRun(run) {
      connection.writing();
      const { plan, ...record } = run;
      // The parts of the plan first: they count once the run's own document names them.
      const saved = plan === null ? null : await savePlan(connection, run.id, plan);
      const inWaves = run.summary['waves'] !== undefined;
      const { startedAt, endedAt } = run;
      const rollout = inWaves ? { rollout: startedAt } : {};
      const document = { startedAt, endedAt, record: JSON.stringify(record), plan: saved, ...rollout };
      await connection.call(() => documents.replaceOne({ _id: connection.key(run.id) }, document, { upsert: true }));
    },
    async run(id) {
      const document = await connection.call(() => documents.findOne({ _id: connection.key(id) }));
      return document === null ? null : runOf(connection, document);
    },
    async lastRollout() {
      const inWaves = { ...connection.mine, rollout: { $gt: '' } };
      const document = await connection.call(() => documents.findOne(inWaves, { sort: { rollout: -1, _id: -1 } }));
      return document === null ? null : runOf(connection, document);
    },
    async putEntry(entry) {
      connection.writing();
      const { state, run, intendedAt } = entry;
      const update = {
        $set: { state, run, intendedAt, record: JSON.stringify(entry) },
        $setOnInsert: { order: arrived++ },
      };
      await connection.call(() => journal.updateOne({ _id: connection.key(entry.name) }, update, { upsert: true }));
    },
    entries: (run) => entriesOf(connection, run),
    async unsettled() {
      const open = { ...connection.mine, state: { $in: ['intended', 'issued'] } };
      const entries = await connection.call(() =>
        journal.find(open, { sort: { intendedAt: 1, order: 1, _id: 1 } }).toArray(),
      );
      return entries.map(({ _id, record }) => parseRecord<JournalEntry>(record, `journal entry ${_id}`));
    },
    async lastEntry(computerId, before) {
      const earlier = before === undefined ? {} : { intendedAt: { $lt: before } };
      const made = { ...connection.mine, state: { $ne: 'absent' }, ...earlier };
      const newestFirst = journal.find(made, { sort: { intendedAt: -1, order: -1, _id: -1 }, batchSize: 20 });
      return connection.call(async () => {
        // The targets are within the text: whoever asks about one device waits, and no apply writes an index for it.
        for await (const { _id, record } of newestFirst) {
          const entry = parseRecord<JournalEntry>(record, `journal entry ${_id}`);
          if (entry.targets.includes(computerId)) return entry;
        }
        return null;
      });
    },
  };
}

async function* entriesOf(connection: Connection, run: string): AsyncGenerator<JournalEntry> {
  const ofRun = { ...connection.mine, run };
  const sort = { intendedAt: 1, order: 1, _id: 1 } as const;
  const cursor = connection.own<JournalDocument>('journal').find(ofRun, { sort, batchSize: 20 });
  for await (const { _id, record } of connection.each(cursor)) {
    yield parseRecord<JournalEntry>(record, `journal entry ${_id}`);
  }
}

async function runOf(connection: Connection, { record: text, plan }: RunDocument): Promise<Run> {
  const record = parseRecord<Omit<Run, 'plan'>>(text, 'a run');
  return { ...record, plan: plan === null ? null : await readPlan(connection, record.id, plan) };
}

async function savePlan(connection: Connection, run: string, plan: Plan): Promise<NonNullable<RunDocument['plan']>> {
  const json = JSON.stringify(plan);
  const hash = hashOf(json).toString('hex');
  const data = await promisify(gzip)(json);
  const parts = Math.ceil(data.length / PART);
  const documents = connection.own<PlanPart>('plans');
  for (let part = 0; part < parts; part++) {
    const slice = { data: data.subarray(part * PART, (part + 1) * PART) };
    const _id = connection.key(`${run}:${hash}:${part}`);
    await connection.call(() => documents.replaceOne({ _id }, slice, { upsert: true }));
  }
  return { hash, parts };
}

async function readPlan(
  connection: Connection,
  run: string,
  { hash, parts }: NonNullable<RunDocument['plan']>,
): Promise<Plan> {
  const documents = connection.own<PlanPart>('plans');
  const pieces: Uint8Array[] = [];
  for (let part = 0; part < parts; part++) {
    const _id = connection.key(`${run}:${hash}:${part}`);
    const found = await connection.call(() => documents.findOne({ _id }, { promoteBuffers: true }));
    if (found === null) throw new TrueupError('TRUEUP_STORE_INVALID', `The plan of run ${run} is not whole.`);
    pieces.push(found.data);
  }
  const json = await promisify(gunzip)(Buffer.concat(pieces));
  return parseRecord<Plan>(json.toString('utf8'), `the plan of run ${run}`);
}

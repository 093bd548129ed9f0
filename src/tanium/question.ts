/** One question: ask it, wait until the machines have answered, read the rows page by page. */
import { TrueupError } from '../errors.ts';
import type { TaniumClient } from './client.ts';
import { gathering, type Interpret } from './gathering.ts';
import type { KnownCells } from './known-cells.ts';
import { oneByOne } from './one-by-one.ts';
import { isSettled, isSilent, look, nextInterval, startWatch } from './patience.ts';
import { type Page, readData, readPage } from './read.ts';
import { type Column, type Counters, countersOf, figure, serverTime } from './result.ts';
import { isRecord } from './results-json.ts';
import type { Query } from './surface.ts';

export interface Asked {
  /** Where the answers are not to be remembered: those that are known meanwhile. */
  readonly cells?: KnownCells;
  readonly id: number;
  /** As `client.time()` counts. */
  readonly askedAt: number;
  readonly deadline: number;
  /** How many machines the question is for; null: all of them. */
  readonly targets: number | null;
  readonly signal: AbortSignal | undefined;
}

/** An ad-hoc question expires after this time: later looks show nothing new (tanium-api.md 3). */
const lifetimeSeconds = 600;
/** Rows asked for at a time. */
const pageRows = 1000;
/** A question that was just asked may be unknown for some seconds, `SensorNotFound` (phantom-apps #383). */
const unknownMilliseconds = 15_000;

export type QuestionBody =
  | { readonly query_text: string }
  | {
      readonly selects: readonly {
        readonly sensor: { readonly name: string };
        /** The oldest answer that a client may give from its cache, as `?maxAge=` in a text. */
        readonly filter?: { readonly max_age_seconds: number };
      }[];
      readonly group: { readonly id: number };
      /** Left out: 600 s, as of a question by its text. */
      readonly expire_seconds?: number;
    };

/** Asks at once, and waits for nothing. `query_text` stands alone: beside another property the server ignores it. */
export async function ask(
  client: TaniumClient,
  body: QuestionBody,
  options: {
    readonly targets: number | null;
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Asked> {
  const { targets, timeoutSeconds, signal } = options;
  const id = await client.send('askQuestion', { body, signal }, async (response) => {
    const data = await readData(response);
    const number = isRecord(data) ? figure(data['id']) : 0;
    if (number === 0) throw response.malformed('the new question has no id');
    return number;
  });
  const askedAt = client.time();
  const lifetime = ('expire_seconds' in body ? body.expire_seconds : undefined) ?? lifetimeSeconds;
  return { id, askedAt, deadline: askedAt + Math.min(timeoutSeconds, lifetime) * 1000, targets, signal };
}

export interface Convergence extends Counters {
  /** The server's clock at the last look; our own where it shows none. */
  readonly at: string;
}

/** For a question of which no answer may be missing. */
export interface Thorough {
  /** Machines that are known to be there: so many must have heard of it, unless there is a long silence; null: unknown. */
  readonly machines: number | null;
  /** Made when not all that match have told who they are in time. */
  readonly partial: (answered: number, matching: number) => TrueupError;
}

/** Looks until every machine has answered, no more are to be expected, or the time is over. */
export async function waitForAnswers(
  client: TaniumClient,
  asked: Asked,
  tell: (counters: Counters) => void,
  thorough: Thorough | null = null,
): Promise<Convergence> {
  // That nearly all of a fleet have heard of it says nothing of the few that it is for.
  const patient = thorough !== null || asked.targets !== null;
  let watch = startWatch(asked.askedAt);
  let interval: number | null = null;
  for (;;) {
    const seen = await lookAt(client, asked);
    const now = client.time();
    if (seen !== null) {
      tell(seen);
      watch = look(watch, seen.mrTested, now);
      const allTargets = asked.targets !== null && seen.passed >= asked.targets;
      const expected = Math.min(seen.estimatedTotal, thorough?.machines ?? Number.POSITIVE_INFINITY);
      if (allTargets || isSettled(watch, expected, now, patient) || now >= asked.deadline) return seen;
    }
    if (now >= asked.deadline) throw unanswered(asked);
    interval = nextInterval(interval);
    await client.clock.sleep(Math.max(1, Math.min(interval, asked.deadline - now)), asked.signal);
  }
}

function unanswered(asked: Asked): TrueupError {
  const seconds = Math.round((asked.deadline - asked.askedAt) / 1000);
  return new TrueupError('TRUEUP_SCAN_TIMEOUT', `Tanium did not know question ${asked.id} within ${seconds} s.`);
}

/** One look at the counters; null: the server does not know the question yet. */
export async function lookAt(client: TaniumClient, asked: Asked): Promise<Convergence | null> {
  try {
    return await client.send('questionInfo', { path: { id: asked.id }, signal: asked.signal }, async (response) => {
      const data = await readData(response);
      const infos = isRecord(data) ? data['result_infos'] : undefined;
      const info: unknown = Array.isArray(infos) ? infos[0] : undefined;
      if (!isRecord(data) || !isRecord(info)) throw response.malformed('no data.result_infos');
      const now = typeof data['now'] === 'string' ? data['now'] : null;
      return { ...countersOf(info), at: serverTime(now) ?? `${client.clock.now().slice(0, 19)}Z` };
    });
  } catch (error) {
    if (isUnknownYet(error, asked, client.time())) return null;
    throw error;
  }
}

function isUnknownYet(error: unknown, asked: Asked, now: number): boolean {
  const unknown = error instanceof TrueupError && error.code === 'TRUEUP_TANIUM_NOT_FOUND';
  return unknown && now - asked.askedAt < unknownMilliseconds;
}

/** The pages of a result, from one cache of the server, so that they fit together. */
export async function* pagesOf(
  client: TaniumClient,
  of: 'questionData' | 'actionData',
  id: number | string,
  signal: AbortSignal | undefined,
  cells: KnownCells = client.cells,
): AsyncGenerator<Page> {
  let start = 0;
  let cacheId: string | null = null;
  for (;;) {
    const query: Query = {
      row_start: start,
      row_count: pageRows,
      cache_expiration: lifetimeSeconds,
      ...(cacheId === null ? {} : { cache_id: cacheId }),
    };
    const page: Page = await client.send(of, { path: { id }, query, signal }, (response) => readPage(response, cells));
    const { header } = page;
    const rows = page.rows.length + header.malformedRows;
    client.skipped(header.malformedRows);
    yield page;
    start += rows;
    cacheId = header.cacheId ?? cacheId;
    const total = header.filteredRowCount || header.rowCount;
    if (rows === 0 || (total > 0 ? start >= total : rows < pageRows)) return;
  }
}

/**
 * Streams what each machine answered, page by page. Machines whose answer is not there yet are looked at again until it is, nothing
 * more is to be expected, or the time is over; then they are passed on as they stand. A machine that the server shows
 * twice comes twice, and the later value holds (#132); one that is not ready never takes the place of one that is.
 */
export async function* answerPages<T>(
  client: TaniumClient,
  asked: Asked,
  counters: Counters,
  interpreterFor: (columns: readonly Column[]) => Interpret<T>,
  thorough: Thorough | null = null,
): AsyncGenerator<readonly T[], void> {
  const found = gathering<T>(client);
  let watch = startWatch(asked.askedAt);
  let latest = counters;
  let interval: number | null = null;

  for (;;) {
    const began = client.time();
    found.begin();
    try {
      for await (const { header, rows } of pagesOf(client, 'questionData', asked.id, asked.signal, asked.cells)) {
        found.skip(header.malformedRows);
        if (header.columns.length === 0) continue;
        yield found.take(rows, interpreterFor(header.columns));
      }
    } catch (error) {
      if (!isUnknownYet(error, asked, client.time())) throw error;
    }
    const now = client.time();
    const ready = found.ready();
    const strange = found.strange();
    const waiting = found.waiting.size;
    watch = look(watch, ready, now);
    const missing = missingOf(asked, latest, ready + strange, thorough);
    if (missing <= 0 && waiting === 0) break;
    if (thorough === null) {
      const share = ready / (ready + strange + missing);
      if (now >= asked.deadline || isSilent(watch, waiting > 0 ? 0 : share, now)) break;
    } else if (now >= asked.deadline) throw thorough.partial(ready, ready + Math.max(missing, waiting));
    interval = Math.max(nextInterval(interval), now - began);
    await client.clock.sleep(Math.max(1, Math.min(interval, asked.deadline - now)), asked.signal);
    latest = (await lookAt(client, asked)) ?? latest;
  }
  yield [...found.waiting.values()];
}

/** The same one by one. */
export function answersOf<T>(...asked: Parameters<typeof answerPages<T>>): AsyncIterableIterator<T> {
  return oneByOne(answerPages(...asked));
}

/** A server may count some machines more than there are (tanium-api.md 4): so many more are not missing. */
function missingOf({ targets }: Asked, counters: Counters, there: number, thorough: Thorough | null): number {
  const { passed, mrTested, estimatedTotal } = counters;
  if (thorough !== null) return passed - Math.max(0, mrTested - estimatedTotal) - there;
  return Math.min(passed, targets ?? estimatedTotal) - there;
}

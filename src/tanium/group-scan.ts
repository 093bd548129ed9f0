/** The one question of a bulk scan: a computer group as its target, its answers in as few pages as there are. */
import type { GroupScanAnswer, GroupScanRequest } from '../fleet-ports.ts';
import type { DeviceRow } from '../ports.ts';
import type { TaniumClient } from './client.ts';
import { computerGroup } from './content.ts';
import { checkColumns, deviceRow, facts } from './device-row.ts';
import { gathering } from './gathering.ts';
import { isSettled, look, nextInterval, startWatch } from './patience.ts';
import { type Asked, ask, type Convergence, lookAt, pagesOf, type QuestionBody, waitForAnswers } from './question.ts';

/** A question is not kept open for longer than a client is asked to wait for it. */
const longestLifetimeSeconds = 86_400;

/** @throws TRUEUP_GROUP_NOT_FOUND, TRUEUP_SENSOR_NOT_FOUND */
export async function scanGroup(client: TaniumClient, request: GroupScanRequest): Promise<GroupScanAnswer> {
  const { sensor, timeoutSeconds, signal } = request;
  const id = await computerGroup(client, request.group, signal);
  const asked = await ask(client, questionOf(request, id), { targets: null, timeoutSeconds, signal });
  const seen = await waitForAnswers(client, asked, ({ passed, mrTested, estimatedTotal }) => {
    // Who belongs to the group is known of those alone that have had a look.
    const share = estimatedTotal === 0 ? 0 : Math.min(1, mrTested / estimatedTotal);
    request.progress?.(passed, share === 0 ? passed : Math.round(passed / share));
  });
  const counters = { latest: seen };
  return {
    at: seen.at,
    expected: seen.passed,
    answered: seen.passed,
    rows: answersInFewPages(client, asked, counters, sensor),
    question: String(asked.id),
    heard: () => heardOf(counters.latest),
  };
}

/** A server may count some machines more than there are (tanium-api.md 4). */
function heardOf({ passed, mrTested, estimatedTotal }: Convergence): number | null {
  return mrTested < estimatedTotal ? null : passed - (mrTested - estimatedTotal);
}

/** By object: the name of a group in the text of a question could be read as something else. */
function questionOf({ sensor, maxAgeSeconds, timeoutSeconds }: GroupScanRequest, groupId: number): QuestionBody {
  const aged = maxAgeSeconds === null ? {} : { filter: { max_age_seconds: maxAgeSeconds } };
  return {
    selects: [...facts.map((name) => ({ sensor: { name } })), { sensor: { name: sensor }, ...aged }],
    group: { id: groupId },
    expire_seconds: Math.min(timeoutSeconds, longestLifetimeSeconds),
  };
}

/** A short result is read a few times more, as long as answers are on their way. */
const freePages = 8;
/** How long a sensor may still run on a machine that has answered, in a large fleet. */
const pauseMilliseconds = 2_500;

/**
 * What each machine answered, as it comes; those that are not there when the result was read a second time do not come,
 * and those that are still at it come as they stand. So a result of any size costs at most twice its pages.
 */
async function* answersInFewPages(
  client: TaniumClient,
  asked: Asked,
  counters: { latest: Convergence },
  sensor: string,
): AsyncGenerator<DeviceRow> {
  const found = gathering<DeviceRow>(client);
  let interval: number | null = null;
  let pages = 0;
  for (let reading = 1; ; reading += 1) {
    const before = pages;
    found.begin();
    for await (const { header, rows } of pagesOf(client, 'questionData', asked.id, asked.signal)) {
      pages += 1;
      found.skip(header.malformedRows);
      if (header.columns.length === 0) continue;
      checkColumns(header.columns, [...facts, sensor]);
      yield* found.take(rows, deviceRow);
    }
    const size = pages - before;
    const isWhole = found.ready() + found.strange() >= counters.latest.passed && found.waiting.size === 0;
    const isLast = reading > 1 && pages + size > 2 * size + freePages;
    if (isWhole || isLast || client.time() >= asked.deadline) break;
    interval = size > freePages ? pauseMilliseconds : nextInterval(interval);
    await client.clock.sleep(Math.max(1, Math.min(interval, asked.deadline - client.time())), asked.signal);
    counters.latest = await rowsOfAll(client, asked, counters.latest);
  }
  yield* found.waiting.values();
}

/** Waits until every machine that is counted has its row, or no more come. */
async function rowsOfAll(client: TaniumClient, asked: Asked, before: Convergence): Promise<Convergence> {
  let seen = before;
  let watch = startWatch(client.time());
  let interval: number | null = null;
  for (;;) {
    seen = (await lookAt(client, asked)) ?? seen;
    const now = client.time();
    watch = look(watch, seen.rowCount, now);
    if (isSettled(watch, seen.passed, now) || now >= asked.deadline) return seen;
    interval = nextInterval(interval);
    await client.clock.sleep(Math.max(1, Math.min(interval, asked.deadline - now)), asked.signal);
  }
}

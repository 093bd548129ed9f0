/** FleetScanner: asks the fleet one question and streams what each device answers. It creates no action. */
import { TrueupError } from '../errors.ts';
import type { FleetScanner, ScanAnswer, ScanRequest } from '../fleet-ports.ts';
import { maxByNumber } from '../model/aim.ts';
import type { DeviceRow } from '../ports.ts';
import type { TaniumClient } from './client.ts';
import { checkSensor, computerGroup } from './content.ts';
import { checkColumns, computerIdOf, deviceRow, facts } from './device-row.ts';
import type { Interpret } from './gathering.ts';
import { scanGroup } from './group-scan.ts';
import { locate, named } from './locate.ts';
import { shown } from './near-names.ts';
import { oneByOne } from './one-by-one.ts';
import {
  type Asked,
  answerPages,
  answersOf,
  ask,
  type Convergence,
  type Thorough,
  waitForAnswers,
} from './question.ts';
import { chunksOf, identitySensors, questionText, sensorTerm } from './question-text.ts';
import type { Column } from './result.ts';

/** Members of a group answer from the client's own registration: a minute is long. */
const groupTimeoutSeconds = 120;

export function taniumScanner(client: TaniumClient): FleetScanner {
  /** Sensors of which it is known that they exist. */
  const known = new Set<string>();
  /** Machines that answered the last question to all of them; null: there was none. */
  let machines: number | null = null;

  async function know(sensor: string, signal: AbortSignal | undefined): Promise<void> {
    if (known.has(sensor)) return;
    await checkSensor(client, sensor, signal);
    known.add(sensor);
  }

  async function scan(request: ScanRequest): Promise<ScanAnswer> {
    const { sensor, signal } = request;
    await know(sensor, signal);
    const terms = [...facts.map((fact) => sensorTerm(fact, null)), sensorTerm(sensor, request.maxAgeSeconds)];
    const chunks = request.computerIds === null ? [null] : chunksOf(request.computerIds, maxByNumber);
    const questions: Asked[] = [];
    for (const ids of chunks) {
      const body = { query_text: questionText(terms, ids) };
      const { timeoutSeconds } = request;
      questions.push(await ask(client, body, { targets: ids?.length ?? null, timeoutSeconds, signal }));
    }
    return converge(request, questions);
  }

  async function converge(request: ScanRequest, questions: readonly Asked[]): Promise<ScanAnswer> {
    const targets = request.computerIds?.length ?? null;
    const done: (readonly [Asked, Convergence])[] = [];
    let answered = 0;
    let expected = targets ?? 0;
    let at = `${client.clock.now().slice(0, 19)}Z`;
    for (const asked of questions) {
      const before = answered;
      const seen = await waitForAnswers(client, asked, (counters) => {
        expected = targets ?? counters.estimatedTotal;
        answered = Math.min(before + (targets === null ? counters.mrTested : counters.passed), expected);
        request.progress?.(answered, expected);
      });
      done.push([asked, seen]);
      at = seen.at;
    }
    if (targets === null && answered === 0) throw nobody(request, expected);
    if (targets === null) machines = answered;
    const pages = pagesOfRows(request.sensor, done);
    return { at, expected, answered, rows: Object.assign(oneByOne(pages), { pages }) };
  }

  async function* pagesOfRows(
    sensor: string,
    done: readonly (readonly [Asked, Convergence])[],
  ): AsyncGenerator<readonly DeviceRow[], void> {
    for (const [asked, seen] of done) {
      yield* answerPages(client, asked, seen, (columns) => {
        checkColumns(columns, [...facts, sensor]);
        return deviceRow;
      });
    }
  }

  async function groupMembers(group: string, signal?: AbortSignal): Promise<ReadonlySet<string>> {
    const id = await computerGroup(client, group, signal);
    // By object: a name in the text of a question could be read as something else.
    const body = { selects: identitySensors.map((name) => ({ sensor: { name } })), group: { id } };
    const options = { targets: null, timeoutSeconds: groupTimeoutSeconds, signal };
    const asked = await ask(client, body, options);
    // A device that is missing here would lose the Exclusion that a group gives it.
    const thorough: Thorough = { machines, partial: (answered, matching) => notAll(group, answered, matching) };
    const seen = await waitForAnswers(client, asked, () => {}, thorough);
    const members = new Set<string>();
    const interpreterFor = (columns: readonly Column[]): Interpret<string> => {
      checkColumns(columns, identitySensors);
      return memberRow;
    };
    const answers = answersOf(client, asked, seen, interpreterFor, thorough);
    for await (const member of answers) members.add(member);
    return members;
  }

  return {
    scan,
    scanGroup: async (request) => {
      await know(request.sensor, request.signal);
      return scanGroup(client, request);
    },
    named: (names, signal) => named(client, names, signal),
    locate: async (computerId, request) => {
      await know(request.sensor, request.signal);
      return locate(client, computerId, request);
    },
    groupMembers,
  };
}

function notAll(group: string, answered: number, matching: number): TrueupError {
  const told = `${answered} of ${matching} members of the computer group "${shown(group)}"`;
  const message = `${told} answered within ${groupTimeoutSeconds} s.`;
  return new TrueupError('TRUEUP_SCAN_TIMEOUT', message, {
    cause:
      'Who else is in the group is not known, and a device that an Exclusion or a selector names might be taken for another.',
    remedy: 'Run again; if it goes on, see in Tanium why members of the group do not answer.',
  });
}

function nobody(request: ScanRequest, expected: number): TrueupError {
  const asked = `No device answered the question for "${shown(request.sensor)}"`;
  const message = `${asked}, and no more were to be expected; Tanium counts ${expected} registered clients.`;
  return new TrueupError('TRUEUP_SCAN_TIMEOUT', message);
}

const memberRow: Interpret<string> = (row) => {
  const computerId = computerIdOf(row);
  return computerId === null ? null : { computerId, value: computerId, ready: true };
};

/** Finds single machines: by their names, and by a Computer ID with the temporary group that an action is aimed at. */

import type { FleetScanner, LocatedMachine, NamedMachine } from '../fleet-ports.ts';
import { shortName } from '../model/selector.ts';
import type { TaniumClient } from './client.ts';
import { checkColumns, computerIdOf, deviceRow, facts, isNothing } from './device-row.ts';
import type { Interpret } from './gathering.ts';
import { type Asked, answersOf, ask, waitForAnswers } from './question.ts';
import { chunksOf, questionText, sensorTerm } from './question-text.ts';
import { readData } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';

/** Two conditions for each name, and a question of at most some 32,000 characters (`question_size_limit`). */
const namesAtOnce = 150;
/** Names answer from the client's own registration: a minute is long. */
const nameTimeoutSeconds = 120;

/** What a host name is made of; whatever else a record holds, no machine answers to it and none of it gets into a question. */
const hostName = /^[\p{L}\p{N}_-]{1,63}$/u;

export async function named(
  client: TaniumClient,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly NamedMachine[]> {
  const hosts = [...new Set(names.map((name) => shortName(name)).filter((host) => hostName.test(host)))];
  const found = new Map<string, NamedMachine>();
  for (const chunk of chunksOf(hosts, namesAtOnce)) {
    const conditions = chunk.map((host) => `Computer Name equals "${host}" or Computer Name starts with "${host}."`);
    const terms = facts.map((fact) => sensorTerm(fact, null));
    const body = { query_text: `${questionText(terms, null)} with ( ${conditions.join(' or ')} )` };
    const asked = await ask(client, body, { targets: null, timeoutSeconds: nameTimeoutSeconds, signal });
    const seen = await waitForAnswers(client, asked, () => {});
    const answers = answersOf(client, asked, seen, (columns) => {
      checkColumns(columns, facts);
      return machineRow;
    });
    for await (const machine of answers) found.set(machine.computerId, machine);
  }
  return [...found.values()];
}

const machineRow: Interpret<NamedMachine> = (row) => {
  const computerId = computerIdOf(row);
  const [, name = '', os = '', domain = ''] = row.cells.map((cell) => cell[0] ?? '');
  if (computerId === null || isNothing(name)) return null;
  const value = { computerId, name, os: isNothing(os) ? '' : os, domain: isNothing(domain) ? null : domain };
  return { computerId, value, ready: true };
};

export async function locate(
  client: TaniumClient,
  computerId: string,
  { sensor, maxAgeSeconds, timeoutSeconds, signal }: Parameters<FleetScanner['locate']>[1],
): Promise<LocatedMachine | null> {
  const terms = [...facts.map((fact) => sensorTerm(fact, null)), sensorTerm(sensor, maxAgeSeconds)];
  const body = { query_text: questionText(terms, [computerId]) };
  const asked = await ask(client, body, { targets: 1, timeoutSeconds, signal });
  const seen = await waitForAnswers(client, asked, () => {});
  const answers = answersOf(client, asked, seen, (columns) => {
    checkColumns(columns, [...facts, sensor]);
    return deviceRow;
  });
  // Should the server show it twice, the later row holds.
  let located: LocatedMachine['row'] | null = null;
  for await (const row of answers) if (row.computerId === computerId) located = row;
  return located === null ? null : { row: located, groupId: await groupOf(client, asked), at: seen.at };
}

/** The group that the server made of the question's own `with` clause. */
async function groupOf(client: TaniumClient, { id, signal }: Asked): Promise<number> {
  return client.send('question', { path: { id }, signal }, async (response) => {
    const data = await readData(response);
    const group = isRecord(data) && isRecord(data['group']) ? figure(data['group']['id']) : 0;
    if (group === 0) throw response.malformed('the question has no group of its own');
    return group;
  });
}

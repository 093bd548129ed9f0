/**
 * A client as others write them, from the vendor's documentation alone: log in, parse a question, ask the candidate,
 * poll until it is complete, deploy an action to what the question found, follow it, read its log, log out. It imports
 * nothing of this program but what starts the simulator, and runs against the wall clock.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';

class TaniumSession {
  readonly #base: string;
  #session = '';

  constructor(base: string) {
    this.#base = base;
  }

  async call(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.#base}/api/v2/${path}`, {
      method,
      headers: { session: this.#session, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json: any = await response.json();
    if (!response.ok) throw new Error(json.text);
    return json.data;
  }

  async login(username: string, password: string): Promise<void> {
    this.#session = (await this.call('POST', 'session/login', { username, password })).session;
  }

  /** One candidate whose text is what was typed, or nothing is asked. */
  async ask(text: string): Promise<number> {
    const candidates = await this.call('POST', 'parse_question', { text });
    if (candidates.length !== 1) throw new Error(`${candidates.length} candidates for ${text}`);
    const [{ selects, group, parameter_values: values = [] }] = candidates;
    const left = [...values];
    const filled = [];
    for (const { sensor, filter } of selects) {
      const definition = (await this.call('GET', `sensors/by-hash/${sensor.hash}`)).parameter_definition;
      const keys: readonly any[] = definition === '' ? [] : JSON.parse(definition).parameters;
      const parameters = keys.map(({ key }) => ({ key: `||${key}||`, value: left.shift() }));
      filled.push({ sensor: keys.length === 0 ? sensor : { source_hash: sensor.hash, parameters }, filter });
    }
    return (await this.call('POST', 'questions', { selects: filled, group })).id;
  }

  /** Until 99 % have seen it, there are columns, and nobody is still at it. */
  async results(id: number): Promise<any> {
    for (let poll = 0; poll < 100; poll += 1) {
      const { result_infos: infos } = await this.call('GET', `result_info/question/${id}`);
      const { result_sets: sets } = await this.call('GET', `result_data/question/${id}`);
      const [[info], [set]] = [infos, sets];
      const complete = info.estimated_total > 0 && info.mr_tested / info.estimated_total >= 0.99;
      if (complete && set.columns && !JSON.stringify(set.rows).includes('unavailable]')) return set;
      await sleep(20);
    }
    throw new Error('never complete');
  }

  async actionRows(id: number): Promise<readonly any[]> {
    await this.call('GET', `result_info/action/${id}`);
    return (await this.call('GET', `result_data/action/${id}`)).result_sets[0].rows ?? [];
  }
}

it('a client that knows nothing of Trueup works against the simulator', async () => {
  const fleet = { devices: 30, drift: 0, seed: 5 };
  const simulator = await startSimulator({
    port: 0,
    fleet,
    latencyMs: 0,
    clock: 'fast',
    bare: false,
    tls: false,
    seed: 5,
  });
  onTestFinished(() => simulator.close());
  const tanium = new TaniumSession(simulator.url);
  await tanium.login('administrator', simulator.password);

  const question = await tanium.ask(
    'Get Computer Name and Operating System from all machines with Operating System contains "Server"',
  );
  const servers = await tanium.results(question);
  expect(servers.rows).toHaveLength(12);
  const { group } = await tanium.call('GET', `questions/${question}`);
  const { id } = (await tanium.call('GET', 'packages')).find(({ name }: any) => name === 'NPSD Management');
  const groups = await tanium.call('GET', 'action_groups');
  const action = await tanium.call('POST', 'actions', {
    name: 'third party',
    package_spec: { source_id: id, parameters: [{ key: '$0', value: 'Get-Date' }] },
    action_group: { id: groups.find(({ name }: any) => name === 'Default - All Computers').id },
    target_group: { id: group.id },
    expire_seconds: 600,
  });
  let rows: readonly any[] = [];
  for (let poll = 0; poll < 200; poll += 1) {
    rows = await tanium.actionRows(action.id);
    if (rows.filter((row) => row.data[1][0].text === `${action.id}:Completed.`).length === 12) break;
    await sleep(20);
  }
  expect(new Set(rows.map((row) => row.cid))).toEqual(new Set(servers.rows.map(({ cid }: any) => cid)));

  const log = await tanium.results(
    await tanium.ask(
      `Get Computer Name and Tanium Action Log[${action.id}] from all machines with Operating System contains "Server"`,
    ),
  );
  const [columns, lines] = [log.columns.map(({ name }: any) => name), log.rows.map((row: any) => row.data[1])];
  expect(columns).toEqual(['Computer Name', `Tanium Action Log[${action.id}]`, 'Count']);
  for (const [first] of lines) {
    expect(JSON.parse(Buffer.from(first.text.replace(/^001\|/, ''), 'base64').toString('utf8'))).toMatchObject({
      v: 1,
    });
  }
  await tanium.call('POST', 'session/logout', {});
  await expect(tanium.call('GET', 'client_count')).rejects.toThrow('403 Forbidden');
});

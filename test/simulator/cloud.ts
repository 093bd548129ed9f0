/** A running simulator, and a client of a few lines that knows HTTP and nothing of Trueup. */
import { onTestFinished } from 'vitest';
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import type { Fleet } from '../../src/simulator/fleet/fleet.ts';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

export const administrators = 'S-1-5-32-544';
export const corp = 'S-1-5-21-1004336348-1177238915-682003330';

/** Three Windows machines of the domain and one with Linux; Computer IDs 101 to 104. */
export function smallFleet(): Fleet {
  return parseFleet(
    `devices:
  - { name: SRV-1.corp.example, computerId: 101, kind: server, machineSid: S-1-5-21-1-1-1 }
  - { name: SRV-2.corp.example, computerId: 102, kind: server, machineSid: S-1-5-21-2-2-2 }
  - name: WS-3.corp.example
    computerId: 103
    machineSid: S-1-5-21-3-3-3
    users: [{ name: corp_breakglass, enabled: true }]
  - { name: lnx-4.corp.example, computerId: 104, kind: linux }
`,
    'small fleet',
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  readonly json: any;
  /** `data` of the envelope. */
  readonly data: any;
}

export interface Cloud {
  readonly url: string;
  readonly token: string;
  readonly password: string;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly post: (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly patch: (path: string, body: unknown) => Promise<Answer>;
  readonly remove: (path: string) => Promise<Answer>;
  readonly send: (method: string, path: string, init?: RequestInit) => Promise<Answer>;
  /** Moves a virtual clock. */
  readonly advance: (seconds: number) => Promise<void>;
  /** Asks by text; answers the question's id. */
  readonly ask: (text: string) => Promise<number>;
  /** Rows of a question by column names, everything that has come in. */
  readonly rows: (id: number, query?: string) => Promise<readonly Readonly<Record<string, readonly string[]>>[]>;
  /** Asks, waits until all have answered, reads. */
  readonly answers: (text: string) => Promise<readonly Readonly<Record<string, readonly string[]>>[]>;
  readonly close: () => Promise<void>;
}

/** Under a virtual clock unless it is asked otherwise; ends with the test. */
export async function startCloud(options: Partial<SimulatorOptions> = {}): Promise<Cloud> {
  const simulator = await startSimulator({
    port: 0,
    fleet: smallFleet(),
    latencyMs: 0,
    clock: 'virtual',
    bare: false,
    tls: false,
    seed: 1,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const { url, token, password } = simulator;

  async function send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${url}${path}`, { method, ...init, headers: { session: token, ...init.headers } });
    const text = await response.text();
    const json = text.startsWith('{') || text.startsWith('[') ? safely(text) : undefined;
    return { status: response.status, headers: response.headers, text, json, data: json?.data };
  }

  const withBody = (method: string, path: string, body: unknown, headers = {}): Promise<Answer> =>
    send(method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

  const cloud: Cloud = {
    url,
    token,
    password,
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, body = {}, headers = {}) => withBody('POST', path, body, headers),
    patch: (path, body) => withBody('PATCH', path, body),
    remove: (path) => send('DELETE', path),
    advance: async (advanceSeconds) => {
      const answer = await cloud.post('/_sim/clock', { advanceSeconds });
      if (answer.status !== 200) throw new Error(answer.text);
    },
    ask: async (text) => (await cloud.post('/api/v2/questions', { query_text: text })).data.id,
    rows: async (id, query = '') => {
      const { data } = await cloud.get(`/api/v2/result_data/question/${id}${query}`);
      return rowsIn(data.result_sets[0]);
    },
    answers: async (text) => {
      const id = await cloud.ask(text);
      await cloud.advance(15);
      return cloud.rows(id);
    },
    close: simulator.close,
  };
  return cloud;
}

export function rowsIn(set: any): readonly Readonly<Record<string, readonly string[]>>[] {
  const columns: readonly { readonly name: string }[] = set.columns ?? [];
  return (set.rows ?? []).map((row: any) =>
    Object.fromEntries(
      columns.map(({ name }, index) => [name, row.data[index].map((cell: { readonly text: string }) => cell.text)]),
    ),
  );
}

function safely(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Some answers are made to be no JSON.
  }
}

/** Deploys the stock package; answers the new action's id. */
export async function deploy(
  cloud: Cloud,
  command: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const answer = await cloud.post('/api/v2/actions', {
    name: 'test',
    package_spec: {
      source_name: 'NPSD Management',
      parameters: [{ key: '$0', value: Buffer.from(command, 'utf8').toString('base64') }],
    },
    action_group: { name: 'Default - All Computers' },
    target_group: { name: 'All Windows Computers' },
    expire_seconds: 600,
    ...options,
  });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.data.id;
}

export const inventory = '.\\secureone_management.ps1 -Target General -Action Inventory';

export function addMember(sid: string): string {
  return `.\\secureone_management.ps1 -Target LocalGroup -Action AddMember -MemberSID ${sid}`;
}

/** A Tanium that answers from a script: for orders of events that no simulator can be talked into. */
import type { ServerResponse } from 'node:http';
import { type Asked, httpServer, json, type Listening } from './wire.ts';

/** One device's row as the scan question asks for it. */
export function scanRow(id: number, text = '{"v":1}', name = `PC-${id}`): unknown {
  return {
    id,
    cid: id,
    data: [
      [{ text: String(id) }],
      [{ text: name }],
      [{ text: 'Windows 11' }],
      [{ text: 'corp.example' }],
      [{ text }],
      [{ text: '1' }],
    ],
  };
}

export const scanColumns: readonly string[] = [
  'Computer ID',
  'Computer Name',
  'Operating System',
  'Domain Name',
  'NPS Admin Members',
  'Count',
];

export interface Look {
  readonly tested?: number;
  readonly passed?: number;
  readonly estimated?: number;
  readonly columns?: readonly string[];
  readonly rows?: readonly unknown[];
  /** Answered instead of the looks. */
  readonly status?: number;
  readonly body?: unknown;
}

export interface Script {
  /** What the server shows at each result_info; the last one stays. result_data shows the look of the last info. */
  readonly looks?: readonly Look[];
  readonly sensors?: readonly string[];
  readonly lists?: Readonly<Record<string, readonly unknown[]>>;
  readonly objects?: Readonly<Record<string, unknown>>;
  /** How the first questions are answered, one after the other. */
  readonly questionFaults?: readonly (number | 'reset')[];
  /** Rows of a page at most, whatever was asked for. */
  readonly pageLimit?: number;
}

export const notFound = (what: string): unknown => ({
  text: `404 Not Found\n\nREST Object Not Found Exception: ${what}NotFound: The requested object was not found`,
});

export async function scripted(script: Script): Promise<Listening & { readonly questions: () => readonly string[] }> {
  let looks = 0;
  let questions = 0;
  let faults = 0;
  const sensors = (script.sensors ?? ['NPS Admin Members']).map((name, index) => ({ id: index + 1, name }));

  function look(): Look {
    const all = script.looks ?? [];
    return all[Math.min(Math.max(looks, 1), all.length) - 1] ?? {};
  }

  function counters(): Record<string, number> {
    const { tested = 0, estimated = tested, passed = tested, rows = [] } = look();
    return { estimated_total: estimated, mr_tested: tested, mr_passed: tested, tested, passed, row_count: rows.length };
  }

  function answer(asked: Asked, response: ServerResponse): void {
    const path = decodeURIComponent(asked.url.pathname.replace('/api/v2/', ''));
    const now = '2026/03/02 09:14:08 GMT-0000';
    if (path in (script.objects ?? {})) return json(response, 200, { data: script.objects?.[path] });
    if (path in (script.lists ?? {})) {
      return json(response, 200, {
        data: [...(script.lists?.[path] ?? []), { cache_id: 9, cache_row_count: 1, page_row_count: 1 }],
      });
    }
    if (path.startsWith('sensors/by-name/')) {
      // A server that finds by any case, as some do.
      const found = sensors.find(({ name }) => name.toLowerCase() === path.slice(16).toLowerCase());
      return found ? json(response, 200, { data: found }) : json(response, 404, notFound('Sensor'));
    }
    if (path === 'sensors') return json(response, 200, { data: sensors });
    if (path === 'questions') {
      const fault = script.questionFaults?.[faults];
      faults += 1;
      if (fault === 'reset') return void response.destroy();
      if (fault !== undefined) return json(response, fault, {});
      questions += 1;
      return json(response, 200, { data: { id: 1000 + questions } });
    }
    if (path.startsWith('result_info/')) {
      looks += 1;
      const { status, body } = look();
      if (status !== undefined) return json(response, status, body ?? {});
      return json(response, 200, { data: { now, max_available_age: '0', result_infos: [counters()] } });
    }
    if (path.startsWith('result_data/')) {
      const { columns = scanColumns, rows = [] } = look();
      const start = Number(asked.url.searchParams.get('row_start') ?? 0);
      const count = Math.min(Number(asked.url.searchParams.get('row_count') ?? rows.length), script.pageLimit ?? 1e9);
      const set = {
        ...counters(),
        cache_id: '555',
        filtered_row_count: rows.length,
        ...(columns.length > 0 ? { columns: columns.map((name, hash) => ({ name, hash, type: 1 })) } : {}),
        rows: rows.slice(start, start + count),
      };
      return json(response, 200, { data: { now, result_sets: [set] } });
    }
    json(response, 404, notFound('Endpoint'));
  }

  const server = await httpServer(answer);
  return {
    ...server,
    questions: () =>
      server.asked
        .filter(({ method, url }) => method === 'POST' && url.pathname.endsWith('/questions'))
        .map(({ body }) => body),
  };
}

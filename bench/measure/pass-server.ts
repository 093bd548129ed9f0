/**
 * Answers the one question of a scan: `pass-server.ts DEVICES`. Says its address on standard output, and ends with
 * standard input. Pages are made as they are asked for, in the words of the simulator's wire.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { passFleet } from './pass-fleet.ts';

const fleet = passFleet(Number(process.argv[2]));
const sensors = ['Computer ID', 'Computer Name', 'Operating System', 'Domain Name', 'NPS Admin Members', 'Count'];
const now = '2026/03/02 09:19:31 GMT-0000';
const counters = {
  age: 0,
  id: 1,
  question_id: 1,
  tested: fleet.devices,
  passed: fleet.devices,
  mr_tested: fleet.devices,
  mr_passed: fleet.devices,
  estimated_total: fleet.devices,
  select_count: 5,
  error_count: 0,
  no_results_count: 0,
  row_count: fleet.devices,
  row_count_machines: fleet.devices,
};

const server = createServer((request, response) => {
  request.resume();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/api/v2/sensors/by-name/')) send(response, { id: 1, name: 'NPS Admin Members' });
  else if (pathname === '/api/v2/questions') send(response, { id: 1 });
  else if (pathname.startsWith('/api/v2/result_info/')) send(response, { now, result_infos: [counters] });
  else {
    const page = pageOf(Number(searchParams.get('row_start')), Number(searchParams.get('row_count')));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length }).end(page);
  }
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.stdin.resume().once('end', () => process.exit());

function send(response: ServerResponse, data: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
}

const closing = '}]}}';

function pageOf(start: number, count: number): Buffer {
  const columns = sensors.map((name, index) => ({ name, hash: name === 'Count' ? 0 : 1000 + index, type: 1 }));
  const set = { ...counters, cache_id: '1', expiration: 600, filtered_row_count: fleet.devices, item_count: count };
  const opened = JSON.stringify({ data: { now, max_available_age: '', result_sets: [{ ...set, columns }] } });
  return Buffer.concat([
    Buffer.from(`${opened.slice(0, -closing.length)},"rows":[`),
    fleet.rows(start, count),
    Buffer.from(`]${closing}`),
  ]);
}

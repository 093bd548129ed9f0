import { parseArgs } from 'node:util';
import { decodeReports, encodeReport, type Report } from '../src/endpoint/report.ts';
import { parseFleet } from '../src/simulator/fleet/file.ts';
import { type Figure, median, report } from './measure/report.ts';

export const description =
  'The decoder against bare Base64 and JSON.parse of the same reports, in the same run: [--rounds 60] [--milliseconds 25]';

/** Of one action on one device each. */
type Log = readonly string[];

const least = 0.7;

export function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '60' }, milliseconds: { type: 'string', default: '25' } },
  });
  const figures = Object.entries(logs()).flatMap(([name, log]) =>
    compared(name, log, Number(values.rounds), Number(values.milliseconds)),
  );
  return Promise.resolve(report(figures));
}

/** Turn by turn, so that whatever else the machine does slows both down alike; the ratio is that of each turn. */
function compared(name: string, log: Log, rounds: number, milliseconds: number): Figure[] {
  const bare = (): unknown => log.map((line): unknown => JSON.parse(Buffer.from(line, 'base64').toString('utf8')));
  const decoder = (): unknown => decodeReports(log);
  if (decodeReports(log).reports.length !== log.length) throw new Error(`${name}: not every line is a report`);
  const times = Math.ceil(milliseconds / (timeOf(bare, 1000) / 1000));
  timeOf(decoder, times);
  const turns = Array.from({ length: rounds }, () => ({ bare: timeOf(bare, times), ours: timeOf(decoder, times) }));
  const perReport = (figure: 'bare' | 'ours'): number =>
    (median(turns.map((turn) => turn[figure])) / times / log.length) * 1000;
  const ratio = median(turns.map(({ bare: theirs, ours }) => theirs / ours));
  return [
    { name: `${name}: bare`, value: perReport('bare'), unit: 'µs', digits: 2 },
    { name: `${name}: decoder`, value: perReport('ours'), unit: 'µs', digits: 2 },
    { name: `${name}: ratio`, value: ratio, unit: '', digits: 2, least },
  ];
}

/** Milliseconds. */
function timeOf(what: () => unknown, times: number): number {
  const began = performance.now();
  for (let time = 0; time < times; time += 1) what();
  return performance.now() - began;
}

function logs(): Readonly<Record<string, Log>> {
  const members = { group: 'S-1-5-32-544', members: ['S-1-5-21-1004336348-1177238915-682003330-512'] };
  const change = logOf('LocalGroup.AddMember', [members]);
  return {
    'one change': change,
    'ten changes': logOf(
      'LocalGroup.AddMember',
      Array.from({ length: 10 }, () => members),
    ),
    'an inventory': logOf('General.Inventory', [inventoryData()]),
  };
}

function logOf(action: string, data: readonly Report['data'][]): Log {
  const meta = {
    script: '1.0.0',
    computer: 'SRV-0001',
    sid: 'S-1-5-21-11-22-33',
    domain: 'corp.example',
    action,
    ms: 41,
  };
  return data.map((one, index) =>
    encodeReport(
      { n: index + 1, of: data.length, meta, status: 'ok', changed: true, data: one, error: null },
      'base64',
    ),
  );
}

/** Of a server with 20 accounts and 30 administrators. */
function inventoryData(): Report['data'] {
  const users = Array.from({ length: 20 }, (_, index) => ({
    name: `user-${index}`,
    fullName: `Benutzer für ${index}`,
  }));
  const domain = Array.from({ length: 10 }, (_, index) => ({
    sid: `S-1-5-21-1-2-3-${index}`,
    name: `CORP\\p ${index}`,
  }));
  const groups = [{ sid: 'S-1-5-32-544', members: [...users.map(({ name }) => name), ...domain] }];
  const fleet = JSON.stringify({ devices: [{ name: 'SRV-0001.corp.example', users, groups }] });
  const [device] = parseFleet(fleet, 'bench').devices;
  return JSON.parse(device?.inventory() ?? '') as Report['data'];
}

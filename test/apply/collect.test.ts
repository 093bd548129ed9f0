/** Following actions to their end, and reading what they printed. */
import { expect, it } from 'vitest';
import { decodeReports, encodeReport } from '../../src/endpoint/report.ts';
import { scriptVersion } from '../../src/endpoint/version.ts';
import type { ActionLog, FleetActions } from '../../src/fleet-ports.ts';
import { applyAll, cloud } from './world.ts';

it('asks again for a log that has only the client’s own words so far', async () => {
  const { context } = await cloud();
  const asked = new Map<string, number>();
  async function* logs(...[actionId, ...given]: Parameters<FleetActions['logs']>): AsyncGenerator<ActionLog> {
    const times = (asked.get(actionId) ?? 0) + 1;
    asked.set(actionId, times);
    for await (const log of context.actions.logs(actionId, ...given)) {
      const words = Array.from({ length: 20 }, (_, line) => `Tanium: step ${line}`);
      yield { ...log, lines: times === 1 ? words : [...words, ...log.lines] };
    }
  }
  const { result } = await applyAll({ ...context, actions: { ...context.actions, logs } });
  expect(result.actions.length).toBeGreaterThan(0);
  expect(result.failed).toEqual([]);
  expect([...new Set(asked.values())]).toEqual([2]);
});

it('tells that devices ran other scripts than this program brings', async () => {
  const { context } = await cloud();
  const devices = new Set<string>();
  async function* logs(...given: Parameters<FleetActions['logs']>): AsyncGenerator<ActionLog> {
    for await (const log of context.actions.logs(...given)) {
      devices.add(log.computerId);
      yield { ...log, lines: log.lines.map(asOlder) };
    }
  }
  const told: string[] = [];
  const tell: typeof context.tell = (event) => void (event.kind === 'note' && told.push(event.text));
  const { result } = await applyAll({ ...context, tell, actions: { ...context.actions, logs } });
  expect(result.failed).toEqual([]);
  expect(devices.size).toBeGreaterThan(1);
  expect(told).toEqual([
    `${devices.size} devices ran endpoint scripts of another version (0.9.0) than ${scriptVersion}: renew the files of the package`,
  ]);
});

/** The report in a line, as a script of an earlier version writes it. */
function asOlder(line: string): string {
  const [report] = decodeReports([line]).reports;
  if (report === undefined || report.meta === null) return line;
  return encodeReport({ ...report, meta: { ...report.meta, script: '0.9.0' } }, 'base64');
}

/** What an action reported is believed once a fresh scan shows it. */
import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../src/apply/context.ts';
import type { FleetScanner } from '../../src/fleet-ports.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { applyAll, cloud } from './world.ts';

/** Its verifying scans, those of single devices, say what a test makes of each row. */
function verifiedBy(context: RunContext, change: (row: DeviceRow) => DeviceRow | null): RunContext {
  const scan: FleetScanner['scan'] = async (request) => {
    const answer = await context.scanner.scan(request);
    if (request.computerIds === null) return answer;
    async function* rows(): AsyncGenerator<DeviceRow> {
      for await (const row of answer.rows) {
        const changed = change(row);
        if (changed !== null) yield changed;
      }
    }
    return { ...answer, rows: rows() };
  };
  return { ...context, scanner: { ...context.scanner, scan } };
}

describe('a device that reported success and then', () => {
  it.each([
    ['does not answer the verifying scan', () => null],
    ['has no state to show', (row: DeviceRow) => ({ ...row, text: '[current result unavailable]' })],
    ['answers with something that is no inventory', (row: DeviceRow) => ({ ...row, text: '{"v":1,"users":' })],
  ])('%s is pending: neither converged nor failed', async (_, change) => {
    const { context } = await cloud();
    const { plan, result, exitCode } = await applyAll(verifiedBy(context, change));
    expect(result.actions.reduce((sum, { ok }) => sum + ok, 0)).toBeGreaterThan(0);
    expect(result.failed).toEqual([]);
    expect(result.pending).toHaveLength(new Set(plan.actions.flatMap(({ targets }) => targets)).size);
    expect([result.converged, exitCode]).toEqual([false, 2]);
    const states = new Set<string>();
    for await (const { state, device } of context.store.drift({}))
      if (result.pending.includes(device)) states.add(state);
    expect([...states]).toEqual(['pending']);
  });
});

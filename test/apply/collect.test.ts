/** Following actions to their end, and reading what they printed. */
import { expect, it } from 'vitest';
import type { ActionLog, FleetActions } from '../../src/ports.ts';
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

/** When a stored scan serves a plan, and when the fleet is asked. */
import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../src/apply/context.ts';
import { observe } from '../../src/apply/observe.ts';
import { survey, wholeLook } from '../../src/apply/survey.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { rotation } from '../reconcile/world.ts';
import { cloud } from './world.ts';

/** Nothing is under Protect: the cache serves. */
function unprotected(context: RunContext): RunContext {
  const computers = context.desired.computers.map((policy) => ({ ...policy, protect: 'Disabled' as const }));
  return { ...context, desired: { ...context.desired, computers } };
}

describe('a stored scan', () => {
  it.each([
    ['of a moment ago serves', 0, 1],
    ['that is older than sensor_max_age_seconds does not', 700, 2],
    ['of a time that is yet to come does not: one of the clocks was set', -3600, 2],
  ])('%s', async (_, seconds, questions) => {
    const { context, clock, ask } = await cloud({ devices: 4, drift: 0 });
    const given = unprotected(context);
    await observe(given);
    clock.shift(seconds);
    const { plan } = await survey(given, { ...wholeLook, fresh: false });
    expect(plan.scan.answered).toBe(4);
    expect((await ask<Record<string, number>>('requests'))['POST /api/v2/questions']).toBe(questions);
  });
});

describe('#195 a rotation', () => {
  const rotations = [rotation({ accounts: [{ builtin: 'administrator' }] })];
  /** Every age that a question allowed. */
  function watched(context: RunContext, ages: (number | null)[]): RunContext {
    const scanner: RunContext['scanner'] = {
      ...context.scanner,
      scan: (request) => {
        ages.push(request.maxAgeSeconds);
        return context.scanner.scan(request);
      },
    };
    return { ...context, scanner, desired: { ...context.desired, rotations } };
  }

  it('is planned from answers of this moment, though a scan was stored a moment ago', async () => {
    const { context } = await cloud({ devices: 4, drift: 0 });
    const ages: (number | null)[] = [];
    const given = watched(context, ages);
    await observe(given);
    const { plan } = await survey(given, { ...wholeLook, fresh: false });
    expect(plan.summary.rotate).toBeGreaterThan(0);
    expect(ages).toEqual([1, 1]);
  });

  it('is not planned from a stored scan: where that serves, Protect is Disabled', async () => {
    const { context } = await cloud({ devices: 4, drift: 0 });
    const ages: (number | null)[] = [];
    const given = unprotected(watched(context, ages));
    await observe(given);
    const { plan } = await survey(given, { ...wholeLook, fresh: false });
    expect(ages).toEqual([null]);
    expect(plan.summary.rotate).toBe(0);
    expect(plan.held.filter(({ kind }) => kind === 'password.rotate').map(({ guard }) => guard)).toContain(
      'protect-disabled',
    );
  });
});

describe('a sensor that is not ours', () => {
  it('is told from devices in an odd state: no answer of it is an inventory', async () => {
    const { context } = await cloud({ devices: 4 });
    const options = { ...context.provider.options, sensor_name: 'Computer Name' };
    await expect(
      survey({ ...context, provider: { ...context.provider, options } }, { ...wholeLook, fresh: true }),
    ).rejects.toMatchObject({
      code: 'TRUEUP_SENSOR_FOREIGN',
      message: 'No device answers the sensor "Computer Name" with an inventory.',
    });
  });

  it('is none where a single device answers as ours does', async () => {
    const { context } = await cloud({ devices: 4 });
    const scanner: RunContext['scanner'] = {
      ...context.scanner,
      scan: async (request) => {
        const { rows, ...answer } = await context.scanner.scan(request);
        return { ...answer, rows: oddButFirst(rows) };
      },
    };
    const { plan } = await survey({ ...context, scanner }, { ...wholeLook, fresh: true });
    expect([plan.scan.answered, plan.held.filter(({ guard }) => guard === 'unobserved').length]).toEqual([1, 1]);
  });
});

async function* oddButFirst(rows: AsyncIterable<DeviceRow>): AsyncGenerator<DeviceRow> {
  let isFirst = true;
  for await (const row of rows) {
    yield isFirst ? row : { ...row, text: 'odd' };
    isFirst = false;
  }
}

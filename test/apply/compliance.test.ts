import { describe, expect, it } from 'vitest';
import { keepCompliance, lookAtCompliance } from '../../src/apply/compliance.ts';
import type { RunContext, RunEvent } from '../../src/apply/context.ts';
import { observe } from '../../src/apply/observe.ts';
import type { ScanContext } from '../../src/apply/scan/context.ts';
import { scanStep } from '../../src/apply/scan/step.ts';
import { type BaselinePolicy, type ComplianceCheck, defaultPosture } from '../../src/model/compliance.ts';
import type { DriftRecord } from '../../src/model/drift.ts';
import { baseline, check } from '../reconcile/compliance-world.ts';
import { exclusion, pattern } from '../reconcile/world.ts';
import { type Cloud, cloud } from './world.ts';

const everything = { baseline: null, device: null, fresh: false };

/** True of every simulated machine, false of every one, and one that no machine reports. */
const uac = check('uac.enabled', { op: 'equals', value: true });
const spooler = check('printing.spoolerDisabled', { op: 'equals', value: true }, 'high', 'no-spooler');
const tls = check('tls.v10Server', { op: 'equals', value: false });

function declaring(context: RunContext, ...baselines: readonly BaselinePolicy[]): RunContext {
  return { ...context, desired: { ...context.desired, baselines } };
}

async function ledgerOf({ store }: RunContext): Promise<DriftRecord[]> {
  const records: DriftRecord[] = [];
  for await (const record of store.drift({})) if (record.kind === 'compliance.check') records.push(record);
  return records;
}

function statesOf(records: readonly DriftRecord[]): Record<string, number> {
  const states: Record<string, number> = {};
  for (const { state } of records) states[state] = (states[state] ?? 0) + 1;
  return states;
}

async function questionsOf({ ask }: Cloud): Promise<number> {
  const requests = await ask<Record<string, number>>('requests');
  return requests['POST /api/v2/questions'] ?? 0;
}

describe('#8 a look at the compliance of a fleet', () => {
  it('asks one question, creates no action and needs no package', async () => {
    const world = await cloud({ devices: 12, drift: 0 });
    const context = declaring(world.context, baseline([uac, spooler, tls]));
    const before = await questionsOf(world);
    const { report } = await lookAtCompliance(context, everything);
    expect(report.counts).toEqual({ passed: 12, failed: 12, unknown: 12 });
    expect((await questionsOf(world)) - before).toBe(1);
    expect(await world.ask('actions')).toEqual([]);
    const requests = await world.ask<Record<string, number>>('requests');
    expect(Object.keys(requests).filter((request) => /package/i.test(request))).toEqual([]);
  });

  it('asks nothing where no baseline is declared', async () => {
    const world = await cloud({ devices: 3 });
    const { report } = await lookAtCompliance(world.context, everything);
    expect(report).toMatchObject({ outcome: 'no-data', scan: { origin: 'none', missing: null } });
    expect(await questionsOf(world)).toBe(0);
  });

  it('writes nothing', async () => {
    const { context } = await cloud({ devices: 3 });
    await lookAtCompliance(declaring(context, baseline([spooler])), everything);
    expect(await context.store.latestScan('posture')).toBeNull();
    expect(await ledgerOf(context)).toEqual([]);
  });

  it('is of a sensor by its name, and unknown as a whole where Tanium has none of it', async () => {
    const { context } = await cloud({ devices: 4 });
    const sensor = { ...defaultPosture, sensor: 'NPS Postures' };
    const desired = { ...context.desired, baselines: [baseline([uac])], posture: sensor };
    const { report } = await lookAtCompliance({ ...context, desired }, everything);
    expect(report.outcome).toBe('no-data');
    expect(report.scan).toMatchObject({
      sensor: 'NPS Postures',
      at: null,
      origin: 'none',
      missing: 'Tanium has no sensor named "NPS Postures". Did you mean "NPS Posture"?',
    });
  });

  it('takes a sensor that answers something else for none', async () => {
    const { context } = await cloud({ devices: 4 });
    const sensor = { ...defaultPosture, sensor: 'NPS Admin Members' };
    const desired = { ...context.desired, baselines: [baseline([uac])], posture: sensor };
    const { report } = await lookAtCompliance({ ...context, desired }, everything);
    expect(report.scan.missing).toBe('no device answers the sensor "NPS Admin Members" with a posture');
    expect(report.counts).toEqual({ passed: 0, failed: 0, unknown: 0 });
  });

  it('knows nothing where nobody answers in time', async () => {
    const world = await cloud({ devices: 3 });
    const inVain = (): void => world.clock.shift(600);
    const context = { ...declaring(world.context, baseline([uac])), tell: inVain };
    const devices = await world.ask<{ name: string }[]>('devices');
    await world.tell('faults', { offline: devices.map(({ name }) => name) });
    const { report } = await lookAtCompliance(context, everything);
    expect(report.outcome).toBe('no-data');
    expect(report.scan).toMatchObject({ at: null, origin: 'none' });
    expect(report.scan.missing).toMatch(/^No device answered the question for "NPS Posture"/);
  });

  it('asks nothing while the integration is off', async () => {
    const world = await cloud({ devices: 3 });
    const context = declaring(world.context, baseline([uac]));
    const off = { ...context, provider: { ...context.provider, enable: false } };
    const { report } = await lookAtCompliance(off, everything);
    expect(report.scan.missing).toBe('the integration is off, and nothing was asked');
    expect(await questionsOf(world)).toBe(0);
  });

  it('#199 takes a stored answer with its age while that is not older than the sensor lets answers be', async () => {
    const world = await cloud({ devices: 5, drift: 0 });
    const context = declaring(world.context, baseline([uac]));
    await keepCompliance(context, 'r1', false);
    const asked = await questionsOf(world);
    world.clock.shift(defaultPosture.maxAgeSeconds - 600);
    const { report: stored } = await lookAtCompliance(context, everything);
    expect(stored.scan.origin).toBe('stored');
    expect(stored.scan.ageSeconds).toBeGreaterThanOrEqual(defaultPosture.maxAgeSeconds - 600);
    expect(stored.counts).toEqual({ passed: 5, failed: 0, unknown: 0 });
    expect(await questionsOf(world)).toBe(asked);

    const { report: fresh } = await lookAtCompliance(context, { ...everything, fresh: true });
    expect(fresh.scan).toMatchObject({ origin: 'asked', ageSeconds: 0, maxAgeSeconds: 1 });
    world.clock.shift(1200);
    const { report: late } = await lookAtCompliance(context, everything);
    expect(late.scan).toMatchObject({ origin: 'asked', ageSeconds: 0, maxAgeSeconds: 86_400 });
    expect(await questionsOf(world)).toBe(asked + 2);
  });

  it('knows nothing of a device that is silent, and keeps to the others', async () => {
    const world = await cloud({ devices: 6, drift: 0 });
    const context = declaring(world.context, baseline([spooler]));
    const [gone] = await world.ask<{ name: string }[]>('devices');
    await world.tell('faults', { offline: [gone?.name] });
    const { report } = await lookAtCompliance(context, everything);
    expect(report.counts.failed).toBe(5);
  });
});

describe('checks that fail', () => {
  it('are open records with what was found, once for each device, and never a change of a plan', async () => {
    const { context } = await cloud({ devices: 5, drift: 0 });
    const declared = declaring(context, baseline([uac, spooler, tls]));
    expect(await keepCompliance(declared, 'r1', false)).toMatchObject({ opened: 5, resolved: 0 });
    const records = await ledgerOf(context);
    expect(records).toHaveLength(5);
    expect(records[0]).toMatchObject({
      policy: 'workstations',
      kind: 'compliance.check',
      subject: { baseline: 'workstations', check: 'no-spooler' },
      state: 'open',
      cause: 'unknown',
      actor: null,
      count: 1,
      check: { path: 'printing.spoolerDisabled', found: false, severity: 'high' },
    });
    const { plan } = await observe(declared);
    expect(plan.changes.map(({ kind }) => kind)).not.toContain('compliance.check');
    expect(plan.notActedOn).toEqual([]);
  });

  it('are written once: a look at the same answer changes nothing', async () => {
    const { context } = await cloud({ devices: 4, drift: 0 });
    const declared = declaring(context, baseline([spooler]));
    await keepCompliance(declared, 'r1', false);
    const before = await ledgerOf(context);
    expect(await keepCompliance(declared, 'r2', false)).toMatchObject({ opened: 0, resolved: 0 });
    expect(await ledgerOf(context)).toEqual(before);
  });

  it('are left alone by a look at accounts, and leave the drift of accounts alone', async () => {
    const { context } = await cloud({ devices: 6, drift: 1 });
    const declared = declaring(context, baseline([spooler]));
    await keepCompliance(declared, 'r1', false);
    await observe(declared);
    expect(statesOf(await ledgerOf(context))).toEqual({ open: 6 });
    const others: DriftRecord[] = [];
    for await (const record of context.store.drift({})) if (record.kind !== 'compliance.check') others.push(record);
    expect(others.length).toBeGreaterThan(0);
    await keepCompliance(declared, 'r2', true);
    const after: DriftRecord[] = [];
    for await (const record of context.store.drift({})) if (record.kind !== 'compliance.check') after.push(record);
    expect(after).toEqual(others);
  });

  it('are resolved when they pass, and open again with their history when they fail again', async () => {
    const { context, clock } = await cloud({ devices: 3, drift: 0 });
    const failing = declaring(context, baseline([spooler]));
    const passing = declaring(context, baseline([{ ...spooler, demand: { op: 'equals', value: false } }]));
    await keepCompliance(failing, 'r1', false);
    expect(await keepCompliance(passing, 'r2', false)).toMatchObject({ opened: 0, resolved: 3 });
    expect(statesOf(await ledgerOf(context))).toEqual({ resolved: 3 });
    clock.shift(3600);
    expect(await keepCompliance(failing, 'r3', false)).toMatchObject({ opened: 3, resolved: 0 });
    const [record] = await ledgerOf(context);
    expect(record).toMatchObject({ state: 'open', count: 2, cause: 'outside-change' });
    expect(await keepCompliance(passing, 'r4', false)).toMatchObject({ resolved: 3 });
    await keepCompliance(failing, 'r5', false);
    expect((await ledgerOf(context))[0]).toMatchObject({ count: 3, cause: 'other-manager' });
  });

  it('stay as they are while they are unknown: a device that is silent is not mended', async () => {
    const world = await cloud({ devices: 4, drift: 0 });
    const context = declaring(world.context, baseline([spooler]));
    await keepCompliance(context, 'r1', false);
    const devices = await world.ask<{ name: string }[]>('devices');
    await world.tell('faults', { offline: devices.slice(0, 2).map(({ name }) => name) });
    expect(await keepCompliance(context, 'r2', true)).toMatchObject({ opened: 0, resolved: 0 });
    expect(statesOf(await ledgerOf(world.context))).toEqual({ open: 4 });
    const missing = { ...context.desired, posture: { ...defaultPosture, sensor: 'No such sensor' } };
    expect(await keepCompliance({ ...context, desired: missing }, 'r3', true)).toMatchObject({ resolved: 0 });
    expect(statesOf(await ledgerOf(world.context))).toEqual({ open: 4 });
  });

  it.each<[string, (context: RunContext) => RunContext, number]>([
    ['nobody demands them any more', (context) => declaring(context), 4],
    ['they have another id', (context) => declaring(context, baseline([{ ...spooler, id: 'other' }])), 4],
    ['the baseline selects no such device', (context) => declaring(context, baseline([spooler], never)), 4],
    [
      'the device is left alone',
      (context) => ({
        ...context,
        desired: { ...context.desired, exclusions: [exclusion('all', { name: [pattern('*')] })] },
      }),
      4,
    ],
  ])('are resolved when %s', async (_, changed, resolved) => {
    const { context } = await cloud({ devices: 4, drift: 0 });
    const declared = declaring(context, baseline([spooler]));
    await keepCompliance(declared, 'r1', false);
    expect(await keepCompliance(changed(declared), 'r2', false)).toMatchObject({ resolved });
    expect(statesOf(await ledgerOf(context))).toMatchObject({ resolved });
  });

  it('of what is declared of other checks do not count for one another', async () => {
    const { context } = await cloud({ devices: 2, drift: 0 });
    const two: ComplianceCheck = { ...spooler, id: 'again' };
    const other = baseline([spooler], {}, 'servers');
    await keepCompliance(declaring(context, baseline([spooler, two]), other), 'r1', false);
    expect(await ledgerOf(context)).toHaveLength(6);
    await keepCompliance(declaring(context, baseline([two]), other), 'r2', false);
    expect(statesOf(await ledgerOf(context))).toEqual({ open: 4, resolved: 2 });
  });
});

const never = { name: [pattern('NOBODY')] };

describe('the scan of a cycle', () => {
  function scanning(context: RunContext, lines: string[]): ScanContext {
    const log = (_: string, fields: object, message: string): void => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    return { ...context, requests: () => ({ calls: 0, errors: 0 }), log: { scan: log, bulk: log } };
  }

  it('keeps the answers and what fails, says so in its log, and asks once a day', async () => {
    const world = await cloud({ devices: 4, drift: 0 });
    const lines: string[] = [];
    const notes: string[] = [];
    const tell = (event: RunEvent): unknown => event.kind === 'note' && notes.push(event.text);
    const context = scanning({ ...declaring(world.context, baseline([spooler])), tell }, lines);
    const cycle = { what: 'cycle', collectNow: false } as const;
    const { compliance } = await scanStep(context, cycle);
    expect(compliance).toMatchObject({ opened: 4, resolved: 0, report: { outcome: 'failed' } });
    expect(lines).toEqual([expect.stringMatching(/^compliance \{.*"outcome":"failed".*"opened":4/)]);
    expect(await context.store.latestScan('posture')).toMatchObject({ expected: 4 });
    const told = 'compliance: checks of devices that fail since this scan: 4, that do no more: 0';
    expect(notes).toEqual([told]);
    const asked = await questionsOf(world);
    await scanStep(context, cycle);
    expect(await questionsOf(world)).toBe(asked);
    expect(notes).toEqual([told]);
    await scanStep(context, { what: 'all', collectNow: true });
    expect(await questionsOf(world)).toBe(asked + 1);
  });

  it('asks for no posture where no baseline is declared', async () => {
    const world = await cloud({ devices: 2 });
    const { compliance } = await scanStep(scanning(world.context, []), { what: 'cycle', collectNow: false });
    expect(compliance).toEqual({ report: null, opened: 0, resolved: 0 });
    expect(await questionsOf(world)).toBe(0);
  });
});

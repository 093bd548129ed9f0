import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keepCompliance } from '../../src/apply/compliance.ts';
import { observe } from '../../src/apply/observe.ts';
import { reportAdministrators } from '../../src/apply/report/administrators.ts';
import { reportCompliance } from '../../src/apply/report/compliance.ts';
import { reportDrift } from '../../src/apply/report/drift.ts';
import type { AdministratorRow } from '../../src/model/report.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import type { DeviceTruth } from '../../src/simulator/fleet/fleet.ts';
import { baseline, check } from '../reconcile/compliance-world.ts';
import { contractor, domainAdmins } from '../reconcile/world.ts';
import { aDrift, row } from '../store/samples.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** What the store has after a look that keeps what it saw. */
async function seen(world: Cloud): Promise<void> {
  await observe(world.context);
}

async function ordinary({ ask }: Cloud): Promise<DeviceTruth> {
  const devices = await ask<DeviceTruth[]>('devices');
  const device = devices.find(({ groups, name }) => {
    const members = groups.find(({ sid }) => sid === ADMINISTRATORS)?.members ?? [];
    return members.includes(domainAdmins) && devices.filter((one) => one.name === name).length === 1;
  });
  if (device === undefined) throw new Error('the fleet has no ordinary device');
  return device;
}

function rowsOn(rows: readonly AdministratorRow[], { computerId }: DeviceTruth): readonly AdministratorRow[] {
  return rows.filter((row) => row.computerId === String(computerId));
}

describe('the report on administrators', () => {
  it('names each member with the statement that declares it, as the devices really are', async () => {
    const world = await cloud({ devices: 8, drift: 0 });
    await applyAll(world.context);
    const { head, rows } = await reportAdministrators(world.context);
    expect(head.scan).toMatchObject({ expected: 8, answered: 8 });
    const listed = await all(rows);
    const device = await ordinary(world);
    const members = device.groups.find(({ sid }) => sid === ADMINISTRATORS)?.members ?? [];
    const own = rowsOn(listed, device);
    expect(own).toHaveLength(members.length);
    const domain = own.find(({ sid }) => sid === domainAdmins);
    expect(domain).toMatchObject({ account: 'CORP\\Domain Admins', type: 'group', access: 'persistent' });
    expect(domain?.policy).toBe('administrators');
    expect(domain?.source).toEqual({ file: expect.stringMatching(/administrators\.yaml$/), line: expect.any(Number) });
    expect(listed.map((row) => row.device)).toEqual(listed.map((row) => row.device).toSorted());
  });

  it('tells since when, and whether it may have been so before anybody looked', async () => {
    const world = await cloud({ devices: 6, drift: 0 });
    await applyAll(world.context);
    await seen(world);
    const first = (await world.context.store.latestScan('inventory'))?.at;
    const device = await ordinary(world);
    await world.tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, add: [contractor] } });
    await delay(1100);
    await seen(world);
    const second = (await world.context.store.latestScan('inventory'))?.at;
    expect(second).not.toBe(first);

    const own = rowsOn(await all((await reportAdministrators(world.context)).rows), device);
    const added = own.find(({ sid }) => sid === contractor);
    expect(added).toMatchObject({ access: 'absent', policy: 'administrators', orEarlier: false });
    expect(Date.parse(added?.since ?? '')).toBe(Date.parse(second ?? ''));
    const domain = own.find(({ sid }) => sid === domainAdmins);
    expect(domain?.orEarlier).toBe(true);
    expect(Date.parse(domain?.since ?? '')).toBeLessThan(Date.parse(second ?? ''));
  });

  it('says of members that nobody declares that nobody does', async () => {
    const world = await cloud({ devices: 4 });
    await seen(world);
    const { desired } = world.context;
    const context = { ...world.context, desired: { ...desired, memberships: [] } };
    const listed = await all((await reportAdministrators(context)).rows);
    expect(listed.length).toBeGreaterThan(4);
    for (const row of listed) expect(row).toMatchObject({ access: 'undeclared', policy: null, source: null });
  });

  it('warns of devices that it knows nothing of, and asks none of them', async () => {
    const world = await cloud({ devices: 5, drift: 0 });
    await applyAll(world.context);
    const device = await ordinary(world);
    await world.tell('faults', { offline: [device.name] });
    await seen(world);
    const before = await world.ask<Record<string, number>>('requests');
    const { head, rows } = await reportAdministrators(world.context);
    expect(rowsOn(await all(rows), device)).toEqual([]);
    expect(head.warnings).toContain('Of 1 more device no inventory is known: who administers it is not told.');
    expect(await world.ask('requests')).toEqual(before);
  });

  it('is refused where no answer is an inventory', async () => {
    const { context } = await cloud({ devices: 2 });
    await context.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 2, [row('1', '{"v":1,"u'), row('2', '')]);
    await expect(reportAdministrators(context)).rejects.toMatchObject({ code: 'TRUEUP_NO_SCAN' });
  });

  it('is refused where no scan is stored: an empty list would read as nobody', async () => {
    const { context } = await cloud({ devices: 2 });
    await expect(reportAdministrators(context)).rejects.toMatchObject({ code: 'TRUEUP_NO_SCAN', exitCode: 4 });
  });
});

it('the report on drift has what is open before what is over', async () => {
  const { context } = await cloud({ devices: 2 });
  await context.store.putDrift([
    aDrift('a', 'SRV-1', { state: 'resolved' }),
    aDrift('b', 'SRV-2', { computerId: '2' }),
    aDrift('c', 'SRV-3', { computerId: '3', state: 'contested', actor: 'CORP\\helpdesk-7' }),
  ]);
  const rows = await all(reportDrift(context).rows);
  expect(rows.map(({ device, state, actor }) => [device, state, actor])).toEqual([
    ['SRV-2', 'open', null],
    ['SRV-3', 'contested', 'CORP\\helpdesk-7'],
    ['SRV-1', 'resolved', null],
  ]);
});

it('the report on compliance has each check of each device', async () => {
  const world = await cloud({ devices: 3, drift: 0 });
  const { desired } = world.context;
  const checks = [
    check('uac.enabled', { op: 'equals', value: true }),
    check('printing.spoolerDisabled', { op: 'equals', value: true }),
    check('tls.v10Server', { op: 'equals', value: false }),
  ];
  const context = { ...world.context, desired: { ...desired, baselines: [baseline(checks)] } };
  await keepCompliance(context, 'r1', false);
  const { head, rows } = await reportCompliance(context);
  expect(head.scan).toMatchObject({ expected: 3, answered: 3 });
  const listed = await all(rows);
  expect(listed).toHaveLength(9);
  const verdicts = new Map(listed.map(({ path, verdict }) => [path, verdict]));
  expect([...verdicts.values()]).toEqual(['passed', 'failed', 'unknown']);
  expect(listed.find(({ verdict }) => verdict === 'failed')).toMatchObject({ found: false, why: null, value: true });
});

/** A session that NPS-D has on record is let run, and taken to its end by the next apply after it. */
import { expect, it } from 'vitest';
import type { FleetScanner } from '../../src/fleet-ports.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { recordFleet } from './beside-npsd.ts';
import { applyAll, cloud } from './world.ts';

const visitor = 'S-1-5-21-1004336348-1177238915-682003330-1106';
const earlier = 'S-1-5-21-1004336348-1177238915-682003330-1120';
const npsd = await npsdWorld();

interface Machine {
  readonly computerId: number;
  readonly name: string;
  readonly groups: readonly { readonly sid: string; readonly members: readonly string[] }[];
}

it.skipIf(npsd === null)('is left alone for as long as the record says, and the record as it is', async () => {
  if (npsd === null) return;
  const { context, ask, tell } = await cloud({ devices: 6, drift: 0 });
  const device = (await ask<readonly Machine[]>('devices')).find(({ name }) => name.includes('.'));
  if (device === undefined) throw new Error('no device of the domain');
  const entry = { domain: 'CORP', user: 'visitor', sid: visitor, persistent: false, active: true };
  await recordFleet(npsd, { ask }, { [device.name]: { admins: { current: [entry] } } });
  await tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, add: [visitor] } });
  const store = await npsd.open();
  const visits = async () => {
    const machine = (await ask<readonly Machine[]>('devices')).find(({ name }) => name === device.name);
    return machine?.groups.some(({ members }) => members.includes(visitor)) ?? false;
  };

  const during = await applyAll({ ...context, store });
  expect(during.plan.held.map(({ guard, devices }) => [guard, devices])).toEqual([['active-session', [device.name]]]);
  expect([await visits(), during.drift.opened.filter(({ device: one }) => one === device.name)]).toEqual([true, []]);

  const computers = npsd.db.collection('computers');
  expect(await computers.findOne({ 'admins.current.sid': visitor })).toMatchObject({ admins: { current: [entry] } });
  await computers.updateOne({ 'admins.current.sid': visitor }, { $set: { 'admins.current.0.active': false } });
  expect((await applyAll({ ...context, store })).plan.held).toEqual([]);
  expect(await visits()).toBe(false);
});

it.skipIf(npsd === null)('is let run also where it begins while a gate is waited for', async () => {
  if (npsd === null) return;
  const given = await cloud({ devices: 6, drift: 0, pace: 0.05 });
  const { ask, tell } = given;
  const visited = (await ask<readonly Machine[]>('devices')).filter(({ name }) => name.includes('.')).slice(0, 3);
  const entry = { domain: 'CORP', user: 'visitor', sid: visitor, persistent: false, active: false };
  const known = { ...entry, user: 'earlier', sid: earlier, active: true };
  const admins = { current: [entry, known] };
  await recordFleet(npsd, given, Object.fromEntries(visited.map(({ name }) => [name, { admins }])));
  const { rollout } = given.context.desired;
  const store = await npsd.open();
  const whole = { ...given.context, store };
  expect((await applyAll(whole)).exitCode).toBe(0);
  for (const { computerId } of visited) {
    await tell('drift', { device: computerId, group: { sid: ADMINISTRATORS, add: [visitor, earlier] } });
    await tell('drift', { device: computerId, user: { name: 'corp_breakglass', enabled: false } });
  }
  const visits = async () =>
    (await ask<readonly Machine[]>('devices'))
      .filter(({ groups }) => groups.some(({ members }) => members.includes(visitor)))
      .map(({ name }) => name);
  const source = { file: 'rollout.yaml', line: 9 };
  const canary = { devices: 1, selector: null, source };
  const gate = { percent: 99, withinSeconds: 60, source };
  const rest = { name: null, size: 'rest', selector: null, requireApproval: false, source } as const;
  const waves = { ...rollout, canaries: canary, waves: [rest], gate };
  const computers = npsd.db.collection('computers');
  const setActive = async (name: string | null, active: boolean): Promise<void> => {
    const { modifiedCount } = await computers.updateOne(
      { cn: name?.split('.')[0] ?? '' },
      { $set: { 'admins.current.0.active': active } },
    );
    expect(modifiedCount).toBe(1);
  };
  // Of the two that are left after the canary, one.
  let begun: string | null = null;
  const scan: FleetScanner['scan'] = async (question) => {
    if (question.computerIds !== null && begun === null) {
      begun = (await visits())[0] ?? null;
      await setActive(begun, true);
    }
    return given.context.scanner.scan(question);
  };
  const told: string[] = [];
  const during = await applyAll({
    ...whole,
    scanner: { ...given.context.scanner, scan },
    desired: { ...given.context.desired, rollout: waves },
    tell: (event) => {
      if (event.kind === 'note') told.push(event.text);
    },
  });
  expect(begun).not.toBeNull();
  expect(await visits()).toEqual([begun]);
  expect([during.exitCode, during.result.failed, during.result.held]).toEqual([2, [], 4]);
  expect(told).toEqual([
    '1 device was left out: a session has begun there since the plan was made, and what is left waits for the end of it',
  ]);

  await setActive(begun, false);
  const after = await applyAll(whole);
  expect([after.exitCode, after.result.held]).toEqual([2, 3]);
  expect(await visits()).toEqual([]);
});

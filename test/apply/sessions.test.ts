/** A session that NPS-D has on record is let run, and taken to its end by the next apply after it. */
import { expect, it } from 'vitest';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { recordFleet } from './beside-npsd.ts';
import { applyAll, cloud } from './world.ts';

const visitor = 'S-1-5-21-1004336348-1177238915-682003330-1106';
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

/** What becomes of a device by itself, or by others, after an action has changed it: faults `revert`, `undo`, `gpo`. */
import { TrueupError } from '../errors.ts';
import { ADMINISTRATORS } from '../model/sid.ts';
import type { Cloud } from './cloud.ts';
import type { DeviceTruth, Disturbance, SimulatedDevice } from './fleet/fleet.ts';
import { domainAdmins, serverOperators } from './fleet/world.ts';

/** Milliseconds after the action, as the next two. */
const revertAfter = 60_000;
const undoAfter = 30_000;
const policyAfter = 20_000;
const policyEvery = 300_000;

/** Call it before the action changes the device, and what it answers right after. */
export function misfortunesAfter(cloud: Cloud, device: SimulatedDevice): () => void {
  const { faults } = cloud;
  const { computerId } = device;
  const restore = faults.hits('revert', computerId) ? device.snapshot() : null;
  const before = faults.hits('undo', computerId) ? device.truth() : null;
  return () => {
    if (restore !== null) later(cloud, revertAfter, restore);
    if (before !== null) {
      later(cloud, undoAfter, undoing(cloud, device, before, device.truth()));
    }
    if (faults.hits('gpo', computerId)) later(cloud, policyAfter, () => applyPolicy(cloud, device));
  };
}

/** Policies come at once and then every five minutes, for as long as these faults are set. */
export function startPolicies(cloud: Cloud): void {
  const { faults } = cloud;
  if (faults.rate('gpo') === 0) return;
  const devices = cloud.fleet.devices.filter(({ computerId }) => faults.hits('gpo', computerId));
  const refresh = (at: number): void => {
    if (cloud.faults !== faults) return;
    for (const device of devices) if (device.online) applyPolicy(cloud, device);
    const every = cloud.clock.span(policyEvery);
    // Where nobody looked for days, the last refresh stands for all.
    const missed = Math.max(0, Math.floor((cloud.clock.now() - at) / every));
    cloud.timeline.at(at + (missed + 1) * every, refresh);
  };
  refresh(cloud.timeline.now());
}

/** Whoever takes back what an action did. */
const helpdesk = 'CORP\\helpdesk-7';

/** Unless these faults are healed in the meantime. */
function later(cloud: Cloud, milliseconds: number, happen: () => void): void {
  const { faults, timeline, clock } = cloud;
  timeline.at(timeline.now() + clock.span(milliseconds), () => {
    if (cloud.faults === faults) happen();
  });
}

/** Members, and accounts that were made, enabled or disabled, as they were; the rest an administrator does not see. */
function undoing(cloud: Cloud, device: SimulatedDevice, before: DeviceTruth, after: DeviceTruth): () => void {
  const changes: Disturbance[] = [];
  for (const { sid, members } of before.groups) {
    const now = after.groups.find((group) => group.sid === sid)?.members ?? [];
    for (const member of members) if (!now.includes(member)) changes.push({ group: { sid, add: [member] } });
    const remove = now.filter((member) => !members.includes(member));
    if (remove.length > 0) changes.push({ group: { sid, remove } });
  }
  for (const user of after.users) {
    const old = before.users.find(({ rid }) => rid === user.rid);
    if (!old) changes.push({ user: { name: user.name, delete: true } });
    else if (old.enabled !== user.enabled) changes.push({ user: { name: user.name, enabled: old.enabled } });
  }
  return () => {
    for (const change of changes) {
      try {
        device.disturb({ ...change, actor: helpdesk }, new Date(cloud.timeline.now()));
      } catch (error) {
        // An account that is gone by now is no member of anything and cannot be enabled.
        if (!(error instanceof TrueupError)) throw error;
      }
    }
  };
}

/** A restricted group: the built-in Administrator, Domain Admins and Server Operators, and nobody else. */
function applyPolicy(cloud: Cloud, device: SimulatedDevice): void {
  const group = device.truth().groups.find(({ sid }) => sid === ADMINISTRATORS);
  if (!group || device.domain === null) return;
  const wanted = [domainAdmins, serverOperators];
  const isBuiltIn = (member: string): boolean => member.endsWith('-500');
  const remove = group.members.filter((member) => !isBuiltIn(member) && !wanted.includes(member));
  const add = wanted.filter((member) => !group.members.includes(member));
  if (add.length + remove.length === 0) return;
  device.disturb({ group: { sid: ADMINISTRATORS, add, remove } }, new Date(cloud.timeline.now()));
}

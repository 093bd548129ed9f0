/** What each guard promises of a device, said without the planner's own code. */
import type { Guard } from '../../src/model/guard.ts';
import type { Sid } from '../../src/model/sid.ts';
import { alice, builtin, type Drawn, type Fleet } from './any-fleet.ts';
import { type Machine, waysIn } from './machine.ts';
import { contractor, helpdesk, orphan } from './world.ts';

export interface Sight {
  readonly fleet: Fleet;
  readonly drawn: Drawn;
  readonly before: Machine;
  readonly now: Machine;
}

/** Whether the promise of each guard is kept at this moment, on a device for which nobody set it aside. */
export const promises: Readonly<Record<Guard, (sight: Sight) => boolean>> = {
  'domain-controller': untouched,
  excluded: untouched,
  unobserved: untouched,
  'protect-disabled': untouched,
  identity: untouched,
  observe: untouched,
  'not-ready': untouched,
  freeze: untouched,
  suspended: untouched,
  window: untouched,
  gate: untouched,
  'provider-off': untouched,
  'last-admin': ({ before, now }) => {
    const [was, is] = [waysIn(before), waysIn(now)];
    if (was.usable > 0) return is.usable > 0;
    return was.enabled === 0 || is.usable + is.enabled > 0;
  },
  'built-in': ({ now }) => now.users.has(builtin) && now.admins.has(builtin),
  'laps-owned': ({ before, now }) =>
    before.laps === null || (sameUser(before, now, before.laps) && stays(before, now, before.laps)),
  ownership: (sight) => membershipStands(sight) && builtInStands(sight) && nameStaysFree(sight),
  orphan: ({ drawn, before, now }) => drawn.gone || stays(before, now, orphan),
  dependents: ({ drawn, before, now }) => {
    const [was, is] = [before.users.get(alice), now.users.get(alice)];
    return (
      !drawn.inUse ||
      was === undefined ||
      (is !== undefined && is.name === 'alice' && is.passwords === 0 && (is.enabled || !was.enabled))
    );
  },
  contested: ({ drawn, before, now }) =>
    !drawn.contested || before.admins.has(contractor) === now.admins.has(contractor),
  'active-session': ({ drawn, before, now }) =>
    drawn.sessions.every((sid) => {
      const [was, is] = [before.users.get(sid), now.users.get(sid)];
      return stays(before, now, sid) && (was === undefined || (is !== undefined && (is.enabled || !was.enabled)));
    }),
  'empty-desired': ({ drawn, before, now }) =>
    !drawn.emptied ||
    ([...before.admins].every((sid) => now.admins.has(sid)) &&
      [...before.users].every(([sid, was]) => now.users.has(sid) && (now.users.get(sid)?.enabled || !was.enabled))),
};

/** It comes to a command at all only where nothing holds the device whole. */
function untouched(): boolean {
  return true;
}

function stays({ admins }: Machine, now: Machine, sid: Sid): boolean {
  return !admins.has(sid) || now.admins.has(sid);
}

function sameUser(before: Machine, now: Machine, sid: Sid): boolean {
  return JSON.stringify(before.users.get(sid)) === JSON.stringify(now.users.get(sid));
}

/** By SID and by name something else is said of the help desk, which is one principal. */
function membershipStands({ fleet: { helpdesk: said, mode }, before, now }: Sight): boolean {
  const [bySid, byName] = said;
  if (bySid === null || byName === null || bySid === byName) return true;
  // Who may be a member and who is to be one agree, unless the group is exact.
  if (mode === 'include' && !said.includes('absent')) return now.admins.has(helpdesk) || !before.admins.has(helpdesk);
  return before.admins.has(helpdesk) === now.admins.has(helpdesk);
}

/** As the built-in one and by its name something else is said of RID 500. */
function builtInStands({ fleet: { accounts }, before, now }: Sight): boolean {
  const { builtin: one, administrator: other } = accounts;
  // Where the one is renamed, the other speaks of whoever has the name then.
  if (one === null || other === null || (one.renameTo !== null && other.renameTo === null)) return true;
  const contrary = one.enabled !== null && other.enabled !== null && one.enabled !== other.enabled;
  // Nobody contradicts anybody about its password.
  return (
    !(contrary || one.ensure !== other.ensure) || sameUser(withoutPasswords(before), withoutPasswords(now), builtin)
  );
}

function withoutPasswords({ users, ...machine }: Machine): Machine {
  return { ...machine, users: new Map([...users].map(([sid, one]) => [sid, { ...one, passwords: 0 }])) };
}

/** No account gets a name that several are to have. */
function nameStaysFree({ fleet: { accounts }, before, now }: Sight): boolean {
  const claimants = new Set<string>();
  for (const [key, said] of Object.entries(accounts)) {
    if (said === null || said.ensure === 'absent' || said.renameTo === null) continue;
    claimants.add(key === 'administrator' ? 'builtin' : key);
  }
  if (claimants.size < 2) return true;
  const bearers = ({ users }: Machine) => [...users.values()].filter(({ name }) => name === 'renamed').length;
  return bearers(now) === bearers(before);
}

/** A fleet in which hardly two devices are alike. */
import type { Plan } from '../../src/model/plan.ts';
import { localSid } from '../../src/model/sid.ts';
import {
  breakglass,
  computer,
  corp,
  domainAdmins,
  helpdesk,
  inventory,
  plan,
  type Seen,
  user,
} from '../reconcile/world.ts';
import { declared, noted } from './plans.ts';

let made: Plan | null = null;

/** Ten thousand devices, each drifted in its own way; made once, since nobody changes a plan. */
export function crowd(): Plan {
  made ??= make();
  return made;
}

function make(): Plan {
  const seen = Array.from({ length: 10_000 }, (_, index): Seen => crowdDevice(index));
  const names = seen.map(({ id }) => computer(id, { appliedSignature: Number(id) % 2 === 0 ? 'k' : null }));
  return plan({
    desired: declared,
    recorded: { computers: names, applied: noted() },
    seen: seen.filter(({ id }) => Number(id) % 50 !== 0),
    scan: { expected: 10_000, ageSeconds: 4000 },
  });
}

function crowdDevice(index: number): Seen {
  const id = String(index + 1);
  const members = [domainAdmins, ...(index % 3 === 0 ? [] : [helpdesk])];
  if (index % 7 === 0) members.push(`${corp}-${5000 + (index % 700)}`);
  if (index % 11 === 0) members.push(localSid(1005));
  const users = [{ ...breakglass, enabled: index % 5 !== 0, description: index % 2 === 0 ? `was ${index}` : '' }];
  const state = inventory({ users: [...users, user(1005, `local-${index % 400}`)], admins: members });
  const groups = state.groups.map((group) => ({
    ...group,
    members: group.members.map((one) =>
      one.sid.startsWith(`${corp}-5`) && index % 2 === 0 ? { ...one, name: `CORP\\user-${one.sid.slice(-4)}` } : one,
    ),
  }));
  if (index % 400 === 399) return { id, state: `{"v":1,"broken":${index}` };
  if (index % 997 === 0) return { id, name: `MOVED-${id}`, state };
  return { id, state: { ...state, groups } };
}

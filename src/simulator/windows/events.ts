/**
 * The Security log of a simulated machine: what one state has that the one before it had not, as the events that Windows
 * would have written. Ids: learn.microsoft.com, "Audit User Account Management" and "Audit Security Group Management".
 */
import { createHash } from 'node:crypto';
import { absoluteSid, localSid, type Sid } from '../../model/sid.ts';
import type { Machine } from './action.ts';
import { type MachineState, type SamUser, type SecurityEvent, userNamed } from './state.ts';

/** Whoever did it. */
export interface Actor {
  readonly sid: Sid;
  readonly domain: string;
  readonly name: string;
}

/** Attribution tells of fifty; a real log holds some thousands. */
const mostEvents = 200;

/** `after`, with the events of what was done to it; oldest first. */
export function withEvents({ state: before, machineSid, now }: Machine, after: MachineState, by: Actor): MachineState {
  if (after === before) return after;
  const subject = { SubjectUserSid: by.sid, SubjectUserName: by.name, SubjectDomainName: by.domain };
  const written = [...accountEvents(before, after), ...memberEvents(before, after)].map(
    ({ id, target, member, name }): SecurityEvent => {
      const data = {
        TargetSid: absoluteSid(target, machineSid),
        ...(member !== undefined && { MemberSid: absoluteSid(member, machineSid) }),
        ...(name !== undefined && { NewTargetUserName: name }),
        ...subject,
      };
      return { id, time: now.toISOString(), data };
    },
  );
  return written.length === 0 ? after : { ...after, events: [...after.events, ...written].slice(-mostEvents) };
}

interface Written {
  readonly id: number;
  readonly target: Sid;
  readonly member?: Sid;
  /** The new one. */
  readonly name?: string;
}

function accountEvents(before: MachineState, after: MachineState): Written[] {
  const events: Written[] = [];
  const old = new Map(before.users.map((user) => [user.rid, user]));
  for (const user of after.users) {
    const was = old.get(user.rid);
    old.delete(user.rid);
    if (was === user) continue;
    const target = localSid(user.rid);
    for (const id of was ? changesOf(was, user) : [4720]) events.push({ id, target });
    if (was && was.name !== user.name) events.push({ id: 4781, target, name: user.name });
  }
  for (const rid of old.keys()) events.push({ id: 4726, target: localSid(rid) });
  return events;
}

function changesOf(was: SamUser, is: SamUser): number[] {
  const ids: number[] = [];
  if (!was.enabled && is.enabled) ids.push(4722);
  if (was.enabled && !is.enabled) ids.push(4725);
  if (was.passwordNumber !== is.passwordNumber) ids.push(4724);
  const textOf = ({ fullName, description, flags, expires }: SamUser): string =>
    JSON.stringify([fullName, description, flags, expires]);
  if (textOf(was) !== textOf(is)) ids.push(4738);
  return ids;
}

function memberEvents(before: MachineState, after: MachineState): Written[] {
  const events: Written[] = [];
  for (const group of after.groups) {
    const was = before.groups.find(({ sid }) => sid === group.sid);
    if (was === group) continue;
    const had = new Set(was?.members.map(({ sid }) => sid));
    for (const { sid } of group.members) {
      if (!had.delete(sid)) events.push({ id: 4732, target: group.sid, member: sid });
    }
    for (const sid of had) events.push({ id: 4733, target: group.sid, member: sid });
  }
  return events;
}

/** The Tanium client runs the scripts as SYSTEM, which the log calls by the computer's own account. */
export function systemOf({ computer, domain }: Pick<Machine, 'computer' | 'domain'>): Actor {
  return { sid: 'S-1-5-18', domain: netbiosOf(domain), name: `${computer}$` };
}

function netbiosOf(domain: string | null): string {
  return (domain?.split('.')[0] ?? 'WORKGROUP').toUpperCase();
}

/**
 * Somebody by name: `CORP\helpdesk-7`, `.\ops`, `ops`, or `SYSTEM`; null: SYSTEM, as a group policy or a program of the
 * machine's own. A name that nobody knows has a SID that is made of it.
 */
export function actorOf(machine: Machine, text: string | null): Actor {
  if (text === null || text.toLowerCase() === 'system') return systemOf(machine);
  const [domain = '', name = ''] = text.includes('\\') ? text.split('\\') : ['.', text];
  if (domain === '.' || domain.toLowerCase() === machine.computer.toLowerCase()) {
    const user = userNamed(machine.state, name);
    const sid = user ? absoluteSid(localSid(user.rid), machine.machineSid) : sidMadeOf(text);
    return { sid, domain: machine.computer, name };
  }
  const known = [...machine.directory].find(([, one]) => one.name.toLowerCase() === text.toLowerCase());
  if (known === undefined) return { sid: sidMadeOf(text), domain, name };
  const [properDomain = '', properName = ''] = known[1].name.split('\\');
  return { sid: known[0], domain: properDomain, name: properName };
}

function sidMadeOf(text: string): Sid {
  const digest = createHash('sha256').update(text.toLowerCase(), 'utf8').digest();
  return `S-1-5-21-${[0, 4, 8].map((at) => digest.readUInt32BE(at)).join('-')}-1001`;
}

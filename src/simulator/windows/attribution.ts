/** Who changed accounts and groups, as the Security log tells it. */
import type { CommandParameters } from '../../endpoint/command.ts';
import type { JsonObject } from '../../endpoint/json.ts';
import { localSid, relativeSid, type Sid } from '../../model/sid.ts';
import { ActionFailed, demandSeam, type Machine, type Outcome, unchanged } from './action.ts';
import { existing } from './find-account.ts';
import type { SecurityEvent } from './state.ts';

const ofAccounts: readonly number[] = [4720, 4722, 4724, 4725, 4726, 4738, 4781];
const ofGroups: readonly number[] = [4732, 4733];
const longestMilliseconds = 30 * 24 * 3600 * 1000;
const mostEvents = 50;

export function attribution(machine: Machine, parameters: CommandParameters): Outcome {
  const wanted = wantedSids(machine, parameters);
  const { complete, events } = eventsOf(machine);
  const found = events
    .map((event) => reported(machine, event))
    .filter(({ target }) => wanted.length === 0 || wanted.includes(target));
  return unchanged({
    complete: complete && found.length <= mostEvents,
    events: found.slice(0, mostEvents).map(({ event }) => event),
  });
}

/** Of a group and of an account; an account that is gone can still be asked for by its number. */
function wantedSids({ state, machineSid }: Machine, parameters: CommandParameters): Sid[] {
  const sids: Sid[] = [];
  if (typeof parameters.GroupSID === 'string') sids.push(relativeSid(parameters.GroupSID, machineSid));
  if (parameters.UserRID !== undefined) sids.push(localSid(Number(parameters.UserRID)));
  else if (parameters.UserNameB64 !== undefined) sids.push(localSid(existing(state, parameters).rid));
  return sids;
}

/** Newest first. */
function eventsOf({ state, now }: Machine): { readonly complete: boolean; readonly events: readonly SecurityEvent[] } {
  try {
    demandSeam(state, 'Get-SecurityEvent');
  } catch (error) {
    if (error instanceof ActionFailed) return { complete: false, events: [] };
    throw error;
  }
  const oldest = now.getTime() - longestMilliseconds;
  const events = state.events
    .filter(({ id, time }) => (ofAccounts.includes(id) || ofGroups.includes(id)) && Date.parse(time) >= oldest)
    .toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time));
  return { complete: true, events };
}

function reported({ machineSid }: Machine, { id, time, data }: SecurityEvent): { target: Sid; event: JsonObject } {
  const sidOf = (name: string): Sid => relativeSid(data[name] ?? '', machineSid);
  const target = sidOf('TargetSid');
  const name = data['NewTargetUserName'];
  const event = {
    id,
    at: `${new Date(time).toISOString().slice(0, 19)}Z`,
    by: sidOf('SubjectUserSid'),
    byName: `${data['SubjectDomainName'] ?? ''}\\${data['SubjectUserName'] ?? ''}`,
    ...(ofGroups.includes(id) ? { group: target, member: sidOf('MemberSid') } : { account: target }),
    ...(name !== undefined && { name }),
  };
  return { target, event };
}

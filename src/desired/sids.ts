/** Security identifiers as members and as groups: their form, and whether they can stand there (windows-accounts.md C4). */
import { isSid, type Sid } from '../model/sid.ts';
import type { Complaint } from './formats.ts';

export function memberSidComplaint(sid: string): Complaint | null {
  const found = formFault(sid) ?? memberFault(sid);
  return found === null ? null : { code: 'TRUEUP_SID', text: found };
}

/** Only the groups that Windows itself brings have one SID on every device. */
export function groupSidComplaint(sid: string): Complaint | null {
  const fault = formFault(sid);
  if (fault !== null) return { code: 'TRUEUP_SID', text: fault };
  if (/^S-1-5-32-\d+$/.test(sid)) return null;
  return {
    code: 'TRUEUP_SID',
    text: 'is no local group that every device has: those are S-1-5-32-544 (Administrators), S-1-5-32-555 (Remote Desktop Users) and their like',
  };
}

function formFault(sid: string): string | null {
  if (sid.startsWith('~'))
    return 'is the spelling of inventories for an account of the device; write its name, or builtin: administrator';
  if (!sid.startsWith('S-1-'))
    return /^s-1-/i.test(sid)
      ? 'begins with a small s; a SID begins with S-1-'
      : 'is no SID: it does not begin with S-1-';
  if (isSid(sid)) return null;
  const parts = sid.split('-').slice(2);
  if (parts.some((part) => !/^\d+$/.test(part)))
    return 'is no SID: between its dashes stands something that is no number';
  if (parts.some((part) => /^0\d/.test(part))) return 'is no SID: one of its numbers begins with 0';
  if (parts.slice(1).some((part) => Number(part) > 0xffff_ffff))
    return 'is no SID: one of its numbers is above 4294967295';
  return parts.length < 2
    ? 'is no SID: it ends too early'
    : 'is no SID: it has more than 15 numbers after its authority';
}

function memberFault(sid: Sid): string | null {
  const numbers = sid.split('-').slice(2).map(Number);
  const [authority, first] = numbers;
  if (authority === 5 && first === 32) return 'is a local group, and a local group cannot be a member of another';
  if (authority === 5 && first === 21 && numbers.length !== 6) {
    return numbers.length === 5
      ? 'is a domain and no account of it: the number at the end is missing'
      : 'is no account or group of a domain: those have four numbers after S-1-5-21';
  }
  if (authority === 12 && first === 1 && numbers.length !== 6) {
    return 'is no account or group of Entra ID: those have four numbers after S-1-12-1';
  }
  if (
    authority === 0 ||
    authority === 3 ||
    authority === 16 ||
    sid === 'S-1-5-10' ||
    (authority === 5 && first === 5)
  ) {
    return 'is no account or group that could be a member';
  }
  return null;
}

/** Groups that nearly everybody is in, by SID. Null: it is none of them. */
export function broadGroupName(sid: Sid): string | null {
  const name = broadGroups.get(sid);
  if (name !== undefined) return name;
  if (/^S-1-5-21-\d+-\d+-\d+-513$/.test(sid)) return 'Domain Users';
  if (/^S-1-5-21-\d+-\d+-\d+-514$/.test(sid)) return 'Domain Guests';
  return /^S-1-5-21-\d+-\d+-\d+-515$/.test(sid) ? 'Domain Computers' : null;
}

const broadGroups: ReadonlyMap<Sid, string> = new Map([
  ['S-1-1-0', 'Everyone'],
  ['S-1-2-0', 'Local'],
  ['S-1-5-2', 'Network'],
  ['S-1-5-4', 'Interactive'],
  ['S-1-5-7', 'Anonymous Logon'],
  ['S-1-5-11', 'Authenticated Users'],
]);

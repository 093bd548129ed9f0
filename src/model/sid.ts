/**
 * Security identifiers in the two spellings that travel through this program.
 *
 * A principal of a domain, of Entra ID or of Windows itself is written out (`S-1-5-21-…-512`). An account of the
 * machine itself is written `~-RID`, as the inventory text does, so that devices in the same state compare equal.
 */
export type Sid = string;

export const ADMINISTRATORS: Sid = 'S-1-5-32-544';
/** The built-in Administrator, whatever it is called (windows-accounts.md C7). */
export const BUILTIN_ADMINISTRATOR_RID = 500;

const sidPattern = /^S-1-(?:0|[1-9]\d{0,14})(?:-(?:0|[1-9]\d{0,9})){1,15}$/;
const localSidPattern = /^~-(?:0|[1-9]\d{0,9})$/;
/** 32 bits; a shorter text of digits is less. */
const maxSubAuthority = '4294967295';

/** True for a well-formed SID: revision 1, 1 to 15 sub-authorities, each within 32 bits. */
export function isSid(text: string): boolean {
  if (!sidPattern.test(text)) return false;
  // Behind the revision and the authority. An inventory has dozens of these: no list is made of the parts.
  let from = text.indexOf('-', 'S-1-'.length) + 1;
  while (from > 0) {
    const dash = text.indexOf('-', from);
    const to = dash === -1 ? text.length : dash;
    if (to - from === maxSubAuthority.length && text.slice(from, to) > maxSubAuthority) return false;
    from = dash + 1;
  }
  return true;
}

/** True for an account of the machine itself in the inventory's spelling, `~-RID`. */
export function isLocalSid(sid: Sid): boolean {
  return localSidPattern.test(sid);
}

export function localSid(rid: number): Sid {
  return `~-${rid}`;
}

/** The relative identifier: the last sub-authority. */
export function ridOf(sid: Sid): number {
  return Number(sid.slice(sid.lastIndexOf('-') + 1));
}

/** Everything before the relative identifier: the SID of the domain that issued it. */
export function domainOf(sid: Sid): Sid {
  return sid.slice(0, sid.lastIndexOf('-'));
}

/** Writes a SID of the machine `machineSid` as `~-RID`, any other unchanged. */
export function relativeSid(sid: Sid, machineSid: Sid | null): Sid {
  return machineSid !== null && domainOf(sid) === machineSid ? localSid(ridOf(sid)) : sid;
}

/** The inverse of {@link relativeSid}. */
export function absoluteSid(sid: Sid, machineSid: Sid): Sid {
  return isLocalSid(sid) ? `${machineSid}-${ridOf(sid)}` : sid;
}

/** Orders by code unit: stable on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

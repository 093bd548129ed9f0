/** Whom a member is on one device: the accounts of the machine itself have other SIDs on each. */
import type { Inventory } from '../model/inventory.ts';
import type { MemberRef } from '../model/operation.ts';
import { BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, ridOf, type Sid } from '../model/sid.ts';
import { type AccountsAhead, builtinAdministrator } from './diff-accounts.ts';
import { userNamed, userNumbered } from './local-users.ts';
import type { Names } from './names.ts';
import type { ResolvedMember } from './resolve.ts';
import type { Hold } from './wanted.ts';

export interface OnDevice {
  readonly inventory: Inventory;
  readonly accounts: AccountsAhead;
  readonly names: Names;
}

/** The principal as this device has it. */
export interface Bearer {
  readonly sid: Sid | null;
  readonly ref: MemberRef;
  /** The SID; of a local account `.\\name`, the same on every device and before the account is there. */
  readonly member: string;
  readonly name: string | null;
  readonly dependsOn: string | null;
  readonly obstacle: Hold | null;
}

export function bearerOf(on: OnDevice, { target, name }: ResolvedMember): Bearer {
  const nothing = { dependsOn: null, obstacle: null };
  if ('sid' in target) {
    if (isLocalSid(target.sid)) return { ...localBearer(on, target.sid), ...nothing };
    const ref = { sid: target.sid };
    return { sid: target.sid, ref, member: target.sid, name: name ?? on.names.nameOf(target.sid), ...nothing };
  }
  const { localName } = target;
  const key = localName.toLowerCase();
  const renamed = on.accounts.renamed.get(key);
  if (renamed !== undefined) {
    const bearer = localBearer(on, localSid(renamed.rid));
    return { ...bearer, member: localMember(localName), name: localName, ...nothing };
  }
  const user = userNamed(on.inventory, localName);
  if (user !== null) {
    const bearer = localBearer(on, localSid(user.rid));
    // As declared, since devices may spell it otherwise and are to share the change.
    return { ...bearer, ...('sid' in bearer.ref ? {} : { ref: { localName }, name: localName }), ...nothing };
  }
  const created = on.accounts.created.get(key);
  const ref = { localName: created?.name ?? localName };
  const ahead = { sid: null, ref, member: localMember(localName), name: localName };
  if (created !== undefined) return { ...ahead, dependsOn: created.key, obstacle: null };
  const obstacle: Hold = {
    guard: 'not-ready',
    message: `there is no local account ${localName}`,
    release: `Declare a LocalAccount ${localName} for the device`,
  };
  return { ...ahead, dependsOn: null, obstacle };
}

/** Somebody who is a member and whom nobody declares. */
export function presentBearer(on: OnDevice, sid: Sid): Bearer {
  const bearer = isLocalSid(sid)
    ? localBearer(on, sid)
    : { sid, ref: { sid }, member: sid, name: on.names.nameOf(sid) };
  return { ...bearer, dependsOn: null, obstacle: null };
}

/**
 * By name: its SID is another one on each device, and devices that need the same should share an action. By SID where
 * it has no name, or one that the same sequence changes.
 */
function localBearer({ inventory, accounts }: OnDevice, sid: Sid): Pick<Bearer, 'sid' | 'ref' | 'member' | 'name'> {
  const rid = ridOf(sid);
  const user = userNumbered(inventory, rid);
  const ref: MemberRef = user === null || accounts.unsettled.has(rid) ? { sid } : { localName: user.name };
  if (rid === BUILTIN_ADMINISTRATOR_RID) return { sid, ref, member: sid, name: builtinAdministrator };
  return { sid, ref, member: user === null ? sid : localMember(user.name), name: user?.name ?? null };
}

/** As Windows writes it; no account's name has a backslash, so that none can pass for a SID. */
function localMember(name: string): string {
  return `.\\${name.toLowerCase()}`;
}

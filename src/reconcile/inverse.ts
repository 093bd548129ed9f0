/**
 * What undoes an action, from what was observed before it and what each device says was really changed. Accounts and
 * members go by their numbers, which a rename does not change; the order is that of every sequence, so that what gives
 * access comes before what takes it.
 */
import type { Inventory, LocalUser } from '../model/inventory.ts';
import type { ActionInverse, Deed, InverseClass, Unmended } from '../model/inverse.ts';
import type { AccountRef, MemberRef, Operation } from '../model/operation.ts';
import { isLocalSid, localSid, type Sid } from '../model/sid.ts';
import { membersIn, propertyOf, userNamed, userNumbered } from './local-users.ts';
import { sequenceOf } from './stage.ts';

export interface DeviceBefore {
  readonly computerId: string;
  /** Of each operation, in their order. */
  readonly deeds: readonly Deed[];
  /** What was observed before the action; null: nothing was. */
  readonly before: Inventory | null;
}

/** `made`: names of the accounts that the run creates, in lower case; what is done to one of them goes with it. */
export function inverseOf(
  operations: readonly Operation[],
  devices: readonly DeviceBefore[],
  made: ReadonlySet<string>,
): ActionInverse {
  const known = new Map<Inventory | null, Map<string, Undoing>>();
  const classes = new Map<string, { readonly undoing: Undoing; readonly devices: string[] }>();
  for (const { computerId, deeds, before } of devices) {
    const ofState = known.get(before) ?? new Map<string, Undoing>();
    known.set(before, ofState);
    const done = JSON.stringify(deeds);
    const undoing = ofState.get(done) ?? undoingOf(operations, deeds, before, made);
    ofState.set(done, undoing);
    const { operations: back, irreversible, unknown } = undoing;
    if (back.length + irreversible.length + unknown.length === 0) continue;
    const key = JSON.stringify(undoing);
    const same = classes.get(key);
    if (same) same.devices.push(computerId);
    else classes.set(key, { undoing, devices: [computerId] });
  }
  return { version: 1, classes: [...classes.values()].map((one) => ({ devices: one.devices, ...one.undoing })) };
}

/** Names of the accounts that these operations create, in lower case. */
export function madeBy(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(operations.flatMap((one) => (one.kind === 'account.create' ? [one.name.toLowerCase()] : [])));
}

type Undoing = Omit<InverseClass, 'devices'>;

interface Found {
  readonly operations: Operation[];
  readonly irreversible: Unmended[];
  readonly unknown: Unmended[];
}

function undoingOf(
  operations: readonly Operation[],
  deeds: readonly Deed[],
  before: Inventory | null,
  made: ReadonlySet<string>,
): Undoing {
  const found: Found = { operations: [], irreversible: [], unknown: [] };
  for (const [index, operation] of operations.entries()) {
    const deed: Deed = deeds[index] ?? { state: 'unknown' };
    if (deed.state === 'unknown') found.unknown.push({ operation, why: unreported });
    else if (deed.state === 'changed' && before === null) found.unknown.push({ operation, why: unobserved });
    else if (deed.state === 'changed' && before !== null) undo(found, operation, deed, before, made);
  }
  return { ...found, operations: sequenceOf(found.operations) };
}

const unreported = 'no report says whether it was done';
const unobserved = 'nobody saw the device before';
const changedSince = 'the device was no longer as it had been seen';

function undo(found: Found, operation: Operation, deed: Deed, before: Inventory, made: ReadonlySet<string>): void {
  switch (operation.kind) {
    case 'group.add':
    case 'group.remove':
      undoGroup(found, operation, deed, before, made);
      return;
    case 'account.create':
      if (userNamed(before, operation.name) === null) {
        found.operations.push({ kind: 'account.delete', account: { name: operation.name } });
      } else found.unknown.push({ operation, why: changedSince });
      return;
    case 'account.delete':
      found.irreversible.push({ operation, why: 'the SID and the password of a deleted account are gone' });
      return;
    case 'account.unlock':
      found.irreversible.push({ operation, why: 'Windows locks an account by itself, after failed logons' });
      return;
    case 'password.rotate':
      found.irreversible.push({ operation, why: 'a password that has been replaced is never set again' });
      return;
    default:
      undoEdit(found, operation, before, made);
  }
}

type Edit = Extract<
  Operation,
  { readonly kind: 'account.enable' | 'account.disable' | 'account.set' | 'account.rename' }
>;

function undoEdit(found: Found, operation: Edit, before: Inventory, made: ReadonlySet<string>): void {
  const { account: ref } = operation;
  const user = userOf(before, ref);
  if (user === null) {
    if (!('name' in ref && made.has(ref.name.toLowerCase()))) found.unknown.push({ operation, why: changedSince });
    // What was made goes by its first name.
    else if (operation.kind === 'account.rename')
      found.operations.push({ kind: 'account.rename', account: { name: operation.to }, to: ref.name });
    return;
  }
  const back = editBack(operation, user);
  if (back !== null) found.operations.push(back);
}

/** Null: it was seen as the operation has made it, whatever it was in between. */
function editBack(operation: Edit, user: LocalUser): Operation | null {
  const account = { rid: user.rid };
  switch (operation.kind) {
    case 'account.enable':
      return user.enabled ? null : { kind: 'account.disable', account };
    case 'account.disable':
      return user.enabled ? { kind: 'account.enable', account } : null;
    case 'account.rename':
      return user.name === operation.to ? null : { kind: 'account.rename', account, to: user.name };
    case 'account.set': {
      const { property } = operation;
      const value = propertyOf(user, property);
      return value === operation.value ? null : { kind: 'account.set', account, property, value };
    }
  }
}

type GroupOperation = Extract<Operation, { readonly kind: 'group.add' | 'group.remove' }>;

/** Only who was really added or removed, and was not seen so before. */
function undoGroup(
  found: Found,
  operation: GroupOperation,
  { members: reported }: Deed,
  before: Inventory,
  made: ReadonlySet<string>,
): void {
  const { kind, group } = operation;
  const present = new Map(membersIn(before, group).map(({ sid, name }) => [sid, name] as const));
  const members: MemberRef[] = [];
  const lost: MemberRef[] = [];
  const strangers: MemberRef[] = [];
  for (const member of operation.members) {
    const sid = sidOf(member, before);
    if (sid === null) {
      if (kind === 'group.add' && !isMade(member, made)) strangers.push(member);
    } else if (present.has(sid) === (kind === 'group.remove') && (reported?.includes(sid) ?? true)) {
      const isLost = kind === 'group.remove' && !isLocalSid(sid) && (present.get(sid) ?? null) === null;
      (isLost ? lost : members).push({ sid });
    }
  }
  if (members.length > 0)
    found.operations.push({ kind: kind === 'group.add' ? 'group.remove' : 'group.add', group, members });
  if (lost.length > 0) {
    const why = 'nobody can resolve these SIDs, and Windows takes no member that it cannot resolve';
    found.irreversible.push({ operation: { ...operation, members: lost }, why });
  }
  if (strangers.length > 0) found.unknown.push({ operation: { ...operation, members: strangers }, why: changedSince });
}

function isMade(member: MemberRef, made: ReadonlySet<string>): boolean {
  return 'localName' in member && made.has(member.localName.toLowerCase());
}

function sidOf(member: MemberRef, before: Inventory): Sid | null {
  if ('sid' in member) return member.sid;
  const user = userNamed(before, member.localName);
  return user === null ? null : localSid(user.rid);
}

function userOf(before: Inventory, ref: AccountRef): LocalUser | null {
  return 'rid' in ref ? userNumbered(before, ref.rid) : userNamed(before, ref.name);
}
